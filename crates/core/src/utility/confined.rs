use std::sync::Arc;

use super::{Draws, Perturbation, check_length};
use crate::error::Error;

/// Utilities of which only some coordinates count, such as the edges of a graph in an adjacency matrix. What stands
/// elsewhere is ignored on the way in, whatever it is, and 0 on the way out; it has no divergence.
#[derive(Clone)]
pub struct Confined {
    inner: Arc<dyn Perturbation>,
    counts: Vec<bool>,
}

impl Confined {
    /// Of `dimension` coordinates those at `places` count.
    pub fn new(inner: Arc<dyn Perturbation>, dimension: usize, places: &[u32]) -> Self {
        let mut counts = vec![false; dimension];
        places.iter().for_each(|&place| counts[place as usize] = true);
        Self { inner, counts }
    }

    /// The same rows with 0 where nothing counts: the parameter of the prior, and a draw of no weight.
    fn counted(&self, cells: &[f64]) -> Vec<f64> {
        let counts = self.counts.iter().cycle();
        cells.iter().zip(counts).map(|(&cell, &counts)| if counts { cell } else { 0.0 }).collect()
    }

    fn clear(&self, cells: &mut [f64]) {
        for (cell, &counts) in cells.iter_mut().zip(self.counts.iter().cycle()) {
            *cell = if counts { *cell } else { 0.0 };
        }
    }
}

impl Perturbation for Confined {
    fn perturb(
        &self,
        dimension: usize,
        parameters: &[f64],
        draws: Draws,
        utilities: &mut [f64],
        threads: usize,
    ) -> Result<(), Error> {
        check_length("theta", self.counts.len(), dimension)?;
        self.inner.perturb(dimension, &self.counted(parameters), draws, utilities, threads)?;
        self.clear(utilities);
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
        let (parameters, utilities) = (self.counted(parameters), self.counted(utilities));
        self.inner.perturb_vjp(dimension, &parameters, &utilities, &self.counted(cotangents), gradients)
    }

    fn score_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        utilities: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let (parameters, utilities) = (self.counted(parameters), self.counted(utilities));
        self.inner.score_vjp(dimension, &parameters, &utilities, cotangents, gradients)?;
        self.clear(gradients);
        Ok(())
    }

    /// Every family's divergence is 0 at theta = 0, and so is its derivative.
    fn kl(&self, dimension: usize, parameters: &[f64], divergences: &mut [f64]) -> Result<(), Error> {
        self.inner.kl(dimension, &self.counted(parameters), divergences)
    }

    fn kl_vjp(
        &self,
        dimension: usize,
        parameters: &[f64],
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        self.inner.kl_vjp(dimension, &self.counted(parameters), cotangents, gradients)
    }
}
