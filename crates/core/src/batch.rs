//! Batches over threads.

use std::ops::Range;
use std::panic::resume_unwind;
use std::thread;

use crate::error::Error;
use crate::number::MOST_LANES;

/// Multiply-adds that are worth a thread: starting one costs what some 200,000 of them cost in lanes.
const WORK_PER_THREAD: usize = 1_000_000;

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
    if rows == 0 {
        return Ok(());
    }
    let worthwhile = rows.saturating_mul(work) / WORK_PER_THREAD;
    let threads = if worthwhile <= 1 { 1 } else { worthwhile.min(available(threads)) };
    if threads == 1 {
        return kernel(0..rows, out);
    }
    // Whole lanes for every thread.
    let rows_each = rows.div_ceil(threads).next_multiple_of(MOST_LANES).min(rows);
    let width = out.len() / rows;
    let mut parts: Vec<(Range<usize>, &mut [f64])> = Vec::with_capacity(threads);
    let mut rest = out;
    for start in (0..rows).step_by(rows_each) {
        let range = start..(start + rows_each).min(rows);
        let (part, after) = rest.split_at_mut(range.len() * width);
        rest = after;
        parts.push((range, part));
    }
    let kernel = |range: Range<usize>, part: &mut [f64]| {
        let start = range.start;
        kernel(range, part).map_err(|error| error.renamed(|row| start + row, |coordinate| coordinate))
    };
    let own = parts.pop();
    thread::scope(|scope| {
        let others: Vec<_> =
            parts.into_iter().map(|(range, part)| scope.spawn(move || kernel(range, part))).collect();
        let last = own.map_or(Ok(()), |(range, part)| kernel(range, part));
        let results =
            others.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        results.chain([last]).collect()
    })
}

fn available(threads: usize) -> usize {
    if threads == 0 { thread::available_parallelism().map_or(1, usize::from) } else { threads }
}
