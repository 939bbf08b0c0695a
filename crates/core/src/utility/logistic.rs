use super::Utility;
use crate::elementary::{exp, horner, ln};

/// `U = theta + log(uniform) - log(1 - uniform)`: its sign is a coin with log-odds theta.
#[derive(Clone, Copy, Debug, Default)]
pub struct Logistic;

/// Below this size of theta the closed forms cancel and their series are used.
const SMALL: f64 = 0.25;

impl Utility for Logistic {
    #[inline(always)]
    fn draw(&self, theta: f64, uniform: f64) -> f64 {
        theta + (ln(uniform) - ln(1.0 - uniform))
    }

    fn derivative(&self, _theta: f64, _utility: f64) -> f64 {
        1.0
    }

    /// `tanh((U - theta) / 2)`.
    fn score(&self, theta: f64, utility: f64) -> f64 {
        let noise = utility - theta;
        let weight = exp(-noise.abs());
        ((1.0 - weight) / (1.0 + weight)).copysign(noise)
    }

    /// `theta coth(theta / 2) - 2`.
    fn divergence(&self, theta: f64) -> f64 {
        let square = theta * theta;
        if theta.abs() < SMALL {
            return square * horner(square, KL_SERIES);
        }
        let weight = exp(-theta.abs());
        theta.abs() * ((1.0 + weight) / (1.0 - weight)) - 2.0
    }

    /// `coth(theta / 2) - (theta / 2) / sinh(theta / 2)^2`.
    fn divergence_derivative(&self, theta: f64) -> f64 {
        let square = theta * theta;
        if theta.abs() < SMALL {
            return theta * horner(square, KL_DERIVATIVE_SERIES);
        }
        let weight = exp(-theta.abs());
        let rest = 1.0 - weight;
        // In this order, since twice the largest theta overflows.
        ((1.0 + weight) / rest - 2.0 * (theta.abs() * weight) / (rest * rest)).copysign(theta)
    }
}

/// `theta coth(theta/2) - 2 = theta^2/6 - theta^4/360 + theta^6/15120 - ...`, in powers of `theta^2`.
const KL_SERIES: [f64; 6] = [
    -691.0 / 653_837_184_000.0,
    1.0 / 23_950_080.0,
    -1.0 / 604_800.0,
    1.0 / 15_120.0,
    -1.0 / 360.0,
    1.0 / 6.0,
];

/// Its derivative over theta, in powers of `theta^2`.
const KL_DERIVATIVE_SERIES: [f64; 6] = [
    -691.0 / 54_486_432_000.0,
    10.0 / 23_950_080.0,
    -8.0 / 604_800.0,
    6.0 / 15_120.0,
    -4.0 / 360.0,
    2.0 / 6.0,
];
