use super::Utility;
use crate::elementary::{exp, horner, ln};

/// `U = theta - log(-log(uniform))`: the largest of many; the choice that makes argmax over one-hot vectors a softmax.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gumbel;

/// Below this size of theta the closed form of the divergence cancels and its series is used.
const SMALL: f64 = 0.5;

impl Utility for Gumbel {
    #[inline(always)]
    fn draw(&self, theta: f64, uniform: f64) -> f64 {
        // The uniform is at least 2^-53 away from 0 and 1, so the noise lies in [-3.7, 36.8].
        theta - ln(-ln(uniform))
    }

    /// One logarithm after the other: two in one loop are a chain of operations longer than a processor looks ahead.
    #[inline(always)]
    fn draw_all(&self, theta: &[f64], cells: &mut [f64]) {
        for cell in cells.iter_mut() {
            *cell = -ln(*cell);
        }
        for (cell, &theta) in cells.iter_mut().zip(theta) {
            *cell = theta - ln(*cell);
        }
    }

    fn derivative(&self, _theta: f64, _utility: f64) -> f64 {
        1.0
    }

    /// `1 - exp(theta - U)`.
    fn score(&self, theta: f64, utility: f64) -> f64 {
        1.0 - exp(theta - utility)
    }

    /// `theta + exp(-theta) - 1`.
    fn divergence(&self, theta: f64) -> f64 {
        if theta.abs() < SMALL {
            return theta * theta * horner(-theta, KL_SERIES);
        }
        theta + exp(-theta) - 1.0
    }

    /// `1 - exp(-theta)`.
    fn divergence_derivative(&self, theta: f64) -> f64 {
        if theta.abs() < SMALL {
            return theta * horner(-theta, KL_DERIVATIVE_SERIES);
        }
        1.0 - exp(-theta)
    }
}

/// `1/m!` for m = 15, ..., 2, in powers of `-theta`.
const KL_SERIES: [f64; 14] = [
    1.0 / 1_307_674_368_000.0,
    1.0 / 87_178_291_200.0,
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
];

/// `1/m!` for m = 14, ..., 1, in powers of `-theta`.
const KL_DERIVATIVE_SERIES: [f64; 14] = [
    1.0 / 87_178_291_200.0,
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
];
