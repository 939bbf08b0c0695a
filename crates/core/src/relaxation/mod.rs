//! Relaxations: a structure's argmax made continuous, with its exact vector-Jacobian product.

mod binary_entropy;
mod compression;
mod exponential_family;

pub use binary_entropy::BinaryEntropy;
pub use exponential_family::ExponentialFamilyEntropy;

use crate::structure::Structure;

/// `X_t = argmax_x U.x - t f(x)` over the polytope of a structure, for some strongly convex f.
///
/// All slices hold whole rows of [`Structure::dimension`] coordinates, one after the other; utilities have passed
/// [`Structure::check`], cotangents are finite, the temperature is positive and finite, the dimension is not 0. Rows
/// are independent, and the bits of a row do not depend on its neighbours.
pub trait Relaxation<S: Structure>: Send + Sync {
    /// `soft = X_t(utilities)`.
    fn softmax(&self, structure: &S, utilities: &[f64], temperature: f64, soft: &mut [f64]);

    /// `gradients = (dX_t/dU)^T cotangents`.
    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    );

    /// `logs[row] = log sum_x exp(u.x / t)`; beyond the range of doubles, an infinity.
    fn log_partition(&self, structure: &S, utilities: &[f64], temperature: f64, logs: &mut [f64]);
}
