use super::Race;
use crate::error::Error;
use crate::utility::Draws;

/// What can be asked of the traces of utilities, over whole batches: slices hold rows of [`Tracing::dimension`] numbers, one
/// after the other. Every row of parameters has the same number of draws of utilities, next to one another; each draw is
/// looked at for the trace it leads to only. A coordinate is forbidden in its parameter and in its utilities or in neither.
///
/// All methods refuse with `INVALID_SHAPE`, `NOT_FINITE` (a NaN or +inf), `INFEASIBLE`, and `INVALID_ARGUMENT` (parameters
/// beyond 1e15, of negative exponentials beyond 700; utilities whose sums do not race).
pub trait Tracing: Send + Sync {
    /// The length of a row.
    fn dimension(&self) -> usize;

    /// `logs[row, draw] = log p(trace; theta) = sum_steps theta_chosen - logsumexp of theta over the candidates`.
    ///
    /// # Errors
    /// See above.
    fn log_probability(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        logs: &mut [f64],
        threads: usize,
    ) -> Result<(), Error>;

    /// `gradients[row] = sum_draw cotangents[row, draw] d log p(trace; theta) / dtheta`: what the score-function estimator
    /// makes of one loss for each draw. 0 where a coordinate is forbidden.
    ///
    /// # Errors
    /// See above.
    fn score_vjp(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
        threads: usize,
    ) -> Result<(), Error>;

    /// `out[row, draw, sample] ~ p(U | trace of the draw; theta)`, independently. It depends on the seed, its row, its draw
    /// and its sample.
    ///
    /// # Errors
    /// See above.
    fn conditional_perturb(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        draws: Draws,
        out: &mut [f64],
        threads: usize,
    ) -> Result<(), Error>;

    /// `gradients[row] = sum (dU/dtheta)^T cotangents[row, draw, sample]` over what [`Tracing::conditional_perturb`] draws,
    /// with noise and trace held fixed.
    ///
    /// # Errors
    /// See above.
    #[allow(clippy::too_many_arguments)]
    fn conditional_perturb_vjp(
        &self,
        race: Race,
        parameters: &[f64],
        utilities: &[f64],
        draws: Draws,
        cotangents: &[f64],
        gradients: &mut [f64],
        threads: usize,
    ) -> Result<(), Error>;
}
