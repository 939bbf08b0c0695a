//! The cells that matter: those of some matching, and of one that has a probability.

use super::exponents::FORBIDDEN;
use crate::elementary::ln;
use crate::structure::Pair;

/// Exponents that are this far below 0, for each row, make no difference to a double.
const NEGLIGIBLE: f64 = 60.0;

/// Strongly connected components of the graph in which a row points to the column of each of its allowed cells, and a column
/// to the rows that it is matched with (Tarjan, 1972, without recursion). Rows come first.
pub(super) struct Support {
    height: usize,
    width: usize,
    /// The rows of each column, one column after the other, and where these begin.
    matched: Vec<u32>,
    starts: Vec<u32>,
    order: Vec<u32>,
    low: Vec<u32>,
    component: Vec<u32>,
    /// How far the neighbours have been looked at.
    next: Vec<u32>,
    calls: Vec<u32>,
    stack: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Support {
    pub(super) fn new((height, width): (usize, usize)) -> Self {
        let each = || vec![0; height + width];
        let list = || Vec::with_capacity(height + width);
        Self {
            height,
            width,
            matched: each(),
            starts: vec![0; width + 1],
            order: each(),
            low: each(),
            component: each(),
            next: each(),
            calls: list(),
            stack: list(),
        }
    }

    /// Forbids the cells that are 0 in the result, given those of the best matching, whose exponents are 0.
    ///
    /// A cell is in some matching if and only if it lies on an alternating cycle, that is, in a component. Scaling would
    /// drive the others to 0 at a rate of 1/k in k iterations.
    ///
    /// And if a cell has `X_ij = x`, then X, a mixture of matchings, has a cycle through it with all cells at least x over
    /// the number of cells, which are those of the shorter side at most; along it the product of X, over that of cells of
    /// the best matching, is at most exp of its exponents: with the largest sum s of a row or a column,
    /// `(x / (m n s))^min(m, n) <= exp(e_ij)`.
    pub(super) fn restrict(&mut self, exponents: &mut [f64], matched: &[Pair], largest: f64) {
        let (height, width) = (self.height as f64, self.width as f64);
        let least = -height.min(width) * (NEGLIGIBLE + ln(height) + ln(width) + ln(largest));
        for exponent in exponents.iter_mut() {
            *exponent = if *exponent < least { FORBIDDEN } else { *exponent };
        }
        self.list_matched(matched);
        self.find_components(exponents);
        let (rows, columns) = self.component.split_at(self.height);
        for (row, exponents) in rows.iter().zip(exponents.chunks_exact_mut(self.width)) {
            for (exponent, column) in exponents.iter_mut().zip(columns) {
                *exponent = if row == column { *exponent } else { FORBIDDEN };
            }
        }
    }

    /// Sorts the best matching's cells by columns.
    fn list_matched(&mut self, matched: &[Pair]) {
        let Self { starts, matched: rows, .. } = self;
        starts.fill(0);
        for pair in matched {
            starts[pair.column as usize + 1] += 1;
        }
        for column in 1..starts.len() {
            starts[column] += starts[column - 1];
        }
        for pair in matched.iter().rev() {
            // From behind, such that the starts are where they were in the end.
            let end = &mut starts[pair.column as usize + 1];
            *end -= 1;
            rows[*end as usize] = pair.row;
        }
        starts.rotate_left(1);
        *starts.last_mut().expect("a column") = matched.len() as u32;
    }

    fn find_components(&mut self, exponents: &[f64]) {
        let Self { height, width, matched, starts, order, low, component, next, calls, stack } = self;
        for list in [&mut *order, &mut *component] {
            list.fill(NONE);
        }
        next.fill(0);
        let mut counter = 0;
        for root in 0..*height as u32 {
            if order[root as usize] != NONE {
                continue;
            }
            calls.push(root);
            while let Some(&node) = calls.last() {
                let i = node as usize;
                if order[i] == NONE {
                    order[i] = counter;
                    low[i] = counter;
                    counter += 1;
                    stack.push(node);
                }
                // The next neighbour from here on that has not been called, and the lowest of those passed over.
                let mut called = None;
                let mut see = |neighbour: usize| {
                    if order[neighbour] == NONE {
                        called = Some(neighbour as u32);
                    } else if component[neighbour] == NONE {
                        low[i] = low[i].min(low[neighbour]);
                    }
                    called.is_some()
                };
                let start = next[i] as usize;
                if i < *height {
                    let cells = exponents[i * *width..(i + 1) * *width].iter().enumerate().skip(start);
                    for (column, &exponent) in cells {
                        if exponent != FORBIDDEN && see(*height + column) {
                            // Come back to it when it is done.
                            next[i] = column as u32;
                            break;
                        }
                    }
                } else {
                    let ends = &starts[i - *height..];
                    for (place, &row) in
                        matched[ends[0] as usize..ends[1] as usize].iter().enumerate().skip(start)
                    {
                        if see(row as usize) {
                            next[i] = place as u32;
                            break;
                        }
                    }
                }
                if let Some(neighbour) = called {
                    calls.push(neighbour);
                    continue;
                }
                calls.pop();
                if low[i] == order[i] {
                    while let Some(member) = stack.pop() {
                        component[member as usize] = order[i];
                        if member == node {
                            break;
                        }
                    }
                }
            }
        }
    }
}
