//! `exp` and `ln` in plain IEEE arithmetic.
//!
//! The system's mathematical library differs between platforms in the last bit and cannot be vectorised; these
//! functions give the same bits everywhere and are free of branches on the data, so that a loop over them runs in
//! SIMD lanes. Both are within 2 units in the last place (tested against the system's).

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

use super::Real;
use super::bits::{EXPONENT_BIAS, EXPONENT_BITS, ROUNDING, exponent};
pub(crate) use super::bits::{exponent_of, power_of_two, split_exponent, times_power_of_two};

/// `ln 2 - LN_2`: the bits of ln 2 that its nearest double lacks.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;

/// `(e^r - 1 - r - r^2/2) / r^3` on `|r| <= ln(2)/2`, highest power first: the interpolant in Chebyshev's points,
/// which makes `e^r` exact to 3.4e-17, relatively.
const EXP_SERIES: [f64; 9] = [
    2.509_558_946_747_950_2e-8,
    2.761_385_210_096_325_3e-7,
    2.755_728_000_429_909e-6,
    2.480_153_630_713_628e-5,
    1.984_126_985_437_001_8e-4,
    1.388_888_890_592_238_2e-3,
    8.333_333_333_332_152e-3,
    4.166_666_666_665_131e-2,
    1.666_666_666_666_666_6e-1,
];

/// `1/(2k+1)` for k = 11, ..., 1: the series of `atanh(s)/s - 1` in `s^2`.
const ATANH_SERIES: [f64; 11] = [
    1.0 / 23.0,
    1.0 / 21.0,
    1.0 / 19.0,
    1.0 / 17.0,
    1.0 / 15.0,
    1.0 / 13.0,
    1.0 / 11.0,
    1.0 / 9.0,
    1.0 / 7.0,
    1.0 / 5.0,
    1.0 / 3.0,
];

/// Evaluates a polynomial, highest coefficient first.
#[inline(always)]
pub(crate) fn horner<R: Real, const N: usize>(x: R, coefficients: [f64; N]) -> R {
    let mut value = x.constant(coefficients[0]);
    for &coefficient in &coefficients[1..] {
        value = value.mul_add(x, x.constant(coefficient));
    }
    value
}

/// The function `u -> exp(u / t)` for one temperature of at least [`LEAST_TEMPERATURE`].
///
/// The quotient keeps its rounding error and the reduction by multiples of ln 2 is exact to 100 bits, so the result
/// is correct to 2 units in the last place for every quotient up to 1e15, however large. Utilities below -1e15 t,
/// forbidden ones among them, count as -1e15 t.
#[derive(Clone, Copy)]
pub(crate) struct Exponent {
    temperature: f64,
    inverse: f64,
    least: f64,
}

/// Below this the inverse of a temperature may overflow.
pub(crate) const LEAST_TEMPERATURE: f64 = 1e-290;
/// Above this the utility that counts as forbidden would overflow.
pub(crate) const LARGEST_TEMPERATURE: f64 = 1e290;

impl Exponent {
    pub(crate) fn new(temperature: f64) -> Self {
        Self { temperature, inverse: 1.0 / temperature, least: -LARGEST_QUOTIENT * temperature }
    }

    #[inline(always)]
    pub(super) fn inverse(self) -> f64 {
        self.inverse
    }

    #[inline(always)]
    pub(crate) fn temperature(self) -> f64 {
        self.temperature
    }

    /// `exp(u / t)` as `(mantissa, n)`, meaning `mantissa * 2^n` with an integer n and a mantissa in [0.7, 1.5].
    #[inline(always)]
    pub(crate) fn exp<R: Real>(self, u: R) -> (R, R) {
        let u = u.at_least(self.least);
        let quotient = u * u.constant(self.inverse);
        let rest = quotient.mul_add(u.constant(-self.temperature), u) * u.constant(self.inverse);
        exp_of_sum(quotient, rest)
    }
}

/// What is left of a quotient `u / t` of at most 1e7 without its multiple `n` of ln 2, and `-n`: to 1e-9, enough for what
/// single precision makes of it. Smaller quotients count as -1e7.
#[inline(always)]
pub(super) fn reduced<R: Real>(quotient: R) -> (R, R) {
    let quotient = quotient.at_least(-1e7);
    let constant = |value| quotient.constant(value);
    let minus_n = quotient.mul_add(constant(-LOG2_E), constant(ROUNDING)) - constant(ROUNDING);
    (minus_n.mul_add(constant(LN_2), quotient), minus_n)
}

/// `exp(high + low)` for `|low| << |high|`, as [`Exponent::exp`] gives it.
#[inline(always)]
pub(crate) fn exp_of_sum<R: Real>(high: R, low: R) -> (R, R) {
    let constant = |value| high.constant(value);
    let minus_n = high.mul_add(constant(-LOG2_E), constant(ROUNDING)) - constant(ROUNDING);
    let reduced = minus_n.mul_add(constant(LN_2), high) + minus_n.mul_add(constant(LN_2_REST), low);
    let square = reduced * reduced;
    let tail = (square * reduced).mul_add(horner(reduced, EXP_SERIES), square * constant(0.5));
    (constant(1.0) + (reduced + tail), constant(0.0) - minus_n)
}

