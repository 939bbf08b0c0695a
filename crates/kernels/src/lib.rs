//! Tensor kernels in single precision, on slices: what a training backend spends its time in.
//!
//! * [`Nest`]: two operands walked together by shapes and strides; broadcasting, transposition, slices are all this.
//! * [`Unary`], [`Binary`], [`Comparison`], [`select`]: elementwise.
//! * [`copy`](copy()): transpose, slice, concatenate, split, reverse, pad, tile.
//! * [`Reduction`], [`softmax`]: along axes.
//! * [`Product`]: batched matrix products with bias and activation; [`Convolution`]: by products of patches.
//! * [`gather`], [`segment_sum`]: rows by index, and the reverse.
//! * [`Lstm`], [`Gru`]: recurrent layers, all steps in one call, forwards and backwards.
//! * [`Adam`]: an optimiser's step.
//!
//! Every function checks its sizes before it writes, and gives the same bits for the same input on the same machine, on
//! however many threads ([`set_threads`]). Reductions are in double precision; products and segments are summed in single
//! precision.

#![deny(unsafe_code)]

mod adam;
mod binary;
mod convolution;
mod copy;
mod functions;
mod gather;
#[allow(unsafe_code)]
mod gemm;
mod lanes;
mod nest;
mod panels;
#[allow(unsafe_code)]
mod pool;
mod product;
mod recurrent;
mod reduction;
mod rows;
mod softmax;
mod threads;
mod unary;

pub use adam::{Adam, Moments};
pub use binary::{Binary, Comparison, select};
pub use convolution::Convolution;
pub use copy::copy;
pub use gather::{gather, segment_sum};
pub use nest::Nest;
pub use product::{Epilogue, Product};
pub use recurrent::{Gate, Gru, GruResults, Lstm, LstmResults, Projection, Sequences, Weights};
pub use reduction::Reduction;
pub use softmax::softmax;
pub use threads::set_threads;
pub use unary::Unary;

/// Why a kernel refused its arguments: sizes that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch(
    /// The argument at fault, and what it should have been.
    pub &'static str,
);

impl std::fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Mismatch {}

/// Refuses unless a condition holds.
pub(crate) fn expect(condition: bool, expectation: &'static str) -> Result<(), Mismatch> {
    if condition { Ok(()) } else { Err(Mismatch(expectation)) }
}
