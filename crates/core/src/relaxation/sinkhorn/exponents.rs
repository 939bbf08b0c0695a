//! Utilities over the temperature, less potentials of rows and columns that make 0 the largest.
//!
//! They are small where they count, so a double each is enough: with X the result and P the best matching,
//! `sum X log X + <X, -e> <= sum P log P` is `sum X_ij |e_ij| <= H(X) - H(P)`. What rounding takes from an exponent, a part
//! of it, moves the result by that part of an entropy.

use std::sync::Arc;

use crate::structure::{Market, Pair, ReducedUtilities, ShortestPaths};

/// The exponent of a cell that is 0 in the result.
pub(super) const FORBIDDEN: f64 = -1e300;
/// Exponents above this, which only rounding errors of the prices can be, call for better prices.
const TOO_LARGE: f64 = 1.0;

/// Of the cells of the table.
pub(super) struct Exponents {
    reduced: ReducedUtilities,
}

impl Exponents {
    pub(super) fn new(market: &Arc<Market>) -> Self {
        Self { reduced: ReducedUtilities::new(market) }
    }

    /// Rows and columns.
    pub(super) fn shape(&self) -> (usize, usize) {
        (self.reduced.height, self.reduced.width)
    }

    pub(super) fn cells(&self) -> &[f64] {
        &self.reduced.high
    }

    /// What may be forbidden, and the cells of the best matching.
    pub(super) fn support(&mut self) -> (&mut [f64], &[Pair]) {
        (&mut self.reduced.high, &self.reduced.pairs)
    }

    /// Computes `(u_ij - p_j - (u_ik - p_k)) / t`, where k is the column of row i in the best matching; its own exponent
    /// is then exactly 0. The prices are as good as doubles get, and their differences from the utilities are rounded once:
    /// the result is that of the utilities given.
    ///
    /// # Errors
    /// If prices that are exact enough for this temperature are not found.
    #[inline(always)]
    pub(super) fn compute(
        &mut self,
        bids: &[f64],
        matching: &ShortestPaths,
        temperature: f64,
    ) -> Result<(), f64> {
        let (scale, _) = matching.prices();
        let Self { reduced } = self;
        reduced.compute(bids, matching);
        if !reduced.refine_until(|error| error / temperature / scale <= TOO_LARGE) {
            return Err(f64::INFINITY);
        }
        for cell in &mut reduced.high {
            let exponent = *cell / temperature / scale;
            // Far below what support.rs leaves out; also where the quotient overflows.
            *cell = if exponent > -1e30 { exponent } else { FORBIDDEN };
        }
        Ok(())
    }
}
