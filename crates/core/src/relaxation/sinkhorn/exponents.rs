//! Utilities over the temperature, less potentials of rows and columns that make 0 the largest: unevaluated sums.

use crate::elementary::two_sum;
use crate::structure::Assignment;

/// The exponent of a cell that is 0 in the result.
pub(super) const FORBIDDEN: f64 = -1e300;
/// Exponents above this, which only rounding errors of the prices can be, call for better prices.
const TOO_LARGE: f64 = 1.0;

/// `exponents[i][j] = high + low`.
pub(super) struct Exponents {
    n: usize,
    pub(super) high: Vec<f64>,
    pub(super) low: Vec<f64>,
    /// The column of each row in the best matching, and the row of each column.
    columns: Vec<u32>,
    pub(super) rows: Vec<u32>,
    /// The potential that each row lacks, and the row it has that from.
    rises: Vec<f64>,
    sources: Vec<u32>,
}

/// The exact difference of two doubles.
#[inline(always)]
fn two_difference(a: f64, b: f64) -> (f64, f64) {
    two_sum(a, -b)
}

/// A sum of two such, to 100 bits.
#[inline(always)]
fn add(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let (high, low) = two_sum(a.0, b.0);
    let (low_high, low_low) = two_sum(a.1, b.1);
    let (high, low) = two_sum(high, low + low_high);
    two_sum(high, low + low_low)
}

impl Exponents {
    pub(super) fn new(n: usize) -> Self {
        Self {
            n,
            high: vec![0.0; n * n],
            low: vec![0.0; n * n],
            columns: vec![0; n],
            rows: vec![0; n],
            rises: vec![0.0; n],
            sources: vec![0; n],
        }
    }

    /// Computes `(u_ij - p_j - (u_ik - p_k)) / t`, where k is the column of row i in the best matching; its own exponent
    /// is then exactly 0. The prices are as good as doubles get, and their differences from the utilities exact: the
    /// result is that of the utilities given, not of rounded ones.
    ///
    /// # Errors
    /// If prices that are exact enough for this temperature are not found.
    #[inline(always)]
    pub(super) fn compute(
        &mut self,
        utility: &[f64],
        assignment: &Assignment,
        temperature: f64,
    ) -> Result<(), f64> {
        let (scale, prices) = assignment.prices();
        let Self { n, high, low, columns, rows, .. } = self;
        columns.copy_from_slice(assignment.columns());
        rows.copy_from_slice(assignment.rows());
        let sums = high.chunks_exact_mut(*n).zip(low.chunks_exact_mut(*n));
        for ((utility, (high, low)), &own) in utility.chunks_exact(*n).zip(sums).zip(columns.iter()) {
            for (((high, low), &u), &price) in high.iter_mut().zip(low.iter_mut()).zip(utility).zip(prices) {
                let allowed = u != f64::NEG_INFINITY;
                let value = two_difference(if allowed { u * scale } else { 0.0 }, price);
                (*high, *low) = if allowed { value } else { (f64::NEG_INFINITY, 0.0) };
            }
            subtract_own(high, low, own as usize);
        }
        let largest = self.high.iter().fold(0.0, |a, &b| if b > a { b } else { a });
        if largest / temperature / scale > TOO_LARGE {
            self.improve()?;
        }
        for (high, low) in self.high.iter_mut().zip(&mut self.low) {
            let quotient = *high / temperature;
            let rest = (quotient.mul_add(-temperature, *high) + *low) / temperature;
            // Far below what support.rs leaves out; also where the quotient overflows.
            let counts = quotient > -1e30;
            *high = if counts { quotient / scale } else { FORBIDDEN };
            *low = if counts { rest / scale } else { 0.0 };
        }
        Ok(())
    }

    /// Adds potentials of the size of the rounding errors that the prices have, after which no sum is positive. They are
    /// small, hence exact where the prices are not. Where the matching itself is the best but for rounding errors, it is
    /// exchanged for the better one.
    fn improve(&mut self) -> Result<(), f64> {
        let n = self.n;
        for _ in 0..=n * n {
            let Some(row) = self.find_longest_paths() else {
                for (cell, (high, low)) in self.high.iter_mut().zip(&mut self.low).enumerate() {
                    if *high != f64::NEG_INFINITY {
                        let own = self.rises[self.rows[cell % n] as usize];
                        (*high, *low) = add((*high, *low), two_difference(self.rises[cell / n], own));
                    }
                }
                return Ok(());
            };
            self.exchange(row);
        }
        Err(f64::INFINITY)
    }

    /// Bellman and Ford: the largest sum of exponents along a path from row to row, each taking the column of the next.
    /// Returns a row on a cycle if there is a cycle with a positive sum, that is, a better matching.
    fn find_longest_paths(&mut self) -> Option<usize> {
        let Self { n, high, rows, rises, sources, .. } = self;
        rises.fill(0.0);
        let mut last = 0;
        for _ in 0..=*n {
            let mut changed = false;
            for (i, high) in high.chunks_exact(*n).enumerate() {
                for (&sum, &row) in high.iter().zip(rows.iter()) {
                    let rise = sum + rises[i];
                    if rise > rises[row as usize] {
                        rises[row as usize] = rise;
                        sources[row as usize] = i as u32;
                        (changed, last) = (true, row as usize);
                    }
                }
            }
            if !changed {
                return None;
            }
        }
        // So many steps back lead onto the cycle.
        Some((0..*n).fold(last, |row, _| sources[row] as usize))
    }

    /// Every row of the cycle takes the column of the next.
    fn exchange(&mut self, start: usize) {
        let Self { n, high, low, columns, rows, sources, .. } = self;
        let mut next = start;
        loop {
            let row = sources[next] as usize;
            rows[columns[next] as usize] = row as u32;
            next = row;
            if row == start {
                break;
            }
        }
        for (column, &row) in rows.iter().enumerate() {
            let row = row as usize;
            if columns[row] != column as u32 {
                columns[row] = column as u32;
                let cells = row * *n..(row + 1) * *n;
                subtract_own(&mut high[cells.clone()], &mut low[cells], column);
            }
        }
    }
}

/// Makes one sum of a row 0 by subtracting it from all.
#[inline(always)]
fn subtract_own(high: &mut [f64], low: &mut [f64], own: usize) {
    let own = (-high[own], -low[own]);
    for (high, low) in high.iter_mut().zip(low) {
        if *high != f64::NEG_INFINITY {
            (*high, *low) = add((*high, *low), own);
        }
    }
}
