//! The arrays of a question on their way to whoever answers it.

use std::ops::Range;

use crate::check::finite;
use crate::error::Error;
use crate::question::{Count, MOST_INPUTS, Question, Shape, Space};
use crate::utility::Noise;

/// What a question is asked with beside arrays; each question looks at what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// The temperature of the relaxation.
    pub temperature: f64,
    /// The key of the generator.
    pub seed: u64,
    /// How many draws are made for each row, or for each draw that the caller brings; how many of the best are asked for.
    pub samples: usize,
    /// The number of the first row, for batches that are drawn in parts.
    pub first_row: u64,
}

impl Default for Terms {
    fn default() -> Self {
        Self { temperature: 1.0, seed: 0, samples: 1, first_row: 0 }
    }
}

/// The length of a row in each space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    /// Of parameters.
    pub parameter: usize,
    /// Of utilities.
    pub utility: usize,
    /// Of embeddings.
    pub embedding: usize,
}

impl Widths {
    /// That of one space.
    pub fn of(self, space: Space) -> usize {
        match space {
            Space::Parameter => self.parameter,
            Space::Utility => self.utility,
            Space::Embedding => self.embedding,
            Space::Number => 1,
            Space::Valued => self.embedding + 1,
            Space::Both => self.embedding + self.utility,
        }
    }
}

/// The rows of a question, in an operator's own coordinates, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub(crate) question: Question,
    pub(crate) inputs: [&'a [f64]; MOST_INPUTS],
    pub(crate) widths: Widths,
    /// How many rows there are.
    pub(crate) count: usize,
    /// How many draws of each the caller brings.
    pub(crate) draws: usize,
    pub(crate) terms: Terms,
    /// What random utilities are.
    pub(crate) noise: Noise,
    /// Whether all of them are random.
    pub(crate) everywhere: bool,
    /// The number of each row, which its draws depend on; of questions that draw.
    pub(crate) numbers: &'a [u64],
    /// Whether a coordinate is forbidden in any row.
    pub(crate) forbids: bool,
}

impl<'a> Rows<'a> {
    /// How many rows an array has for each row of the batch.
    pub(crate) fn times(&self, count: Count) -> usize {
        match count {
            Count::Row => 1,
            Count::Draw => self.draws,
            Count::Sample => self.draws.saturating_mul(self.terms.samples),
            Count::Rank => self.terms.samples,
        }
    }

    /// How many numbers of an array belong to each row of the batch.
    pub(crate) fn stride(&self, shape: Shape) -> usize {
        self.widths.of(shape.space).saturating_mul(self.times(shape.count))
    }

    /// Those of the result.
    pub(crate) fn result_stride(&self) -> usize {
        self.stride(self.question.description().result)
    }

    /// Refuses gradients that overflowed, one for each row; to blame is the first cotangent of the row.
    pub(crate) fn check_gradients(&self, gradients: &[f64]) -> Result<(), Error> {
        let cotangent = self.question.description().inputs.iter().find(|shape| shape.name == "cotangent");
        let times = cotangent.map_or(1, |shape| self.times(shape.count));
        let checked = finite("cotangent", "gradient", gradients, self.result_stride());
        checked.map_err(|error| error.renamed(|row| row * times, |coordinate| coordinate))
    }

    /// Some of the rows.
    pub(crate) fn part(&self, rows: Range<usize>) -> Self {
        let mut inputs = [[].as_slice(); MOST_INPUTS];
        let shapes = self.question.description().inputs;
        for ((part, cells), &shape) in inputs.iter_mut().zip(self.inputs).zip(shapes) {
            let stride = self.stride(shape);
            *part = &cells[rows.start * stride..rows.end * stride];
        }
        let numbers = if self.numbers.is_empty() { self.numbers } else { &self.numbers[rows.clone()] };
        Self { inputs, numbers, count: rows.len(), ..*self }
    }
}

/// Rows that have been looked at, so that they can be answered: made by a [`crate::Call`] alone.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a>(pub(crate) Rows<'a>);
