//! The best perfect matching, whatever large utilities do to the digits of others.

use super::{ReducedUtilities, ShortestPaths};
use crate::number::vectorised;

/// So small a part of the smallest utility is the rounding error of any method in doubles.
const NEGLIGIBLE: f64 = 1.0 / (1_u64 << 46) as f64;
/// A round of refinement gains the digits of a double; three lie between a mask of the least float32 and rounding errors.
const MOST_REFINEMENTS: usize = 8;

/// The memory to solve assignments in.
pub struct Assignment {
    paths: ShortestPaths,
    /// Made when it is first needed.
    reduced: Option<Box<ReducedUtilities>>,
}

impl Assignment {
    pub(super) fn new(n: usize) -> Self {
        Self { paths: ShortestPaths::new(n), reduced: None }
    }

    /// The column of each row in the perfect matching of the largest utility. There is one that avoids all cells of -inf.
    pub(super) fn solve(&mut self, utility: &[f64]) -> &[u32] {
        let Self { paths, reduced } = self;
        paths.solve(utility);
        if !paths.swallows(utility) {
            return paths.columns();
        }
        let reduced = reduced.get_or_insert_with(|| Box::new(ReducedUtilities::new(paths.columns().len())));
        vectorised(
            #[inline(always)]
            || {
                reduced.compute(utility, paths);
                for _ in 0..MOST_REFINEMENTS {
                    if reduced.largest() <= NEGLIGIBLE * paths.smallest() {
                        break;
                    }
                    reduced.refine();
                }
            },
        );
        &reduced.columns
    }
}
