//! Newton's method for the scaling of the columns, from high temperature to low.

use super::exponents::Exponents;
use super::network::Network;
use super::support::Support;
use crate::elementary::{exp_of_sum, power_of_two, two_sum};
use crate::number::{Number, dot, sum};
use crate::structure::Assignment;

/// The exponents at the highest temperature are at most so large.
const FIRST_SPAN: f64 = 3.0;
/// How much lower the next temperature is, as a power of two: so that exponents change exactly.
const COOLING: f64 = 4.0;
/// The error of the sums that is good enough to go on to the next temperature.
const LOOSE: f64 = 1e-2;
/// The error of the sums that is not worth another step.
const ROUNDING: f64 = 2e-15;

/// A matrix with rows that sum to 1, padded with zeros to whole blocks.
pub(super) struct Plan {
    pub(super) stride: usize,
    pub(super) cells: Vec<f64>,
}

/// The solution of one row of the batch, and the memory for it.
pub(super) struct Scaling {
    n: usize,
    assignment: Assignment,
    exponents: Exponents,
    support: Support,
    /// The logarithms of the columns' scales, as unevaluated sums.
    scales: Vec<(f64, f64)>,
    plan: Plan,
    column_sums: Vec<f64>,
    network: Network,
    /// A row of sums, or a matrix of products.
    high: Vec<f64>,
    low: Vec<f64>,
    products: Vec<f64>,
}

impl Scaling {
    pub(super) fn new(n: usize) -> Self {
        let stride = n.next_multiple_of(f64::BLOCK);
        Self {
            n,
            assignment: Assignment::new(n),
            exponents: Exponents::new(n),
            support: Support::new(n),
            scales: vec![(0.0, 0.0); n],
            plan: Plan { stride, cells: vec![0.0; n * stride] },
            column_sums: vec![0.0; n],
            network: Network::new(n),
            high: vec![0.0; n],
            low: vec![0.0; n],
            products: Vec::new(),
        }
    }

    /// Finds the best matching.
    pub(super) fn assign(&mut self, utility: &[f64]) {
        self.assignment.solve(utility);
    }

    /// Scales `exp(u / t)`.
    ///
    /// # Errors
    /// The error of the sums if it does not come below the tolerance.
    #[inline(always)]
    pub(super) fn solve(
        &mut self,
        utility: &[f64],
        temperature: f64,
        tolerance: f64,
        most_iterations: usize,
    ) -> Result<(), f64> {
        self.exponents.compute(utility, &self.assignment, temperature)?;
        self.support.restrict(self.n, &mut self.exponents.high, &self.exponents.rows);
        self.scales.fill((0.0, 0.0));
        let mut warmth = 1.0;
        while self.span() * warmth > FIRST_SPAN {
            warmth /= COOLING;
        }
        let mut polished = false;
        let mut iterations = 0;
        loop {
            let error = self.evaluate(warmth);
            if warmth < 1.0 && error <= LOOSE {
                warmth *= COOLING;
                for scale in &mut self.scales {
                    *scale = (scale.0 * COOLING, scale.1 * COOLING);
                }
                continue;
            }
            if warmth == 1.0 && error <= tolerance {
                // Newton's method squares the error: one more step reaches what doubles can hold.
                if polished || error <= ROUNDING || iterations == most_iterations {
                    return Ok(());
                }
                polished = true;
            }
            if iterations == most_iterations {
                return Err(error);
            }
            iterations += 1;
            self.network.correct(&self.plan, &self.column_sums);
            for (scale, &step) in self.scales.iter_mut().zip(&self.network.potentials) {
                let (sum, rest) = two_sum(scale.0, step);
                *scale = (sum, scale.1 + rest);
            }
        }
    }

    /// How far the exponents reach below 0.
    #[inline(always)]
    fn span(&self) -> f64 {
        let least = |least: f64, &exponent: &f64| {
            if exponent < least && exponent > -1e299 { exponent } else { least }
        };
        -self.exponents.high.iter().fold(0.0, least)
    }

    /// Computes the plan for exponents that are multiplied by the warmth; returns how far its columns are from summing
    /// to 1.
    #[inline(always)]
    fn evaluate(&mut self, warmth: f64) -> f64 {
        let Self { n, exponents, scales, plan, column_sums, high, low, .. } = self;
        let n = *n;
        column_sums.fill(0.0);
        let rows = exponents.high.chunks_exact(n).zip(exponents.low.chunks_exact(n));
        for ((exponent, exponent_rest), cells) in rows.zip(plan.cells.chunks_exact_mut(plan.stride)) {
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
            if error > worst { error } else { worst }
        })
    }

    /// Copies the solution.
    pub(super) fn write(&self, soft: &mut [f64]) {
        for (soft, cells) in soft.chunks_exact_mut(self.n).zip(self.plan.cells.chunks_exact(self.plan.stride))
        {
            soft.copy_from_slice(&cells[..self.n]);
        }
    }

    /// `dU = P * (G + alpha 1^T + 1 beta^T) / t` with the alpha and beta that keep the sums at 1.
    #[inline(always)]
    pub(super) fn gradient(&mut self, cotangent: &[f64], temperature: f64, gradient: &mut [f64]) {
        let Self { n, plan, network, products, .. } = self;
        products.clear();
        products.resize(plan.cells.len(), 0.0);
        let rows = plan.cells.chunks_exact(plan.stride).zip(cotangent.chunks_exact(*n));
        for (products, (cells, cotangent)) in products.chunks_exact_mut(plan.stride).zip(rows.clone()) {
            for ((product, cell), g) in products.iter_mut().zip(cells).zip(cotangent) {
                *product = cell * g;
            }
        }
        network.follow(plan, products);
        let beta = &network.potentials[..*n];
        for (gradient, (cells, cotangent)) in gradient.chunks_exact_mut(*n).zip(rows) {
            for ((gradient, g), beta) in gradient.iter_mut().zip(cotangent).zip(beta) {
                *gradient = g + beta;
            }
            let mean = dot(&cells[..*n], gradient);
            for (gradient, cell) in gradient.iter_mut().zip(cells) {
                *gradient = *cell * (*gradient - mean) / temperature;
            }
        }
    }
}
