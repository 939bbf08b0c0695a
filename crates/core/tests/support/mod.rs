//! The operators on rows given as slices.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut2};
pub(crate) use sst::AnyOperator;
pub(crate) use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::{ArgmaxOracle, ExponentialFamily};
use sst::{Error, Trick};

mod numbers;

pub(crate) use numbers::*;

pub(crate) fn family<S: ExponentialFamily + ArgmaxOracle>(structure: S) -> AnyOperator
where
    AnyOperator: From<Trick<S, ExponentialFamilyEntropy>>,
{
    Trick::new(structure, ExponentialFamilyEntropy).into()
}

pub(crate) fn view(width: usize, cells: &[f64]) -> ArrayView2<'_, f64> {
    ArrayView2::from_shape((cells.len() / width, width), cells).expect("whole rows")
}

fn view_mut(width: usize, cells: &mut [f64]) -> ArrayViewMut2<'_, f64> {
    ArrayViewMut2::from_shape((cells.len() / width, width), cells).expect("whole rows")
}

pub(crate) fn try_softmax(
    operator: &AnyOperator,
    utility: &[f64],
    temperature: f64,
    out: &mut [f64],
) -> Result<(), Error> {
    let n = operator.dimension();
    operator.softmax(view(n, utility), temperature, view_mut(n, out), 1)
}

pub(crate) fn try_vjp(
    operator: &AnyOperator,
    utility: &[f64],
    temperature: f64,
    cotangent: &[f64],
    out: &mut [f64],
) -> Result<(), Error> {
    let n = operator.dimension();
    operator.softmax_vjp(view(n, utility), temperature, view(n, cotangent), view_mut(n, out), 1)
}

pub(crate) fn softmax(operator: &AnyOperator, utility: &[f64], temperature: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; utility.len()];
    try_softmax(operator, utility, temperature, &mut out).expect("a valid row");
    out
}

pub(crate) fn vjp(operator: &AnyOperator, utility: &[f64], temperature: f64, cotangent: &[f64]) -> Vec<f64> {
    let mut out = vec![f64::NAN; utility.len()];
    try_vjp(operator, utility, temperature, cotangent, &mut out).expect("a valid row");
    out
}

pub(crate) fn argmax(operator: &AnyOperator, utility: &[f64]) -> Vec<f64> {
    let mut out = Array2::zeros((1, utility.len()));
    operator.argmax(view(utility.len(), utility), out.view_mut(), 1).expect("a valid row");
    out.into_raw_vec_and_offset().0
}

fn number(ask: impl FnOnce(&mut Array1<f64>) -> Result<(), Error>) -> Result<f64, Error> {
    let mut out = Array1::from_elem(1, f64::NAN);
    ask(&mut out).map(|()| out[0])
}

pub(crate) fn log_partition(operator: &AnyOperator, utility: &[f64], temperature: f64) -> f64 {
    let utility = view(utility.len(), utility);
    number(|out| operator.log_partition(utility, temperature, out.view_mut(), 1)).expect("a finite sum")
}

pub(crate) fn entropy(operator: &AnyOperator, utility: &[f64], temperature: f64) -> Result<f64, Error> {
    let utility = view(utility.len(), utility);
    number(|out| operator.entropy(utility, temperature, out.view_mut(), 1))
}

pub(crate) fn log_probability(
    operator: &AnyOperator,
    utility: &[f64],
    embedding: &[f64],
    temperature: f64,
) -> Result<f64, Error> {
    let (utility, embedding) = (view(utility.len(), utility), view(embedding.len(), embedding));
    number(|out| operator.log_probability(utility, embedding, temperature, out.view_mut(), 1))
}
