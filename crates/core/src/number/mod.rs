//! The number types that the marginal algorithms are instantiated with.
//!
//! Each algorithm is written once, over [`Number`]. Running it on
//! * `f64` gives marginals,
//! * [`Wide`] gives them where `exp(u/t)` leaves the range of `f64`,
//! * [`Vast`] gives them where `u/t` itself does, or its differences do,
//! * [`WideDoubleDouble`] gives derivatives where what vertices share would swallow what they differ in,
//! * [`Dual`] over any of them gives an exact Jacobian-vector product, which is the vector-Jacobian product too, since
//!   the Jacobian of an exponential-family relaxation is a covariance and so symmetric,
//! * [`Lanes`] gives several rows of a batch at once, each with the very bits of its own `f64` run,
//! * [`Singles`] gives more of them, in single precision.

mod arch;
mod bits;
mod double_double;
mod dual;
mod eights;
pub mod elementary;
mod field;
mod fixed;
mod lanes;
mod packed;
mod singles;
mod transpose;
mod vast;
mod wide;
mod wide_double_double;

use std::collections::TryReserveError;

pub(crate) use arch::Arch;
pub use double_double::DoubleDouble;
pub use dual::Dual;
pub(crate) use eights::{Eight, eights, larger, largest, largest_of, sum_of, total};
pub(crate) use field::MOST_BLOCK;
pub use field::{Number, Real};
pub use fixed::Fixed;
pub(crate) use lanes::vectorised;
pub use lanes::{Alignment, Bytes16, Bytes32, Bytes64, Lanes, MOST_LANES};
pub(crate) use packed::{Packed, along, gather, scatter};
pub use singles::{MOST_SINGLES, Singles};
pub use vast::Vast;
pub use wide::Wide;
pub use wide_double_double::WideDoubleDouble;

/// A number of any size that stands for one row, on whose value an algorithm may branch.
pub trait Scalar: Number {
    /// The nearest double; 0 below the range, an infinity above it.
    fn to_f64(self) -> f64;

    /// The natural logarithm of a positive number.
    fn ln(self) -> f64;

    /// Whether it is the smaller of two.
    fn is_less_than(self, other: Self) -> bool;

    /// The quotient of two nonnegative numbers.
    fn over(self, other: Self) -> f64 {
        (self / other).to_f64()
    }
}

impl Scalar for Wide {
    fn to_f64(self) -> f64 {
        self.to_f64()
    }
    fn ln(self) -> f64 {
        self.ln()
    }
    fn is_less_than(self, other: Self) -> bool {
        (self - other).is_negative()
    }
}

impl Scalar for Vast {
    fn to_f64(self) -> f64 {
        self.to_f64()
    }
    fn ln(self) -> f64 {
        self.ln()
    }
    fn is_less_than(self, other: Self) -> bool {
        (self - other).is_negative()
    }
}

/// So many copies of a number, or word that there is no memory for them.
#[inline(always)]
pub fn filled<N: Clone>(value: N, count: usize) -> Result<Vec<N>, TryReserveError> {
    let mut cells = Vec::new();
    cells.try_reserve_exact(count)?;
    cells.resize(count, value);
    Ok(cells)
}

/// The sum of a slice that is not empty, in four interleaved parts: additions wait for one another.
#[inline(always)]
pub(crate) fn sum<N: Number>(values: &[N]) -> N {
    let zero = values[0].constant(0.0);
    let (blocks, rest) = values.as_chunks::<4>();
    let mut parts = [zero; 4];
    for block in blocks {
        for (part, &value) in parts.iter_mut().zip(block) {
            *part = *part + value;
        }
    }
    for (part, &value) in parts.iter_mut().zip(rest) {
        *part = *part + value;
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3])
}

/// The inner product of two slices of one length, not 0, in four interleaved parts.
#[inline(always)]
pub(crate) fn dot<N: Number>(a: &[N], b: &[N]) -> N {
    let zero = a[0].constant(0.0);
    let ((a_blocks, a_rest), (b_blocks, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut parts = [zero; 4];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for ((part, &a), &b) in parts.iter_mut().zip(a).zip(b) {
            *part = a.mul_add(b, *part);
        }
    }
    for ((part, &a), &b) in parts.iter_mut().zip(a_rest).zip(b_rest) {
        *part = a.mul_add(b, *part);
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3])
}

/// `target[i] += factor * source[i]`.
#[inline(always)]
pub(crate) fn add_scaled<N: Number>(target: &mut [N], factor: N, source: &[N]) {
    for (t, &s) in target.iter_mut().zip(source) {
        *t = factor.mul_add(s, *t);
    }
}

/// `target[j] += sum_i factors[i] rows[i][j]` over pairs of a factor and a row at least as long as the target, in
/// their order: the inner loop of every elimination. The width is a multiple of [`Number::BLOCK`].
///
/// A block of columns at a time, so that its sums stay in registers.
#[inline(always)]
pub(crate) fn add_product<'a, N: Number + 'a>(
    target: &mut [N],
    terms: impl Iterator<Item = (N, &'a [N])> + Clone,
) {
    match N::BLOCK {
        2 => add_blocks::<N, 2>(target, terms),
        4 => add_blocks::<N, 4>(target, terms),
        _ => add_blocks::<N, 16>(target, terms),
    }
}

#[inline(always)]
fn add_blocks<'a, N: Number + 'a, const BLOCK: usize>(
    target: &mut [N],
    terms: impl Iterator<Item = (N, &'a [N])> + Clone,
) {
    let (blocks, rest) = target.as_chunks_mut::<BLOCK>();
    debug_assert!(rest.is_empty());
    for (index, block) in blocks.iter_mut().enumerate() {
        let mut sums = *block;
        for (factor, row) in terms.clone() {
            N::add_scaled(&mut sums, factor, &row.as_chunks().0[index]);
        }
        *block = sums;
    }
}
