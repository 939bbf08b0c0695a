//! The QR factorisation of a matrix that gains and loses columns, in double-double arithmetic: columns whose sizes and
//! distances differ by 18 orders of magnitude still count.

use super::vector::{Part, Vector};
use crate::number::DoubleDouble;

/// A column of which less than this part remains beside the others depends on them: far above the rounding, 2^-100 or so,
/// and far below what columns of doubles of ordinary sizes leave.
const DEPENDENT: f64 = 1.0 / (1u128 << 80) as f64;
/// If less than this part of a vector remains, what rounding left along the basis is taken out once more (Kahan and
/// Parlett's "twice is enough"): the columns are orthogonal to 2^-100 with four bits fewer.
const ONCE_MORE: f64 = 1.0 / 16.0;

/// `D = Q R` with orthonormal columns Q and a triangle R (Golub and Van Loan, section 6.5).
#[derive(Default)]
pub(super) struct Basis {
    dimension: usize,
    order: usize,
    /// The columns of Q, one after the other.
    columns: Vector,
    /// The columns of R, down to the diagonal.
    triangle: Vector,
    /// What [`Basis::split`] left: the part of a vector beside the basis, and the coordinates of the other part.
    pub(super) rest: Vector,
    coordinates: Vector,
    /// The size of that vector, and of the part beside the basis.
    pub(super) size: f64,
    rest_size: DoubleDouble,
}

fn start(column: usize) -> usize {
    column * (column + 1) / 2
}

#[inline(always)]
fn norm(vector: Part) -> DoubleDouble {
    vector.dot(vector).sqrt()
}