/// Quotients up to this size are reduced without loss.
pub(crate) const LARGEST_QUOTIENT: f64 = 1e15;

/// Splits a positive normal number into a mantissa in (1/sqrt 2, sqrt 2], both as doubles, and the exponent of two.
#[inline(always)]
fn split_positive(x: f64) -> (f64, f64) {
    const EXPONENT: u64 = 0xfff << EXPONENT_BITS;
    // What makes a mantissa above that of sqrt 2, and no other, carry into the exponent.
    const CARRY: u64 = (1 << EXPONENT_BITS) - 1 - (SQRT_2.to_bits() & !EXPONENT);
    let carried = x.to_bits().wrapping_add(CARRY);
    let exponent = exponent(f64::from_bits(carried));
    let without = x.to_bits().wrapping_sub(carried & EXPONENT);
    let mantissa = f64::from_bits(without.wrapping_add((EXPONENT_BIAS as u64) << EXPONENT_BITS));
    (mantissa, exponent)
}

/// `e^x`; overflows to infinity, and underflows to 0 below the normal range.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (mantissa, n) = exp_of_sum(x.clamp(-746.0, 710.0), 0.0);
    // Two steps, since 2^1024 itself is out of range.
    let half = (n * 0.5 + ROUNDING) - ROUNDING;
    mantissa * power_of_two(half) * power_of_two((n - half).max(-1023.0))
}

/// Natural logarithm of a positive normal number.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    // fdlibm's split of ln 2: the high part has trailing zeros, so its product with an exponent is exact.
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let (mantissa, exponent) = split_positive(x);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let tail = 2.0 * s * square * horner(square, ATANH_SERIES);
    exponent * LN_2_HIGH + (2.0 * s + (tail + exponent * LN_2_LOW))
}

/// `log(1 - x)` for x in [0, 1/2], to full relative accuracy (Kahan's correction of the rounding of `1 - x`).
#[inline(always)]
pub(crate) fn ln_of_one_minus(x: f64) -> f64 {
    let rounded = 1.0 - x;
    let taken = 1.0 - rounded; // exact
    if taken == 0.0 { -x } else { ln(rounded) * (x / taken) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units_in_the_last_place(a: f64, b: f64) -> f64 {
        (a - b).abs() / (f64::EPSILON * b.abs().max(f64::MIN_POSITIVE))
    }

    #[test]
    fn exp_is_within_two_units_in_the_last_place() {
        for i in -7_000..=7_000 {
            let x = f64::from(i) * 0.101;
            assert!(units_in_the_last_place(exp(x), x.exp()) <= 2.0, "{x}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(1e4), f64::INFINITY);
        assert_eq!(exp(-1e4), 0.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
    }

    #[test]
    fn ln_is_within_two_units_in_the_last_place() {
        for i in -3_000..=3_000 {
            let x = (f64::from(i) * 0.2317).exp();
            assert!(units_in_the_last_place(ln(x), x.ln()) <= 2.0, "{x}");
            let near_one = 1.0 + f64::from(i) * 1e-7;
            assert!(units_in_the_last_place(ln(near_one), near_one.ln()) <= 2.0, "{near_one}");
        }
        assert_eq!(ln(1.0), 0.0);
    }

    /// The mantissas that are halved are those above sqrt 2, at every power of two.
    #[test]
    fn mantissas_are_halved_above_the_root_of_two() {
        for n in [-1022, -3, -1, 0, 1, 52, 1023] {
            for steps in -2_i64..=2 {
                let mantissa = f64::from_bits(SQRT_2.to_bits().wrapping_add_signed(steps));
                let x = mantissa * power_of_two(f64::from(n));
                let halved = if steps > 0 { (0.5 * mantissa, n + 1) } else { (mantissa, n) };
                assert_eq!(split_positive(x), (halved.0, f64::from(halved.1)), "{mantissa} 2^{n}");
                assert!(units_in_the_last_place(ln(x), x.ln()) <= 2.0, "{x}");
            }
        }
        assert_eq!(split_positive(f64::MIN_POSITIVE), (1.0, -1022.0));
        assert_eq!(split_positive(f64::MAX), (1.0 - 0.5 * f64::EPSILON, 1024.0));
    }

    #[test]
    fn ln_of_one_minus_is_within_four_units_in_the_last_place() {
        for i in 1..=3_000 {
            let x = 0.5 * (-0.23 * f64::from(i - 1)).exp();
            assert!(units_in_the_last_place(ln_of_one_minus(x), (-x).ln_1p()) <= 4.0, "{x}");
        }
        assert_eq!(ln_of_one_minus(0.0), 0.0);
    }

    #[test]
    fn the_rounding_error_of_the_quotient_is_not_lost() {
        // e^(123456.7 / 0.001) of these two doubles, in 80-digit arithmetic.
        let (mantissa, n) = Exponent::new(0.001).exp(123_456.7);
        assert_eq!(n, 178_110_369.0);
        assert!((mantissa - 0.904_076_325_618_207_2).abs() < 4e-16, "{mantissa}");
    }
}
