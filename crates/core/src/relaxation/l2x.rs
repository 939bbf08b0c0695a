use super::{ExponentialFamilyEntropy, Relaxation};
use crate::error::Error;
use crate::structure::{Structure, WithReplacement};

/// The elementwise maximum of k softmaxes, one for each choice (Chen et al., 2018, "Learning to Explain"; paper,
/// section 6, "L2X").
///
/// Bespoke: the entries add up to between 1 and k, and the Jacobian is no symmetric matrix. Of equal entries the first
/// choice has the maximum, and so the gradient. O(k n) a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct L2x;

/// The softmaxes of all choices.
fn shares(structure: &WithReplacement, utilities: &[f64], temperature: f64) -> Result<Vec<f64>, Error> {
    let mut shares = vec![0.0; utilities.len()];
    ExponentialFamilyEntropy.softmax(&structure.choice(), utilities, temperature, &mut shares)?;
    Ok(shares)
}

impl Relaxation<WithReplacement> for L2x {
    const SYMMETRIC: bool = false;

    fn softmax(
        &self,
        structure: &WithReplacement,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let shares = shares(structure, utilities, temperature)?;
        let n = structure.dimension();
        let rows = shares.chunks_exact(structure.utility_dimension());
        for (shares, soft) in rows.zip(soft.chunks_exact_mut(n)) {
            soft.fill(0.0);
            for share in shares.chunks_exact(n) {
                for (x, &share) in soft.iter_mut().zip(share) {
                    *x = if share > *x { share } else { *x };
                }
            }
        }
        Ok(())
    }

    fn softmax_vjp(
        &self,
        structure: &WithReplacement,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let mut routed = shares(structure, utilities, temperature)?;
        let n = structure.dimension();
        let rows = routed.chunks_exact_mut(structure.utility_dimension());
        for (cells, cotangent) in rows.zip(cotangents.chunks_exact(n)) {
            for (i, &g) in cotangent.iter().enumerate() {
                route(cells, i, n, g);
            }
        }
        ExponentialFamilyEntropy.softmax_vjp(&structure.choice(), utilities, temperature, &routed, gradients)
    }
}

/// From the shares of element i to its cotangents: all of it to the choice with the largest share.
fn route(cells: &mut [f64], i: usize, n: usize, cotangent: f64) {
    let mut largest = i;
    for cell in (i..cells.len()).step_by(n) {
        if cells[cell] > cells[largest] {
            largest = cell;
        }
    }
    for cell in (i..cells.len()).step_by(n) {
        cells[cell] = if cell == largest { cotangent } else { 0.0 };
    }
}
