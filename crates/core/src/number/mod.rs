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
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const HALF: Self = 0.5;
}

/// `target[i] += factor * source[i]`: the inner loop of every elimination.
#[inline(always)]
pub(crate) fn add_scaled<N: Number>(target: &mut [N], factor: N, source: &[N]) {
    for (t, &s) in target.iter_mut().zip(source) {
        *t = *t + factor * s;
    }
}

/// The sum of a slice, from the left.
#[inline(always)]
pub(crate) fn sum<N: Number>(values: &[N]) -> N {
    let mut total = N::ZERO;
    for &value in values {
        total = total + value;
    }
    total
}
