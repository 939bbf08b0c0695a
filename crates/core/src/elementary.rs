//! `exp` and `ln` in plain IEEE arithmetic.
//!
//! The system's mathematical library differs between platforms in the last bit and cannot be vectorised; these
//! functions give the same bits everywhere and are free of branches on the data, so that a loop over them runs in
//! SIMD lanes. Both are within 2 units in the last place (tested against the system's).

use std::f64::consts::{LN_2, LOG2_E, SQRT_2};

/// Adding and subtracting this rounds to the nearest integer, which then stands in the low bits of the sum.
const ROUNDING: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
/// `ln 2 - LN_2`: the bits of ln 2 that its nearest double lacks.
const LN_2_REST: f64 = 2.319_046_813_846_299_6e-17;
const EXPONENT_BITS: u32 = 52;
const EXPONENT_BIAS: i64 = 1023;

/// Taylor coefficients `1/13!, ..., 1/1!, 1`; on `|r| <= ln(2)/2` the remainder is below 5e-18.
const EXP_SERIES: [f64; 14] = [
    1.0 / 6_227_020_800.0,
    1.0 / 479_001_600.0,
    1.0 / 39_916_800.0,
    1.0 / 3_628_800.0,
    1.0 / 362_880.0,
    1.0 / 40_320.0,
    1.0 / 5_040.0,
    1.0 / 720.0,
    1.0 / 120.0,
    1.0 / 24.0,
    1.0 / 6.0,
    0.5,
    1.0,
    1.0,
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
pub(crate) fn horner<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    let mut value = coefficients[0];
    for &coefficient in &coefficients[1..] {
        value = value * x + coefficient;
    }
    value
}

/// `exp((high + low) / temperature)` as `(mantissa, n)`, meaning `mantissa * 2^n` with mantissa in [0.7, 1.5].
///
/// The quotient keeps its rounding error and the reduction by multiples of ln 2 is exact to 100 bits, so the result
/// is correct to 2 units in the last place for every quotient up to 1e15, however large. Below -1e16 it is 0.
#[inline(always)]
pub(crate) fn exp_scaled(high: f64, low: f64, temperature: f64) -> (f64, f64) {
    let vanishes = high / temperature < -1e16;
    let high = if vanishes { 0.0 } else { high };
    let low = if vanishes { 0.0 } else { low };
    let quotient = high / temperature;
    let rest = ((-quotient).mul_add(temperature, high) + low) / temperature;
    let n = (quotient * LOG2_E + ROUNDING) - ROUNDING;
    let reduced = (-n).mul_add(LN_2_REST, (-n).mul_add(LN_2, quotient)) + rest;
    let mantissa = horner(reduced, EXP_SERIES);
    (if vanishes { 0.0 } else { mantissa }, n)
}

/// `mantissa * 2^n` for `n <= 1023`; values below the normal range become 0.
#[inline(always)]
pub(crate) fn times_power_of_two(mantissa: f64, n: f64) -> f64 {
    let n = if n < -1023.0 { -1023.0 } else { n };
    mantissa * power_of_two(n)
}

/// `2^n` for an integer n in [-1023, 1023], where -1023 stands for 0.
#[inline(always)]
pub(crate) fn power_of_two(n: f64) -> f64 {
    let integer = (n + ROUNDING).to_bits();
    f64::from_bits(integer.wrapping_add(EXPONENT_BIAS as u64) << EXPONENT_BITS)
}

/// Splits a normal number into a mantissa in [1, 2) (with its sign) and the exponent of two.
#[inline(always)]
pub(crate) fn split_exponent(x: f64) -> (f64, i64) {
    let bits = x.to_bits();
    let exponent = ((bits >> EXPONENT_BITS) & 0x7ff) as i64 - EXPONENT_BIAS;
    let mantissa = f64::from_bits(bits & !(0x7ff << EXPONENT_BITS) | (EXPONENT_BIAS as u64) << EXPONENT_BITS);
    (mantissa, exponent)
}

/// `e^x`; overflows to infinity, and underflows to 0 below the normal range.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    let (mantissa, n) = exp_scaled(x.clamp(-746.0, 710.0), 0.0, 1.0);
    // Two steps, since 2^1024 itself is out of range.
    let half = ((n * 0.5 + ROUNDING) - ROUNDING).max(-600.0);
    times_power_of_two(times_power_of_two(mantissa, half), n - half)
}

/// Natural logarithm of a positive normal number.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // fdlibm's split of ln 2: the high part has trailing zeros, so its product with an exponent is exact.
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let (mantissa, exponent) = split_exponent(x);
    let upper = mantissa > SQRT_2;
    let mantissa = if upper { 0.5 * mantissa } else { mantissa };
    let exponent = exponent as f64 + if upper { 1.0 } else { 0.0 };
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let tail = 2.0 * s * square * horner(square, ATANH_SERIES);
    exponent * LN_2_HIGH + (2.0 * s + (tail + exponent * LN_2_LOW))
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

    #[test]
    fn the_rounding_error_of_the_quotient_is_not_lost() {
        // e^(123456.7 / 0.001) of these two doubles, in 80-digit arithmetic.
        let (mantissa, n) = exp_scaled(123_456.7, 0.0, 0.001);
        assert_eq!(n, 178_110_369.0);
        assert!((mantissa - 0.904_076_325_618_207_2).abs() < 4e-16, "{mantissa}");
    }
}
