//! The transport plan: `exp(e_ij + b_j)` with its rows scaled to sum to 1.

use super::exponents::Exponents;
use crate::elementary::{exp, exp_of_sum, ln, power_of_two};
use crate::number::{DoubleDouble, Number, dot, sum};

/// A matrix with rows that sum to 1, padded with zeros to whole blocks.
pub(super) struct Plan {
    n: usize,
    pub(super) stride: usize,
    pub(super) cells: Vec<f64>,
    /// What the columns lack to sum to 1, of exactly scaled rows: the charges themselves sum to 0. Rows with ties have the
    /// same rounding errors over and over, which would add up.
    pub(super) charges: Vec<f64>,
    /// The low parts of the columns' sums.
    rests: Vec<f64>,
    /// The exponents of a row, then its cells, as unevaluated sums.
    high: Vec<f64>,
    low: Vec<f64>,
}

impl Plan {
    pub(super) fn new(n: usize) -> Self {
        let stride = n.next_multiple_of(f64::BLOCK);
        let row = || vec![0.0; n];
        Self {
            n,
            stride,
            cells: vec![0.0; n * stride],
            charges: row(),
            rests: row(),
            high: row(),
            low: row(),
        }
    }

    /// Computes the plan for exponents that are multiplied by the warmth, and the logarithms b of the columns' scales;
    /// returns how far its columns are from summing to 1.
    #[inline(always)]
    pub(super) fn compute(&mut self, exponents: &Exponents, warmth: f64, scales: &[DoubleDouble]) -> f64 {
        let Self { n, stride, cells, charges, rests, high, low } = self;
        let n = *n;
        charges.fill(1.0);
        rests.fill(0.0);
        let rows = exponents.high().chunks_exact(n).zip(exponents.low().chunks_exact(n));
        for ((exponent, exponent_rest), cells) in rows.zip(cells.chunks_exact_mut(*stride)) {
            let mut largest = f64::NEG_INFINITY;
            for j in 0..n {
                let sum = DoubleDouble::sum(exponent[j] * warmth, scales[j].high);
                high[j] = sum.high;
                low[j] = exponent_rest[j].mul_add(warmth, scales[j].low) + sum.low;
                largest = if sum.high > largest { sum.high } else { largest };
            }
            let cells = &mut cells[..n];
            for j in 0..n {
                let difference = DoubleDouble::sum(high[j], -largest);
                let clamped = if difference.high > -2_000.0 { difference.high } else { -2_000.0 };
                let (mantissa, exponent) = exp_of_sum(clamped, low[j] + difference.low);
                let exponent = if exponent > -1023.0 { exponent } else { -1023.0 };
                cells[j] = mantissa * power_of_two(exponent);
            }
            let inverse = 1.0 / sum(cells);
            for (cell, (high, low)) in cells.iter_mut().zip(high.iter_mut().zip(low.iter_mut())) {
                *cell *= inverse;
                // A multiple of 2^-52: sums of these do not round.
                *high = (*cell + 1.0) - 1.0;
                *low = *cell - *high;
            }
            let lack = (1.0 - sum(high)) - sum(low);
            let columns = charges.iter_mut().zip(rests.iter_mut());
            for ((charge, rest), (cell, (high, low))) in columns.zip(cells.iter().zip(high.iter().zip(&*low)))
            {
                *charge -= high;
                *rest = cell.mul_add(lack, *rest + low);
            }
        }
        for (charge, rest) in charges.iter_mut().zip(&*rests) {
            *charge -= rest;
        }
        charges.iter().fold(0.0, |worst, charge| {
            let error = charge.abs();
            // Not the other way round: a NaN must not be passed over.
            if error <= worst { worst } else { error }
        })
    }

    /// By how much F is smaller than before the scales moved by `length * step`; too small a number where that was so far
    /// that cells are lost. The centre is that of the step's values.
    #[inline(always)]
    pub(super) fn fall(&mut self, step: &[f64], length: f64, centre: f64) -> f64 {
        let Self { n, stride, cells, high, .. } = self;
        // A constant in all of the step changes nothing.
        for (factor, step) in high.iter_mut().zip(step) {
            *factor = exp(length * (centre - step));
        }
        let rows: f64 = cells.chunks_exact(*stride).map(|cells| ln(dot(&cells[..*n], high))).sum();
        let moved: f64 = step.iter().map(|step| step - centre).sum();
        rows + length * moved
    }
}
