//! Batches over threads.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::error::Error;
use crate::number::MOST_LANES;

/// Multiply-adds that are worth a thread: starting one costs what some 200,000 of them cost in lanes.
static WORK_PER_THREAD: AtomicUsize = AtomicUsize::new(1_000_000);

/// Lets small batches go over threads, in tests.
pub fn set_work_per_thread(work: usize) {
    WORK_PER_THREAD.store(work.max(1), Ordering::Relaxed);
}

/// So many threads a processor are never too few; each takes memory.
const MOST_PER_PROCESSOR: usize = 4;

/// Calls `kernel(rows, their part of out)` on contiguous runs of rows, on at most `threads` threads (0: one for each
/// processor), and on this one alone where the work is small. Rows are independent, so the split leaves no trace in
/// the result.
///
/// # Errors
/// That of the first row which has one; the kernel counts rows from the start of its run.
pub(crate) fn for_rows(
    rows: usize,
    work: usize,
    threads: usize,
    out: &mut [f64],
    kernel: impl Fn(Range<usize>, &mut [f64]) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let worthwhile = (rows.saturating_mul(work) / WORK_PER_THREAD.load(Ordering::Relaxed)).min(rows);
    let threads = if worthwhile <= 1 || threads == 1 { 1 } else { worthwhile.min(available(threads)) };
    on_threads(rows, threads, out, thread::Builder::new, kernel)
}

/// The same on so many threads, this one among them. Those that the system does not have to give (a limit, perhaps, of a
/// container) are done without: whichever there are take one run of rows after the other.
fn on_threads(
    rows: usize,
    threads: usize,
    out: &mut [f64],
    builder: impl Fn() -> thread::Builder,
    kernel: impl Fn(Range<usize>, &mut [f64]) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    if rows == 0 {
        return Ok(());
    }
    if threads == 1 {
        return kernel(0..rows, out);
    }
    // Whole lanes for every thread.
    let rows_each = rows.div_ceil(threads).next_multiple_of(MOST_LANES).min(rows);
    let width = out.len() / rows;
    let starts = (0..rows).step_by(rows_each);
    let mut rest = out;
    let parts = starts.map(|start| {
        let range = start..(start + rows_each).min(rows);
        let (part, after) = std::mem::take(&mut rest).split_at_mut(range.len() * width);
        rest = after;
        (range, part)
    });
    let parts: Vec<_> = parts.collect();
    let helpers = parts.len() - 1;
    let left = Mutex::new(parts.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    // Runs are taken in their order: those before one that has an error are taken too.
    let worker = || -> Result<(), Error> {
        while let Some((range, part)) = next() {
            let start = range.start;
            kernel(range, part).map_err(|error| error.renamed(|row| start + row, |coordinate| coordinate))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let started: Vec<_> =
            (0..helpers).map_while(|_| builder().spawn_scoped(scope, worker).ok()).collect();
        let own = worker();
        let others =
            started.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let errors = others.chain([own]).filter_map(Result::err);
        errors.min_by_key(|error| error.row).map_or(Ok(()), Err)
    })
}

fn available(threads: usize) -> usize {
    // The system is asked once: where it reads files to tell, that takes longer than many a call.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from));
    if threads == 0 { processors } else { threads.min(processors.max(2) * MOST_PER_PROCESSOR) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const ROWS: usize = 61;
    const WIDTH: usize = 3;

    /// What a kernel writes that is told the cells of its rows.
    fn filled(threads: usize, builder: impl Fn() -> thread::Builder) -> Vec<f64> {
        let mut out = vec![f64::NAN; ROWS * WIDTH];
        on_threads(ROWS, threads, &mut out, builder, |rows, part| {
            assert_eq!(part.len(), rows.len() * WIDTH);
            for (row, cells) in rows.zip(part.chunks_exact_mut(WIDTH)) {
                cells.fill(row as f64);
            }
            Ok(())
        })
        .expect("no errors");
        out
    }

    /// No system has room for such a stack.
    fn none_to_be_had() -> thread::Builder {
        thread::Builder::new().stack_size(1 << 60)
    }

    #[test]
    fn every_row_is_computed_once_on_any_number_of_threads() {
        let expected: Vec<f64> = (0..ROWS * WIDTH).map(|cell| (cell / WIDTH) as f64).collect();
        for threads in 1..10 {
            assert_eq!(filled(threads, thread::Builder::new), expected, "{threads} threads");
        }
    }

    #[test]
    fn where_there_are_no_threads_the_calling_one_does_the_work() {
        assert!(thread::Builder::new().stack_size(1 << 60).spawn(|| ()).is_err());
        assert_eq!(filled(5, none_to_be_had), filled(1, thread::Builder::new));
    }

    /// The first of several, counted over all rows, whichever thread meets it.
    #[test]
    fn an_error_names_its_row() {
        for bad in [vec![0], vec![9], vec![17, 40], vec![60], vec![7, 8, 59]] {
            for threads in 1..10 {
                let result = on_threads(ROWS, threads, &mut [0.0; ROWS], thread::Builder::new, |rows, _| {
                    let start = rows.start;
                    match rows.into_iter().find(|row| bad.contains(row)) {
                        Some(row) => Err(Error::new(ErrorKind::Infeasible, "bad").at_row(row - start)),
                        None => Ok(()),
                    }
                });
                assert_eq!(result.expect_err("a bad row").row, Some(bad[0]), "{threads} threads");
            }
        }
    }
}
