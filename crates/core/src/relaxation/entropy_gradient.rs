//! The derivative of the entropy, `-Cov(x) v / t`, where v takes the place of `u/t`.
//!
//! The sum of v over a vertex matters only by how much it differs from those of other likely ones, and these are apart by an
//! entropy, while the sums themselves may be of any size, and what a double rounds of them does not cancel. So where v is
//! large, the marginal algorithm runs on numbers of 31 digits.

use std::collections::TryReserveError;

use super::Relaxation;
use super::exponential_family::ExponentialFamilyEntropy;
use super::family_queries::{Decided, Entropy, Loader};
use super::numbers::{Numbers, Survey};
use super::tile::made;
use crate::elementary::LARGEST_QUOTIENT;
use crate::error::Error;
use crate::number::{DoubleDouble, Dual, WideDoubleDouble, filled};
use crate::reach::Reach;
use crate::structure::ExponentialFamily;

/// A double's rounding of sums of some numbers of this size is 1e-13 or less.
const LARGEST_DIRECTION: f64 = 100.0;

/// Writes the derivatives of the entropies of rows, times a cotangent each.
///
/// # Errors
/// Those of [`Entropy`], where v is so large that it matters which means are those of a vertex; `INVALID_ARGUMENT` where there
/// is no memory for numbers of 31 digits.
pub(super) fn entropy_vjp<S: ExponentialFamily>(
    structure: &S,
    utilities: &[f64],
    temperature: f64,
    cotangents: &[f64],
    gradients: &mut [f64],
) -> Result<(), Error> {
    let n = structure.dimension();
    let (mut survey, mut loader) = (Survey::new(structure, temperature), Loader::new(structure, temperature));
    let mut directions = vec![0.0; utilities.len()];
    let mut large = Vec::new();
    for (row, (utility, direction)) in
        utilities.chunks_exact(n).zip(directions.chunks_exact_mut(n)).enumerate()
    {
        survey.narrow(structure, utility);
        if survey.largest_narrowed() > LARGEST_DIRECTION && survey.choose_narrowed() == Numbers::Narrowed {
            large.push(row);
            continue;
        }
        for (cell, value) in direction.iter_mut().zip(&survey.narrowed) {
            *cell = if *value == DoubleDouble::NEG_INFINITY { 0.0 } else { value.to_f64() };
        }
        if direction.iter().any(|cell| cell.abs() >= LARGEST_QUOTIENT) {
            forget_decided(&mut loader, utility, direction).map_err(|error| error.at_row(row))?;
        }
    }
    if large.len() * n < utilities.len() {
        ExponentialFamilyEntropy.softmax_vjp(structure, utilities, temperature, &directions, gradients)?;
    }
    let (mut covariance, mut scratch) = (None, Vec::new());
    for row in large {
        let cells = row * n..(row + 1) * n;
        let (utility, gradient) = (&utilities[cells.clone()], &mut gradients[cells]);
        survey.narrow(structure, utility);
        let covariance =
            made(&mut covariance, || Covariance::new(structure)).map_err(|error| error.at_row(row))?;
        covariance.times(structure, &survey.narrowed, gradient);
        let forbids = utility.contains(&f64::NEG_INFINITY);
        structure.forced(utility, forbids, &mut scratch, |coordinate| gradient[coordinate] = 0.0);
        gradient.iter_mut().for_each(|cell| *cell /= temperature);
    }
    for (gradient, &cotangent) in gradients.chunks_exact_mut(n).zip(cotangents) {
        gradient.iter_mut().for_each(|cell| *cell *= -cotangent);
    }
    Ok(())
}

/// Makes 0 of the cells of coordinates that are decided.
fn forget_decided<S: ExponentialFamily>(
    loader: &mut Loader<S>,
    utility: &[f64],
    direction: &mut [f64],
) -> Result<(), Error> {
    loader.ask(utility, Entropy)??;
    for (cell, decided) in direction.iter_mut().zip(loader.ask(utility, Decided)?) {
        *cell = if decided { 0.0 } else { *cell };
    }
    Ok(())
}

/// Covariances in numbers of 31 digits.
struct Covariance<S: ExponentialFamily> {
    weights: Vec<Dual<WideDoubleDouble>>,
    marginals: Vec<Dual<WideDoubleDouble>>,
    workspace: S::Workspace<Dual<WideDoubleDouble>>,
}

impl<S: ExponentialFamily> Covariance<S> {
    fn new(structure: &S) -> Result<Self, Error> {
        let Reach { factors, cells } = structure.reach();
        let whole = Reach { factors, cells: cells + 2 * structure.dimension() };
        whole.make::<Dual<WideDoubleDouble>, _>(|| Self::reserve(structure))
    }

    fn reserve(structure: &S) -> Result<Self, TryReserveError> {
        let (n, zero) = (structure.dimension(), WideDoubleDouble::ZERO);
        let zero = Dual { value: zero, tangent: zero };
        Ok(Self {
            weights: filled(zero, n)?,
            marginals: filled(zero, n)?,
            workspace: structure.workspace(zero)?,
        })
    }

    /// The law of v, and v: a weight that is wrong in its last place stands for a v that is wrong by 1e-16, whatever its size.
    #[inline(never)]
    fn times(&mut self, structure: &S, v: &[DoubleDouble], product: &mut [f64]) {
        for (weight, &v) in self.weights.iter_mut().zip(v) {
            let value = WideDoubleDouble::exp(v);
            let allowed = if v == DoubleDouble::NEG_INFINITY { DoubleDouble::ZERO } else { v };
            *weight = Dual { value, tangent: value * allowed.into() };
        }
        structure.marginals(&self.weights, &mut self.marginals, &mut self.workspace);
        for (cell, marginal) in product.iter_mut().zip(&self.marginals) {
            *cell = marginal.tangent.to_f64();
        }
    }
}
