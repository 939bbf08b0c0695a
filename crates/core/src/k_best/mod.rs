//! The embeddings of the largest values, in order. `answers.rs` asks a structure for those of the rows of a batch;
//! `sets.rs` knows them of sets, `heads.rs` of trees whose vertices choose heads; forests, spanning trees and matchings have
//! ways of their own, beside their argmax.

mod answers;
pub(crate) mod heads;
mod queue;
pub(crate) mod sets;

pub use answers::{Ranker, Ranks};
pub(crate) use queue::Queue;

use crate::number::DoubleDouble;
use crate::structure::Structure;

/// A structure whose embeddings can be told in the order of their values `u.x`.
pub trait KBest: Structure {
    /// What is needed beside the row and the answer; made once and used for many rows.
    type KBestWorkspace: Default;

    /// Roughly how many multiply-adds the k best of a row take; decides how many threads a batch is worth.
    fn k_best_work(&self, k: usize) -> usize;

    /// Takes the embeddings of a row, the best first, until there is no room, or no other one without a forbidden coordinate. The
    /// first is the argmax; which of several equal ones comes first is a function of the utility alone. The row has passed
    /// [`Structure::check`], and the dimension is not 0.
    fn k_best(&self, utility: &[f64], best: &mut Best, workspace: &mut Self::KBestWorkspace);
}

/// Room for the best embeddings of a row with their values.
#[derive(Debug)]
pub struct Best<'a> {
    utility: &'a [f64],
    /// The rows after those that are taken: embeddings, and after each its value.
    cells: &'a mut [f64],
    taken: usize,
    /// Whether a value is beyond the range of doubles.
    overflows: bool,
}

impl<'a> Best<'a> {
    /// Room in rows of one number more than the utility has, which come filled with zeros.
    pub(crate) fn new(utility: &'a [f64], cells: &'a mut [f64]) -> Self {
        Self { utility, cells, taken: 0, overflows: false }
    }

    /// How many more there is room for.
    pub fn room(&self) -> usize {
        self.cells.len() / (self.utility.len() + 1) - self.taken
    }

    /// How many have been taken.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// Takes the next one, by its coordinates, if there is room.
    pub fn take(&mut self, coordinates: impl IntoIterator<Item = usize>) {
        let width = self.utility.len() + 1;
        let Some(cells) = self.cells.chunks_exact_mut(width).nth(self.taken) else { return };
        let mut value = DoubleDouble::ZERO;
        for coordinate in coordinates {
            cells[coordinate] = 1.0;
            value = value + DoubleDouble::from(self.utility[coordinate]);
        }
        self.overflows |= !value.to_f64().is_finite();
        cells[width - 1] = value.to_f64();
        self.taken += 1;
    }
}

/// A power of two that brings utilities so far from the end of the range that they can be added and subtracted.
pub(crate) fn scale_of_sums(utility: &[f64]) -> f64 {
    const LARGEST_UNSCALED: f64 = 1e290;
    const SCALE: f64 = f64::from_bits((1023 - 64) << 52);
    let large = |&u: &f64| u.abs() > LARGEST_UNSCALED && u != f64::NEG_INFINITY;
    if utility.iter().any(large) { SCALE } else { 1.0 }
}
