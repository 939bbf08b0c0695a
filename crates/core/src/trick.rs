use std::ops::Range;

use crate::batch::for_rows;
use crate::check::{all_finite, finite, no_nan};
use crate::error::{Error, ErrorKind};
use crate::operator::{Answers, Operator, unanswered};
use crate::question::{Count, Question, Space, Topic};
use crate::relaxation::{Relaxation, cotangents as scaled};
use crate::rows::{Checked, Rows, Widths};
use crate::structure::{ArgmaxOracle, Prefix};
use crate::utility::Coordinates;

/// A structure with one of its relaxations. The pairing is checked by the compiler.
#[derive(Clone, Debug)]
pub struct Trick<S, R> {
    pub(crate) structure: S,
    pub(crate) relaxation: R,
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Trick<S, R> {
    /// Pairs a structure with a relaxation.
    pub fn new(structure: S, relaxation: R) -> Self {
        Self { structure, relaxation }
    }

    pub(crate) fn prefixed(&self, size: usize) -> Prefix<Self> {
        let relaxation = self.relaxation.clone();
        self.structure.prefix(size).map(|structure| Self { structure, relaxation })
    }

    pub(crate) fn shape(&self) -> Widths {
        Widths {
            parameter: self.structure.parameter_dimension(),
            utility: self.structure.utility_dimension(),
            embedding: self.structure.dimension(),
        }
    }

    /// Fills the rows of `out` by a kernel on some of them.
    pub(crate) fn fill(
        &self,
        rows: Rows,
        threads: usize,
        out: &mut [f64],
        kernel: impl Fn(Rows, &mut [f64]) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        for_rows(rows.count, self.work(), threads, out, |range, out| kernel(rows.part(range), out))
    }

    pub(crate) fn argmax(&self, rows: Rows, threads: usize, hard: &mut [f64]) -> Result<(), Error> {
        self.fill(rows, threads, hard, |rows, hard| {
            self.maximise(rows.inputs[0], hard);
            Ok(())
        })
    }

    /// The best vertex of each row of utilities.
    pub(crate) fn maximise(&self, utilities: &[f64], hard: &mut [f64]) {
        hard.fill(0.0);
        self.structure.argmax_rows(utilities, hard, &mut self.structure.argmax_workspace());
    }

    pub(crate) fn softmax(&self, rows: Rows, threads: usize, soft: &mut [f64]) -> Result<(), Error> {
        let t = rows.terms.temperature;
        if t == 0.0 {
            return self.argmax(rows, threads, soft);
        }
        self.fill(rows, threads, soft, |rows, soft| {
            self.relaxation.softmax(&self.structure, rows.inputs[0], t, soft)
        })?;
        no_nan(soft, self.structure.dimension())
    }

    fn softmax_vjp(&self, rows: Rows, threads: usize, gradients: &mut [f64]) -> Result<(), Error> {
        let t = rows.terms.temperature;
        if t == 0.0 {
            gradients.fill(0.0);
            return Ok(());
        }
        self.fill(rows, threads, gradients, |rows, gradients| {
            let [utilities, cotangents, _] = rows.inputs;
            scaled::softmax_vjp(&self.relaxation, &self.structure, utilities, t, cotangents, gradients)
        })?;
        rows.check_gradients(gradients)
    }

    fn softmax_with_vjp(&self, rows: Rows, threads: usize, both: &mut [f64]) -> Result<(), Error> {
        let t = rows.terms.temperature;
        let Widths { utility: width, embedding: dimension, .. } = self.shape();
        if t == 0.0 {
            return self.fill(rows, threads, both, |rows, both| {
                let mut hard = vec![0.0; rows.count * dimension];
                self.maximise(rows.inputs[0], &mut hard);
                for (both, hard) in both.chunks_exact_mut(dimension + width).zip(hard.chunks_exact(dimension))
                {
                    both[..dimension].copy_from_slice(hard);
                    both[dimension..].fill(0.0);
                }
                Ok(())
            });
        }
        self.fill(rows, threads, both, |rows, both| {
            let [utilities, cotangents, _] = rows.inputs;
            scaled::softmax_with_vjp(&self.relaxation, &self.structure, utilities, t, cotangents, both)
        })?;
        if all_finite(both) {
            return Ok(());
        }
        for (row, both) in both.chunks_exact(dimension + width).enumerate() {
            no_nan(&both[..dimension], dimension)
                .and_then(|()| finite("cotangent", "gradient", &both[dimension..], width))
                .map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    /// Whether every row of utilities leaves something to choose.
    pub(crate) fn check_feasible(&self, rows: &Rows) -> Result<(), Error> {
        let width = self.structure.utility_dimension();
        let mut scratch = Vec::new();
        for (shape, cells) in rows.question.description().inputs.iter().zip(rows.inputs) {
            if shape.space != Space::Utility || shape.count != Count::Row || !shape.forbids() {
                continue;
            }
            // Where nothing is forbidden, all rows are alike.
            let looked_at = if rows.forbids { rows.count } else { rows.count.min(1) };
            for index in 0..looked_at {
                let row = &cells[index * width..(index + 1) * width];
                let forbids = rows.forbids && row.contains(&f64::NEG_INFINITY);
                self.structure.check(row, forbids, &mut scratch).map_err(|message| {
                    let message = format!("{}: {message}", shape.name);
                    Error::new(ErrorKind::Infeasible, message).at_row(index)
                })?;
            }
        }
        Ok(())
    }
}

/// The cells of some rows of a given width.
pub(crate) fn part(cells: &[f64], rows: Range<usize>, width: usize) -> &[f64] {
    &cells[rows.start * width..rows.end * width]
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Answers for Trick<S, R> {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        self.check_feasible(rows)
    }

    fn answer(&self, Checked(rows): Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        debug_assert_eq!(rows.question.description().topic, Topic::Relaxation);
        match rows.question {
            Question::Argmax => self.argmax(rows, threads, out),
            Question::Softmax => self.softmax(rows, threads, out),
            Question::SoftmaxVjp => self.softmax_vjp(rows, threads, out),
            Question::SoftmaxWithVjp => self.softmax_with_vjp(rows, threads, out),
            Question::Masked | Question::MaskedUtility => {
                out.copy_from_slice(rows.inputs[0]);
                Ok(())
            }
            question => Err(unanswered(question)),
        }
    }
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Operator for Trick<S, R> {
    fn widths(&self) -> Widths {
        self.shape()
    }

    fn symmetric(&self) -> bool {
        R::SYMMETRIC
    }

    fn is_family(&self) -> bool {
        false
    }

    fn work(&self) -> usize {
        self.relaxation.work(&self.structure)
    }

    fn size(&self) -> usize {
        self.structure.size()
    }

    fn least_size(&self) -> usize {
        self.structure.least_size()
    }

    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>> {
        self.prefixed(size).map(|trick| Box::new(trick) as Box<dyn Operator>)
    }

    fn coordinates(&self, everywhere: bool) -> Coordinates {
        Coordinates::of(&self.structure, everywhere)
    }
}
