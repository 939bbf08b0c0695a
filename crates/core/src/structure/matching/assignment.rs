//! The best perfect matching, whatever large utilities do to the digits of others.

use pulp::{Arch, Simd, WithSimd};

use super::{ReducedUtilities, ShortestPaths};

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
        Arch::new().dispatch(Refine { paths, reduced, utility });
        &reduced.columns
    }
}

/// Compiled for the widest registers that the machine has.
struct Refine<'a> {
    paths: &'a ShortestPaths,
    reduced: &'a mut ReducedUtilities,
    utility: &'a [f64],
}

impl WithSimd for Refine<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let Self { paths, reduced, utility } = self;
        reduced.compute(utility, paths);
        for _ in 0..MOST_REFINEMENTS {
            if reduced.largest() <= NEGLIGIBLE * paths.smallest() {
                break;
            }
            reduced.refine();
        }
    }
}
