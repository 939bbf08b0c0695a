//! Vectors of double-doubles, their high and low parts apart, for lanes.

use crate::number::DoubleDouble;

/// Of the largest number of a vector, or of the terms of a value, what unevaluated sums do not tell from 0: some 2^8
/// roundings, which are of 2^-104.
pub(super) const NOTHING: f64 = 1.0 / (1u128 << 96) as f64;

/// Coordinates, their high parts and their low parts.
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

    /// Rounds to doubles, as exact numbers of coordinates of these sizes would be: see [`DoubleDouble::rounded`].
    #[inline(always)]
    pub(super) fn round(&mut self, sizes: &[f64]) {
        for ((high, low), &size) in self.high.iter_mut().zip(&mut self.low).zip(sizes) {
            let rounded = DoubleDouble { high: *high, low: *low }.rounded(NOTHING * size);
            (*high, *low) = (rounded, 0.0);
        }
    }

    /// Rounds coordinates of sizes up to 1.
    #[inline(always)]
    pub(super) fn round_binary(&mut self) {
        for (high, low) in self.high.iter_mut().zip(&mut self.low) {
            let rounded = DoubleDouble { high: *high, low: *low }.rounded(NOTHING);
            (*high, *low) = (rounded, 0.0);
        }
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.high.truncate(length);
        self.low.truncate(length);
    }

    pub(super) fn copy_within(&mut self, from: std::ops::Range<usize>, to: usize) {
        self.high.copy_within(from.clone(), to);
        self.low.copy_within(from, to);
    }

    /// Becomes the exact difference of two vectors of doubles.
    #[inline(always)]
    pub(super) fn set_difference(&mut self, a: &[f64], b: &[f64]) {
        self.zeros(a.len());
        let cells = self.high.iter_mut().zip(&mut self.low);
        for ((high, low), (&a, &b)) in cells.zip(a.iter().zip(b)) {
            DoubleDouble { high: *high, low: *low } = DoubleDouble::sum(a, -b);
        }
    }

    /// Appends a multiple of a vector.
    #[inline(always)]
    pub(super) fn extend_multiple(&mut self, factor: DoubleDouble, other: Part) {
        let start = self.len();
        self.high.resize(start + other.high.len(), 0.0);
        self.low.resize(start + other.high.len(), 0.0);
        let cells = self.high[start..].iter_mut().zip(&mut self.low[start..]);
        for ((high, low), (&a, &b)) in cells.zip(other.high.iter().zip(other.low)) {
            let product = DoubleDouble { high: a, low: b } * factor;
            DoubleDouble { high: *high, low: *low } = product;
        }
    }

    /// Turns the vectors of this length that start at two places, `first < second`, by an angle.
    #[inline(always)]
    pub(super) fn rotate(&mut self, first: usize, second: usize, length: usize, [c, s]: [DoubleDouble; 2]) {
        let (high, high_after) = self.high.split_at_mut(second);
        let (low, low_after) = self.low.split_at_mut(second);
        let firsts = high[first..][..length].iter_mut().zip(&mut low[first..][..length]);
        let seconds = high_after[..length].iter_mut().zip(&mut low_after[..length]);
        for ((high, low), (high_after, low_after)) in firsts.zip(seconds) {
            let a = DoubleDouble { high: *high, low: *low };
            let b = DoubleDouble { high: *high_after, low: *low_after };
            DoubleDouble { high: *high, low: *low } = c * a + s * b;
            DoubleDouble { high: *high_after, low: *low_after } = c * b - s * a;
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
            let product = DoubleDouble::product(factor.high, a);
            let rest = product.low + factor.high.mul_add(b, factor.low * a);
            let sum = DoubleDouble::sum(*high, product.high);
            DoubleDouble { high: *high, low: *low } = DoubleDouble::normal(sum.high, *low + (sum.low + rest));
        }
    }
}

/// Some consecutive coordinates of a [`Vector`].
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) high: &'a [f64],
    pub(super) low: &'a [f64],
}

/// So many partial sums a sum has.
pub(super) const LANES: usize = 8;

impl Part<'_> {
    /// The inner product, its low parts summed in doubles.
    #[inline(always)]
    pub(super) fn dot(self, other: Self) -> DoubleDouble {
        let mut sums = Sums::default();
        let (a, a_tail) = self.high.as_chunks::<LANES>();
        let (a_low, a_low_tail) = self.low.as_chunks::<LANES>();
        let (b, b_tail) = other.high.as_chunks::<LANES>();
        let (b_low, b_low_tail) = other.low.as_chunks::<LANES>();
        for ((a, a_low), (b, b_low)) in a.iter().zip(a_low).zip(b.iter().zip(b_low)) {
            for lane in 0..LANES {
                sums.add(lane, [a[lane], a_low[lane]], [b[lane], b_low[lane]]);
            }
        }
        let tail = a_tail.iter().zip(a_low_tail).zip(b_tail.iter().zip(b_low_tail));
        for (lane, ((&a, &a_low), (&b, &b_low))) in tail.enumerate() {
            sums.add(lane, [a, a_low], [b, b_low]);
        }
        sums.total()
    }
}

/// Partial sums of products, their large parts without error.
#[derive(Default)]
pub(super) struct Sums {
    sum: [f64; LANES],
    rest: [f64; LANES],
}

impl Sums {
    /// Adds a product of two numbers, each a high and a low part.
    #[inline(always)]
    pub(super) fn add(&mut self, lane: usize, [a, a_low]: [f64; 2], [b, b_low]: [f64; 2]) {
        let product = DoubleDouble::product(a, b);
        let total = DoubleDouble::sum(self.sum[lane], product.high);
        self.rest[lane] += (product.low + total.low) + a.mul_add(b_low, a_low * b);
        self.sum[lane] = total.high;
    }

    /// Adds up the lanes, in pairs.
    #[inline(always)]
    pub(super) fn total(self) -> DoubleDouble {
        let Self { mut sum, mut rest } = self;
        for half in [LANES / 2, LANES / 4, LANES / 8] {
            for lane in 0..half {
                let total = DoubleDouble::sum(sum[lane], sum[lane + half]);
                rest[lane] = (rest[lane] + rest[lane + half]) + total.low;
                sum[lane] = total.high;
            }
        }
        // Large parts may have cancelled: either may be the larger now.
        DoubleDouble::sum(sum[0], rest[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: DoubleDouble, b: DoubleDouble) -> bool {
        (a - b).high.abs() <= 1e-31 * b.high.abs()
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