impl Basis {
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, ..Self::default() }
    }

    pub(super) fn order(&self) -> usize {
        self.order
    }

    pub(super) fn clear(&mut self) {
        self.columns.clear();
        self.triangle.clear();
        self.order = 0;
    }

    #[inline(always)]
    fn column(&self, index: usize) -> Part<'_> {
        self.columns.part(index * self.dimension, (index + 1) * self.dimension)
    }

    /// Splits `a - b` into its parts along and beside the basis. False if nothing remains beside it but rounding. O(k n).
    #[inline(always)]
    pub(super) fn split_difference(&mut self, a: &[f64], b: &[f64]) -> bool {
        self.rest.set_difference(a, b);
        self.split_rest()
    }

    /// The same of one vector.
    #[inline(always)]
    pub(super) fn split(&mut self, vector: &[f64]) -> bool {
        self.rest.zeros(vector.len());
        self.rest.high.copy_from_slice(vector);
        self.split_rest()
    }

    #[inline(always)]
    fn split_rest(&mut self) -> bool {
        self.coordinates.zeros(self.order);
        self.rest_size = norm(self.rest.whole());
        self.size = self.rest_size.high;
        let mut left = self.size;
        // Modified Gram-Schmidt.
        for _ in 0..2 {
            for index in 0..self.order {
                let part = self.columns.part(index * self.dimension, (index + 1) * self.dimension);
                let along = part.dot(self.rest.whole());
                self.rest.add_multiple(-along, part);
                self.coordinates.put(index, self.coordinates.at(index) + along);
            }
            self.rest_size = norm(self.rest.whole());
            let enough = self.rest_size.high > ONCE_MORE * left;
            left = self.rest_size.high;
            if enough {
                break;
            }
        }
        left > DEPENDENT * self.size
    }

    /// Adds the column that was split last.
    #[inline(always)]
    pub(super) fn push(&mut self) {
        self.triangle.extend(self.coordinates.whole());
        self.triangle.push(self.rest_size);
        self.columns.extend_multiple(DoubleDouble::ONE / self.rest_size, self.rest.whole());
        self.order += 1;
    }

    /// Takes what a vector has along the columns from one on out of it. O(k n).
    #[inline(always)]
    pub(super) fn clean(&self, vector: &mut Vector, from: usize) {
        for index in from..self.order {
            let column = self.column(index);
            vector.add_multiple(-column.dot(vector.whole()), column);
        }
    }

    /// Subtracts the first column from all others, and takes it out.
    #[inline(always)]
    pub(super) fn subtract_first(&mut self) {
        let first = self.triangle.at(0);
        for column in 1..self.order {
            let place = start(column);
            self.triangle.put(place, self.triangle.at(place) - first);
        }
        self.remove(0);
    }

    /// Takes a column out, and makes R triangular again by rotations. O(k^2 + k n).
    #[inline(always)]
    pub(super) fn remove(&mut self, index: usize) {
        for row in index..self.order - 1 {
            let pivot = start(row + 1) + row;
            let (a, b) = (self.triangle.at(pivot), self.triangle.at(pivot + 1));
            let length = (a * a + b * b).sqrt();
            let angle = [a / length, b / length];
            for column in row + 1..self.order {
                let place = start(column) + row;
                self.triangle.rotate(place, place + 1, 1, angle);
            }
            let column = row * self.dimension;
            self.columns.rotate(column, column + self.dimension, self.dimension, angle);
        }
        // The last cell of every later column is now 0.
        for column in index + 1..self.order {
            self.triangle.copy_within(start(column)..start(column) + column, start(column - 1));
        }
        self.order -= 1;
        self.triangle.truncate(start(self.order));
        self.columns.truncate(self.order * self.dimension);
    }

    /// `values <- (D^T D)^-1 values`. O(k^2).
    #[inline(always)]
    pub(super) fn solve(&self, values: &mut Vector) {
        for i in 0..self.order {
            let above = self.triangle.part(start(i), start(i) + i);
            let value = values.at(i) - above.dot(values.part(0, i));
            values.put(i, value / self.triangle.at(start(i) + i));
        }
        for i in (0..self.order).rev() {
            let value = values.at(i) / self.triangle.at(start(i) + i);
            values.put(i, value);
            values.add_multiple(-value, self.triangle.part(start(i), start(i) + i));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Their squares, which right sides below are sums of, differ by less than the digits of those.
    const SIZES: [f64; 6] = [1.0, 1e-3, 1e6, 1e3, 1.0, 1e-3];

    /// Vandermonde columns, every coordinate of a scale of its own.
    fn column(j: usize) -> Vec<f64> {
        let base = (j + 1) as f64 / 4.0;
        (0..6).map(|power| SIZES[power as usize] * base.powi(power)).collect()
    }

    fn push(basis: &mut Basis, column: &[f64]) -> bool {
        let independent = basis.split(column);
        if independent {
            basis.push();
        }
        independent
    }

    #[test]
    fn solves_after_columns_came_and_went() {
        let mut basis = Basis::new(6);
        assert!((0..5).all(|j| push(&mut basis, &column(j))));
        [1, 0, 2].into_iter().for_each(|index| basis.remove(index));
        assert!(push(&mut basis, &column(1)));
        let columns: Vec<Vec<f64>> = [2, 3, 1].into_iter().map(column).collect();
        let expected = [1.0, -2.0, 3.0];
        let mut values = Vector::default();
        for a in &columns {
            let mut value = DoubleDouble::ZERO;
            for (b, x) in columns.iter().zip(expected) {
                for (&a, &b) in a.iter().zip(b) {
                    value = value + DoubleDouble::from(a) * DoubleDouble::from(b) * DoubleDouble::from(x);
                }
            }
            values.push(value);
        }
        basis.solve(&mut values);
        for (value, expected) in values.high.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-10, "{values:?}");
        }
    }

    #[test]
    fn subtracts_the_first_column() {
        let mut basis = Basis::new(6);
        assert!((0..4).all(|j| push(&mut basis, &column(j))));
        basis.subtract_first();
        let difference = |j| column(j).iter().zip(column(0)).map(|(a, b)| a - b).collect::<Vec<f64>>();
        let mut other = Basis::new(6);
        assert!((1..4).all(|j| push(&mut other, &difference(j))));
        let (mut values, mut expected) = (Vector::default(), Vector::default());
        for i in 0..3 {
            values.push(DoubleDouble::from(f64::from(i) - 0.5));
            expected.push(DoubleDouble::from(f64::from(i) - 0.5));
        }
        basis.solve(&mut values);
        other.solve(&mut expected);
        for (value, expected) in values.high.iter().zip(&expected.high) {
            assert!((value - expected).abs() <= 1e-10 * expected.abs(), "{value} {expected}");
        }
    }

    #[test]
    fn what_is_left_of_a_column_is_orthogonal_however_little_it_is() {
        for power in [1, 10, 30, 50] {
            let mut basis = Basis::new(3);
            assert!(push(&mut basis, &[1.0, 1.0 / 3.0, 1.0 / 7.0]));
            assert!(push(&mut basis, &[1.0 + 0.5_f64.powi(power), 1.0 / 3.0, 1.0 / 7.0]));
            let product = basis.column(0).dot(basis.column(1)).high;
            assert!(product.abs() <= 1e-29, "{power}: {product:e}");
        }
    }

    #[test]
    fn refuses_a_column_that_depends_on_the_others() {
        let mut basis = Basis::new(3);
        assert!(push(&mut basis, &[1.0, 3.0, 1e12]));
        assert!(!push(&mut basis, &[1.0, 3.0, 1e12]));
        assert!(!push(&mut basis, &[0.0; 3]));
        assert!(!push(&mut basis, &[f64::NAN, 0.0, 0.0]));
        assert!(push(&mut basis, &[1.0, 3.0 + 1e-6, 1e12]));
        assert!(push(&mut basis, &[1e-6, 0.0, 0.0]));
        assert!(!push(&mut basis, &[0.3, -0.1, 0.7]));
    }
}
