//! Relaxations: a structure's argmax made continuous, with its exact vector-Jacobian product.

mod binary_entropy;
mod categorical_entropy;
mod columns;
pub(crate) mod cotangents;
mod entmax;
mod entropy_gradient;
mod euclidean;
mod exponential_family;
mod family_queries;
mod isotonic;
mod l2x;
mod neural_sort;
mod numbers;
mod permutahedron;
mod perturb_and_parse;
mod row_by_row;
mod separable;
mod single_precision;
mod sinkhorn;
mod softsub;
mod sparse_map;
mod tile;

pub use binary_entropy::BinaryEntropy;
pub use categorical_entropy::CategoricalEntropy;
pub use entmax::Entmax;
pub use euclidean::Euclidean;
pub use exponential_family::ExponentialFamilyEntropy;
pub use l2x::L2x;
pub use neural_sort::NeuralSort;
pub use perturb_and_parse::PerturbAndParse;
pub use single_precision::SinglePrecision;
pub use sinkhorn::Sinkhorn;
pub use softsub::SoftSub;
pub use sparse_map::{ActiveSet, ActiveSets, SparseMap};

use std::ops::Range;

use crate::error::Error;
use crate::sampling::FamilyDraws;
use crate::structure::Structure;

/// What turns utilities into `X_t`: `argmax_x U.x - t f(x)` over the polytope of a structure for some strongly convex f,
/// or a bespoke algorithm.
///
/// All slices hold whole rows, one after the other: utilities and gradients of [`Structure::utility_dimension`]
/// coordinates, the others of [`Structure::dimension`]. Utilities have passed [`Structure::check`], cotangents are finite,
/// the temperature is positive and finite, the dimensions are not 0. Rows are independent, and the bits of a row do not
/// depend on its neighbours. An error names the first row that has one.
pub trait Relaxation<S: Structure>: Clone + Send + Sync + 'static {
    /// Whether the Jacobian is symmetric, as it is where `X_t` is the gradient of a convex function of U. Only then is a
    /// finite difference along the cotangent a vector-Jacobian product.
    const SYMMETRIC: bool = true;

    /// The exponents of two between which cotangents are taken as they are; others are scaled.
    const ORDINARY: i64 = 64;

    /// Roughly how many multiply-adds one row takes.
    fn work(&self, structure: &S) -> usize {
        structure.work()
    }

    /// `soft = X_t(utilities)`.
    ///
    /// # Errors
    /// `DID_NOT_CONVERGE`, of iterative relaxations.
    fn softmax(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error>;

    /// `gradients = (dX_t/dU)^T cotangents`.
    ///
    /// # Errors
    /// `DID_NOT_CONVERGE`, of iterative relaxations.
    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error>;

    /// Both at once, in rows of `X_t` and the gradient after it, with the bits of each alone.
    ///
    /// # Errors
    /// `DID_NOT_CONVERGE`, of iterative relaxations.
    fn softmax_with_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        both: &mut [f64],
    ) -> Result<(), Error> {
        let (n, width) = (structure.dimension(), structure.utility_dimension());
        let (mut soft, mut gradients) = (vec![0.0; cotangents.len()], vec![0.0; utilities.len()]);
        let solved = self.softmax(structure, utilities, temperature, &mut soft);
        let turned = self.softmax_vjp(structure, utilities, temperature, cotangents, &mut gradients);
        let errors = [solved, turned].into_iter().filter_map(Result::err);
        if let Some(error) = errors.min_by_key(|error| error.row) {
            return Err(error);
        }
        let rows = soft.chunks_exact(n).zip(gradients.chunks_exact(width));
        for (both, (soft, gradient)) in both.chunks_exact_mut(n + width).zip(rows) {
            both[..n].copy_from_slice(soft);
            both[n..].copy_from_slice(gradient);
        }
        Ok(())
    }
}

/// A relaxation that is the mean of `p(x) ~ exp(u.x / t)` over the vertices. Slices are as in [`Relaxation`], or
/// have one number for each row.
pub trait ExponentialFamilyRelaxation<S: Structure>: Relaxation<S> {
    /// `logs[row] = log Z = log sum_x exp(u.x / t)`; beyond the range of doubles, an infinity.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where there is no memory for the numbers that it takes.
    fn log_partition(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        logs: &mut [f64],
    ) -> Result<(), Error>;

    /// `excesses[row] = log Z - max_x u.x / t`, at least 0, for vertices `best` of the maxima.
    ///
    /// # Errors
    /// Those of [`ExponentialFamilyRelaxation::log_partition`].
    fn excess(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        best: &[f64],
        excesses: &mut [f64],
    ) -> Result<(), Error>;

    /// `entropies[row] = -sum_x p(x) log p(x)`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is lost in rounding, or as [`ExponentialFamilyRelaxation::log_partition`].
    fn entropy(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        entropies: &mut [f64],
    ) -> Result<(), Error>;

    /// `gradients = c dH/dU = -c Cov(x) U / t^2`, with one cotangent c for each row.
    ///
    /// # Errors
    /// Those of [`ExponentialFamilyRelaxation::entropy`].
    fn entropy_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error>;

    /// Vertices `x ~ p(x)`: those of a range of all draws, counted over all samples of all rows of utilities.
    ///
    /// # Errors
    /// Those of [`ExponentialFamilyRelaxation::log_partition`], at a draw counted from the start of the range.
    fn draw(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        draws: FamilyDraws,
        range: Range<usize>,
        vertices: &mut [f64],
    ) -> Result<(), Error>;
}
