//! The transport plan: `exp(e_ij + b_j)` with its rows scaled to sum to 1.

use super::exponents::Exponents;
use crate::elementary::{exp, exp_of_sum, ln, power_of_two, two_sum};
use crate::number::{Number, dot, sum};

/// A matrix with rows that sum to 1, padded with zeros to whole blocks.
pub(super) struct Plan {
    n: usize,
    pub(super) stride: usize,
    pub(super) cells: Vec<f64>,
    pub(super) column_sums: Vec<f64>,
    /// The exponents of a row, as unevaluated sums.
    high: Vec<f64>,
    low: Vec<f64>,
}

impl Plan {
    pub(super) fn new(n: usize) -> Self {
        let stride = n.next_multiple_of(f64::BLOCK);
        let row = || vec![0.0; n];
        Self { n, stride, cells: vec![0.0; n * stride], column_sums: row(), high: row(), low: row() }
    }

    /// Computes the plan for exponents that are multiplied by the warmth, and the logarithms b of the columns' scales;
    /// returns how far its columns are from summing to 1.
    #[inline(always)]
    pub(super) fn compute(&mut self, exponents: &Exponents, warmth: f64, scales: &[(f64, f64)]) -> f64 {
        let Self { n, stride, cells, column_sums, high, low } = self;
        let n = *n;
        column_sums.fill(0.0);
        let rows = exponents.high().chunks_exact(n).zip(exponents.low().chunks_exact(n));
        for ((exponent, exponent_rest), cells) in rows.zip(cells.chunks_exact_mut(*stride)) {
            let mut largest = f64::NEG_INFINITY;
            for j in 0..n {
                let (sum, error) = two_sum(exponent[j] * warmth, scales[j].0);
                high[j] = sum;
                low[j] = exponent_rest[j].mul_add(warmth, scales[j].1) + error;
                largest = if sum > largest { sum } else { largest };
            }
            let cells = &mut cells[..n];
            for j in 0..n {
                let (difference, error) = two_sum(high[j], -largest);
                let clamped = if difference > -2_000.0 { difference } else { -2_000.0 };
                let (mantissa, exponent) = exp_of_sum(clamped, low[j] + error);
                let exponent = if exponent > -1023.0 { exponent } else { -1023.0 };
                cells[j] = mantissa * power_of_two(exponent);
            }
            let inverse = 1.0 / sum(cells);
            for (cell, column_sum) in cells.iter_mut().zip(column_sums.iter_mut()) {
                *cell *= inverse;
                *column_sum += *cell;
            }
        }
        column_sums.iter().fold(0.0, |worst, sum| {
            let error = (1.0 - sum).abs();
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
