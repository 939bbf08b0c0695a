//! One line a family.

use std::sync::LazyLock;

use sst::utility::{Gaussian, Noise};
use sst::{AnyOperator, Error, Question, Terms};

use crate::ask::ask;

/// Every family, with its distribution as textbooks have it.
pub(crate) static REGISTRY: LazyLock<[Family; 4]> = LazyLock::new(|| {
    [
        Family {
            name: "Gumbel",
            noise: Noise::Gumbel,
            cumulative: |theta, x| gumbel_cumulative(x - theta),
            density: Some(Density { logarithm: gumbel_log_density, small_log_ratio: gumbel_log_ratio }),
        },
        Family {
            name: "Logistic",
            noise: Noise::Logistic,
            cumulative: |theta, x| logistic_cumulative(x - theta),
            density: Some(Density { logarithm: logistic_log_density, small_log_ratio: logistic_log_ratio }),
        },
        Family {
            name: "Gaussian",
            noise: Noise::Gaussian(Gaussian::new(SCALE)),
            cumulative: |theta, x| normal_cumulative((x - theta) / SCALE),
            density: Some(Density { logarithm: gaussian_log_density, small_log_ratio: gaussian_log_ratio }),
        },
        Family {
            name: "Negative exponential",
            noise: Noise::NegativeExponential,
            cumulative: |theta, x| (theta.exp() * x.min(0.0)).exp(),
            density: None,
        },
    ]
});

/// The standard deviation of the Gaussian family.
const SCALE: f64 = 0.75;

pub(crate) struct Family {
    pub(crate) name: &'static str,
    pub(crate) noise: Noise,
    /// `P(U(theta) <= x)`, from theta and x.
    pub(crate) cumulative: fn(f64, f64) -> f64,
    /// Of location families, `U(theta) = theta + U(0)` in distribution.
    pub(crate) density: Option<Density>,
}

pub(crate) struct Density {
    /// The logarithm of the density of U(0).
    pub(crate) logarithm: fn(f64) -> f64,
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

/// By the series of the error function in the middle and its continued fraction in the tails.
fn normal_cumulative(x: f64) -> f64 {
    if x > 0.0 {
        return 1.0 - normal_cumulative(-x);
    }
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    if x < -3.0 {
        let fraction = (1..=60).rev().fold(-x, |fraction, k| -x + f64::from(k) / fraction);
        return density / fraction;
    }
    let mut term = x;
    let mut sum = x;
    for k in 1..80 {
        term *= x * x / f64::from(2 * k + 1);
        sum += term;
    }
    0.5 + density * sum
}

fn gaussian_log_density(x: f64) -> f64 {
    -0.5 * (x / SCALE).powi(2) - (std::f64::consts::TAU.sqrt() * SCALE).ln()
}

/// `theta (x - theta / 2) / scale^2`.
fn gaussian_log_ratio(x: f64, theta: f64) -> f64 {
    theta * (x - 0.5 * theta) / (SCALE * SCALE)
}

impl Family {
    /// The answer to a question about rows of so many coordinates.
    pub(crate) fn ask(
        &self,
        dimension: usize,
        question: Question,
        inputs: &[&[f64]],
        terms: Terms,
    ) -> Result<Vec<f64>, Error> {
        let operator = AnyOperator::plain(dimension).with_noise(self.noise);
        ask(&operator, question, inputs, None, terms, inputs[0].len() / dimension, 1)
    }

    /// The answer to one that does not draw.
    pub(crate) fn answer(&self, dimension: usize, question: Question, inputs: &[&[f64]]) -> Vec<f64> {
        self.ask(dimension, question, inputs, Terms::default()).expect("valid rows")
    }

    /// `samples` draws of every parameter, all in one row.
    pub(crate) fn draw(&self, theta: &[f64], seed: u64, samples: usize) -> Vec<f64> {
        let terms = Terms { seed, samples, ..Terms::default() };
        self.ask(theta.len(), Question::Perturb, &[theta], terms).expect("valid parameters")
    }
}
