use super::Coordinates;
use crate::error::Error;
use crate::operator::{Answers, Operator, unanswered};
use crate::question::Question;
use crate::rows::{Checked, Rows, Widths};
use crate::structure::Prefix;

/// Coordinates without a structure, which have random utilities and nothing else: for structures that are known elsewhere.
pub(crate) struct Plain {
    dimension: usize,
}

impl Plain {
    pub(crate) fn new(dimension: usize) -> Self {
        Self { dimension }
    }
}

impl Answers for Plain {
    fn check(&self, _rows: &Rows) -> Result<(), Error> {
        Ok(())
    }

    fn answer(&self, Checked(rows): Checked, out: &mut [f64], _threads: usize) -> Result<(), Error> {
        match rows.question {
            Question::Masked | Question::MaskedUtility => {
                out.copy_from_slice(rows.inputs[0]);
                Ok(())
            }
            question => Err(unanswered(question)),
        }
    }
}

impl Operator for Plain {
    fn widths(&self) -> Widths {
        Widths { parameter: self.dimension, utility: self.dimension, embedding: self.dimension }
    }

    fn symmetric(&self) -> bool {
        true
    }

    fn is_family(&self) -> bool {
        false
    }

    fn work(&self) -> usize {
        self.dimension
    }

    fn size(&self) -> usize {
        self.dimension
    }

    fn least_size(&self) -> usize {
        self.dimension
    }

    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>> {
        Prefix::new(Box::new(Self::new(size)), 0..size)
    }

    fn coordinates(&self, _everywhere: bool) -> Coordinates {
        Coordinates::plain(self.dimension)
    }
}
