//! Work over threads. Only what is independent is split, so that the split leaves no trace in the result.

use std::cell::Cell;
use std::ops::Range;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use crate::pool;

/// Multiply-adds that are worth a thread: some 50 microseconds, of which waking it costs up to a half.
const WORK_PER_THREAD: usize = 1_000_000;
/// What an element costs that is fetched and stored, in multiply-adds: memory is slow.
pub(crate) const ELEMENT: usize = 16;
/// What an elementary function costs, or a number in double precision.
pub(crate) const FUNCTION: usize = 48;
/// Parts for each thread: who comes late does fewer.
const PARTS: usize = 4;
/// So many threads a processor are never too few; each takes memory.
const MOST_PER_PROCESSOR: usize = 4;
/// Parts begin at a multiple of so many elements: whole lines of memory, and whole registers.
pub(crate) const GRAIN: usize = 64;

#[derive(Clone, Copy)]
struct Limits {
    threads: usize,
    work: usize,
}

thread_local! {
    static LIMITS: Cell<Limits> = const { Cell::new(Limits { threads: 1, work: WORK_PER_THREAD }) };
}

/// Sets the most threads that a kernel called on this thread may use; 0 means one for each processor, and 1 is the default.
/// Small work stays on the calling thread in any case, and the number never changes a bit of a result.
pub fn set_threads(count: usize) {
    LIMITS.with(|limits| limits.set(Limits { threads: count, ..limits.get() }));
}

/// What is written, that can be parted.
pub(crate) trait Parted: Send + Sized {
    /// The first so many items, and the rest.
    fn part(self, items: usize) -> (Self, Self);
}

impl<T: Send> Parted for &mut [T] {
    fn part(self, items: usize) -> (Self, Self) {
        self.split_at_mut(items)
    }
}

/// Items of several elements.
pub(crate) struct Wide<'a, T> {
    pub(crate) data: &'a mut [T],
    pub(crate) width: usize,
}

impl<T: Send> Parted for Wide<'_, T> {
    fn part(self, items: usize) -> (Self, Self) {
        let Self { data, width } = self;
        let (first, rest) = data.split_at_mut(items * width);
        (Self { data: first, width }, Self { data: rest, width })
    }
}

impl<A: Parted, B: Parted, C: Parted> Parted for (A, B, C) {
    fn part(self, items: usize) -> (Self, Self) {
        let (first, second, third) = (self.0.part(items), self.1.part(items), self.2.part(items));
        ((first.0, second.0, third.0), (first.1, second.1, third.1))
    }
}

impl<A: Parted, B: Parted, C: Parted, D: Parted> Parted for (A, B, C, D) {
    fn part(self, items: usize) -> (Self, Self) {
        let ((a, b, c), (a_rest, b_rest, c_rest)) = (self.0, self.1, self.2).part(items);
        let (d, d_rest) = self.3.part(items);
        ((a, b, c, d), (a_rest, b_rest, c_rest, d_rest))
    }
}

