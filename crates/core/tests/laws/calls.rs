//! The operators on rows given as slices, one after the other; of width 0 there is one, empty.

use ndarray::ArrayView2;
use sst::{AnyOperator, Error, Question, Terms};

pub(crate) use crate::ask::ask;

/// Rows of a width; of width 0 there is one, empty.
pub(crate) fn view(width: usize, cells: &[f64]) -> ArrayView2<'_, f64> {
    let rows = cells.len().checked_div(width).unwrap_or(1);
    ArrayView2::from_shape((rows, width), cells).expect("whole rows")
}

/// A question at a temperature.
fn asked(
    operator: &AnyOperator,
    question: Question,
    inputs: &[&[f64]],
    temperature: f64,
) -> Result<Vec<f64>, Error> {
    let rows = inputs[0].len().checked_div(operator.utility_dimension()).unwrap_or(1);
    ask(operator, question, inputs, None, Terms { temperature, ..Terms::default() }, rows, 1)
}

pub(crate) fn argmax(operator: &AnyOperator, utility: &[f64]) -> Vec<f64> {
    asked(operator, Question::Argmax, &[utility], 1.0).expect("a valid row")
}

pub(crate) fn softmax(operator: &AnyOperator, utility: &[f64], temperature: f64) -> Vec<f64> {
    asked(operator, Question::Softmax, &[utility], temperature).expect("a valid row")
}

pub(crate) fn vjp(operator: &AnyOperator, utility: &[f64], temperature: f64, cotangent: &[f64]) -> Vec<f64> {
    asked(operator, Question::SoftmaxVjp, &[utility, cotangent], temperature).expect("a valid row")
}

/// The relaxation and its gradient, asked at once.
pub(crate) fn softmax_with_vjp(
    operator: &AnyOperator,
    utility: &[f64],
    temperature: f64,
    cotangent: &[f64],
) -> (Vec<f64>, Vec<f64>) {
    let both = asked(operator, Question::SoftmaxWithVjp, &[utility, cotangent], temperature);
    let both = both.expect("a valid row");
    let rows = both.chunks_exact((operator.dimension() + operator.utility_dimension()).max(1));
    rows.map(|row| row.split_at(operator.dimension())).fold(
        Default::default(),
        |(mut soft, mut gradient), (x, g)| {
            Vec::extend(&mut soft, x);
            Vec::extend(&mut gradient, g);
            (soft, gradient)
        },
    )
}

pub(crate) fn log_partition(
    family: &AnyOperator,
    utility: &[f64],
    temperature: f64,
) -> Result<Vec<f64>, Error> {
    asked(family, Question::LogPartition, &[utility], temperature)
}

/// Whether two results are the same numbers, the sign of zero included.
pub(crate) fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// The largest absolute difference; NaN if there is one.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let differences = a.iter().zip(b).map(|(a, b)| if a == b { 0.0 } else { (a - b).abs() });
    differences.fold(0.0, |most, d| if d > most || d.is_nan() { d } else { most })
}

pub(crate) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
