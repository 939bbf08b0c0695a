use std::ops::{Add, Div, Mul, Sub};

use super::{Fixed, Number, Wide};

/// A number of any size whatsoever, `scale * e^exponent` with an exact exponent: for weights `exp(u/t)` where `u/t`
/// itself leaves the range in which doubles, or 64-bit exponents, tell utilities apart.
///
/// Two structures whose utilities are around 1e308 may differ by 1 in their sums. Multiplication adds exponents without
/// rounding, so what the structures share cancels, and addition exponentiates the exact difference. Every algorithm is
/// so right at any scale, whatever its structure; at a few hundred bytes a number, and tens of times the time. The
/// operations are calls: their loops over limbs gain little from being compiled into each algorithm.
#[derive(Clone, Copy, Debug)]
pub struct Vast {
    scale: Wide,
    exponent: Fixed,
}

impl Vast {
    /// Zero.
    pub const ZERO: Self = Self { scale: Wide::ZERO, exponent: Fixed::ZERO };

    /// `exp(u / t)`; 0 for a utility of `-inf`.
    pub fn exp(utility: f64, temperature: f64) -> Self {
        if utility == f64::NEG_INFINITY {
            return Self::ZERO;
        }
        Self { scale: Wide::from_f64(1.0), exponent: Fixed::quotient(utility, temperature) }
    }

    /// The natural logarithm of a positive number; of 0, negative infinity; an infinity also beyond the range of doubles.
    pub fn ln(self) -> f64 {
        self.exponent.to_f64() + self.scale.ln()
    }

    /// The nearest double: 0 below the range, an infinity above it.
    pub fn to_f64(self) -> f64 {
        match self.exponent.exp() {
            Some(factor) => (self.scale * factor).to_f64(),
            None if self.is_zero() => 0.0,
            None => self.scale.to_f64() * f64::INFINITY,
        }
    }

    #[inline(never)]
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { scale: self.scale * Wide::from_f64(factor), ..self }
    }

    /// Whether it is below 0.
    pub(super) fn is_negative(self) -> bool {
        self.scale.is_negative()
    }

    fn is_zero(&self) -> bool {
        self.scale == Wide::ZERO
    }
}

impl Add for Vast {
    type Output = Self;
    #[inline(never)]
    fn add(self, other: Self) -> Self {
        if self.is_zero() {
            return other;
        }
        if other.is_zero() {
            return self;
        }
        if self.exponent == other.exponent {
            return Self { scale: self.scale + other.scale, ..self };
        }
        let difference = other.exponent - self.exponent;
        let (larger, smaller, gap) =
            if difference > Fixed::ZERO { (other, self, -difference) } else { (self, other, difference) };
        // The gap is not positive, so the factor is at most 1.
        let factor = gap.exp().unwrap_or(Wide::ZERO);
        Self { scale: larger.scale + smaller.scale * factor, ..larger }
    }
}

impl Sub for Vast {
    type Output = Self;
    #[inline(never)]
    fn sub(self, other: Self) -> Self {
        self + other.scaled(-1.0)
    }
}

impl Mul for Vast {
    type Output = Self;
    #[inline(never)]
    fn mul(self, other: Self) -> Self {
        Self { scale: self.scale * other.scale, exponent: self.exponent + other.exponent }
    }
}

impl Div for Vast {
    type Output = Self;
    #[inline(never)]
    fn div(self, other: Self) -> Self {
        Self { scale: self.scale / other.scale, exponent: self.exponent - other.exponent }
    }
}

impl Number for Vast {
    #[inline(never)]
    fn constant(self, value: f64) -> Self {
        Self { scale: Wide::from_f64(value), exponent: Fixed::ZERO }
    }
    #[inline(never)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moderate_numbers_are_those_of_wide_ones(a in -50.0..50.0f64, b in -50.0..50.0f64, c in -3.0..3.0f64) {
            let (x, y) = (Vast::exp(a, 0.5), Vast::exp(b, 0.5).scaled(c));
            let (p, q) = ((2.0 * a).exp(), c * (2.0 * b).exp());
            let close = |got: f64, expected: f64, size: f64| (got - expected).abs() <= 1e-13 * size;
            prop_assert!(close((x + y).to_f64(), p + q, p + q.abs()));
            prop_assert!(close((x - y).to_f64(), p - q, p + q.abs()));
            prop_assert!(close((x * y).to_f64(), p * q, (p * q).abs()));
            prop_assert!(close((y / x).to_f64(), q / p, (q / p).abs()));
        }
    }

    #[test]
    fn what_the_largest_numbers_differ_by_is_kept() {
        let huge = Vast::exp(f64::MAX, 1.0);
        let ratio = huge * Vast::exp(1.0, 1.0) / (huge * Vast::exp(3.0, 1.0));
        assert!((ratio.to_f64() - (-2.0_f64).exp()).abs() <= 1e-16);
        assert_eq!((huge - huge).to_f64(), 0.0);
        assert_eq!(huge.to_f64(), f64::INFINITY);
        assert_eq!((huge + huge).ln(), f64::MAX);
        assert_eq!((Vast::ZERO + huge).ln(), f64::MAX);
        assert_eq!((huge * Vast::ZERO).to_f64(), 0.0);
        assert_eq!(Vast::exp(-f64::MAX, 5e-324).to_f64(), 0.0);
    }
}
