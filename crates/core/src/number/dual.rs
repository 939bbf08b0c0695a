use std::ops::{Add, Div, Mul, Sub};

use super::Number;

/// A value and its derivative along one direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual<N> {
    /// The value.
    pub value: N,
    /// Its derivative.
    pub tangent: N,
}

impl<N: Number> Add for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, tangent: self.tangent + other.tangent }
    }
}

impl<N: Number> Sub for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, tangent: self.tangent - other.tangent }
    }
}

impl<N: Number> Mul for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            tangent: self.tangent.mul_add(other.value, self.value * other.tangent),
        }
    }
}

impl<N: Number> Div for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // The quotient enters the tangent, rather than 1 / other^2, which could leave the range.
        let value = self.value / other.value;
        Self { value, tangent: (self.tangent - value * other.tangent) / other.value }
    }
}

impl<N: Number> Number for Dual<N> {
    const BLOCK: usize = N::DUAL_BLOCK;

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self { value: self.value.constant(value), tangent: self.tangent.constant(0.0) }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self {
            value: self.value.mul_add(factor.value, addend.value),
            tangent: self.tangent.mul_add(factor.value, self.value.mul_add(factor.tangent, addend.tangent)),
        }
    }
    #[inline(always)]
    fn add_scaled<const BLOCK: usize>(sums: &mut [Self; BLOCK], factor: Self, row: &[Self; BLOCK]) {
        N::add_scaled_duals(sums, factor, row);
    }
}
