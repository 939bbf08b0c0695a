//! Questions on rows given as slices.

use sst::{AnyOperator, Call, Error, Question, Terms};

/// The answer to a question about so many rows.
pub(crate) fn ask(
    operator: &AnyOperator,
    question: Question,
    inputs: &[&[f64]],
    lengths: Option<&[u32]>,
    terms: Terms,
    rows: usize,
    threads: usize,
) -> Result<Vec<f64>, Error> {
    let call = Call::new(operator, question, inputs, lengths, terms, rows)?;
    let mut out = vec![f64::NAN; call.len()];
    call.run(&mut out, threads)?;
    Ok(out)
}
