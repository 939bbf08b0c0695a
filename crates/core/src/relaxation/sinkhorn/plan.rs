//! The transport plan: `exp(e_ij + b_j)` with its rows scaled to their sums.

use super::exponents::Exponents;
use super::marginals::Marginals;
use crate::elementary::{exp, exp_of_sum, ln, power_of_two};
use crate::number::{DoubleDouble, Number, dot, sum};

/// A matrix whose rows have the sums that they shall have, padded with zeros to whole blocks.
pub(super) struct Plan {
    /// Columns.
    pub(super) width: usize,
    pub(super) stride: usize,
    pub(super) marginals: Marginals,
    pub(super) cells: Vec<f64>,
    /// What the columns lack of their sums, of exactly scaled rows: the charges themselves sum to 0. Rows with ties have the
    /// same rounding errors over and over, which would add up.
    pub(super) charges: Vec<f64>,
    /// The low parts of the columns' sums.
    rests: Vec<f64>,
    /// The exponents of a row, then its cells, as unevaluated sums.
    high: Vec<f64>,
    low: Vec<f64>,
    /// A power of two from the largest sum on: sums of multiples of 2^-52 of it do not round.
    anchor: f64,
}

impl Plan {
    pub(super) fn new(marginals: Marginals) -> Self {
        let (height, width) = (marginals.rows.len(), marginals.columns.len());
        let stride = width.next_multiple_of(f64::BLOCK);
        let row = || vec![0.0; width];
        let anchor = (marginals.largest as usize).next_power_of_two() as f64;
        Self {
            width,
            stride,
            marginals,
            anchor,
            cells: vec![0.0; height * stride],
            charges: row(),
            rests: row(),
            high: row(),
            low: row(),
        }
    }

    /// Computes the plan for exponents that are multiplied by the warmth, and the logarithms b of the columns' scales;
    /// returns how far its columns are from their sums.
    #[inline(always)]
    pub(super) fn compute(&mut self, exponents: &Exponents, warmth: f64, scales: &[DoubleDouble]) -> f64 {
        let Self { width, stride, marginals, cells, charges, rests, high, low, anchor } = self;
        let (n, anchor) = (*width, *anchor);
        charges.copy_from_slice(&marginals.columns);
        rests.fill(0.0);
        let rows = exponents.cells().chunks_exact(n).zip(cells.chunks_exact_mut(*stride));
        let sums = marginals.rows.iter().zip(&marginals.inverses);
        for ((exponent, cells), (&row_sum, row_inverse)) in rows.zip(sums) {
            let mut largest = f64::NEG_INFINITY;
            for j in 0..n {
                let sum = DoubleDouble::sum(exponent[j] * warmth, scales[j].high);
                high[j] = sum.high;
                low[j] = scales[j].low + sum.low;
                largest = if sum.high > largest { sum.high } else { largest };
            }
            let cells = &mut cells[..n];
            for j in 0..n {
                // A cell of exp(-d) loses the rounding error of d: a part of 1/e of a double's, where it is most.
                let difference = high[j] - largest;
                let clamped = if difference > -2_000.0 { difference } else { -2_000.0 };
                let (mantissa, exponent) = exp_of_sum(clamped, low[j]);
                let exponent = if exponent > -1023.0 { exponent } else { -1023.0 };
                cells[j] = mantissa * power_of_two(exponent);
            }
            let inverse = row_sum / sum(cells);
            for (cell, (high, low)) in cells.iter_mut().zip(high.iter_mut().zip(low.iter_mut())) {
                *cell *= inverse;
                *high = (*cell + anchor) - anchor;
                *low = *cell - *high;
            }
            let lack = ((row_sum - sum(high)) - sum(low)) * row_inverse;
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
        let Self { width, stride, marginals, cells, high, .. } = self;
        // A constant in all of the step changes nothing.
        for (factor, step) in high.iter_mut().zip(step) {
            *factor = exp(length * (centre - step));
        }
        let sums = marginals.rows.iter().zip(&marginals.inverses);
        let rows: f64 = cells
            .chunks_exact(*stride)
            .zip(sums)
            .map(|(cells, (sum, inverse))| sum * ln(dot(&cells[..*width], high) * inverse))
            .sum();
        let moved: f64 = step.iter().zip(&marginals.columns).map(|(step, sum)| sum * (step - centre)).sum();
        rows + length * moved
    }
}
