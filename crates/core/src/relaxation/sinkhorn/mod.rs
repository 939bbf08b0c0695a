//! Sinkhorn's relaxation of perfect matchings (Mena, Belanger, Linderman and Snoek, 2018, "Gumbel-Sinkhorn").
//!
//! Three ideas make it exact at any temperature. The optimal prices of the assignment turn utilities into exponents
//! that are at most 0, and 0 on the best matching (`exponents.rs`); what no matching uses is then left out
//! (`support.rs`). The scaling is found by Newton's method from high temperature to low (`scaling.rs`). And its linear
//! systems, like those of the gradient, are electrical networks, which are solved without subtraction (`laplacian.rs`).
//! Large plans at high temperatures need none of it: Sinkhorn's iteration (`sweeps.rs`) and conjugate gradients
//! (`conjugate_gradients.rs`) contract, and cost O(n^2) a step.

mod conjugate_gradients;
mod exponents;
mod laplacian;
mod marginals;
mod plan;
mod scaling;
mod support;
mod sweeps;

use super::Relaxation;
use crate::error::{Error, ErrorKind};
use crate::number::vectorised;
use crate::structure::{Matching, Structure};
use scaling::Scaling;

/// `f(X) = sum_ij X_ij log X_ij` over the doubly stochastic matrices; of matchings in which something stays alone, with a
/// column, and a row, for that.
///
/// `X_t` is the matrix `exp(u / t)` with rows and columns scaled to their sums. It is not the exponential family's mean,
/// which needs permanents. O(n^3) an iteration, of which there are some five at t = 1 and twenty at t = 0.01; or O(n^2) a
/// sweep, of which there are some fifty, where that pays.
#[derive(Clone, Copy, Debug)]
pub struct Sinkhorn {
    tolerance: f64,
    most_iterations: usize,
}

impl Sinkhorn {
    /// Rows and columns shall sum to 1 within `tolerance`, after at most so many steps of Newton's method. Below 1e-15
    /// rounding errors get in the way.
    pub fn new(tolerance: f64, most_iterations: usize) -> Self {
        Self { tolerance, most_iterations }
    }

    /// Calls `kernel(row, scaled)` for every row of the batch, with the scaling at its optimum.
    fn for_rows(
        &self,
        structure: &Matching,
        utilities: &[f64],
        temperature: f64,
        mut kernel: impl FnMut(usize, &mut Scaling),
    ) -> Result<(), Error> {
        let mut scaling = Scaling::new(structure);
        for (row, utility) in utilities.chunks_exact(structure.dimension()).enumerate() {
            scaling.assign(utility);
            let outcome = vectorised(
                #[inline(always)]
                || scaling.solve(utility, temperature, self.tolerance, self.most_iterations),
            );
            if let Err(error) = outcome {
                let message = format!(
                    "temperature: expected one at which rows and columns sum to 1 within {:e} after at most {} iterations, got {temperature:e}, where sums are off by {error:e}",
                    self.tolerance, self.most_iterations
                );
                return Err(Error::new(ErrorKind::DidNotConverge, message).at_row(row));
            }
            kernel(row, &mut scaling);
        }
        Ok(())
    }
}

impl Default for Sinkhorn {
    /// Within 1e-13, in at most 1000 steps.
    fn default() -> Self {
        Self::new(1e-13, 1_000)
    }
}

impl Relaxation<Matching> for Sinkhorn {
    fn softmax(
        &self,
        structure: &Matching,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let cells = structure.dimension();
        self.for_rows(structure, utilities, temperature, |row, scaling| {
            scaling.write(&mut soft[row * cells..(row + 1) * cells]);
        })
    }

    fn softmax_vjp(
        &self,
        structure: &Matching,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let cells = structure.dimension();
        self.for_rows(structure, utilities, temperature, |row, scaling| {
            let cotangent = &cotangents[row * cells..(row + 1) * cells];
            let gradient = &mut gradients[row * cells..(row + 1) * cells];
            vectorised(
                #[inline(always)]
                || scaling.gradient(cotangent, temperature, gradient),
            );
        })
    }
}
