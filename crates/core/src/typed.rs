//! The questions as methods over `ndarray`: rows by coordinates in standard layout. `threads` is the most threads to use, 0
//! for one on each processor; it never changes a bit of the result.

use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};

use crate::any_operator::AnyOperator;
use crate::call::Call;
use crate::check::{check_rows, check_width, not_contiguous};
use crate::error::Error;
use crate::question::{MOST_INPUTS, Question, Space};
use crate::rows::Terms;

/// The arrays of a question.
type Inputs<'a> = [Option<ArrayView2<'a, f64>>; MOST_INPUTS];

impl AnyOperator {
    /// A question about arrays, each with rows in one of the spaces.
    fn call<'a>(
        &self,
        question: Question,
        inputs: Inputs<'a>,
        lengths: Option<&[u32]>,
        terms: Terms,
    ) -> Result<Call<'a>, Error> {
        let rows = inputs[0].map_or(0, |rows| rows.nrows());
        let mut slices = Vec::with_capacity(MOST_INPUTS);
        for (shape, array) in question.description().inputs.iter().zip(inputs.into_iter().flatten()) {
            check_width(shape.name, self.widths().of(shape.space), array.ncols())?;
            slices.push(array.to_slice().ok_or_else(not_contiguous)?);
        }
        Call::new(self, question, &slices, lengths, terms, rows)
    }

    fn ask(
        &self,
        question: Question,
        inputs: Inputs,
        (lengths, terms): (Option<&[u32]>, Terms),
        mut out: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let call = self.call(question, inputs, lengths, terms)?;
        let width = self.widths().of(question.description().result.space);
        check_width("out", width, out.ncols())?;
        check_rows("out", call.len().checked_div(width).unwrap_or(out.nrows()), out.nrows())?;
        call.run(out.as_slice_mut().ok_or_else(not_contiguous)?, threads)
    }

    fn ask_numbers(
        &self,
        question: Question,
        inputs: Inputs,
        (lengths, terms): (Option<&[u32]>, Terms),
        mut out: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        debug_assert_eq!(question.description().result.space, Space::Number);
        let call = self.call(question, inputs, lengths, terms)?;
        check_rows("out", call.len(), out.len())?;
        call.run(out.as_slice_mut().ok_or_else(not_contiguous)?, threads)
    }

    /// Looks at every row of utilities.
    ///
    /// # Errors
    /// `INVALID_SHAPE`, `NOT_FINITE` (a NaN or +inf utility), `INFEASIBLE` (the forbidden coordinates leave nothing).
    pub fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error> {
        self.call(Question::Argmax, [Some(utilities), None, None], None, Terms::default()).map(|_| ())
    }

    /// `X = argmax_x U.x` over the embeddings x. Equal utilities are decided for the lowest index.
    ///
    /// # Errors
    /// Those of [`AnyOperator::check`].
    pub fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.ask(Question::Argmax, [Some(utilities), None, None], (None, Terms::default()), hard, threads)
    }

    /// `X_t`, the relaxed argmax at a temperature; at 0, the argmax itself.
    ///
    /// # Errors
    /// Those of [`AnyOperator::check`]; `INVALID_ARGUMENT` (a negative or infinite temperature); `DID_NOT_CONVERGE`.
    pub fn softmax(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        soft: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let terms = Terms { temperature, ..Terms::default() };
        self.ask(Question::Softmax, [Some(utilities), None, None], (None, terms), soft, threads)
    }

    /// `dL/dU` for `cotangents = dL/dX_t`, exactly; at temperature 0, zero.
    ///
    /// # Errors
    /// Those of [`AnyOperator::softmax`].
    pub fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        gradients: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let terms = Terms { temperature, ..Terms::default() };
        let inputs = [Some(utilities), Some(cotangents), None];
        self.ask(Question::SoftmaxVjp, inputs, (None, terms), gradients, threads)
    }

    /// `log sum_x exp(U.x / t)` of every row.
    ///
    /// # Errors
    /// Those of [`AnyOperator::softmax`]; `INVALID_ARGUMENT` at temperature 0, where it diverges, and of relaxations that
    /// are not the exponential family's; `NOT_FINITE` where it exceeds the range of doubles.
    pub fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let terms = Terms { temperature, ..Terms::default() };
        self.ask_numbers(Question::LogPartition, [Some(utilities), None, None], (None, terms), logs, threads)
    }

    /// `H = -sum_x p(x) log p(x)` of `p(x) ~ exp(U.x / t)`, of every row; to about 1e-15 times the largest `U/t`.
    ///
    /// # Errors
    /// As [`AnyOperator::log_partition`]; `INVALID_ARGUMENT` where utilities beyond 1e15 times the temperature leave nothing
    /// of it but rounding errors.
    pub fn entropy(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        entropies: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let terms = Terms { temperature, ..Terms::default() };
        self.ask_numbers(Question::Entropy, [Some(utilities), None, None], (None, terms), entropies, threads)
    }

    /// `log p(x) = U.x / t - log Z` of embeddings x, as many for every row, to about 1e-15 times the larger of 1 and itself;
    /// negative infinity where x has a forbidden coordinate.
    ///
    /// # Errors
    /// As [`AnyOperator::log_partition`]; `INVALID_ARGUMENT` where x is no embedding.
    pub fn log_probability(
        &self,
        utilities: ArrayView2<f64>,
        embeddings: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let terms = Terms { temperature, ..Terms::default() };
        let inputs = [Some(utilities), Some(embeddings), None];
        self.ask_numbers(Question::LogProbability, inputs, (None, terms), logs, threads)
    }
}
