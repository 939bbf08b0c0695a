use std::sync::Arc;

use super::{Draws, Perturbation, check_length, check_rows_of_numbers};
use crate::error::{Error, ErrorKind};

/// Utilities whose coordinates are not one for one those of their parameters: coordinate j of a utility has parameter
/// `places[j]`. The first `random` coordinates are drawn; the others are deterministic, `U = theta`.
///
/// The divergence of a deterministic coordinate from its prior is 0 at theta = 0 and infinite elsewhere.
#[derive(Clone)]
pub struct Arrangement {
    inner: Arc<dyn Perturbation>,
    parameters: usize,
    places: Vec<usize>,
    random: usize,
}

impl Arrangement {
    /// Of `dimension` coordinates the first `random` are drawn.
    pub fn leading(inner: Arc<dyn Perturbation>, dimension: usize, random: usize) -> Self {
        Self { inner, parameters: dimension, places: (0..dimension).collect(), random }
    }

    /// `copies` independent draws of every parameter, one row of them after the other.
    pub fn repeated(inner: Arc<dyn Perturbation>, parameters: usize, copies: usize) -> Self {
        let places: Vec<usize> = (0..copies).flat_map(|_| 0..parameters).collect();
        Self { inner, parameters, random: places.len(), places }
    }

    /// The parameters of the coordinates that are drawn, row by row.
    fn drawn(&self, parameters: &[f64]) -> Vec<f64> {
        let rows = parameters.chunks_exact(self.parameters);
        rows.flat_map(|row| self.places[..self.random].iter().map(|&place| row[place])).collect()
    }

    /// The coordinates that are drawn of rows of utilities.
    fn leading_cells(&self, utilities: &[f64]) -> Vec<f64> {
        utilities.chunks_exact(self.places.len()).flat_map(|row| row[..self.random].iter().copied()).collect()
    }

    fn deterministic_parameters<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
        self.places[self.random..].iter().map(|&place| (place, row[place]))
    }

    /// Adds gradients in the parameters of the coordinates that are drawn to those in all parameters.
    fn add_to(&self, of_drawn: &[f64], gradients: &mut [f64]) {
        let rows = gradients.chunks_exact_mut(self.parameters).zip(of_drawn.chunks_exact(self.random.max(1)));
        for (gradients, of_drawn) in rows {
            self.places.iter().zip(of_drawn).for_each(|(&place, gradient)| gradients[place] += gradient);
        }
    }

    fn check(&self, dimension: usize, parameters: &[f64]) -> Result<usize, Error> {
        check_length("theta", self.parameters, dimension)?;
        let rows = parameters.len().checked_div(dimension).unwrap_or(0);
        check_length("theta", rows * dimension, parameters.len())?;
        check_rows_of_numbers("theta", dimension.max(1), parameters, true)?;
        Ok(rows)
    }

    fn check_draws(&self, parameters: &[f64], utilities: &[f64]) -> Result<usize, Error> {
        let rows = parameters.len() / self.parameters.max(1);
        let samples = utilities.len().checked_div(rows * self.places.len()).unwrap_or(1).max(1);
        check_length("utility", samples * rows * self.places.len(), utilities.len())?;
        check_rows_of_numbers("utility", self.places.len().max(1), utilities, true)?;
        Ok(samples)
    }

    /// Refuses a deterministic coordinate that differs from its prior's: the divergence is infinite.
    fn check_deterministic(&self, parameters: &[f64]) -> Result<(), Error> {
        for (row, cells) in parameters.chunks_exact(self.parameters.max(1)).enumerate() {
            let apart = |&(_, theta): &(usize, f64)| theta != 0.0 && theta != f64::NEG_INFINITY;
            if let Some((place, theta)) = self.deterministic_parameters(cells).find(apart) {
                let message = format!(
                    "theta: expected 0 where the utility is deterministic, since the divergence is infinite elsewhere, got {theta}"
                );
                return Err(Error::new(ErrorKind::NotFinite, message).at_coordinate(place).at_row(row));
            }
        }
        Ok(())
    }
}

impl Perturbation for Arrangement {
    fn perturb(
        &self,
        dimension: usize,
        parameters: &[f64],
        draws: Draws,
        utilities: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        let rows = self.check(dimension, parameters)?;
        check_length("out", rows * draws.samples * self.places.len(), utilities.len())?;
        let mut drawn = vec![0.0; rows * draws.samples * self.random];
        self.inner.perturb(self.random, &self.drawn(parameters), draws, &mut drawn, threads)?;
        for (draw, utility) in utilities.chunks_exact_mut(self.places.len().max(1)).enumerate() {
            utility[..self.random].copy_from_slice(&drawn[draw * self.random..(draw + 1) * self.random]);
            let row = &parameters[draw / draws.samples * dimension..][..dimension];
            for (u, (_, theta)) in utility[self.random..].iter_mut().zip(self.deterministic_parameters(row)) {
                *u = theta;
            }
        }
        Ok(())
    }

    fn perturb_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        self.check(dimension, parameters)?;
        let samples = self.check_draws(parameters, utilities)?;
        check_length("cotangent", utilities.len(), cotangents.len())?;
        check_rows_of_numbers("cotangent", self.places.len().max(1), cotangents, false)?;
        check_length("out", parameters.len(), gradients.len())?;
        let of_parameters = self.drawn(parameters);
        let mut of_drawn = vec![0.0; of_parameters.len()];
        self.inner.perturb_vjp(
            self.random,
            &of_parameters,
            &self.leading_cells(utilities),
            &self.leading_cells(cotangents),
            &mut of_drawn,
        )?;
        gradients.fill(0.0);
        self.add_to(&of_drawn, gradients);
        for (draw, cotangent) in cotangents.chunks_exact(self.places.len().max(1)).enumerate() {
            let cells = draw / samples * dimension..(draw / samples + 1) * dimension;
            let (row, gradients) = (&parameters[cells.clone()], &mut gradients[cells]);
            for (&g, (place, theta)) in
                cotangent[self.random..].iter().zip(self.deterministic_parameters(row))
            {
                gradients[place] += if theta == f64::NEG_INFINITY { 0.0 } else { g };
            }
        }
        Ok(())
    }

    fn score_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        self.check(dimension, parameters)?;
        self.check_draws(parameters, utilities)?;
        check_length("out", parameters.len(), gradients.len())?;
        if self.random < self.places.len() {
            let message =
                "utility: expected random utilities, of which the score is taken, but some are deterministic";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let of_parameters = self.drawn(parameters);
        let mut of_drawn = vec![0.0; of_parameters.len()];
        self.inner.score_vjp(self.random, &of_parameters, utilities, cotangents, &mut of_drawn)?;
        gradients.fill(0.0);
        self.add_to(&of_drawn, gradients);
        Ok(())
    }

    fn kl(&self, dimension: usize, parameters: &[f64], divergences: &mut [f64]) -> Result<(), Error> {
        self.check(dimension, parameters)?;
        self.check_deterministic(parameters)?;
        self.inner.kl(self.random, &self.drawn(parameters), divergences)
    }

    fn kl_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        self.check(dimension, parameters)?;
        self.check_deterministic(parameters)?;
        check_length("out", parameters.len(), gradients.len())?;
        let of_parameters = self.drawn(parameters);
        let mut of_drawn = vec![0.0; of_parameters.len()];
        self.inner.kl_vjp(self.random, &of_parameters, cotangents, &mut of_drawn)?;
        gradients.fill(0.0);
        self.add_to(&of_drawn, gradients);
        Ok(())
    }
}
