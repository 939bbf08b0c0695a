//! The cells that matter: those of some perfect matching, and of one that has a probability.

use super::exponents::FORBIDDEN;
use crate::elementary::ln;

/// Exponents that are this far below 0, for each row, make no difference to a double.
const NEGLIGIBLE: f64 = 60.0;

/// Strongly connected components of the graph in which row i points to the row that is matched to column j, for every
/// allowed cell (i, j) (Tarjan, 1972, without recursion).
pub(super) struct Support {
    order: Vec<u32>,
    low: Vec<u32>,
    component: Vec<u32>,
    next_column: Vec<u32>,
    calls: Vec<u32>,
    stack: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Support {
    pub(super) fn new(n: usize) -> Self {
        let row = || Vec::with_capacity(n);
        Self { order: row(), low: row(), component: row(), next_column: row(), calls: row(), stack: row() }
    }

    /// Forbids the cells that are 0 in the result. `rows` has the row of each column in the best matching, whose
    /// exponents are 0.
    ///
    /// A cell is in some perfect matching if and only if it lies on an alternating cycle, that is, in a component.
    /// Scaling would drive the others to 0 at a rate of 1/k in k iterations.
    ///
    /// And if a cell has `X_ij = x`, then X, a mixture of matchings, has a cycle through it with all cells at least
    /// `x / n^2`; along it the product of X is at most exp of its exponents: `(x / n^2)^n <= exp(e_ij)`.
    pub(super) fn restrict(&mut self, n: usize, exponents: &mut [f64], rows: &[u32]) {
        let least = -(n as f64) * (NEGLIGIBLE + 2.0 * ln(n as f64));
        for exponent in exponents.iter_mut() {
            *exponent = if *exponent < least { FORBIDDEN } else { *exponent };
        }
        self.find_components(n, exponents, rows);
        for (i, exponents) in exponents.chunks_exact_mut(n).enumerate() {
            for (exponent, &row) in exponents.iter_mut().zip(rows) {
                if self.component[row as usize] != self.component[i] {
                    *exponent = FORBIDDEN;
                }
            }
        }
    }

    fn find_components(&mut self, n: usize, exponents: &[f64], rows: &[u32]) {
        let Self { order, low, component, next_column, calls, stack } = self;
        for list in [&mut *order, &mut *low, &mut *component] {
            list.clear();
            list.resize(n, NONE);
        }
        next_column.clear();
        next_column.resize(n, 0);
        let mut counter = 0;
        for root in 0..n as u32 {
            if order[root as usize] != NONE {
                continue;
            }
            calls.push(root);
            while let Some(&row) = calls.last() {
                let i = row as usize;
                if order[i] == NONE {
                    order[i] = counter;
                    low[i] = counter;
                    counter += 1;
                    stack.push(row);
                }
                let start = next_column[i] as usize;
                let cells = exponents[i * n..(i + 1) * n].iter().enumerate().skip(start);
                let mut called = false;
                for (column, &exponent) in cells {
                    if exponent == FORBIDDEN {
                        continue;
                    }
                    let next = rows[column] as usize;
                    if order[next] == NONE {
                        // Come back to this column when its row is done.
                        next_column[i] = column as u32;
                        calls.push(next as u32);
                        called = true;
                        break;
                    }
                    if component[next] == NONE {
                        low[i] = low[i].min(low[next]);
                    }
                }
                if called {
                    continue;
                }
                calls.pop();
                if low[i] == order[i] {
                    while let Some(member) = stack.pop() {
                        component[member as usize] = order[i];
                        if member == row {
                            break;
                        }
                    }
                }
            }
        }
    }
}
