use super::Relaxation;
use super::row_by_row::{Row, RowByRow, Run, row_by_row};
use crate::elementary::exp;
use crate::number::{Eight, sum, total};
use crate::structure::{Ranking, Structure, rank};

/// Row i is `softmax(((n + 1 - 2i) s - A 1) / t)` with `A_jl = |s_j - s_l|`, i = 1, ..., n (Grover, Wang, Zweig and Ermon,
/// 2019, equation 5).
///
/// Rows sum to 1, columns need not: the result is not in the polytope, and its Jacobian is not symmetric. O(n^2) a row.
///
/// In the order of the scores the logits of row i have their peak at place i, and from place to place away from it they
/// fall by 1, 3, 5, ... times the gap between neighbours. So they are sums of positive terms, accurate for any scores.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeuralSort;

/// One row of the batch, a matrix, of which eight rows are computed side by side.
struct Sorter {
    temperature: f64,
    order: Vec<u32>,
    /// `(s - s') / t` for neighbours in the order.
    gaps: Vec<f64>,
    /// Eight rows of the matrix, in the order of the scores; a lane for each. Where there are fewer, the last fills the rest.
    rows: Vec<Eight>,
    /// Their cotangents.
    cotangents: Vec<Eight>,
    /// `t dL/ds` without what the distances add, in the order of the scores, and the column sums of `t dL/dlogits`: parts
    /// of sums, one for each lane, and then the sums.
    gradient_parts: Vec<Eight>,
    column_parts: Vec<Eight>,
    gradients: Vec<f64>,
    column_sums: Vec<f64>,
}

impl Sorter {
    fn new(n: usize, temperature: f64) -> Self {
        let parts = || vec![[0.0; 8]; n];
        Self {
            temperature,
            order: Vec::with_capacity(n),
            gaps: Vec::with_capacity(n),
            rows: parts(),
            cotangents: parts(),
            gradient_parts: parts(),
            column_parts: parts(),
            gradients: Vec::with_capacity(n),
            column_sums: Vec::with_capacity(n),
        }
    }

    #[inline(always)]
    fn relax(&mut self, row: &mut Row<'_>) {
        let n = row.utility.len();
        self.sort(row.utility);
        self.gradient_parts.fill([0.0; 8]);
        self.column_parts.fill([0.0; 8]);
        for first in (0..n).step_by(8) {
            self.compute_rows(first);
            if !row.soft.is_empty() {
                let rows = row.soft[first * n..].chunks_exact_mut(n);
                for (lane, soft) in rows.take(8).enumerate() {
                    for (&element, row) in self.order.iter().zip(&self.rows) {
                        soft[element as usize] = row[lane];
                    }
                }
            }
            if !row.gradient.is_empty() {
                self.pull_back(first, &row.cotangent[first * n..]);
            }
        }
        if !row.gradient.is_empty() {
            self.gradients.clear();
            self.gradients.extend(self.gradient_parts.iter().copied().map(total));
            self.column_sums.clear();
            self.column_sums.extend(self.column_parts.iter().copied().map(total));
            self.subtract_distances(row.utility);
            for (&element, &gradient) in self.order.iter().zip(&self.gradients) {
                row.gradient[element as usize] = gradient / self.temperature;
            }
        }
    }

    #[inline(always)]
    fn sort(&mut self, scores: &[f64]) {
        rank(scores, &mut self.order);
        self.gaps.clear();
        // Halves, since the difference itself may overflow.
        let gap =
            |a: u32, b: u32| 2.0 * ((0.5 * scores[a as usize] - 0.5 * scores[b as usize]) / self.temperature);
        self.gaps.extend(self.order.windows(2).map(|pair| gap(pair[0], pair[1])));
    }

