use std::ops::{Add, Div, Mul, Neg, Sub};

/// An unevaluated sum `high + low` of two doubles, of which `high` is the rounded value: good for 31 digits (Dekker, 1971;
/// Hida, Li and Bailey, 2001). Products below 1e-290 keep fewer of them.
///
/// Ordered by value.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
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
    /// One.
    pub const ONE: Self = Self { high: 1.0, low: 0.0 };
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

    /// The exact sum of two doubles, of which the first is the larger or 0.
    #[inline(always)]
    pub fn normal(high: f64, low: f64) -> Self {
        let sum = high + low;
        Self { high: sum, low: low - (sum - high) }
    }

    /// The square root.
    #[inline(always)]
    pub fn sqrt(self) -> Self {
        let root = self.high.sqrt();
        if root == 0.0 {
            return Self::ZERO;
        }
        // A step of Newton's.
        let rest = self - Self::product(root, root);
        Self::normal(root, rest.high / (2.0 * root))
    }

    /// The nearest multiple of (some power of two near) the grain, rounded to a double: so that halves of a double's last
    /// place round as exact ones do, and what should be 0 is, whatever rounding errors far below the grain say.
    #[inline(always)]
    pub fn rounded(self, grain: f64) -> f64 {
        // The doubles next to this one are as far apart as the power of two.
        let steps = 1.5 * grain * (1u64 << 52) as f64;
        let nearest = |x: f64| (x + steps) - steps;
        // A large high part has no digit as small as that.
        if self.high.abs() < steps / 4.0 { nearest(self.high) } else { self.high + nearest(self.low) }
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
        let (high, low) = (Self::sum(self.high, other.high), Self::sum(self.low, other.low));
        let sum = Self::normal(high.high, high.low + low.high);
        Self::normal(sum.high, sum.low + low.low)
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

impl Mul for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let product = Self::product(self.high, other.high);
        Self::normal(product.high, product.low + self.high.mul_add(other.low, self.low * other.high))
    }
}

impl Div for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let first = self.high / other.high;
        let rest = self - Self::from(first) * other;
        let second = rest.high / other.high;
        let rest = rest - Self::from(second) * other;
        Self::normal(first, second) + Self::from(rest.high / other.high)
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

    fn close(a: DoubleDouble, b: DoubleDouble) -> bool {
        (a - b).high.abs() <= 1e-31 * b.high.abs()
    }

    #[test]
    fn arithmetic_is_good_for_31_digits() {
        let third = DoubleDouble::ONE / DoubleDouble::from(3.0);
        assert_eq!(third.high, 1.0 / 3.0);
        assert!(close(third + third + third, DoubleDouble::ONE));
        assert!(close(third * DoubleDouble::from(3.0), DoubleDouble::ONE));
        let root = DoubleDouble::from(2.0).sqrt();
        assert!(close(root * root, DoubleDouble::from(2.0)));
        assert_eq!(DoubleDouble::ZERO.sqrt(), DoubleDouble::ZERO);
    }

    #[test]
    fn halves_of_a_last_place_are_rounded_to_even() {
        let place = f64::EPSILON;
        let noise = 1.0 / (1u128 << 104) as f64;
        for (high, low, rounded) in [
            (1.0, 0.5 * place, 1.0),
            (1.0 + place, 0.5 * place, 1.0 + 2.0 * place),
            (1.0, 0.25 * place, 1.0),
            (1.0, 0.75 * place, 1.0 + place),
            (0.0, 0.0, 0.0),
        ] {
            for noise in [0.0, noise, -noise] {
                let x = DoubleDouble { high, low } + DoubleDouble::from(noise);
                assert_eq!(x.rounded(1.0 / (1u128 << 96) as f64), rounded, "{high} {low} {noise}");
            }
        }
    }
}
