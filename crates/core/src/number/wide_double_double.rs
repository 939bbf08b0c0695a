use std::ops::{Add, Div, Mul, Sub};

use super::bits::{power_of_two, small_power_of_two, split_exponent};
use super::elementary::exp_of_sum;
use super::{DoubleDouble, Number};

/// A number of 31 digits with a 64-bit exponent: [`Wide`](super::Wide) with two doubles for a mantissa.
///
/// For derivatives along directions so large that what all likely vertices share of them would swallow what they differ in:
/// the sum over a vertex may be 1e15 times as large as the result. It fuses nothing, and so is compiled once, for all machines.
#[derive(Clone, Copy, Debug)]
pub struct WideDoubleDouble {
    /// Its high part is in [1, 2) or (-2, -1], or 0.
    mantissa: DoubleDouble,
    exponent: i64,
}

/// The exponent of zero, as [`Wide`](super::Wide) has it.
const ZERO_EXPONENT: i64 = i64::MIN / 4;

impl WideDoubleDouble {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: DoubleDouble::ZERO, exponent: ZERO_EXPONENT };

    /// `mantissa * 2^exponent`, for a high part that is 0 or normal.
    #[inline(always)]
    fn new(mantissa: DoubleDouble, exponent: i64) -> Self {
        if mantissa.high == 0.0 {
            return Self::ZERO;
        }
        let (high, shift) = split_exponent(mantissa.high);
        let low = mantissa.low * power_of_two(-shift as f64);
        Self { mantissa: DoubleDouble { high, low }, exponent: exponent + shift }
    }

    /// `e^x` to the digits of a double, as all weights; 0 for negative infinity.
    pub fn exp(x: DoubleDouble) -> Self {
        if x == DoubleDouble::NEG_INFINITY {
            return Self::ZERO;
        }
        let (mantissa, n) = exp_of_sum(x.high, x.low);
        Self::new(mantissa.into(), n as i64)
    }

    /// The nearest double: 0 below the range, an infinity above it.
    #[inline(always)]
    pub fn to_f64(self) -> f64 {
        super::Wide::new(self.mantissa.to_f64(), self.exponent).to_f64()
    }

    /// The mantissa in the place of one whose exponent is this, at least its own.
    #[inline(always)]
    fn aligned(self, exponent: i64) -> DoubleDouble {
        self.mantissa * small_power_of_two(self.exponent - exponent)
    }
}

/// The exact product of two doubles of moderate size (Dekker, 1971).
#[inline(always)]
fn product(a: f64, b: f64) -> DoubleDouble {
    let ((a_high, a_low), (b_high, b_low)) = (halves(a), halves(b));
    let high = a * b;
    DoubleDouble { high, low: ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low }
}

/// Two numbers of 26 bits whose sum it is (Veltkamp, 1968).
#[inline(always)]
fn halves(x: f64) -> (f64, f64) {
    let scaled = 134_217_729.0 * x;
    let high = scaled - (scaled - x);
    (high, x - high)
}

#[inline(always)]
fn times(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let product = product(a.high, b.high);
    DoubleDouble::normal(product.high, product.low + (a.high * b.low + a.low * b.high))
}

impl Add for WideDoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let exponent = self.exponent.max(other.exponent);
        Self::new(self.aligned(exponent) + other.aligned(exponent), exponent)
    }
}

impl Sub for WideDoubleDouble {
    type Output = Self;
    #[allow(clippy::suspicious_arithmetic_impl)] // The sum with the negative.
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + Self { mantissa: -other.mantissa, ..other }
    }
}

impl Mul for WideDoubleDouble {
    type Output = Self;
    #[allow(clippy::suspicious_arithmetic_impl)] // Exponents add up.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self::new(times(self.mantissa, other.mantissa), self.exponent + other.exponent)
    }
}

impl Div for WideDoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let (dividend, divisor) = (self.mantissa, other.mantissa);
        let first = dividend.high / divisor.high;
        let rest = dividend - times(first.into(), divisor);
        let second = rest.high / divisor.high;
        let rest = rest - times(second.into(), divisor);
        let quotient = DoubleDouble::normal(first, second) + (rest.high / divisor.high).into();
        Self::new(quotient, self.exponent - other.exponent)
    }
}

impl From<DoubleDouble> for WideDoubleDouble {
    /// 0 for what is below the normal range.
    #[inline(always)]
    fn from(sum: DoubleDouble) -> Self {
        if sum.high.is_normal() { Self::new(sum, 0) } else { Self::ZERO }
    }
}

impl Number for WideDoubleDouble {
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self::from(DoubleDouble::from(value))
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

    fn number(x: f64) -> WideDoubleDouble {
        DoubleDouble::from(x).into()
    }

    proptest! {
        #[test]
        fn arithmetic_is_good_for_31_digits(a in -1e9..1e9f64, b in 0.5..2.0f64, c in -1e-9..1e-9f64) {
            let sum = number(a) + number(b) + number(c);
            prop_assert!((sum - number(a) - number(b) - number(c)).to_f64().abs() <= 1e-31 * (1.0 + a.abs()));
            let product = number(a) * number(b);
            prop_assert_eq!((product - DoubleDouble::product(a, b).into()).to_f64(), 0.0);
            let quotient = sum / product;
            prop_assert!((quotient * product - sum).to_f64().abs() <= 1e-30 * (1.0 + a.abs()));
        }
    }

    #[test]
    fn numbers_of_any_size() {
        let (huge, tiny) = (WideDoubleDouble::exp(1e15.into()), WideDoubleDouble::exp((-1e15).into()));
        assert!(((huge * tiny).to_f64() - 1.0).abs() <= 1e-15);
        assert!(((huge + huge) / huge - number(2.0)).to_f64().abs() <= 1e-31);
        assert_eq!((huge + tiny - huge).to_f64(), 0.0);
        assert_eq!((huge.to_f64(), tiny.to_f64()), (f64::INFINITY, 0.0));
        let zero = WideDoubleDouble::exp(DoubleDouble::NEG_INFINITY);
        assert_eq!(
            ((zero * huge).to_f64(), (zero + tiny - tiny).to_f64(), number(5e-324).to_f64()),
            (0.0, 0.0, 0.0)
        );
        assert_eq!((number(3.0) - zero).to_f64(), 3.0);
    }
}
