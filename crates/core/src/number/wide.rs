use std::ops::{Add, Div, Mul, Sub};

use super::Number;
use super::bits::{small_power_of_two, split_exponent};
use super::elementary::ln;

/// A double with a 64-bit exponent: `mantissa * 2^exponent`, for weights `exp(u/t)` of any size.
///
/// It serves where a logarithm of the weight is usually kept, and is better at it: a logarithm of size 10,000 holds
/// its number to 1e-12 only, this one to 1e-16 at any size; and addition is a shift, not a log-sum-exp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wide {
    /// In [1, 2) or (-2, -1], or 0.
    mantissa: f64,
    exponent: i64,
}

/// Beyond this size no exponent is right; see [`crate::reach`].
const MOST_EXPONENT: i64 = 1 << 60;

/// The exponent of zero: below that of every other number, and far enough from the ends of `i64` for the sum of two.
const ZERO_EXPONENT: i64 = i64::MIN / 4;

impl Wide {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0.0, exponent: ZERO_EXPONENT };

    /// `mantissa * 2^exponent` for any finite mantissa that is 0 or normal.
    #[inline(always)]
    pub fn new(mantissa: f64, exponent: i64) -> Self {
        // Both are computed and one is selected: which of two numbers is larger, or 0, no processor can predict.
        let zero = mantissa == 0.0;
        let (mantissa, shift) = split_exponent(mantissa);
        debug_assert!(
            zero || (-MOST_EXPONENT..=MOST_EXPONENT).contains(&exponent),
            "an exponent of {exponent}"
        );
        Self {
            mantissa: if zero { 0.0 } else { mantissa },
            exponent: if zero { ZERO_EXPONENT } else { exponent + shift },
        }
    }

    /// Any finite double.
    #[inline(always)]
    pub fn from_f64(x: f64) -> Self {
        const TWO_64: f64 = 18_446_744_073_709_551_616.0;
        if x.is_normal() { Self::new(x, 0) } else { Self::new(x * TWO_64, -64) }
    }

    /// The natural logarithm of a positive number; of 0, negative infinity.
    pub fn ln(self) -> f64 {
        if self.mantissa == 0.0 {
            return f64::NEG_INFINITY;
        }
        self.exponent as f64 * std::f64::consts::LN_2 + ln(self.mantissa)
    }

    /// The nearest double: 0 below the range, an infinity above it.
    #[inline(always)]
    pub fn to_f64(self) -> f64 {
        if self.exponent > 1023 {
            return f64::INFINITY.copysign(self.mantissa);
        }
        // 2^1023 in two steps, since the function stops at 2^0.
        let half = self.exponent.max(0);
        self.mantissa * small_power_of_two(self.exponent - half) / small_power_of_two(-half)
    }

    /// Whether it is below 0.
    pub(super) fn is_negative(self) -> bool {
        self.mantissa < 0.0
    }

    #[inline(always)]
    fn negated(self) -> Self {
        Self { mantissa: -self.mantissa, ..self }
    }
}

impl Add for Wide {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let exponent = self.exponent.max(other.exponent);
        let left = self.mantissa * small_power_of_two(self.exponent - exponent);
        let right = other.mantissa * small_power_of_two(other.exponent - exponent);
        Self::new(left + right, exponent)
    }
}

impl Sub for Wide {
    type Output = Self;
    #[allow(clippy::suspicious_arithmetic_impl)] // The sum with the negative.
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + other.negated()
    }
}

impl Mul for Wide {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::new(self.mantissa * other.mantissa, self.exponent + other.exponent)
    }
}

impl Div for Wide {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self::new(self.mantissa / other.mantissa, self.exponent - other.exponent)
    }
}

impl Number for Wide {
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self::from_f64(value)
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        self * factor + addend
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wide(x: f64) -> Wide {
        Wide::new(x, 0)
    }

    proptest! {
        #[test]
        fn arithmetic_in_the_range_of_doubles_is_that_of_doubles(a in -1e100..1e100f64, b in -1e100..1e100f64) {
            prop_assert_eq!((wide(a) + wide(b)).to_f64(), a + b);
            prop_assert_eq!((wide(a) - wide(b)).to_f64(), a - b);
            prop_assert_eq!((wide(a) * wide(b)).to_f64(), a * b);
            prop_assert_eq!((wide(a) / wide(b)).to_f64(), a / b);
        }
    }

    #[test]
    fn magnitudes_beyond_doubles_keep_every_bit() {
        let huge = Wide::new(1.1, 1 << 50);
        let tiny = Wide::new(1.3, -(1 << 50));
        assert_eq!((huge * tiny).to_f64(), 1.1 * 1.3);
        assert_eq!((huge / huge).to_f64(), 1.0);
        assert_eq!(huge + tiny, huge);
        assert_eq!((huge - huge).to_f64(), 0.0);
        assert_eq!(Wide::ZERO + tiny, tiny);
        assert_eq!((Wide::ZERO * huge).to_f64(), 0.0);
        assert_eq!(huge.to_f64(), f64::INFINITY);
        assert_eq!(tiny.to_f64(), 0.0);
        assert_eq!(Wide::ZERO.ln(), f64::NEG_INFINITY);
    }
}
