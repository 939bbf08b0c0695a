//! The Cholesky factorisation of a matrix that gains and loses rows, in doubles.

/// So many partial sums a sum has.
const LANES: usize = 8;

/// `A = L L^T` for the matrix A of inner products of vectors, each with one more coordinate, which is 1: such vectors are
/// independent where the vectors themselves are affinely independent (Wolfe, 1976).
#[derive(Default)]
pub(super) struct Factor {
    order: usize,
    /// The rows of L, up to the diagonal.
    rows: Vec<f64>,
    /// `L^-1 1` and `L^-1 b`, b being a value of each vector: they are one more row of L each, of a vector that has these
    /// products with the others.
    ones: Vec<f64>,
    values: Vec<f64>,
    /// The row that would come next, without and on the diagonal.
    next: Vec<f64>,
    pivot: f64,
    /// The rotations of a removal.
    angles: Vec<[f64; 2]>,
}

fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; LANES];
    let (a, a_tail) = a.as_chunks::<LANES>();
    let (b, b_tail) = b.as_chunks::<LANES>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            sums[lane] = a[lane].mul_add(b[lane], sums[lane]);
        }
    }
    for (sum, (a, b)) in sums.iter_mut().zip(a_tail.iter().zip(b_tail)) {
        *sum = a.mul_add(*b, *sum);
    }
    for half in [LANES / 2, LANES / 4, LANES / 8] {
        for lane in 0..half {
            sums[lane] += sums[lane + half];
        }
    }
    sums[0]
}

impl Factor {
    pub(super) fn with_capacity(order: usize) -> Self {
        let [ones, values, next] = [(); 3].map(|()| Vec::with_capacity(order));
        let (rows, angles) = (Vec::with_capacity(start(order)), Vec::with_capacity(order));
        Self { rows, ones, values, next, angles, ..Self::default() }
    }

    pub(super) fn clear(&mut self) {
        self.order = 0;
        self.rows.clear();
        self.ones.clear();
        self.values.clear();
    }

    #[inline(always)]
    fn row(&self, index: usize) -> (&[f64], f64) {
        let first = start(index);
        (&self.rows[first..first + index], self.rows[first + index])
    }

    /// Takes the products of a vector with the others and with itself (each without what the coordinate of 1 adds). The part
    /// of its square that remains beside the others: of ones that depend, rounding. O(k^2).
    #[inline(always)]
    pub(super) fn split(&mut self, product: impl Fn(usize) -> f64, square: f64) -> f64 {
        let mut next = std::mem::take(&mut self.next);
        // Loops rather than iterators handed to a vector, which may be compiled for the oldest machine.
        next.resize(self.order, 0.0);
        for (index, cell) in next.iter_mut().enumerate() {
            *cell = product(index) + 1.0;
        }
        self.forward(&mut next);
        self.pivot = (square + 1.0) - dot(&next, &next);
        self.next = next;
        self.pivot / (square + 1.0)
    }

    /// Adds the vector that was split last, and its value. O(k).
    #[inline(always)]
    pub(super) fn push(&mut self, value: f64) {
        let pivot = self.pivot.sqrt();
        self.ones.push((1.0 - dot(&self.next, &self.ones)) / pivot);
        self.values.push((value - dot(&self.next, &self.values)) / pivot);
        self.rows.extend_from_slice(&self.next);
        self.rows.push(pivot);
        self.order += 1;
    }

    /// Takes a row out, and makes L triangular again by rotations of columns. O(k^2).
    #[inline(always)]
    pub(super) fn remove(&mut self, index: usize) {
        self.angles.clear();
        for row in index + 1..self.order {
            let (from, to) = (start(row), start(row - 1));
            self.rows.copy_within(from..from + index, to);
            let mut carried = self.rows[from + index];
            for (column, &[c, s]) in (index..).zip(&self.angles) {
                let next = self.rows[from + column + 1];
                self.rows[to + column] = c.mul_add(carried, s * next);
                carried = c.mul_add(next, -(s * carried));
            }
            let last = self.rows[from + row];
            let length = carried.mul_add(carried, last * last).sqrt();
            self.angles.push([carried / length, last / length]);
            self.rows[to + row - 1] = length;
        }
        for right in [&mut self.ones, &mut self.values] {
            let mut carried = right[index];
            for (column, &[c, s]) in (index..).zip(&self.angles) {
                let next = right[column + 1];
                right[column] = c.mul_add(carried, s * next);
                carried = c.mul_add(next, -(s * carried));
            }
            right.pop();
        }
        self.order -= 1;
        self.rows.truncate(start(self.order));
    }

