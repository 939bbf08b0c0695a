//! Doubles taken apart into mantissas and powers of two, and put together.

/// Adding and subtracting this rounds to the nearest integer, which then stands in the low bits of the sum.
pub(super) const ROUNDING: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
pub(super) const EXPONENT_BITS: u32 = 52;
pub(super) const EXPONENT_BIAS: i64 = 1023;

/// `2^n` for an integer n in [-1023, 1023], where -1023 stands for 0.
#[inline(always)]
pub(crate) fn power_of_two(n: f64) -> f64 {
    let integer = (n + ROUNDING).to_bits();
    f64::from_bits(integer.wrapping_add(EXPONENT_BIAS as u64) << EXPONENT_BITS)
}

/// The exponent of two of a positive normal number.
#[inline(always)]
pub(super) fn exponent(x: f64) -> f64 {
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    // As the low bits of a double in [2^52, 2^53), since not every machine converts integers in lanes.
    f64::from_bits(x.to_bits() >> EXPONENT_BITS | TWO_52.to_bits()) - (TWO_52 + EXPONENT_BIAS as f64)
}

/// `2^n` for `n <= 0`; 0 below -1022.
#[inline(always)]
pub(crate) fn small_power_of_two(n: i64) -> f64 {
    f64::from_bits(((n.max(-EXPONENT_BIAS) + EXPONENT_BIAS) as u64) << EXPONENT_BITS)
}

/// Splits a normal number into a mantissa in [1, 2) (with its sign) and the exponent of two.
#[inline(always)]
pub(crate) fn split_exponent(x: f64) -> (f64, i64) {
    let bits = x.to_bits();
    let exponent = ((bits >> EXPONENT_BITS) & 0x7ff) as i64 - EXPONENT_BIAS;
    let mantissa = f64::from_bits(bits & !(0x7ff << EXPONENT_BITS) | (EXPONENT_BIAS as u64) << EXPONENT_BITS);
    (mantissa, exponent)
}

/// The exponent e of a finite number other than 0, of size in `[2^e, 2^(e+1))`.
pub(crate) fn exponent_of(x: f64) -> i64 {
    const TWO_64: f64 = 18_446_744_073_709_551_616.0;
    if x.is_normal() { split_exponent(x).1 } else { split_exponent(x * TWO_64).1 - 64 }
}

/// `x * 2^n` for n in [-2200, 2200].
pub(crate) fn times_power_of_two(x: f64, n: i64) -> f64 {
    let third = n / 3;
    x * power_of_two(third as f64) * power_of_two(third as f64) * power_of_two((n - 2 * third) as f64)
}
