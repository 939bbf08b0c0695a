//! The operators on rows given as slices.

use ndarray::{Array1, Array2, ArrayView2};
use sst::{Error, ExponentialFamilyOperator, Operator};

/// Rows of a width; of width 0 there is one, empty.
pub(crate) fn view(width: usize, cells: &[f64]) -> ArrayView2<'_, f64> {
    let rows = cells.len().checked_div(width).unwrap_or(1);
    ArrayView2::from_shape((rows, width), cells).expect("whole rows")
}

pub(crate) fn argmax(operator: &dyn Operator, utility: &[f64]) -> Vec<f64> {
    let utility = view(operator.utility_dimension(), utility);
    let mut hard = Array2::from_elem((utility.nrows(), operator.dimension()), f64::NAN);
    operator.argmax(utility, hard.view_mut(), 1).expect("a valid row");
    hard.into_raw_vec_and_offset().0
}

pub(crate) fn softmax(operator: &dyn Operator, utility: &[f64], temperature: f64) -> Vec<f64> {
    softmax_on(operator, utility, temperature, 1)
}

pub(crate) fn softmax_on(
    operator: &dyn Operator,
    utility: &[f64],
    temperature: f64,
    threads: usize,
) -> Vec<f64> {
    let utility = view(operator.utility_dimension(), utility);
    let mut soft = Array2::from_elem((utility.nrows(), operator.dimension()), f64::NAN);
    operator.softmax(utility, temperature, soft.view_mut(), threads).expect("a valid row");
    soft.into_raw_vec_and_offset().0
}

pub(crate) fn vjp(operator: &dyn Operator, utility: &[f64], temperature: f64, cotangent: &[f64]) -> Vec<f64> {
    vjp_on(operator, utility, temperature, cotangent, 1)
}

pub(crate) fn vjp_on(
    operator: &dyn Operator,
    utility: &[f64],
    temperature: f64,
    cotangent: &[f64],
    threads: usize,
) -> Vec<f64> {
    let (utility, cotangent) =
        (view(operator.utility_dimension(), utility), view(operator.dimension(), cotangent));
    let mut gradient = Array2::from_elem(utility.dim(), f64::NAN);
    operator.softmax_vjp(utility, temperature, cotangent, gradient.view_mut(), threads).expect("a valid row");
    gradient.into_raw_vec_and_offset().0
}

pub(crate) fn log_partition(
    family: &dyn ExponentialFamilyOperator,
    utility: &[f64],
    temperature: f64,
    threads: usize,
) -> Result<Vec<f64>, Error> {
    let utility = view(family.utility_dimension(), utility);
    let mut logs = Array1::from_elem(utility.nrows(), f64::NAN);
    family.log_partition(utility, temperature, logs.view_mut(), threads)?;
    Ok(logs.to_vec())
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
