//! The k best of the rows of a batch.

use super::{Best, KBest};
use crate::batch::for_rows;
use crate::check::finite;
use crate::error::{Error, ErrorKind};
use crate::operator::{Answers, unanswered};
use crate::question::Question;
use crate::rows::{Checked, Rows};

/// A structure that is asked for its best embeddings.
#[derive(Clone, Debug)]
pub struct Ranker<S> {
    structure: S,
}

impl<S: KBest> Ranker<S> {
    /// Of rows of the structure's coordinates.
    pub fn new(structure: S) -> Self {
        Self { structure }
    }
}

/// Answers questions about the order of embeddings.
pub trait Ranks: Answers {
    /// The same over the first `size` things.
    fn prefix(&self, size: usize) -> Box<dyn Ranks>;

    /// Roughly how many multiply-adds the k best of a row take.
    fn work(&self, k: usize) -> usize;
}

impl<S: KBest> Ranks for Ranker<S> {
    fn prefix(&self, size: usize) -> Box<dyn Ranks> {
        Box::new(Self::new(self.structure.prefix(size).structure))
    }

    fn work(&self, k: usize) -> usize {
        self.structure.k_best_work(k).saturating_add(k.saturating_mul(self.structure.dimension()))
    }
}

impl<S: KBest> Answers for Ranker<S> {
    fn check(&self, rows: &Rows) -> Result<(), Error> {
        let mut scratch = Vec::new();
        // Where nothing is forbidden, all rows are alike.
        let looked_at = if rows.forbids { rows.count } else { rows.count.min(1) };
        let width = rows.widths.utility;
        for index in 0..looked_at {
            // Also of no coordinate, which may be too few.
            let row = &rows.inputs[0][index * width..(index + 1) * width];
            let forbids = rows.forbids && row.contains(&f64::NEG_INFINITY);
            self.structure.check(row, forbids, &mut scratch).map_err(|message| {
                Error::new(ErrorKind::Infeasible, format!("utility: {message}")).at_row(index)
            })?;
        }
        Ok(())
    }

    fn answer(&self, Checked(rows): Checked, out: &mut [f64], threads: usize) -> Result<(), Error> {
        if rows.question != Question::KBest {
            return Err(unanswered(rows.question));
        }
        let (width, stride) = (rows.widths.utility, rows.result_stride());
        let (work, shape) = (self.work(rows.terms.samples), rows.question.description().result);
        for_rows(rows.count, work, threads, out, |range, out| {
            let rows = rows.part(range);
            let mut workspace = S::KBestWorkspace::default();
            shape.blank(width + 1, out);
            let utilities = rows.inputs[0].chunks_exact(width);
            for (row, (utility, cells)) in utilities.zip(out.chunks_exact_mut(stride)).enumerate() {
                let mut best = Best::new(utility, cells);
                self.structure.k_best(utility, &mut best, &mut workspace);
                if best.overflows {
                    finite("utility", "value", &[f64::INFINITY], 1).map_err(|error| error.at_row(row))?;
                }
            }
            Ok(())
        })
    }
}
