//! Double-double arithmetic: a number is the unevaluated sum of two doubles, good for 31 digits (Dekker, 1971; Hida, Li and
//! Bailey, 2001). Products below 1e-290 keep fewer of them.

use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::elementary::two_sum;

#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub(super) struct DoubleDouble {
    pub(super) high: f64,
    pub(super) low: f64,
}

/// The exact sum of two numbers, of which the first is the larger or 0.
#[inline(always)]
fn quick_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, b - (sum - a))
}

#[inline(always)]
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}

impl DoubleDouble {
    pub(super) const ZERO: Self = Self { high: 0.0, low: 0.0 };
    pub(super) const ONE: Self = Self { high: 1.0, low: 0.0 };

    #[inline(always)]
    pub(super) fn new(high: f64, low: f64) -> Self {
        let (high, low) = quick_two_sum(high, low);
        Self { high, low }
    }

    #[inline(always)]
    pub(super) fn sqrt(self) -> Self {
        let root = self.high.sqrt();
        if root == 0.0 {
            return Self::ZERO;
        }
        // A step of Newton's.
        let rest = self - Self::from(root) * Self::from(root);
        Self::new(root, rest.high / (2.0 * root))
    }
}

impl DoubleDouble {
    /// The nearest multiple of (some power of two near) the grain, rounded to a double: so that halves of a double's last
    /// place round as exact ones do, and what should be 0 is, whatever rounding errors far below the grain say.
    #[inline(always)]
    pub(super) fn rounded(self, grain: f64) -> f64 {
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

impl Neg for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }
}

impl Add for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (high, rest) = two_sum(self.high, other.high);
        let (low, rest_of_low) = two_sum(self.low, other.low);
        let (high, low) = quick_two_sum(high, rest + low);
        Self::new(high, low + rest_of_low)
    }
}

impl Sub for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for DoubleDouble {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (high, rest) = two_product(self.high, other.high);
        Self::new(high, rest + self.high.mul_add(other.low, self.low * other.high))
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
        Self::new(first, second) + Self::from(rest.high / other.high)
    }
}

/// A vector of such numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Vector {
    pub(super) high: Vec<f64>,
    pub(super) low: Vec<f64>,
}

impl Vector {
    pub(super) fn len(&self) -> usize {
        self.high.len()
    }

    pub(super) fn clear(&mut self) {
        self.high.clear();
        self.low.clear();
    }

    pub(super) fn zeros(&mut self, length: usize) {
        self.clear();
        self.high.resize(length, 0.0);
        self.low.resize(length, 0.0);
    }

    #[inline(always)]
    pub(super) fn push(&mut self, x: DoubleDouble) {
        self.high.push(x.high);
        self.low.push(x.low);
    }

    #[inline(always)]
    pub(super) fn at(&self, index: usize) -> DoubleDouble {
        DoubleDouble { high: self.high[index], low: self.low[index] }
    }

    #[inline(always)]
    pub(super) fn put(&mut self, index: usize, x: DoubleDouble) {
        self.high[index] = x.high;
        self.low[index] = x.low;
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.high.truncate(length);
        self.low.truncate(length);
    }

    pub(super) fn copy_within(&mut self, from: std::ops::Range<usize>, to: usize) {
        self.high.copy_within(from.clone(), to);
        self.low.copy_within(from, to);
    }

    /// Appends the exact difference of two vectors of doubles.
    #[inline(always)]
    pub(super) fn extend_difference(&mut self, a: &[f64], b: &[f64]) {
        for (&a, &b) in a.iter().zip(b) {
            let (high, low) = two_sum(a, -b);
            self.high.push(high);
            self.low.push(low);
        }
    }

    #[inline(always)]
    pub(super) fn extend(&mut self, other: Part) {
        self.high.extend_from_slice(other.high);
        self.low.extend_from_slice(other.low);
    }

    #[inline(always)]
    pub(super) fn part(&self, start: usize, end: usize) -> Part<'_> {
        Part { high: &self.high[start..end], low: &self.low[start..end] }
    }

    #[inline(always)]
    pub(super) fn whole(&self) -> Part<'_> {
        Part { high: &self.high, low: &self.low }
    }

    /// Adds a multiple of a vector that is as long as this one, or to as many of the first coordinates.
    #[inline(always)]
    pub(super) fn add_multiple(&mut self, factor: DoubleDouble, other: Part) {
        let cells = self.high.iter_mut().zip(&mut self.low).zip(other.high.iter().zip(other.low));
        for ((high, low), (&a, &b)) in cells {
            let (product, rest) = two_product(factor.high, a);
            let rest = rest + factor.high.mul_add(b, factor.low * a);
            let (sum, lost) = two_sum(*high, product);
            (*high, *low) = quick_two_sum(sum, *low + (lost + rest));
        }
    }
}

/// Some consecutive coordinates of a [`Vector`].
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) high: &'a [f64],
    pub(super) low: &'a [f64],
}

const LANES: usize = 8;

impl Part<'_> {
    /// The inner product, its low parts summed in doubles.
    #[inline(always)]
    pub(super) fn dot(self, other: Self) -> DoubleDouble {
        let (mut sum, mut rest) = ([0.0; LANES], [0.0; LANES]);
        let (a, a_tail) = self.high.as_chunks::<LANES>();
        let (a_low, a_low_tail) = self.low.as_chunks::<LANES>();
        let (b, b_tail) = other.high.as_chunks::<LANES>();
        let (b_low, b_low_tail) = other.low.as_chunks::<LANES>();
        let mut add = |lane: usize, a: f64, a_low: f64, b: f64, b_low: f64| {
            let (product, error) = two_product(a, b);
            let (total, lost) = two_sum(sum[lane], product);
            rest[lane] += (error + lost) + a.mul_add(b_low, a_low * b);
            sum[lane] = total;
        };
        for ((a, a_low), (b, b_low)) in a.iter().zip(a_low).zip(b.iter().zip(b_low)) {
            for lane in 0..LANES {
                add(lane, a[lane], a_low[lane], b[lane], b_low[lane]);
            }
        }
        let tail = a_tail.iter().zip(a_low_tail).zip(b_tail.iter().zip(b_low_tail));
        for (lane, ((&a, &a_low), (&b, &b_low))) in tail.enumerate() {
            add(lane, a, a_low, b, b_low);
        }
        let lanes = sum.into_iter().zip(rest);
        lanes.fold(DoubleDouble::ZERO, |all, (sum, rest)| {
            all + DoubleDouble::from(sum) + DoubleDouble::from(rest)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn sums_of_products_are_good_for_31_digits() {
        // 19 terms of 1/7 beside ones that cancel: over two rows of lanes and a rest.
        let seventh = DoubleDouble::ONE / DoubleDouble::from(7.0);
        let (mut a, mut b) = (Vector::default(), Vector::default());
        for i in 0..19 {
            a.push(seventh * DoubleDouble::from(f64::from(i)));
            b.push(DoubleDouble::from(f64::from(i) - 9.0));
        }
        // sum i (i - 9) = 2109 - 1539.
        assert!(close(a.whole().dot(b.whole()), DoubleDouble::from(570.0) / DoubleDouble::from(7.0)));
        let before = a.at(5);
        a.add_multiple(seventh, b.whole());
        assert!(close(a.at(5), before - seventh * DoubleDouble::from(4.0)));
    }
}
