//! The best matching, whatever large utilities do to the digits of others.

use std::sync::Arc;

use super::{Market, Matching, ReducedUtilities, ShortestPaths};
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
    market: Arc<Market>,
    /// The utilities as the market has them.
    bids: Vec<f64>,
}

impl Assignment {
    pub(super) fn new(market: &Arc<Market>) -> Self {
        Self {
            paths: ShortestPaths::new(market),
            reduced: None,
            market: Arc::clone(market),
            bids: Vec::new(),
        }
    }

    /// The place of each buyer in the matching of the largest utility. There is one that avoids all cells of -inf.
    pub(super) fn solve(&mut self, structure: &Matching, utility: &[f64]) -> &[u32] {
        let Self { paths, reduced, market, bids } = self;
        let bids = structure.bids(utility, bids);
        paths.solve(bids);
        if !paths.swallows(bids) {
            return paths.columns();
        }
        let reduced = reduced.get_or_insert_with(|| Box::new(ReducedUtilities::new(market)));
        vectorised(
            #[inline(always)]
            || {
                reduced.compute(bids, paths);
                for _ in 0..MOST_REFINEMENTS {
                    if reduced.error() <= NEGLIGIBLE * paths.smallest() {
                        break;
                    }
                    reduced.refine();
                }
            },
        );
        &reduced.places
    }
}