    /// `y <- L^-1 y`.
    #[inline(always)]
    fn forward(&self, y: &mut [f64]) {
        for index in 0..self.order {
            let (row, pivot) = self.row(index);
            y[index] = (y[index] - dot(row, &y[..index])) / pivot;
        }
    }

    /// `y <- L^-T y`.
    #[inline(always)]
    fn backward(&self, y: &mut [f64]) {
        for index in (0..self.order).rev() {
            let (row, pivot) = self.row(index);
            let value = y[index] / pivot;
            y[index] = value;
            y[..index].iter_mut().zip(row).for_each(|(y, l)| *y = l.mul_add(-value, *y));
        }
    }

    /// `y <- argmax b.y - |V y|^2 / 2` over the y of this sum, where V has the vectors for columns. O(k^2).
    #[inline(always)]
    pub(super) fn best(&self, sum: f64, y: &mut Vec<f64>) {
        let multiplier = (dot(&self.ones, &self.values) - sum) / dot(&self.ones, &self.ones);
        y.resize(self.order, 0.0);
        for (y, (value, one)) in y.iter_mut().zip(self.values.iter().zip(&self.ones)) {
            *y = one.mul_add(-multiplier, *value);
        }
        self.backward(y);
    }

    /// The same over the y of sum 0, for the b that y holds. O(k^2).
    #[inline(always)]
    pub(super) fn solve(&self, y: &mut [f64]) {
        self.forward(y);
        let multiplier = dot(&self.ones, y) / dot(&self.ones, &self.ones);
        y.iter_mut().zip(&self.ones).for_each(|(y, one)| *y = one.mul_add(-multiplier, *y));
        self.backward(y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Corners of a cube.
    fn vector(code: u32) -> [f64; 12] {
        std::array::from_fn(|i| f64::from(code >> i & 1))
    }

    fn push(factor: &mut Factor, vectors: &mut Vec<[f64; 12]>, code: u32, value: f64) -> bool {
        let new = vector(code);
        let rest = factor.split(|index| dot(&vectors[index], &new), dot(&new, &new));
        if rest > 1e-6 {
            factor.push(value);
            vectors.push(new);
        }
        rest > 1e-6
    }

    #[test]
    fn solves_after_rows_came_and_went() {
        let (mut factor, mut vectors) = (Factor::default(), Vec::new());
        let codes = [0b1011, 0b1100_0110, 0b1_0101_0101, 0b1100_1100_0011, 0b111_0000_1111, 0b1010_1011_1101];
        assert!(codes.iter().enumerate().all(|(i, &code)| push(&mut factor, &mut vectors, code, i as f64)));
        // A mean of two of them with another as far on the other side.
        assert!(push(&mut factor, &mut vectors, 0, 9.0));
        assert!(!push(&mut factor, &mut vectors, 0b1011, 0.0));
        let mut values: Vec<f64> = (0..6).map(f64::from).chain([9.0]).collect();
        for index in [3, 0, 4] {
            factor.remove(index);
            vectors.remove(index);
            values.remove(index);
        }
        assert!(push(&mut factor, &mut vectors, 0b11_1000_0011, -2.0));
        values.push(-2.0);
        let mut y = Vec::new();
        factor.best(1.5, &mut y);
        let mut again = values.clone();
        factor.solve(&mut again);
        for (y, sum) in [(y, 1.5), (again, 0.0)] {
            assert!((y.iter().sum::<f64>() - sum).abs() < 1e-13);
            // At the best point the gradient b - V^T V y is the same in all coordinates.
            let point: Vec<f64> =
                (0..12).map(|i| vectors.iter().zip(&y).map(|(v, y)| v[i] * y).sum()).collect();
            let gradient: Vec<f64> = vectors.iter().zip(&values).map(|(v, b)| b - dot(v, &point)).collect();
            assert!(gradient.iter().all(|g| (g - gradient[0]).abs() < 1e-12), "{gradient:?}");
        }
    }
}
