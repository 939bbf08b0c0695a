//! The Laplacian systems of plans in which Sinkhorn's iteration contracts: by conjugate gradients, whose steps cost two
//! multiply-adds a cell. Where parts of a plan are nearly separate they would lose what these exchange (`laplacian.rs`).

use super::plan::Plan;
use super::sweeps::inner_product;

/// Of one number, relatively.
const ROUNDING: f64 = f64::EPSILON / 2.0;

pub(super) struct ConjugateGradients {
    /// The solution.
    pub(super) potentials: Vec<f64>,
    residuals: Vec<f64>,
    direction: Vec<f64>,
    image: Vec<f64>,
}

impl ConjugateGradients {
    pub(super) fn new(width: usize) -> Self {
        let row = || vec![0.0; width];
        Self { potentials: row(), residuals: row(), direction: row(), image: row() }
    }

    /// Solves `(diag(c) - P^T diag(r)^-1 P) potentials = charges`, preconditioned by c; returns whether what remains of the
    /// charges is this part of them, or the rounding of terms that are together as large as `terms`, after at most so many
    /// steps. The charges sum to 0 but for rounding.
    #[inline(always)]
    pub(super) fn solve(
        &mut self,
        plan: &Plan,
        (charges, terms): (&[f64], &[f64]),
        part: f64,
        most: usize,
    ) -> bool {
        let Self { potentials, residuals, direction, image } = self;
        let columns = &plan.marginals.columns;
        let excess = charges.iter().sum::<f64>() / columns.iter().sum::<f64>();
        potentials.fill(0.0);
        for ((residual, charge), sum) in residuals.iter_mut().zip(charges).zip(columns) {
            *residual = charge - sum * excess;
        }
        let mut norm = precondition(residuals, columns, image);
        direction.copy_from_slice(image);
        let rounding = |(terms, sum): (&f64, &f64)| (ROUNDING * terms) * (ROUNDING * terms) / sum;
        let enough = (norm * part * part).max(terms.iter().zip(columns).map(rounding).sum());
        for _ in 0..most {
            if norm <= enough {
                return true;
            }
            apply(plan, direction, image);
            let length = norm / inner_product(direction, image);
            for (potential, direction) in potentials.iter_mut().zip(&*direction) {
                *potential = length.mul_add(*direction, *potential);
            }
            for (residual, image) in residuals.iter_mut().zip(&*image) {
                *residual = (-length).mul_add(*image, *residual);
            }
            let before = norm;
            norm = precondition(residuals, columns, image);
            for (direction, image) in direction.iter_mut().zip(&*image) {
                *direction = (norm / before).mul_add(*direction, *image);
            }
        }
        false
    }
}

/// Residuals over the diagonal; returns the inner product of both.
#[inline(always)]
fn precondition(residuals: &[f64], columns: &[f64], out: &mut [f64]) -> f64 {
    for ((out, residual), sum) in out.iter_mut().zip(residuals).zip(columns) {
        *out = residual / sum;
    }
    inner_product(residuals, out)
}

/// The Laplacian times a vector.
#[inline(always)]
fn apply(plan: &Plan, vector: &[f64], image: &mut [f64]) {
    for ((image, x), sum) in image.iter_mut().zip(vector).zip(&plan.marginals.columns) {
        *image = sum * x;
    }
    for (cells, inverse) in plan.cells.chunks_exact(plan.stride).zip(&plan.marginals.inverses) {
        let cells = &cells[..plan.width];
        let mean = inverse * inner_product(cells, vector);
        for (image, cell) in image.iter_mut().zip(cells) {
            *image = (-mean).mul_add(*cell, *image);
        }
    }
}
