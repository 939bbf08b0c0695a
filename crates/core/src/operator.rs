use crate::error::{Error, ErrorKind};
use crate::question::Question;
use crate::rows::{Checked, Rows, Widths};
use crate::structure::Prefix;
use crate::utility::Coordinates;

/// Whoever answers questions. Rows come in its own coordinates; those without coordinates never come.
pub trait Answers: Send + Sync {
    /// Looks at rows, beyond whether they are numbers, before any is answered.
    ///
    /// # Errors
    /// `INFEASIBLE`, `INVALID_ARGUMENT`: that of the first row which has one.
    fn check(&self, rows: &Rows) -> Result<(), Error>;

    /// Answers on at most `threads` threads, 0 for one on each processor; the number never changes a bit of the result.
    ///
    /// # Errors
    /// That of the first row which has one.
    fn answer(&self, rows: Checked, out: &mut [f64], threads: usize) -> Result<(), Error>;
}

/// A structure with a relaxation, without type parameters.
pub trait Operator: Answers {
    /// The lengths of its rows.
    fn widths(&self) -> Widths;

    /// Whether the Jacobian of the relaxation is symmetric.
    fn symmetric(&self) -> bool;

    /// Whether the relaxation is the exponential family's.
    fn is_family(&self) -> bool;

    /// Roughly how many multiply-adds the marginals of one row take.
    fn work(&self) -> usize;

    /// How many things (elements, vertices, words) the structure is over.
    fn size(&self) -> usize;

    /// The fewest of them that a prefix may keep.
    fn least_size(&self) -> usize;

    /// The same operator over the first `size` things.
    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>>;

    /// How its utilities follow from parameters; `everywhere`: deterministic ones are random too.
    fn coordinates(&self, everywhere: bool) -> Coordinates;
}

/// What whoever does not know an answer says; questions are routed so that it does not come to that.
pub(crate) fn unanswered(question: Question) -> Error {
    Error::new(ErrorKind::Internal, format!("nobody answers {}", question.description().name))
}
