//! One line a family.

use sst::utility::{Draws, Gumbel, Logistic, Perturbation};

/// Every family, with its standard (theta = 0) distribution as textbooks have it.
pub(crate) const REGISTRY: [Family; 2] = [
    Family {
        name: "Gumbel",
        utility: &Gumbel,
        cumulative: gumbel_cumulative,
        log_density: gumbel_log_density,
        small_log_ratio: gumbel_log_ratio,
    },
    Family {
        name: "Logistic",
        utility: &Logistic,
        cumulative: logistic_cumulative,
        log_density: logistic_log_density,
        small_log_ratio: logistic_log_ratio,
    },
];

/// A location family: `U(theta) = theta + U(0)` in distribution.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) utility: &'static dyn Perturbation,
    /// `P(U(0) <= x)`.
    pub(crate) cumulative: fn(f64) -> f64,
    /// The logarithm of the density of U(0).
    pub(crate) log_density: fn(f64) -> f64,
    /// The logarithm of the ratio of the densities of U(theta) and U(0) at x, for small theta, without cancellation.
    pub(crate) small_log_ratio: fn(f64, f64) -> f64,
}

fn gumbel_cumulative(x: f64) -> f64 {
    (-(-x).exp()).exp()
}

fn gumbel_log_density(x: f64) -> f64 {
    -x - (-x).exp()
}

/// `theta - e^-x (e^theta - 1)`.
fn gumbel_log_ratio(x: f64, theta: f64) -> f64 {
    theta - (-x).exp() * theta.exp_m1()
}

fn logistic_cumulative(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn logistic_log_density(x: f64) -> f64 {
    -x.abs() - 2.0 * (-x.abs()).exp().ln_1p()
}

/// `theta - 2 log(1 + (e^theta - 1) / (1 + e^x))`.
fn logistic_log_ratio(x: f64, theta: f64) -> f64 {
    theta - 2.0 * (theta.exp_m1() / (1.0 + x.exp())).ln_1p()
}

/// `samples` draws of every parameter, all in one row.
pub(crate) fn draw(utility: &dyn Perturbation, theta: &[f64], seed: u64, samples: usize) -> Vec<f64> {
    let mut utilities = vec![f64::NAN; theta.len() * samples];
    let draws = Draws { seed, samples, first_row: 0 };
    utility.perturb(theta.len(), theta, draws, &mut utilities, 1).expect("valid parameters");
    utilities
}
