//! Random utilities `U(theta)`, reparameterised: each a deterministic, differentiable function of its parameter and of
//! noise (field of the paper's equation 7: `dU/dtheta`), with the divergence to its prior `U(0)`.

mod arrangement;
mod confined;
mod gaussian;
mod gumbel;
mod logistic;
mod negative_exponential;

pub use arrangement::Arrangement;
pub use confined::Confined;
pub use gaussian::Gaussian;
pub use gumbel::Gumbel;
pub use logistic::Logistic;
pub use negative_exponential::NegativeExponential;

use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use crate::batch::for_rows;
use crate::check::{check_numbers, finite};
use crate::error::{Error, ErrorKind};
use crate::random::fill_uniform;

/// A family of distributions of one real number, with one real parameter. All methods are elementwise and free of
/// branches where that pays, since they run in SIMD lanes.
pub trait Utility: Send + Sync {
    /// The magnitude that a parameter may have for its draws to stay in the range of doubles.
    const LARGEST_PARAMETER: f64 = f64::INFINITY;

    /// The draw that a number strictly between 0 and 1, uniformly distributed, stands for.
    fn draw(&self, theta: f64, uniform: f64) -> f64;

    /// `dU/dtheta` with the noise held fixed, as a function of the parameter and the draw.
    fn derivative(&self, theta: f64, utility: f64) -> f64;

    /// `d log p(U; theta) / dtheta` with the draw held fixed: the score, of mean 0.
    fn score(&self, theta: f64, utility: f64) -> f64;

    /// `KL(U(theta) || U(0))`.
    fn divergence(&self, theta: f64) -> f64;

    /// The derivative of [`Utility::divergence`].
    fn divergence_derivative(&self, theta: f64) -> f64;
}

/// Which draws a call makes.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    /// The key of the generator.
    pub seed: u64,
    /// How many draws for each row of parameters.
    pub samples: usize,
    /// The row number of the first row, for batches that are drawn in parts.
    pub first_row: u64,
}

/// What can be asked of a family of utilities, over whole batches: slices hold rows of `dimension` numbers.
pub trait Perturbation: Send + Sync {
    /// `utilities[(row, sample), i] ~ U(parameters[row, i])`, independently. A forbidden coordinate (`-inf`) stays
    /// so. The draw of a cell depends on the seed, its row, its sample and its coordinate only.
    ///
    /// # Errors
    /// `NOT_FINITE` on a NaN or +inf parameter, `INVALID_SHAPE` on lengths that do not fit.
    fn perturb(
        &self,
        dimension: usize,
        parameters: &[f64],
        draws: Draws,
        utilities: &mut [f64],
        threads: usize,
    ) -> Result<(), Error>;

    /// `gradients[row, i] = sum_sample dU/dtheta * cotangents[(row, sample), i]`; 0 where the coordinate is forbidden.
    ///
    /// # Errors
    /// `NOT_FINITE` on arguments that are not numbers, `INVALID_SHAPE` on lengths that do not fit.
    fn perturb_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error>;

    /// `gradients[row, i] = sum_sample cotangents[row, sample] d log p(U; theta) / dtheta_i`: what the score-function
    /// estimator makes of one loss for each row of utilities. 0 where the coordinate is forbidden.
    ///
    /// # Errors
    /// As [`Perturbation::perturb_vjp`].
    fn score_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error>;

    /// `divergences[row] = sum_i KL(U(theta_i) || U(0))`; a forbidden coordinate, forbidden in the prior too, adds 0.
    ///
    /// # Errors
    /// As [`Perturbation::perturb`]; `NOT_FINITE` also where a divergence exceeds the range of doubles.
    fn kl(&self, dimension: usize, parameters: &[f64], divergences: &mut [f64]) -> Result<(), Error>;

    /// `gradients[row, i] = cotangents[row] dKL/dtheta_i`; 0 where the coordinate is forbidden.
    ///
    /// # Errors
    /// As [`Perturbation::perturb_vjp`].
    fn kl_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error>;
}

/// Multiply-adds that one draw costs.
const WORK_PER_DRAW: usize = 40;

/// The rows of one thread, numbered over all samples.
struct Drawing<'a, U> {
    utility: &'a U,
    dimension: usize,
    parameters: &'a [f64],
    draws: Draws,
    rows: Range<usize>,
    out: &'a mut [f64],
}

impl<U: Utility> WithSimd for Drawing<'_, U> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let Self { utility, dimension, parameters, draws, rows, out } = self;
        for (row, out) in rows.zip(out.chunks_exact_mut(dimension)) {
            let (row, sample) = (row / draws.samples, row % draws.samples);
            fill_uniform(draws.seed, draws.first_row + row as u64, sample as u32, out);
            for (cell, &theta) in out.iter_mut().zip(&parameters[row * dimension..(row + 1) * dimension]) {
                // -inf plus noise is -inf: a forbidden coordinate stays so.
                *cell = utility.draw(theta, *cell);
            }
        }
    }
}

