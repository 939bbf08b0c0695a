//! The best matching of all buyers but for rounding errors, by shortest augmenting paths.
//!
//! Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
//! Computing 38 (1987): column reduction, reduction transfer and two rounds of augmenting row reduction match most
//! rows; what is left is matched along shortest paths. Told here as a market: columns have prices, and a row wants
//! the columns where its value, `utility - price`, is largest. Every loop over columns runs in SIMD lanes.
//!
//! Where there are more columns than rows, or one that is never taken, columns that nobody buys keep the price that they
//! have at first. So column reduction, after which every price may be too high, is left out, and prices only rise.

use std::mem;
use std::sync::Arc;

use pulp::{Simd, WithSimd};

use super::market::Market;
use super::scans::{NONE, extremes, largest_of_columns, nearest_column, position, relax, two_largest};
use crate::number::Arch;

/// Utilities up to this size can be subtracted, and prices add up, without overflow.
const LARGEST_UNSCALED: f64 = 1.0e290;
/// Brings every double below that size; exact, but for what is 300 orders of magnitude below the rest.
const SCALE: f64 = f64::from_bits((1023 - 64) << 52);
/// Rounds of augmenting row reduction.
const ROUNDS: usize = 2;
/// Prices, and utilities of the matching, that are so much larger than some utility may swallow too many of its digits.
const SWALLOWS: f64 = (1 << 30) as f64;

/// A matching with its prices, and the memory to find the next one in.
pub(crate) struct ShortestPaths {
    market: Arc<Market>,
    /// The column of each row.
    columns: Vec<u32>,
    /// The row of each column.
    rows: Vec<u32>,
    /// What a row pays for a column, in units of the scale.
    prices: Vec<f64>,
    /// Whether the first row where a column is worth most has been met.
    claimed: Vec<bool>,
    unmatched: Vec<u32>,
    path: Path,
    /// The utilities, where they had to be scaled.
    scaled: Vec<f64>,
    scale: f64,
    smallest: f64,
    /// A value at which a column is no choice: -inf, or that of a mask which is a large number.
    masked: f64,
}

/// The search for a shortest augmenting path.
struct Path {
    /// How far the start is from each column; infinite for those that are settled.
    distances: Vec<f64>,
    /// The prices, infinite for the columns that are settled.
    prices: Vec<f64>,
    /// The columns whose distance is final, with it.
    settled: Vec<(usize, f64)>,
    /// The start and the rows of those columns, with what they would get at distance 0.
    reached: Vec<(usize, f64)>,
}

impl ShortestPaths {
    pub(crate) fn new(market: &Arc<Market>) -> Self {
        let (buyers, goods) = (market.buyers, market.places());
        Self {
            market: Arc::clone(market),
            columns: vec![NONE; buyers],
            rows: vec![NONE; goods],
            prices: vec![0.0; goods],
            claimed: vec![false; goods],
            unmatched: Vec::with_capacity(buyers),
            path: Path {
                distances: vec![0.0; goods],
                prices: vec![0.0; goods],
                settled: Vec::with_capacity(buyers),
                reached: Vec::with_capacity(buyers),
            },
            scaled: Vec::new(),
            scale: 1.0,
            smallest: 0.0,
            masked: f64::NEG_INFINITY,
        }
    }

    /// The column of each row in the matching found last.
    pub(crate) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// The row of each column; [`NONE`] of one that has none, and of one that is never taken.
    pub(crate) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// `scale` and the prices p of the columns, with which `scale * utility[i][j] - p[j]` is largest, but for rounding,
    /// where row i is matched: an optimal solution of the dual problem.
    pub(crate) fn prices(&self) -> (f64, &[f64]) {
        (self.scale, &self.prices)
    }

    /// The smallest utility that is not 0, by its size, in units of the scale.
    pub(super) fn smallest(&self) -> f64 {
        self.smallest
    }

