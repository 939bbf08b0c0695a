//! The Cholesky factor of a matrix that gains and loses rows.

/// A pivot below this part of the diagonal says that the new row depends on the others.
const LEAST_PIVOT: f64 = 1.0 / (1u64 << 44) as f64;

/// The lower triangular L with `L L^T = H`, its rows one after the other (Golub and Van Loan, section 6.5).
#[derive(Default)]
pub(super) struct Factor {
    cells: Vec<f64>,
    order: usize,
}

fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

impl Factor {
    pub(super) fn clear(&mut self) {
        self.cells.clear();
        self.order = 0;
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &[f64] {
        &self.cells[start(row)..start(row + 1)]
    }

    /// Adds a last row to H: its products with the others and its diagonal. Returns false, and adds nothing, if H
    /// would be singular to working precision. O(k^2).
    #[inline(always)]
    pub(super) fn push(&mut self, products: &mut [f64], diagonal: f64) -> bool {
        self.solve_lower(products);
        let mut pivot = diagonal;
        for &x in products.iter() {
            pivot = (-x).mul_add(x, pivot);
        }
        if pivot.is_nan() || pivot <= LEAST_PIVOT * diagonal {
            return false;
        }
        self.cells.extend_from_slice(products);
        self.cells.push(pivot.sqrt());
        self.order += 1;
        true
    }

    /// Takes a row and its column out of H, and makes L triangular again by rotations. O(k^2).
    #[inline(always)]
    pub(super) fn remove(&mut self, index: usize) {
        for column in index..self.order - 1 {
            let pivot = start(column + 1) + column;
            let (a, b) = (self.cells[pivot], self.cells[pivot + 1]);
            let length = a.mul_add(a, b * b).sqrt();
            let (cosine, sine) = (a / length, b / length);
            for row in column + 1..self.order {
                let place = start(row) + column;
                let (a, b) = (self.cells[place], self.cells[place + 1]);
                self.cells[place] = cosine.mul_add(a, sine * b);
                self.cells[place + 1] = cosine.mul_add(b, -sine * a);
            }
        }
        // The last cell of every later row is now 0.
        for row in index + 1..self.order {
            self.cells.copy_within(start(row)..start(row) + row, start(row - 1));
        }
        self.order -= 1;
        self.cells.truncate(start(self.order));
    }

    /// `values <- H^-1 values`. O(k^2).
    #[inline(always)]
    pub(super) fn solve(&self, values: &mut [f64]) {
        self.solve_lower(values);
        for i in (0..self.order).rev() {
            let row = self.row(i);
            let value = values[i] / row[i];
            values[i] = value;
            for (earlier, &cell) in values[..i].iter_mut().zip(row) {
                *earlier = (-cell).mul_add(value, *earlier);
            }
        }
    }

    /// `values <- L^-1 values`.
    #[inline(always)]
    fn solve_lower(&self, values: &mut [f64]) {
        for i in 0..self.order {
            let row = self.row(i);
            let mut value = values[i];
            for (&earlier, &cell) in values[..i].iter().zip(row) {
                value = (-cell).mul_add(earlier, value);
            }
            values[i] = value / row[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `v_i . v_j` of Vandermonde rows.
    fn gram(i: usize, j: usize) -> f64 {
        (0..6).map(|power| ((i + 1) as f64 / 4.0).powi(power) * ((j + 1) as f64 / 4.0).powi(power)).sum()
    }

    #[test]
    fn solves_after_rows_came_and_went() {
        let mut factor = Factor::default();
        let mut rows: Vec<usize> = Vec::new();
        let push = |factor: &mut Factor, rows: &mut Vec<usize>, new: usize| {
            let mut products: Vec<f64> = rows.iter().map(|&row| gram(row, new)).collect();
            assert!(factor.push(&mut products, gram(new, new)));
            rows.push(new);
        };
        (0..5).for_each(|new| push(&mut factor, &mut rows, new));
        for index in [1, 0, 2] {
            factor.remove(index);
            rows.remove(index);
        }
        push(&mut factor, &mut rows, 1);
        let expected = [1.0, -2.0, 3.0];
        let mut values: Vec<f64> =
            rows.iter().map(|&i| rows.iter().zip(expected).map(|(&j, x)| gram(i, j) * x).sum()).collect();
        factor.solve(&mut values);
        for (value, expected) in values.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-9, "{values:?}");
        }
    }

    #[test]
    fn refuses_a_row_that_depends_on_the_others() {
        let mut factor = Factor::default();
        assert!(factor.push(&mut [], 1.0));
        assert!(!factor.push(&mut [1.0], 1.0));
        assert!(!factor.push(&mut [f64::NAN], 1.0));
        assert!(factor.push(&mut [1.0], 1.0 + 1e-12));
    }
}