/// Calls `body` with parts of the items of `out`, which have so much `work` each in multiply-adds, begin at multiples of
/// `grain` and are at least as long: on several threads where that pays, else all of them at once on this one. Within `body` nothing is split.
pub(crate) fn for_parts<O: Parted>(
    items: usize,
    work: usize,
    grain: usize,
    out: O,
    body: impl Fn(Range<usize>, O) + Sync,
) {
    let threads = worthwhile(items.saturating_mul(work)).min(items.div_ceil(grain.max(1)));
    if threads <= 1 {
        body(0..items, out);
        return;
    }
    let each = items.div_ceil(threads * PARTS).next_multiple_of(grain);
    let mut rest = Some(out);
    let mut parts = Vec::with_capacity(items.div_ceil(each));
    let mut start = 0;
    while start < items {
        let end = if items - start < each + grain { items } else { start + each };
        let Some(out) = rest.take() else { break };
        let (part, after) = out.part(end - start);
        rest = Some(after);
        parts.push((start..end, part));
        start = end;
    }
    let helpers = threads.min(parts.len()) - 1;
    let left = Mutex::new(parts.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    pool::run(helpers, &|| {
        let _alone = Alone::new();
        while let Some((range, part)) = next() {
            body(range, part);
        }
    });
}

/// How many threads so much work is worth.
fn worthwhile(work: usize) -> usize {
    let limits = LIMITS.get();
    let worthwhile = work / limits.work;
    if limits.threads == 1 || worthwhile <= 1 {
        return 1;
    }
    // The system is asked once: where it reads files to tell, that takes longer than many a kernel.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    let processors = *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from));
    let most = if limits.threads == 0 { processors } else { processors.max(2) * MOST_PER_PROCESSOR };
    let allowed = if limits.threads == 0 { most } else { limits.threads.min(most) };
    worthwhile.min(allowed)
}

/// One thread for this thread's calls, until it is dropped.
struct Alone(Limits);

impl Alone {
    fn new() -> Self {
        let before = LIMITS.get();
        LIMITS.set(Limits { threads: 1, ..before });
        Self(before)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        LIMITS.set(self.0);
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// What `call` gives with so many threads, where any work is worth one.
    pub(crate) fn on<T>(threads: usize, call: impl FnOnce() -> T) -> T {
        let before = LIMITS.replace(Limits { threads, work: 1 });
        let result = call();
        LIMITS.set(before);
        result
    }

    /// Refuses a kernel whose results have other bits on several threads than on one. The kernel says what it writes.
    pub(crate) fn same_on_all(kernel: impl Fn() -> Vec<f32>) {
        let bits = |threads| on(threads, &kernel).into_iter().map(f32::to_bits).collect::<Vec<_>>();
        let expected = bits(1);
        for threads in [2, 3, 7] {
            assert!(bits(threads) == expected, "other bits on {threads} threads");
        }
    }

    /// Numbers between -1 and 1.
    pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut state = seed;
        let next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        std::iter::repeat_with(next).take(count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// The threads that write, each its own.
    fn used(items: usize, work: usize) -> usize {
        let seen = Mutex::new(HashSet::new());
        for_parts(items, work, 1, &mut vec![0u8; items][..], |_, _| {
            seen.lock().unwrap().insert(thread::current().id());
            thread::sleep(std::time::Duration::from_millis(5));
        });
        seen.into_inner().unwrap().len()
    }

    proptest! {
        #[test]
        fn every_item_is_in_one_part(items in 0usize..3000, grain in 1usize..70, width in 0usize..4, threads in 1usize..9) {
            let mut out = vec![0u32; items * width];
            let calls = Mutex::new(0);
            testing::on(threads, || {
                for_parts(items, 1, grain, Wide { data: &mut out, width }, |range, part| {
                    assert_eq!(part.data.len(), range.len() * width);
                    assert!(range.start % grain == 0 && (range.end % grain == 0 || range.end == items));
                    assert!(range.len() >= grain.min(items));
                    for (cell, index) in part.data.iter_mut().zip(range.start * width..) {
                        *cell += index as u32 + 1;
                    }
                    *calls.lock().unwrap() += 1;
                });
            });
            prop_assert!(out.iter().zip(1..).all(|(&cell, index)| cell == index));
            prop_assert!(threads > 1 || *calls.lock().unwrap() == 1);
        }
    }

    #[test]
    fn small_work_and_one_thread_stay_on_the_calling_thread() {
        set_threads(4);
        assert_eq!(used(1000, 2 * WORK_PER_THREAD / 1000 - 1), 1);
        assert!(used(1000, 4 * WORK_PER_THREAD / 1000) > 1);
        set_threads(1);
        assert_eq!(used(1000, WORK_PER_THREAD), 1);
        set_threads(0);
        assert_eq!(used(1000, 1), 1);
        set_threads(1);
    }

    #[test]
    fn within_a_part_nothing_is_split() {
        testing::on(3, || {
            for_parts(100, 1, 1, &mut [0u8; 100][..], |_, _| assert_eq!(worthwhile(usize::MAX), 1));
            assert!(worthwhile(usize::MAX) > 1);
        });
    }

    #[test]
    fn a_panic_is_the_callers_and_the_limits_are_what_they_were() {
        testing::on(3, || {
            let call = || for_parts(100, 1, 1, &mut [0u8; 100][..], |range, _| assert!(!range.contains(&70)));
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
            assert!(worthwhile(usize::MAX) > 1);
        });
    }
}