    /// Finds a matching of the largest utility but for rounding errors of the largest of the prices and of the
    /// utilities that are chosen. There is one that avoids all cells of -inf.
    pub(crate) fn solve(&mut self, utility: &[f64]) {
        self.solve_above(utility, None);
    }

    /// The same, if nobody's column is worth what is reserved for it (0 by default).
    pub(super) fn solve_above(&mut self, utility: &[f64], reserved: Option<&[f64]>) {
        Arch::new().dispatch(Solution { paths: self, utility, reserved });
    }

    #[inline(always)]
    fn scale_and_run<S: Simd>(&mut self, simd: S, utility: &[f64], reserved: Option<&[f64]>) {
        let (mut smallest, mut largest) = extremes(simd, utility, true);
        if smallest == 0.0 || largest == f64::INFINITY {
            (smallest, largest) = extremes(simd, utility, false);
        }
        let scale = if largest > LARGEST_UNSCALED { SCALE } else { 1.0 };
        self.scale = scale;
        self.smallest = smallest * scale;
        // No column is so good as to be worth a mask: prices that no mask takes part in stay comparable to the rest.
        let masks = largest > SWALLOWS * smallest;
        self.masked = if masks { -0.5 * largest * scale } else { f64::NEG_INFINITY };
        match reserved {
            None => self.prices.fill(0.0),
            Some(reserved) => {
                for (price, reserved) in self.prices.iter_mut().zip(reserved) {
                    *price = reserved * scale;
                }
            }
        }
        if scale == 1.0 {
            return self.run(simd, utility);
        }
        let mut scaled = mem::take(&mut self.scaled);
        scaled.clear();
        scaled.extend(utility.iter().map(|u| u * scale));
        self.run(simd, &scaled);
        self.scaled = scaled;
    }

    /// Whether what rounding errors are those of may be larger than a difference that decides.
    pub(super) fn swallows(&self, utility: &[f64]) -> bool {
        let n = self.prices.len();
        let chosen = self.columns.iter().enumerate().map(|(row, &column)| utility[row * n + column as usize]);
        let least = SWALLOWS * self.smallest;
        chosen.map(|u| u * self.scale).chain(self.prices.iter().copied()).any(|size| size.abs() > least)
    }

    #[inline(always)]
    fn run<S: Simd>(&mut self, simd: S, utility: &[f64]) {
        self.columns.fill(NONE);
        self.rows.fill(NONE);
        self.unmatched.clear();
        if self.market.is_full() {
            self.reduce_columns(simd, utility);
        } else {
            self.unmatched.extend(0..self.market.buyers as u32);
        }
        for _ in 0..ROUNDS {
            self.reduce_rows(simd, utility);
        }
        for index in 0..self.unmatched.len() {
            self.augment(simd, utility, self.unmatched[index] as usize);
        }
    }

    /// Every column goes to the first row where it is worth most, if that row has none, at a price that leaves no profit.
    /// Then (reduction transfer) the row pays for it what it is worth to it beyond the next best one.
    #[inline(always)]
    fn reduce_columns<S: Simd>(&mut self, simd: S, utility: &[f64]) {
        let Self { columns, rows, prices, claimed, unmatched, masked, .. } = self;
        let n = prices.len();
        largest_of_columns(simd, utility, prices);
        claimed.fill(false);
        for (row, utility) in utility.chunks_exact(n).enumerate() {
            let (best, second) = two_largest(simd, utility, prices);
            let mut own = NONE;
            // No profit is larger than 0, since prices have only risen.
            let mut column = if best == 0.0 { position(simd, utility, prices, best, 0) } else { n };
            while column < n {
                if !claimed[column] {
                    claimed[column] = true;
                    own = own.min(column as u32);
                }
                column = if second == best { position(simd, utility, prices, best, column + 1) } else { n };
            }
            if own == NONE {
                unmatched.push(row as u32);
                continue;
            }
            (columns[row], rows[own as usize]) = (own, row as u32);
            // Of a single allowed column the profit is left as it is.
            if second > *masked {
                let price = &mut prices[own as usize];
                *price = price.max(utility[own as usize] - second);
            }
        }
    }

