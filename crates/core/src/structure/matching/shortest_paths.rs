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

use super::market::Market;
use super::scans::{NONE, extremes, nearest_column, position, relax, two_largest};
use crate::number::vectorised;

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
    /// The row where a column is worth most.
    best_rows: Vec<u64>,
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
    /// How far the start is from each column; -inf for the columns that are settled.
    distances: Vec<f64>,
    /// From which row.
    previous: Vec<u64>,
    /// The columns whose distance is final, with it.
    settled: Vec<(usize, f64)>,
}

impl ShortestPaths {
    pub(crate) fn new(market: &Arc<Market>) -> Self {
        let (buyers, goods) = (market.buyers, market.places());
        Self {
            market: Arc::clone(market),
            columns: vec![NONE; buyers],
            rows: vec![NONE; goods],
            prices: vec![0.0; goods],
            best_rows: vec![0; goods],
            unmatched: Vec::with_capacity(buyers),
            path: Path {
                distances: vec![0.0; goods],
                previous: vec![0; goods],
                settled: Vec::with_capacity(goods),
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
        vectorised(
            #[inline(always)]
            || self.scale_and_run(utility, reserved),
        );
    }

    #[inline(always)]
    fn scale_and_run(&mut self, utility: &[f64], reserved: Option<&[f64]>) {
        let (mut smallest, mut largest) = extremes(utility, |_| true);
        if smallest == 0.0 || largest == f64::INFINITY {
            (smallest, largest) = extremes(utility, |size| (size > 0.0) & (size < f64::INFINITY));
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
            return self.run(utility);
        }
        let mut scaled = mem::take(&mut self.scaled);
        scaled.clear();
        scaled.extend(utility.iter().map(|u| u * scale));
        self.run(&scaled);
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
    fn run(&mut self, utility: &[f64]) {
        if self.market.is_full() {
            self.reduce_columns(utility);
            self.transfer_reductions(utility);
        } else {
            self.columns.fill(NONE);
            self.rows.fill(NONE);
            self.unmatched.clear();
            self.unmatched.extend(0..self.market.buyers as u32);
        }
        for _ in 0..ROUNDS {
            self.reduce_rows(utility);
        }
        for index in 0..self.unmatched.len() {
            self.augment(utility, self.unmatched[index]);
        }
    }

    /// Every column goes to the row where it is worth most, if that row has none, at a price that leaves no profit.
    #[inline(always)]
    fn reduce_columns(&mut self, utility: &[f64]) {
        let Self { columns, rows, prices, best_rows, .. } = self;
        let n = prices.len();
        prices.copy_from_slice(&utility[..n]);
        best_rows.fill(0);
        for (row, utility) in utility.chunks_exact(n).enumerate().skip(1) {
            for ((price, best), &u) in prices.iter_mut().zip(best_rows.iter_mut()).zip(utility) {
                let better = u > *price;
                *price = if better { u } else { *price };
                *best = if better { row as u64 } else { *best };
            }
        }
        columns.fill(NONE);
        rows.fill(NONE);
        for (column, &best) in best_rows.iter().enumerate() {
            if columns[best as usize] == NONE {
                columns[best as usize] = column as u32;
                rows[column] = best as u32;
            }
        }
    }

    /// A matched row pays for its column what it is worth to it beyond the next best one.
    #[inline(always)]
    fn transfer_reductions(&mut self, utility: &[f64]) {
        let Self { columns, prices, unmatched, masked, .. } = self;
        let n = prices.len();
        unmatched.clear();
        for (row, utility) in utility.chunks_exact(n).enumerate() {
            if columns[row] == NONE {
                unmatched.push(row as u32);
                continue;
            }
            let own = columns[row] as usize;
            let kept = prices[own];
            prices[own] = f64::INFINITY;
            let (second, _) = two_largest(utility, prices);
            // Of a single allowed column the profit is left as it is.
            prices[own] = if second <= *masked { kept } else { kept.max(utility[own] - second) };
        }
    }

    /// Each row without a column takes its best one, from another row if need be, and raises its price as far as it
    /// is better than the second best.
    #[inline(always)]
    fn reduce_rows(&mut self, utility: &[f64]) {
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
            let (best, second) = two_largest(utility, prices);
            if second <= *masked {
                unmatched[kept] = row as u32;
                kept += 1;
                continue;
            }
            let mut column = position(utility, prices, best, 0);
            let mut displaced = rows[column];
            let raised = prices[column] + (best - second);
            let rises = raised > prices[column] && Some(column) != open;
            if rises {
                prices[column] = raised;
            } else if displaced != NONE && best == second {
                column = position(utility, prices, best, column + 1);
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
    fn augment(&mut self, utility: &[f64], start: u32) {
        let Self { market, columns, rows, prices, path, .. } = self;
        let n = prices.len();
        let Path { distances, previous, settled } = path;
        distances.fill(f64::INFINITY);
        settled.clear();
        let (mut row, mut profit) = (start as usize, 0.0);
        let (mut column, mut nearest);
        loop {
            // `profit`: what the row would get at distance 0.
            let own = &utility[row * n..(row + 1) * n];
            nearest = relax(own, prices, profit, row as u64, distances, previous);
            column = nearest_column(distances, nearest, rows);
            if rows[column] == NONE {
                break;
            }
            settled.push((column, nearest));
            distances[column] = f64::NEG_INFINITY;
            row = rows[column] as usize;
            profit = (utility[row * n + column] - prices[column]) + nearest;
        }
        for &(column, distance) in settled.iter() {
            prices[column] += nearest - distance;
        }
        loop {
            let row = previous[column] as usize;
            rows[column] = row as u32;
            let left = columns[row];
            columns[row] = column as u32;
            if row == start as usize {
                break;
            }
            column = left as usize;
        }
        if let Some(open) = market.open_place() {
            rows[open] = NONE;
        }
    }
}
