//! SparseMAP: the Euclidean relaxation of any structure, by calls of its argmax alone.
//!
//! `active_set.rs` is the iteration, `atoms.rs` its vertices and weights, `basis.rs` the linear algebra, `slope.rs` the
//! gradient of the objective, `face.rs` the vector-Jacobian product; all in the arithmetic of `DoubleDouble`. Where vertices
//! are of zeros and ones and no utility is far above the temperature, `corral.rs` and `factor.rs` take the place of atoms and
//! basis: doubles do, and what they lack is made up at the end (`active_set/binary.rs`, `face/binary.rs`).

mod active_set;
mod active_sets;
mod atoms;
mod basis;
mod corral;
mod face;
mod factor;
mod slope;
mod vector;

pub use active_set::ActiveSet;
pub use active_sets::ActiveSets;

use super::Relaxation;
use crate::error::Error;
use crate::structure::ArgmaxOracle;

/// `f(x) = |x|^2 / 2`: `X_t` is the Euclidean projection of `U / t` onto the polytope (Niculae, Martins, Blondel and
/// Cardie, 2018; paper, section 5).
///
/// It is sparse: `X_t` is a mean of few vertices, and coordinates may be exactly 0 or 1; at a low enough temperature it is
/// the argmax itself. For one-hot vectors it is the sparsemax. The Jacobian is a projection over t, hence symmetric.
///
/// For structures that have a utility for each coordinate of the embedding. With k vertices in the mean, some k calls of
/// the argmax and O(k^2 n + k^3) operations a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct SparseMap;

/// The structure's own answers to what a solver asks.
struct Answers<'a, S: ArgmaxOracle> {
    structure: &'a S,
    workspace: S::Workspace,
    vertex: Vec<f64>,
}

impl<'a, S: ArgmaxOracle> Answers<'a, S> {
    fn new(structure: &'a S) -> Self {
        debug_assert_eq!(structure.dimension(), structure.utility_dimension());
        Self { structure, workspace: structure.argmax_workspace(), vertex: vec![0.0; structure.dimension()] }
    }

    fn give_all(&mut self, solver: &mut ActiveSet) -> Result<(), Error> {
        while let Some(query) = solver.query() {
            self.vertex.fill(0.0);
            self.structure.argmax(query, &mut self.vertex, &mut self.workspace);
            solver.answer(&self.vertex);
        }
        solver.outcome()
    }
}

impl<S: ArgmaxOracle> Relaxation<S> for SparseMap {
    fn softmax(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.dimension();
        let (mut solver, mut answers) = (ActiveSet::new(n), Answers::new(structure));
        let rows = utilities.chunks_exact(n).zip(soft.chunks_exact_mut(n));
        for (index, (utility, soft)) in rows.enumerate() {
            solver.start(utility, temperature);
            answers.give_all(&mut solver).map_err(|error| error.at_row(index))?;
            soft.copy_from_slice(solver.soft());
        }
        Ok(())
    }

    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.dimension();
        let (mut solver, mut answers) = (ActiveSet::new(n), Answers::new(structure));
        let rows =
            utilities.chunks_exact(n).zip(cotangents.chunks_exact(n)).zip(gradients.chunks_exact_mut(n));
        for (index, ((utility, cotangent), gradient)) in rows.enumerate() {
            solver.start(utility, temperature);
            answers.give_all(&mut solver).map_err(|error| error.at_row(index))?;
            solver.differentiate(cotangent);
            answers.give_all(&mut solver).map_err(|error| error.at_row(index))?;
            gradient.iter_mut().zip(solver.gradient()).for_each(|(out, x)| *out = x);
        }
        Ok(())
    }

    fn softmax_with_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        both: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.dimension();
        let (mut solver, mut answers) = (ActiveSet::new(n), Answers::new(structure));
        let rows =
            utilities.chunks_exact(n).zip(cotangents.chunks_exact(n)).zip(both.chunks_exact_mut(2 * n));
        for (index, ((utility, cotangent), both)) in rows.enumerate() {
            let (soft, gradient) = both.split_at_mut(n);
            solver.start(utility, temperature);
            answers.give_all(&mut solver).map_err(|error| error.at_row(index))?;
            soft.copy_from_slice(solver.soft());
            solver.differentiate(cotangent);
            answers.give_all(&mut solver).map_err(|error| error.at_row(index))?;
            gradient.iter_mut().zip(solver.gradient()).for_each(|(out, x)| *out = x);
        }
        Ok(())
    }
}