    /// Each row without a column takes its best one, from another row if need be, and raises its price as far as it
    /// is better than the second best.
    #[inline(always)]
    fn reduce_rows<S: Simd>(&mut self, simd: S, utility: &[f64]) {
        let Self { market, columns, rows, prices, unmatched, masked, .. } = self;
        let n = prices.len();
        let open = market.open_place();
        let current = unmatched.len();
        let (mut next, mut kept) = (0, 0);
        // Two rows may outbid each other in small steps for long, or forever where rounding swallows them: in the end a
        // search is cheaper.
        let mut patience = n / 2 + n * n / 512;
        while next < current {
            let row = unmatched[next] as usize;
            next += 1;
            let utility = &utility[row * n..(row + 1) * n];
            let (best, second) = two_largest(simd, utility, prices);
            if second <= *masked {
                unmatched[kept] = row as u32;
                kept += 1;
                continue;
            }
            let mut column = position(simd, utility, prices, best, 0);
            let mut displaced = rows[column];
            let raised = prices[column] + (best - second);
            let rises = raised > prices[column] && Some(column) != open;
            if rises {
                prices[column] = raised;
            } else if displaced != NONE && best == second {
                column = position(simd, utility, prices, best, column + 1);
                displaced = rows[column];
            }
            columns[row] = column as u32;
            if Some(column) != open {
                rows[column] = row as u32;
            }
            if displaced == NONE {
                continue;
            }
            columns[displaced as usize] = NONE;
            if rises && patience > 0 {
                patience -= 1;
                next -= 1;
                unmatched[next] = displaced;
            } else {
                unmatched[kept] = displaced;
                kept += 1;
            }
        }
        unmatched.truncate(kept);
    }

    /// Matches one more row along the path that costs the matched rows least, and adapts the prices.
    #[inline(always)]
    fn augment<S: Simd>(&mut self, simd: S, utility: &[f64], start: usize) {
        let Self { market, columns, rows, prices, path, .. } = self;
        let n = prices.len();
        let Path { distances, prices: open, settled, reached } = path;
        distances.fill(f64::INFINITY);
        open.copy_from_slice(prices);
        settled.clear();
        reached.clear();
        let (mut row, mut profit) = (start, 0.0);
        let (mut column, mut nearest);
        loop {
            reached.push((row, profit));
            let own = &utility[row * n..(row + 1) * n];
            nearest = relax(simd, own, open, profit, distances);
            column = nearest_column(simd, distances, nearest, rows);
            if rows[column] == NONE {
                break;
            }
            settled.push((column, nearest));
            (distances[column], open[column]) = (f64::INFINITY, f64::INFINITY);
            row = rows[column] as usize;
            profit = (utility[row * n + column] - prices[column]) + nearest;
        }
        // Back along the path: a column was reached from the first row from which it is as near.
        let mut distance = nearest;
        loop {
            let from = |&(row, profit): &(usize, f64)| {
                profit - (utility[row * n + column] - prices[column]) == distance
            };
            let order = reached.iter().position(from).expect("the row that a column was reached from");
            let row = reached[order].0;
            rows[column] = row as u32;
            columns[row] = column as u32;
            if order == 0 {
                break;
            }
            (column, distance) = settled[order - 1];
        }
        for &(column, distance) in settled.iter() {
            prices[column] += nearest - distance;
        }
        if let Some(open) = market.open_place() {
            rows[open] = NONE;
        }
    }
}

/// A search for the best matching, in the registers of the machine.
struct Solution<'a> {
    paths: &'a mut ShortestPaths,
    utility: &'a [f64],
    reserved: Option<&'a [f64]>,
}

impl WithSimd for Solution<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.paths.scale_and_run(simd, self.utility, self.reserved);
    }
}
