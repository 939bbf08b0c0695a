use super::{Gumbel, Utility};
use crate::elementary::{exp, ln};

/// `U = -E`, E exponential of rate `exp(theta)`: the time, counted down, at which something of this rate happens first.
///
/// By memorylessness the largest of several is the k-th one with probability `exp(theta_k) / sum_i exp(theta_i)`, as with
/// [`Gumbel`] utilities; the laws of sums differ (paper, section 6, arborescences).
#[derive(Clone, Copy, Debug, Default)]
pub struct NegativeExponential;

impl Utility for NegativeExponential {
    /// Beyond, the rate or its inverse leaves the range of doubles.
    const LARGEST_PARAMETER: f64 = 700.0;

    /// `log(uniform) exp(-theta)`.
    #[inline(always)]
    fn draw(&self, theta: f64, uniform: f64) -> f64 {
        ln(uniform) * exp(-theta)
    }

    /// `-U`.
    fn derivative(&self, _theta: f64, utility: f64) -> f64 {
        -utility
    }

    /// `1 + exp(theta) U`.
    fn score(&self, theta: f64, utility: f64) -> f64 {
        exp(theta).mul_add(utility, 1.0)
    }

    /// `theta + exp(-theta) - 1`, as of Gumbel variables, of which these are the image under `u -> -exp(-u)`.
    fn divergence(&self, theta: f64) -> f64 {
        Gumbel.divergence(theta)
    }

    fn divergence_derivative(&self, theta: f64) -> f64 {
        Gumbel.divergence_derivative(theta)
    }
}