impl<U: Utility> Perturbation for U {
    fn perturb(
        &self,
        dimension: usize,
        parameters: &[f64],
        draws: Draws,
        utilities: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        check_length("out", parameters.len() * draws.samples, utilities.len())?;
        check_parameters::<U>(dimension, parameters)?;
        if dimension == 0 {
            return Ok(());
        }
        let rows = parameters.len() / dimension * draws.samples;
        for_rows(rows, WORK_PER_DRAW * dimension, threads, utilities, |rows, out| {
            Arch::new().dispatch(Drawing { utility: self, dimension, parameters, draws, rows, out });
            Ok(())
        })
    }

    fn perturb_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        check_length("cotangent", utilities.len(), cotangents.len())?;
        gradient_in_parameters::<U>(dimension, parameters, utilities, (cotangents, dimension), gradients, {
            |i, theta, utility, cotangents| self.derivative(theta, utility) * cotangents[i]
        })
    }

    fn score_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        check_length("cotangent", utilities.len(), cotangents.len() * dimension)?;
        gradient_in_parameters::<U>(dimension, parameters, utilities, (cotangents, 1), gradients, {
            |_, theta, utility, cotangents| self.score(theta, utility) * cotangents[0]
        })
    }

    fn kl(&self, dimension: usize, parameters: &[f64], divergences: &mut [f64]) -> Result<(), Error> {
        check_length("out", parameters.len(), divergences.len() * dimension)?;
        check_parameters::<U>(dimension, parameters)?;
        divergences.fill(0.0);
        if dimension == 0 {
            return Ok(());
        }
        for (divergence, row) in divergences.iter_mut().zip(parameters.chunks_exact(dimension)) {
            let allowed = row.iter().filter(|&&theta| theta != f64::NEG_INFINITY);
            *divergence = allowed.map(|&theta| self.divergence(theta)).sum();
        }
        finite("theta", "divergence", divergences, 1)
    }

    fn kl_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        check_length("out", parameters.len(), gradients.len())?;
        check_length("cotangent", parameters.len(), cotangents.len() * dimension)?;
        check_parameters::<U>(dimension, parameters)?;
        check_rows_of_numbers("cotangent", 1, cotangents, false)?;
        gradients.fill(0.0);
        for (i, (gradient, &theta)) in gradients.iter_mut().zip(parameters).enumerate() {
            if theta != f64::NEG_INFINITY {
                *gradient = cotangents[i / dimension] * self.divergence_derivative(theta);
            }
        }
        finite("theta", "divergence's gradient", gradients, dimension)
    }
}

/// `gradients[row, i] = sum_sample term(i, theta, utility, the draw's cotangents)`, where each draw has `width` of them.
fn gradient_in_parameters<U: Utility>(
    dimension: usize,
    parameters: &[f64],
    utilities: &[f64],
    (cotangents, width): (&[f64], usize),
    gradients: &mut [f64],
    term: impl Fn(usize, f64, f64, &[f64]) -> f64,
) -> Result<(), Error> {
    check_length("out", parameters.len(), gradients.len())?;
    check_parameters::<U>(dimension, parameters)?;
    gradients.fill(0.0);
    if parameters.is_empty() {
        return check_length("utility", 0, utilities.len());
    }
    let samples = utilities.len() / parameters.len();
    check_length("utility", samples.max(1) * parameters.len(), utilities.len())?;
    check_rows_of_numbers("utility", dimension, utilities, true)?;
    check_rows_of_numbers("cotangent", width, cotangents, false)?;
    let draws = utilities.chunks_exact(dimension).zip(cotangents.chunks_exact(width));
    for (row, (utilities, cotangents)) in draws.enumerate() {
        let cells = row / samples * dimension..(row / samples + 1) * dimension;
        let parameters = &parameters[cells.clone()];
        for (i, gradient) in gradients[cells].iter_mut().enumerate() {
            if parameters[i] != f64::NEG_INFINITY {
                *gradient += term(i, parameters[i], utilities[i], cotangents);
            }
        }
    }
    finite("cotangent", "gradient", gradients, dimension)
}

pub(crate) fn check_length(name: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidShape, format!("{name}: expected {expected} numbers, got {got}")))
}

fn check_parameters<U: Utility>(dimension: usize, parameters: &[f64]) -> Result<(), Error> {
    if dimension == 0 {
        return check_length("theta", 0, parameters.len());
    }
    check_rows_of_numbers("theta", dimension, parameters, true)?;
    let most = U::LARGEST_PARAMETER;
    match parameters.iter().position(|theta| theta.is_finite() && theta.abs() > most) {
        None => Ok(()),
        Some(cell) => {
            let message = format!("theta: expected numbers from -{most} to {most}, got {}", parameters[cell]);
            let error = Error::new(ErrorKind::InvalidArgument, message);
            Err(error.at_coordinate(cell % dimension).at_row(cell / dimension))
        }
    }
}

pub(crate) fn check_rows_of_numbers(
    name: &str,
    dimension: usize,
    cells: &[f64],
    forbiddable: bool,
) -> Result<(), Error> {
    for (row, cells) in cells.chunks_exact(dimension).enumerate() {
        check_numbers(name, cells, forbiddable).map_err(|error| error.at_row(row))?;
    }
    Ok(())
}
