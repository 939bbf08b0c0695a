use super::Relaxation;
use crate::elementary::exp;
use crate::error::Error;
use crate::number::{dot, sum, vectorised};
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

/// One row of the batch.
struct Sorter {
    order: Vec<u32>,
    /// `(s - s') / t` for neighbours in the order.
    gaps: Vec<f64>,
    /// A row of the matrix, in the order of the scores.
    row: Vec<f64>,
    /// The row's cotangents, then `dL/dlogits`, in the order of the scores.
    cotangents: Vec<f64>,
    /// `dL/ds`, in the order of the scores, and the column sums of `dL/dlogits`.
    gradients: Vec<f64>,
    column_sums: Vec<f64>,
}

impl Sorter {
    fn new(n: usize) -> Self {
        let zeros = || vec![0.0; n];
        Self {
            order: Vec::with_capacity(n),
            gaps: Vec::with_capacity(n),
            row: zeros(),
            cotangents: zeros(),
            gradients: zeros(),
            column_sums: zeros(),
        }
    }

    #[inline(always)]
    fn sort(&mut self, scores: &[f64], temperature: f64) {
        rank(scores, &mut self.order);
        self.gaps.clear();
        // Halves, since the difference itself may overflow.
        let gap =
            |a: u32, b: u32| 2.0 * ((0.5 * scores[a as usize] - 0.5 * scores[b as usize]) / temperature);
        self.gaps.extend(self.order.windows(2).map(|pair| gap(pair[0], pair[1])));
    }

    /// The row with this index, from 0.
    #[inline(always)]
    fn compute_row(&mut self, index: usize) {
        let Self { gaps, row, .. } = self;
        row[index] = 0.0;
        let (mut fall, mut odd) = (0.0, 1.0);
        for place in index + 1..row.len() {
            fall += odd * gaps[place - 1];
            odd += 2.0;
            row[place] = -fall;
        }
        (fall, odd) = (0.0, 1.0);
        for place in (0..index).rev() {
            fall += odd * gaps[place];
            odd += 2.0;
            row[place] = -fall;
        }
        row.iter_mut().for_each(|x| *x = exp(*x));
        let inverse = 1.0 / sum(row);
        row.iter_mut().for_each(|x| *x *= inverse);
    }

    #[inline(always)]
    fn softmax(&mut self, scores: &[f64], temperature: f64, soft: &mut [f64]) {
        self.sort(scores, temperature);
        for (index, soft) in soft.chunks_exact_mut(scores.len()).enumerate() {
            self.compute_row(index);
            for (&element, &x) in self.order.iter().zip(&self.row) {
                soft[element as usize] = x;
            }
        }
    }

    /// With `D_i = P_i (G_i - P_i.G_i) / t` and c the column sums of D:
    /// `ds_m = sum_i (n + 1 - 2i) D_im - sum_j (c_m + c_j) sign(s_m - s_j)`, where sign(0) = 0.
    ///
    /// `soft`: the matrix, if it is wanted too; else empty.
    #[inline(always)]
    fn softmax_vjp(
        &mut self,
        scores: &[f64],
        temperature: f64,
        cotangents: &[f64],
        soft: &mut [f64],
        gradients: &mut [f64],
    ) {
        let n = scores.len();
        self.sort(scores, temperature);
        self.gradients.fill(0.0);
        self.column_sums.fill(0.0);
        for (index, own) in cotangents.chunks_exact(n).enumerate() {
            self.compute_row(index);
            let Self { order, row, cotangents, gradients, column_sums, .. } = self;
            for (cotangent, &element) in cotangents.iter_mut().zip(order.iter()) {
                *cotangent = own[element as usize];
            }
            if let Some(soft) = soft.chunks_exact_mut(n).nth(index) {
                for (&element, &x) in order.iter().zip(row.iter()) {
                    soft[element as usize] = x;
                }
            }
            let mean = dot(row, cotangents);
            let factor = n as f64 - 1.0 - 2.0 * index as f64;
            for (place, &x) in row.iter().enumerate() {
                let of_logit = x * (cotangents[place] - mean) / temperature;
                column_sums[place] += of_logit;
                gradients[place] = factor.mul_add(of_logit, gradients[place]);
            }
        }
        self.subtract_distances(scores);
        for (&element, &gradient) in self.order.iter().zip(&self.gradients) {
            gradients[element as usize] = gradient;
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

impl Relaxation<Ranking> for NeuralSort {
    const SYMMETRIC: bool = false;

    fn softmax(
        &self,
        structure: &Ranking,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.size();
        let mut sorter = Sorter::new(n);
        vectorised(
            #[inline(always)]
            || {
                for (scores, soft) in utilities.chunks_exact(n).zip(soft.chunks_exact_mut(n * n)) {
                    sorter.softmax(scores, temperature, soft);
                }
            },
        );
        Ok(())
    }

    fn softmax_vjp(
        &self,
        structure: &Ranking,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.size();
        let mut sorter = Sorter::new(n);
        vectorised(
            #[inline(always)]
            || {
                let rows = utilities.chunks_exact(n).zip(cotangents.chunks_exact(n * n));
                for ((scores, cotangents), gradients) in rows.zip(gradients.chunks_exact_mut(n)) {
                    sorter.softmax_vjp(scores, temperature, cotangents, &mut [], gradients);
                }
            },
        );
        Ok(())
    }

    fn softmax_with_vjp(
        &self,
        structure: &Ranking,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        both: &mut [f64],
    ) -> Result<(), Error> {
        let n = structure.size();
        let mut sorter = Sorter::new(n);
        vectorised(
            #[inline(always)]
            || {
                let rows = utilities.chunks_exact(n).zip(cotangents.chunks_exact(n * n));
                for ((scores, cotangents), both) in rows.zip(both.chunks_exact_mut(n * n + n)) {
                    let (soft, gradients) = both.split_at_mut(n * n);
                    sorter.softmax_vjp(scores, temperature, cotangents, soft, gradients);
                }
            },
        );
        Ok(())
    }
}
