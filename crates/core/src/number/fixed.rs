use std::cmp::Ordering;
use std::ops::{Add, Neg, Sub};

use super::Wide;
use super::elementary::exp_of_sum;

const LIMBS: usize = 35;
/// `2^64`.
const LIMB: f64 = 18_446_744_073_709_551_616.0;
/// The exponent of the unit in the last place of the smallest doubles.
const LEAST_EXPONENT: i64 = -1074;
const MANTISSA_BITS: u32 = 52;

/// A fixed-point number with 64 bits behind the point and 2176 before it: room for the quotient of any two doubles, and
/// for sums of more of them than any structure has, without rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Two's complement, the lowest limb first.
    limbs: [u64; LIMBS],
}

impl Fixed {
    /// Zero.
    pub const ZERO: Self = Self { limbs: [0; LIMBS] };

    /// `numerator / denominator` of two finite doubles, the second positive, with an error below `2^-64`; without one
    /// where the denominator is a power of two that is small enough.
    pub fn quotient(numerator: f64, denominator: f64) -> Self {
        let (dividend, dividend_exponent) = integer_and_exponent(numerator.abs());
        let (divisor, divisor_exponent) = integer_and_exponent(denominator);
        let shift = dividend_exponent - divisor_exponent + 64;
        let mut limbs = [0; LIMBS];
        if shift >= 0 {
            let (first, bits) = (shift as usize / 64, shift % 64);
            let shifted = u128::from(dividend) << bits;
            limbs[first] = shifted as u64;
            limbs[first + 1] = (shifted >> 64) as u64;
            let mut rest = 0;
            for limb in limbs.iter_mut().rev() {
                let part = u128::from(rest) << 64 | u128::from(*limb);
                *limb = (part / u128::from(divisor)) as u64;
                rest = (part % u128::from(divisor)) as u64;
            }
        } else if shift > -64 {
            limbs[0] = (u128::from(dividend) / (u128::from(divisor) << -shift)) as u64;
        }
        let size = Self { limbs };
        if numerator < 0.0 { -size } else { size }
    }

    fn is_negative(&self) -> bool {
        self.limbs[LIMBS - 1] >> 63 == 1
    }

    fn abs(self) -> Self {
        if self.is_negative() { -self } else { self }
    }

    /// The nearest double, to a few units in the last place; beyond the range an infinity.
    pub fn to_f64(self) -> f64 {
        let size = self.abs();
        let (fraction, whole) = (size.limbs[0] as f64 / LIMB, &size.limbs[1..]);
        let size = whole.iter().rev().fold(0.0_f64, |x, &limb| x.mul_add(LIMB, limb as f64)) + fraction;
        if self.is_negative() { -size } else { size }
    }

    /// `e^self`: 0 where it is below `e^(-2^50)`, none where it is above `e^(2^50)`.
    #[inline(always)]
    pub(super) fn exp(self) -> Option<Wide> {
        let negative = self.is_negative();
        let size = self.abs();
        if size.limbs[2..].iter().any(|&limb| limb != 0) || size.limbs[1] >= 1 << 50 {
            return negative.then_some(Wide::ZERO);
        }
        let (whole, fraction) = (size.limbs[1] as f64, size.limbs[0] as f64 / LIMB);
        let high = whole + fraction;
        let low = (whole - high) + fraction;
        let (mantissa, n) = if negative { exp_of_sum(-high, -low) } else { exp_of_sum(high, low) };
        Some(Wide::new(mantissa, n as i64))
    }
}

/// A double that is not negative as `integer * 2^exponent`.
fn integer_and_exponent(x: f64) -> (u64, i64) {
    let (biased, fraction) = (x.to_bits() >> MANTISSA_BITS, x.to_bits() & ((1 << MANTISSA_BITS) - 1));
    match biased {
        0 => (fraction, LEAST_EXPONENT),
        _ => (fraction | 1 << MANTISSA_BITS, LEAST_EXPONENT + biased as i64 - 1),
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        let mut carry = false;
        for (limb, &addend) in self.limbs.iter_mut().zip(&other.limbs) {
            let (sum, over) = limb.overflowing_add(addend);
            let (sum, over_again) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = over || over_again;
        }
        self
    }
}

impl Neg for Fixed {
    type Output = Self;
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl Sub for Fixed {
    type Output = Self;
    fn sub(mut self, other: Self) -> Self {
        let mut borrow = false;
        for (limb, &subtrahend) in self.limbs.iter_mut().zip(&other.limbs) {
            let (difference, under) = limb.overflowing_sub(subtrahend);
            let (difference, under_again) = difference.overflowing_sub(u64::from(borrow));
            *limb = difference;
            borrow = under || under_again;
        }
        self
    }
}

impl PartialOrd for Fixed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fixed {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = other.is_negative().cmp(&self.is_negative());
        signs.then_with(|| self.limbs.iter().rev().cmp(other.limbs.iter().rev()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotients_are_those_of_integers(a in -(1i64 << 52)..1i64 << 52, b in 1i64..1 << 20, e in -40..40i32) {
            let x = a as f64 * 2.0_f64.powi(e);
            let exact = Fixed::quotient(x, b as f64);
            prop_assert!((exact.to_f64() - x / b as f64).abs() <= 3e-16 * (x / b as f64).abs() + 1e-19);
            // Division is exact where it can be: multiplied back by repeated addition.
            let once = Fixed::quotient(x, 1.0);
            let third = Fixed::quotient(x, 4.0);
            prop_assert!((once - (third + third + third + third)).to_f64().abs() <= 4.0 / LIMB);
        }

        #[test]
        fn order_and_sums_are_those_of_integers(a in any::<i32>(), b in any::<i32>(), c in any::<i32>()) {
            let of = |x: i32| Fixed::quotient(f64::from(x), f64::from_bits(1));
            prop_assert_eq!(of(a).cmp(&of(b)), a.cmp(&b));
            let sum = i64::from(a) + i64::from(b) - i64::from(c);
            prop_assert_eq!(of(a) + of(b) - of(c), Fixed::quotient(sum as f64, f64::from_bits(1)));
            prop_assert_eq!(-of(a), Fixed::ZERO - of(a));
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        let smallest = f64::from_bits(1);
        let most = Fixed::quotient(f64::MAX, smallest);
        assert_eq!(most.to_f64(), f64::INFINITY);
        assert_eq!((-most).to_f64(), f64::NEG_INFINITY);
        assert_eq!(Fixed::quotient(f64::MAX, 1.0).to_f64(), f64::MAX);
        assert!(most + Fixed::quotient(smallest, smallest) > most);
        assert_eq!(most + Fixed::quotient(1.0, 1.0) - most, Fixed::quotient(1.0, 1.0));
        assert_eq!(Fixed::quotient(smallest, f64::MAX), Fixed::ZERO);
        assert_eq!((-most).exp(), Some(Wide::ZERO));
        assert_eq!(most.exp(), None);
        let e = Fixed::quotient(-1.0, 1.0).exp().expect("in range").to_f64();
        assert!((e - (-1.0_f64).exp()).abs() <= 1e-16, "{e}");
    }
}
