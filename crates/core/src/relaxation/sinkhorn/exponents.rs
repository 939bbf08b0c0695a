//! Utilities over the temperature, less potentials of rows and columns that make 0 the largest: unevaluated sums.

use crate::elementary::two_sum;

/// The exponent of a cell that is 0 in the result.
pub(super) const FORBIDDEN: f64 = -1e300;
/// Exponents above this, which only rounding errors of the prices can be, call for better prices.
const TOO_LARGE: f64 = 1.0;

/// `exponents[i][j] = high + low`.
pub(super) struct Exponents {
    n: usize,
    pub(super) high: Vec<f64>,
    pub(super) low: Vec<f64>,
    /// The potential that each row lacks.
    rises: Vec<f64>,
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
        Self { n, high: vec![0.0; n * n], low: vec![0.0; n * n], rises: vec![0.0; n] }
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
        (scale, prices): (f64, &[f64]),
        (columns, rows): (&[u32], &[u32]),
        temperature: f64,
    ) -> Result<(), f64> {
        let Self { n, high, low, .. } = self;
        for (i, utility) in utility.chunks_exact(*n).enumerate() {
            let own = columns[i] as usize;
            let (own_high, own_low) = two_difference(utility[own] * scale, prices[own]);
            let cells = i * *n..(i + 1) * *n;
            let cells = high[cells.clone()].iter_mut().zip(&mut low[cells]);
            for (((high, low), &u), &price) in cells.zip(utility).zip(prices) {
                let allowed = u != f64::NEG_INFINITY;
                let value = two_difference(if allowed { u * scale } else { 0.0 }, price);
                let (sum, error) = add(value, (-own_high, -own_low));
                *high = if allowed { sum } else { f64::NEG_INFINITY };
                *low = if allowed { error } else { 0.0 };
            }
        }
        let largest = self.high.iter().fold(0.0, |a, &b| if b > a { b } else { a });
        if largest / temperature / scale > TOO_LARGE {
            self.improve(rows)?;
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

    /// Longest paths (Bellman and Ford): adds potentials of the size of the rounding errors that the prices have, after
    /// which no sum is positive. They are small, hence exact where the prices are not.
    #[inline(always)]
    fn improve(&mut self, rows: &[u32]) -> Result<(), f64> {
        let Self { n, high, low, rises } = self;
        let n = *n;
        rises.fill(0.0);
        let mut changed = true;
        for _ in 0..=n {
            changed = false;
            for (i, high) in high.chunks_exact(n).enumerate() {
                for (&sum, &row) in high.iter().zip(rows) {
                    let rise = sum + rises[i];
                    if rise > rises[row as usize] {
                        rises[row as usize] = rise;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        for (cell, (high, low)) in high.iter_mut().zip(low).enumerate() {
            if *high != f64::NEG_INFINITY {
                let rise = two_difference(rises[cell / n], rises[rows[cell % n] as usize]);
                (*high, *low) = add((*high, *low), rise);
            }
        }
        if changed { Err(f64::INFINITY) } else { Ok(()) }
    }
}
