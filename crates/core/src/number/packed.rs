use std::array::from_fn;

use super::{Dual, LANES, Lanes, Number, Wide};
use crate::elementary::times_power_of_two;

/// How rows of doubles enter and leave a number: `ROWS` rows of a batch make one number.
pub(crate) trait Packed: Number {
    const ROWS: usize;
    /// The numbers `mantissa[row] * 2^exponent[row]`.
    fn pack(mantissas: &[f64], exponents: &[f64]) -> Self;
    /// One factor per row.
    fn scale(self, factors: &[f64]) -> Self;
    /// The value of one row.
    fn row(self, row: usize) -> f64;
}

impl Packed for f64 {
    const ROWS: usize = 1;
    #[inline(always)]
    fn pack(mantissas: &[f64], exponents: &[f64]) -> Self {
        times_power_of_two(mantissas[0], exponents[0])
    }
    #[inline(always)]
    fn scale(self, factors: &[f64]) -> Self {
        self * factors[0]
    }
    #[inline(always)]
    fn row(self, _row: usize) -> f64 {
        self
    }
}

impl Packed for Lanes {
    const ROWS: usize = LANES;
    #[inline(always)]
    fn pack(mantissas: &[f64], exponents: &[f64]) -> Self {
        let (mantissas, exponents) = (&mantissas[..LANES], &exponents[..LANES]);
        Self(from_fn(|lane| times_power_of_two(mantissas[lane], exponents[lane])))
    }
    #[inline(always)]
    fn scale(self, factors: &[f64]) -> Self {
        let factors = &factors[..LANES];
        Self(from_fn(|lane| self.0[lane] * factors[lane]))
    }
    #[inline(always)]
    fn row(self, row: usize) -> f64 {
        self.0[row]
    }
}

impl Packed for Wide {
    const ROWS: usize = 1;
    #[inline(always)]
    fn pack(mantissas: &[f64], exponents: &[f64]) -> Self {
        Self::new(mantissas[0], exponents[0] as i64)
    }
    #[inline(always)]
    fn scale(self, factors: &[f64]) -> Self {
        self * Self::from_f64(factors[0])
    }
    #[inline(always)]
    fn row(self, _row: usize) -> f64 {
        self.to_f64()
    }
}

/// The weight `exp(u/t)` with the derivative that a unit step of `u/t` along the direction gives it.
#[inline(always)]
pub(crate) fn along<P: Packed>(weight: P, direction: &[f64]) -> Dual<P> {
    Dual { value: weight, tangent: weight.scale(direction) }
}