    /// Eight rows from this index on, counted from 0.
    #[inline(always)]
    fn compute_rows(&mut self, first: usize) {
        let Self { gaps, rows, .. } = self;
        let n = rows.len();
        let end = n.min(first + 8);
        // Where the peaks are, lane by lane; then away from them on both sides.
        let (mut above, mut below) = ([[0.0; 8]; 2], [[0.0; 8]; 2]);
        for lane in 0..8 {
            let peak = (first + lane).min(n - 1);
            rows[peak][lane] = 0.0;
            let (mut fall, mut odd) = (0.0_f64, 1.0_f64);
            for place in peak + 1..end {
                fall = odd.mul_add(gaps[place - 1], fall);
                odd += 2.0;
                rows[place][lane] = -fall;
            }
            (below[0][lane], below[1][lane]) = (fall, odd);
            (fall, odd) = (0.0, 1.0);
            for place in (first..peak).rev() {
                fall = odd.mul_add(gaps[place], fall);
                odd += 2.0;
                rows[place][lane] = -fall;
            }
            (above[0][lane], above[1][lane]) = (fall, odd);
        }
        if end < n {
            descend(below, rows[end..].iter_mut().zip(&gaps[end - 1..]));
        }
        descend(above, rows[..first].iter_mut().zip(&gaps[..first]).rev());
        rows.as_flattened_mut().iter_mut().for_each(|x| *x = exp(*x));
        let (mut even, mut odd) = ([0.0; 8], [0.0; 8]);
        for pair in rows.chunks(2) {
            add(&mut even, &pair[0]);
            if let Some(row) = pair.get(1) {
                add(&mut odd, row);
            }
        }
        add(&mut even, &odd);
        let inverse = even.map(|sum| 1.0 / sum);
        for row in rows {
            for (x, inverse) in row.iter_mut().zip(&inverse) {
                *x *= inverse;
            }
        }
    }

    /// Of eight rows, with `D_i = P_i (G_i - P_i.G_i)` and c the column sums of D, all over t:
    /// `ds_m = sum_i (n + 1 - 2i) D_im - sum_j (c_m + c_j) sign(s_m - s_j)`, where sign(0) = 0.
    #[inline(always)]
    fn pull_back(&mut self, first: usize, own: &[f64]) {
        let Self { order, rows, cotangents, gradient_parts, column_parts, .. } = self;
        let n = order.len();
        // Lanes without a row keep cotangents of 0, and so add nothing.
        if n - first < 8 {
            cotangents.fill([0.0; 8]);
        }
        for (lane, own) in own.chunks_exact(n).take(8).enumerate() {
            for (cotangent, &element) in cotangents.iter_mut().zip(&*order) {
                cotangent[lane] = own[element as usize];
            }
        }
        let mut mean = [0.0; 8];
        for (row, cotangent) in rows.iter().zip(&*cotangents) {
            for lane in 0..8 {
                mean[lane] = row[lane].mul_add(cotangent[lane], mean[lane]);
            }
        }
        let factors: Eight = std::array::from_fn(|lane| n as f64 - 1.0 - 2.0 * (first + lane) as f64);
        let parts = gradient_parts.iter_mut().zip(column_parts);
        for ((row, cotangent), (gradient, column)) in rows.iter().zip(&*cotangents).zip(parts) {
            for lane in 0..8 {
                let of_logit = row[lane] * (cotangent[lane] - mean[lane]);
                column[lane] += of_logit;
                gradient[lane] = factors[lane].mul_add(of_logit, gradient[lane]);
            }
        }
    }

    /// The gradient of `-A 1`, run by run of equal scores: so many elements are above the run, so many below.
    #[inline(always)]
    fn subtract_distances(&mut self, scores: &[f64]) {
        let Self { order, gradients, column_sums, .. } = self;
        let n = order.len();
        let score = |place: usize| scores[order[place] as usize];
        let mut sum_below: f64 = sum(column_sums);
        let (mut sum_above, mut start) = (0.0, 0);
        while start < n {
            let end = (start + 1..n).find(|&place| score(place) != score(start)).unwrap_or(n);
            let of_run: f64 = column_sums[start..end].iter().sum();
            sum_below -= of_run;
            let majority = (n - end) as f64 - start as f64;
            for place in start..end {
                gradients[place] -= majority.mul_add(column_sums[place], sum_below - sum_above);
            }
            sum_above += of_run;
            start = end;
        }
    }
}

/// Logits away from the peaks: from how far they have fallen, and the next odd number.
#[inline(always)]
fn descend<'a>([mut fall, mut odd]: [Eight; 2], places: impl Iterator<Item = (&'a mut Eight, &'a f64)>) {
    for (row, &gap) in places {
        for lane in 0..8 {
            fall[lane] = odd[lane].mul_add(gap, fall[lane]);
            odd[lane] += 2.0;
            row[lane] = -fall[lane];
        }
    }
}

#[inline(always)]
fn add(sums: &mut Eight, row: &Eight) {
    for (sum, x) in sums.iter_mut().zip(row) {
        *sum += x;
    }
}

impl RowByRow<Ranking> for NeuralSort {
    #[inline(always)]
    fn relax(&self, structure: &Ranking, run: &mut Run<'_>) {
        let mut sorter = Sorter::new(structure.size(), run.temperature);
        for mut row in run.rows(structure) {
            sorter.relax(&mut row);
        }
    }
}

impl Relaxation<Ranking> for NeuralSort {
    const SYMMETRIC: bool = false;

    row_by_row!(Ranking);
}
