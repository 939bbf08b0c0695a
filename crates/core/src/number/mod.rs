//! The number types that the marginal algorithms are instantiated with.
//!
//! Each algorithm is written once, over [`Number`]. Running it on
//! * `f64` gives marginals,
//! * [`Wide`] gives them where `exp(u/t)` leaves the range of `f64`,
//! * [`Dual`] over either gives an exact Jacobian-vector product, which is the vector-Jacobian product too, since
//!   the Jacobian of an exponential-family relaxation is a covariance and so symmetric,
//! * [`Lanes`] gives eight rows of a batch at once, each with the very bits of its own `f64` run.

mod dual;
mod lanes;
mod packed;
mod wide;

use std::ops::{Add, Div, Mul, Sub};

pub use dual::Dual;
pub use lanes::{LANES, Lanes};
pub(crate) use packed::{Packed, along};
pub use wide::Wide;

/// A field element.
pub trait Number:
    Copy + Send + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// The additive unit.
    const ZERO: Self;
    /// The multiplicative unit.
    const ONE: Self;
    /// One half.
    const HALF: Self;
    /// `self * factor + addend`; rounded once where the type can, on every platform alike.
    fn mul_add(self, factor: Self, addend: Self) -> Self;
}

/// What can stand for a real number in an elementary function: one double, or several side by side.
pub trait Real: Number {
    /// The same value everywhere.
    fn splat(x: f64) -> Self;
    /// The larger of itself and a bound; a NaN stays one.
    fn at_least(self, bound: f64) -> Self;
    /// The smaller of itself and a bound; a NaN stays one.
    fn at_most(self, bound: f64) -> Self;
    /// `2^self` for integers in [-1022, 1023]; 0 for -1023.
    fn power_of_two(self) -> Self;
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.mul_add(factor, addend)
    }
}

impl Real for f64 {
    #[inline(always)]
    fn splat(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn at_least(self, bound: f64) -> Self {
        if bound > self { bound } else { self }
    }
    #[inline(always)]
    fn at_most(self, bound: f64) -> Self {
        if bound < self { bound } else { self }
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        crate::elementary::power_of_two(self)
    }
}

/// The sum of a slice, in four interleaved parts: additions wait for one another.
#[inline(always)]
pub(crate) fn sum<N: Number>(values: &[N]) -> N {
    let (blocks, rest) = values.as_chunks::<4>();
    let mut parts = [N::ZERO; 4];
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

/// The inner product of two slices of one length, in four interleaved parts.
#[inline(always)]
pub(crate) fn dot<N: Number>(a: &[N], b: &[N]) -> N {
    let ((a_blocks, a_rest), (b_blocks, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    let mut parts = [N::ZERO; 4];
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
/// their order: the inner loop of every elimination.
///
/// Some columns at a time, so that their sums stay in registers.
#[inline(always)]
pub(crate) fn add_product<'a, N: Number + 'a>(
    target: &mut [N],
    terms: impl Iterator<Item = (N, &'a [N])> + Clone,
) {
    let width = target.len();
    let mut start = 0;
    while start + COLUMNS <= width {
        let columns = &mut target[start..start + COLUMNS];
        let mut sums = [N::ZERO; COLUMNS];
        sums.copy_from_slice(columns);
        for (factor, row) in terms.clone() {
            let row = &row[start..start + COLUMNS];
            for (sum, &x) in sums.iter_mut().zip(row) {
                *sum = factor.mul_add(x, *sum);
            }
        }
        columns.copy_from_slice(&sums);
        start += COLUMNS;
    }
    for (j, cell) in target.iter_mut().enumerate().skip(start) {
        let mut sum = *cell;
        for (factor, row) in terms.clone() {
            sum = factor.mul_add(row[j], sum);
        }
        *cell = sum;
    }
}

const COLUMNS: usize = 4;
