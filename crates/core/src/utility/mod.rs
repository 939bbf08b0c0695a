//! Random utilities `U(theta)`, reparameterised: each a deterministic, differentiable function of its parameter and of
//! noise (paper, equation 7: `dU/dtheta`), with the divergence to its prior `U(0)`.
//!
//! A family is elementwise, one file each; [`Coordinates`] say how the coordinates of a structure's utilities follow from
//! parameters; `law.rs` is the loop over rows of both.

mod coordinates;
mod gaussian;
mod gumbel;
mod law;
mod logistic;
mod negative_exponential;
mod plain;

pub use coordinates::Coordinates;
pub use gaussian::Gaussian;
pub use gumbel::Gumbel;
pub(crate) use law::Law;
pub use logistic::Logistic;
pub use negative_exponential::NegativeExponential;
pub(crate) use plain::Plain;

/// A family of distributions of one real number, with one real parameter. All methods are elementwise and free of
/// branches where that pays, since they run in SIMD lanes.
pub trait Utility: Send + Sync {
    /// The magnitude that a parameter may have for its draws to stay in the range of doubles.
    const LARGEST_PARAMETER: f64 = f64::INFINITY;

    /// The draw that a number strictly between 0 and 1, uniformly distributed, stands for.
    fn draw(&self, theta: f64, uniform: f64) -> f64;

    /// [`Utility::draw`] of each of these numbers, in their place, with its parameter.
    #[inline(always)]
    fn draw_all(&self, theta: &[f64], cells: &mut [f64]) {
        for (cell, &theta) in cells.iter_mut().zip(theta) {
            *cell = self.draw(theta, *cell);
        }
    }

    /// `dU/dtheta` with the noise held fixed, as a function of the parameter and the draw.
    fn derivative(&self, theta: f64, utility: f64) -> f64;

    /// `d log p(U; theta) / dtheta` with the draw held fixed: the score, of mean 0.
    fn score(&self, theta: f64, utility: f64) -> f64;

    /// `KL(U(theta) || U(0))`.
    fn divergence(&self, theta: f64) -> f64;

    /// The derivative of [`Utility::divergence`].
    fn divergence_derivative(&self, theta: f64) -> f64;
}

/// A family of random utilities.
#[derive(Clone, Copy, Debug)]
pub enum Noise {
    /// [`Gumbel`].
    Gumbel,
    /// [`Logistic`].
    Logistic,
    /// [`Gaussian`].
    Gaussian(Gaussian),
    /// [`NegativeExponential`].
    NegativeExponential,
}
