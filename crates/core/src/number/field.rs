//! What the algorithms ask of a number.

use std::ops::{Add, Div, Mul, Sub};

use super::Dual;
use super::bits::{exponent, power_of_two};

/// The largest [`Number::BLOCK`].
pub(crate) const MOST_BLOCK: usize = 16;

/// A field element.
pub trait Number:
    Copy + Send + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// How many columns of a matrix are worked on together: 4 for numbers that fill registers, 16 for lone doubles.
    const BLOCK: usize = 4;

    /// The same for dual numbers over this type, which take twice the registers.
    const DUAL_BLOCK: usize = Self::BLOCK;

    /// A number with this value, of the same make as `self`.
    fn constant(self, value: f64) -> Self;

    /// `self * factor + addend`; rounded once where the type can, on every platform alike.
    fn mul_add(self, factor: Self, addend: Self) -> Self;

    /// `sums[j] += factor * row[j]` over a block of columns.
    #[inline(always)]
    fn add_scaled<const BLOCK: usize>(sums: &mut [Self; BLOCK], factor: Self, row: &[Self; BLOCK]) {
        for (sum, &x) in sums.iter_mut().zip(row) {
            *sum = factor.mul_add(x, *sum);
        }
    }

    /// The same on dual numbers over this type.
    #[inline(always)]
    fn add_scaled_duals<const BLOCK: usize>(
        sums: &mut [Dual<Self>; BLOCK],
        factor: Dual<Self>,
        row: &[Dual<Self>; BLOCK],
    ) {
        for (sum, &x) in sums.iter_mut().zip(row) {
            *sum = factor.mul_add(x, *sum);
        }
    }
}

/// What can stand for a real number in an elementary function: one double, or several side by side.
pub trait Real: Number {
    /// The larger of itself and a bound.
    fn at_least(self, bound: f64) -> Self;
    /// Of two pairs the one of the larger first number; of equal ones the first.
    fn larger(a: (Self, Self), b: (Self, Self)) -> (Self, Self);
    /// The larger of two.
    fn max(self, other: Self) -> Self;
    /// The exponent of two of a positive normal number, an integer.
    fn exponent(self) -> Self;
    /// `2^self` for integers in [-1022, 1023]; 0 for -1023.
    fn power_of_two(self) -> Self;
}

impl Number for f64 {
    const BLOCK: usize = 16;

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self.mul_add(factor, addend)
    }
    #[inline(always)]
    fn add_scaled_duals<const BLOCK: usize>(
        sums: &mut [Dual<f64>; BLOCK],
        factor: Dual<f64>,
        row: &[Dual<f64>; BLOCK],
    ) {
        add_scaled_pairs(sums, factor, row);
    }
}

/// `sums += factor * row` for lone doubles: what value and tangent have in common is done to both together, so that
/// pairs fill registers as they lie in memory.
#[inline(always)]
fn add_scaled_pairs<const BLOCK: usize>(
    sums: &mut [Dual<f64>; BLOCK],
    factor: Dual<f64>,
    row: &[Dual<f64>; BLOCK],
) {
    for (sum, x) in sums.iter_mut().zip(row) {
        let (value, tangent) =
            (factor.value.mul_add(x.value, sum.value), factor.value.mul_add(x.tangent, sum.tangent));
        sum.value = 0.0_f64.mul_add(x.value, value);
        sum.tangent = factor.tangent.mul_add(x.value, tangent);
    }
}

impl Real for f64 {
    #[inline(always)]
    fn at_least(self, bound: f64) -> Self {
        if bound > self { bound } else { self }
    }
    #[inline(always)]
    fn larger(a: (Self, Self), b: (Self, Self)) -> (Self, Self) {
        if b.0 > a.0 { b } else { a }
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        if other > self { other } else { self }
    }
    #[inline(always)]
    fn exponent(self) -> Self {
        exponent(self)
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        power_of_two(self)
    }
}
