//! Reduced utilities (the negated reduced costs of linear programming): utilities less the prices of their columns, less
//! what their row gets for that in the best matching.
//!
//! They are 0 in the matching, and at most 0 elsewhere, if the prices are optimal; and the best matchings of the
//! reduced utilities are those of the utilities. Prices in doubles are optimal but for rounding errors, which are
//! those of the largest numbers around: of a mask of -1e32, say, that the matching cannot avoid. So the reduced utilities
//! are computed as unevaluated sums, which lose nothing, and where one is positive they are solved in their turn
//! (iterative refinement): what is near 0 there is no longer next to anything large.

use super::ShortestPaths;
use crate::number::DoubleDouble;

pub(crate) struct ReducedUtilities {
    n: usize,
    /// `reduced[i][j] = high + low`; -inf for forbidden cells.
    pub(crate) high: Vec<f64>,
    pub(crate) low: Vec<f64>,
    /// The column of each row in the best matching, and the row of each column.
    pub(super) columns: Vec<u32>,
    pub(crate) rows: Vec<u32>,
    /// Those that are not too small to be chosen.
    near: Vec<f64>,
    finer: ShortestPaths,
    prices: Vec<f64>,
}

impl ReducedUtilities {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            n,
            high: vec![0.0; n * n],
            low: vec![0.0; n * n],
            columns: vec![0; n],
            rows: vec![0; n],
            near: Vec::with_capacity(n * n),
            finer: ShortestPaths::new(n),
            prices: vec![0.0; n],
        }
    }

    /// With a matching that was found for these utilities, and in its scale.
    #[inline(always)]
    pub(crate) fn compute(&mut self, utility: &[f64], found: &ShortestPaths) {
        let (scale, prices) = found.prices();
        let Self { n, high, low, columns, rows, .. } = self;
        columns.copy_from_slice(found.columns());
        rows.copy_from_slice(found.rows());
        let sums = high.chunks_exact_mut(*n).zip(low.chunks_exact_mut(*n));
        for ((utility, (high, low)), &own) in utility.chunks_exact(*n).zip(sums).zip(columns.iter()) {
            for (((high, low), &u), &price) in high.iter_mut().zip(low.iter_mut()).zip(utility).zip(prices) {
                let allowed = u != f64::NEG_INFINITY;
                let value = DoubleDouble::sum(if allowed { u * scale } else { 0.0 }, -price);
                *high = if allowed { value.high } else { f64::NEG_INFINITY };
                *low = if allowed { value.low } else { 0.0 };
            }
            subtract_own(high, low, own as usize);
        }
    }

    /// The largest of them: 0, if the prices are optimal.
    #[inline(always)]
    pub(crate) fn largest(&self) -> f64 {
        self.high.iter().fold(0.0, |a, &b| if b > a { b } else { a })
    }

    /// Solves them in their turn. What is still positive then is so by the rounding errors of what was.
    #[inline(always)]
    pub(crate) fn refine(&mut self) {
        let least = -(self.n as f64) * self.largest();
        let Self { n, high, low, columns, rows, near, finer, prices } = self;
        // A matching with a smaller one is no better than that of the zeros.
        near.clear();
        near.extend(high.iter().map(|&x| if x >= least { x } else { f64::NEG_INFINITY }));
        finer.solve(near);
        columns.copy_from_slice(finer.columns());
        rows.copy_from_slice(finer.rows());
        for ((high, low), &own) in high.chunks_exact_mut(*n).zip(low.chunks_exact_mut(*n)).zip(columns.iter())
        {
            subtract_own(high, low, own as usize);
        }
        rise_to(prices, high, columns);
        let sums = high.chunks_exact_mut(*n).zip(low.chunks_exact_mut(*n));
        for ((high, low), &own) in sums.zip(columns.iter()) {
            for ((high, low), price) in high.iter_mut().zip(low.iter_mut()).zip(&*prices) {
                if *high != f64::NEG_INFINITY {
                    add(high, low, DoubleDouble::from(-price));
                }
            }
            subtract_own(high, low, own as usize);
        }
    }
}

/// The smallest prices from 0 up that leave no row another column than its own, as the longest paths between columns
/// (Bellman-Ford). They are no larger than what is positive, times n, however large the other numbers are.
fn rise_to(prices: &mut [f64], reduced: &[f64], columns: &[u32]) {
    prices.fill(0.0);
    for _ in 0..columns.len() {
        let mut risen = false;
        for (reduced, &own) in reduced.chunks_exact(columns.len()).zip(columns) {
            let start = prices[own as usize];
            for (price, &x) in prices.iter_mut().zip(reduced) {
                risen |= start + x > *price;
                *price = if start + x > *price { start + x } else { *price };
            }
        }
        if !risen {
            return;
        }
    }
}

#[inline(always)]
fn add(high: &mut f64, low: &mut f64, term: DoubleDouble) {
    DoubleDouble { high: *high, low: *low } = DoubleDouble { high: *high, low: *low } + term;
}

/// Makes one sum of a row 0 by subtracting it from all.
#[inline(always)]
fn subtract_own(high: &mut [f64], low: &mut [f64], own: usize) {
    let own = -DoubleDouble { high: high[own], low: low[own] };
    for (high, low) in high.iter_mut().zip(low) {
        if *high != f64::NEG_INFINITY {
            add(high, low, own);
        }
    }
}
