use std::ops::{Add, Div, Mul, Neg, Sub};

/// An unevaluated sum `high + low` of two doubles, of which `high` is the rounded value: 106 bits (Dekker, 1971).
///
/// Ordered by value.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct DoubleDouble {
    /// The nearest double.
    pub high: f64,
    /// What it lacks.
    pub low: f64,
}

/// Below this a divisor is scaled, since the remainder of a division by it would be rounded.
const SMALL_DIVISOR: f64 = 1e-250;
/// `2^600`.
const SCALE: f64 = 4.149_515_568_880_993e180;

impl DoubleDouble {
    /// Zero.
    pub const ZERO: Self = Self { high: 0.0, low: 0.0 };
    /// Below every number.
    pub const NEG_INFINITY: Self = Self { high: f64::NEG_INFINITY, low: 0.0 };

    /// The exact sum of two doubles (Knuth, 1969).
    #[inline(always)]
    pub fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let of_b = high - a;
        Self { high, low: (a - (high - of_b)) + (b - of_b) }
    }

    /// The exact product of two doubles.
    #[inline(always)]
    pub fn product(a: f64, b: f64) -> Self {
        let high = a * b;
        Self { high, low: a.mul_add(b, -high) }
    }

    /// The nearest double.
    #[inline(always)]
    pub fn to_f64(self) -> f64 {
        self.high + self.low
    }

    /// A sum of which the first is not much smaller than the second, in its normal form.
    #[inline(always)]
    fn normal(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }
}

impl From<f64> for DoubleDouble {
    #[inline(always)]
    fn from(high: f64) -> Self {
        Self { high, low: 0.0 }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        Self::normal(sum.high, sum.low + (self.low + other.low))
    }
}

impl Neg for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

/// By a power of two: exact.
impl Mul<f64> for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn mul(self, power: f64) -> Self {
        Self { high: self.high * power, low: self.low * power }
    }
}

/// An infinity where the quotient is beyond the range.
impl Div<f64> for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn div(self, divisor: f64) -> Self {
        let (dividend, divisor) =
            if divisor.abs() < SMALL_DIVISOR { (self * SCALE, divisor * SCALE) } else { (self, divisor) };
        let quotient = dividend.high / divisor;
        if !quotient.is_finite() {
            return Self::from(quotient);
        }
        let rest = (-quotient).mul_add(divisor, dividend.high) + dividend.low;
        Self::normal(quotient, rest / divisor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotients_times_divisors_are_dividends(a in -1e3..1e3f64, tail in -1e-14..1e-14f64, b in 0.5..2.0f64) {
            let dividend = DoubleDouble::sum(a, tail);
            let quotient = dividend / b;
            let products = DoubleDouble::product(quotient.high, b) + DoubleDouble::product(quotient.low, b);
            prop_assert!((dividend - products).to_f64().abs() <= 1e-31 * a.abs() + 1e-45);
        }

        #[test]
        fn sums_keep_what_doubles_lose(a in -1e9..1e9f64, b in -1.0..1.0f64, c in -1e-9..1e-9f64) {
            let sum = DoubleDouble::sum(a, b) + DoubleDouble::from(c) - DoubleDouble::from(a);
            prop_assert!((sum.to_f64() - (b + c)).abs() <= 1e-16);
            prop_assert!(DoubleDouble::sum(a, c.abs()) >= DoubleDouble::from(a));
        }
    }

    #[test]
    fn quotients_of_the_smallest_numbers_keep_their_bits() {
        // 3 and 7 units of the smallest double.
        let (three, seven) = (f64::from_bits(3), f64::from_bits(7));
        let quotient = DoubleDouble::from(three) / seven;
        let again = DoubleDouble::from(3.0) / 7.0;
        assert_eq!(quotient, again);
        assert_eq!((DoubleDouble::from(-1e300) / 1e-300).high, f64::NEG_INFINITY);
    }
}
