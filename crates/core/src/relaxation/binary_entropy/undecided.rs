//! Rows of the hypersimplex of which many elements are undecided: Newton's method on the logit of their mean.
//!
//! With weights `w = exp(v)`, `x(c) = c w / (1 + c w)` and `s = sum x`, the logit `log(s / (n - s))` is all but linear in
//! `log c`. Its first steps are taken in single precision, where divisions are cheap; the last, of third order, in doubles.
//! An error of s is divided by `d = sum x (1 - x)`: where that is small beside s, other sums are needed.

use crate::elementary::{exp, ln};
use crate::number::{Eight, eights, largest_of, sum_of, total};
use crate::relaxation::row_by_row::Row;

/// The least `d / s`.
const LEAST_UNDECIDED: f64 = 1.0 / 64.0;

/// The largest factor: with it the weights stay in the range of floats, and those that are lost below it do not matter.
const LARGEST_FACTOR: f64 = (1_u128 << 80) as f64;

/// After a step of Newton's method of this size the error is about a quarter of its square.
const LAST_SINGLE_STEP: f64 = 3e-3;

/// After a step of third order of this size the error is below the last bit.
const LAST_STEP: f64 = 1e-5;

/// More steps are not needed, where this is the way to go.
const MOST_STEPS: usize = 8;

/// What rows of one length are computed in. Their ends are filled up with weights of 0.
#[derive(Default)]
pub(crate) struct Undecided {
    weights: Vec<Eight>,
    singles: Vec<[f32; 8]>,
    soft: Vec<Eight>,
    slopes: Vec<Eight>,
    cotangent: Vec<Eight>,
}

impl Undecided {
    /// Whether the row is one of these; if not, nothing is computed.
    #[inline(always)]
    pub(super) fn relax(&mut self, k: usize, temperature: f64, row: &mut Row<'_>) -> bool {
        let (n, chosen) = (row.utility.len() as f64, k as f64);
        if k == row.utility.len() {
            return false;
        }
        self.load(temperature, row);
        let goal = ln(chosen / (n - chosen));
        let Some(factor) = self.start(goal, n, chosen).and_then(|factor| self.refine(factor, goal, n)) else {
            return false;
        };
        let Self { weights, soft, slopes, cotangent, .. } = self;
        cotangent.as_flattened_mut()[..row.cotangent.len()].copy_from_slice(row.cotangent);
        let (mut slope_sum, mut weighted) = ([0.0; 8], [0.0; 8]);
        let columns = soft.iter_mut().zip(&mut *slopes).zip(&*weights).zip(&*cotangent);
        for (((soft, slopes), weights), g) in columns {
            for lane in 0..8 {
                let [present, absent] = entry(weights[lane], factor);
                let slope = present * absent;
                soft[lane] = present;
                slopes[lane] = slope;
                slope_sum[lane] += slope;
                weighted[lane] = slope.mul_add(g[lane], weighted[lane]);
            }
        }
        row.soft.copy_from_slice(&soft.as_flattened()[..row.soft.len()]);
        let mean = total(weighted) / total(slope_sum);
        let cells = slopes.as_flattened().iter().zip(row.cotangent);
        for (gradient, (&slope, &g)) in row.gradient.iter_mut().zip(cells) {
            *gradient = slope * (g - mean) / temperature;
        }
        true
    }

    /// From utilities to weights, of which the largest is 1.
    #[inline(always)]
    fn load(&mut self, temperature: f64, row: &Row<'_>) {
        let blocks = eights(row.utility.len());
        let Self { weights, singles, soft, slopes, cotangent } = self;
        if weights.len() != blocks {
            for column in [&mut *weights, soft, slopes, cotangent] {
                column.resize(blocks, [0.0; 8]);
            }
            singles.resize(blocks, [0.0; 8]);
        }
        let reference = largest_of(row.utility);
        for (weight, &u) in weights.as_flattened_mut().iter_mut().zip(row.utility) {
            // Halves, since the difference itself may overflow.
            *weight = exp(2.0 * ((0.5 * u - 0.5 * reference) / temperature));
        }
        for (single, &weight) in singles.as_flattened_mut().iter_mut().zip(weights.as_flattened()) {
            *single = weight as f32;
        }
    }

    /// The factor c, in single precision.
    #[inline(always)]
    fn start(&self, goal: f64, n: f64, chosen: f64) -> Option<f64> {
        // Where all weights are equal, this is it.
        let mut factor = chosen * n / ((n - chosen) * sum_of(&self.weights));
        for _ in 0..MOST_STEPS {
            if !(1.0 / LARGEST_FACTOR..=LARGEST_FACTOR).contains(&factor) {
                return None;
            }
            let (mut s, mut d) = ([0.0_f32; 8], [0.0_f32; 8]);
            let c = factor as f32;
            for block in &self.singles {
                for lane in 0..8 {
                    let weight = c * block[lane];
                    let absent = 1.0 / (1.0 + weight);
                    let present = weight * absent;
                    s[lane] += present;
                    d[lane] = present.mul_add(absent, d[lane]);
                }
            }
            let (s, d) = (total(s.map(f64::from)), total(d.map(f64::from)));
            if d < LEAST_UNDECIDED * s || s >= n {
                return None;
            }
            let step = (goal - ln(s / (n - s))) * (s * (n - s) / (n * d));
            factor *= exp(step);
            if step.abs() <= LAST_SINGLE_STEP {
                return Some(factor);
            }
        }
        None
    }

    /// The factor, in doubles.
    #[inline(always)]
    fn refine(&self, mut factor: f64, goal: f64, n: f64) -> Option<f64> {
        for _ in 0..MOST_STEPS {
            let (mut s, mut d, mut e) = ([0.0; 8], [0.0; 8], [0.0; 8]);
            for block in &self.weights {
                for lane in 0..8 {
                    let [present, absent] = entry(block[lane], factor);
                    let slope = present * absent;
                    s[lane] += present;
                    d[lane] += slope;
                    e[lane] = slope.mul_add(absent - present, e[lane]);
                }
            }
            let (s, d, e) = (total(s), total(d), total(e));
            if d < LEAST_UNDECIDED * s || s >= n {
                return None;
            }
            // Halley's method, by the second derivative of the logit over the first.
            let newton = (goal - ln(s / (n - s))) * (s * (n - s) / (n * d));
            let bend = e / d - d / s + d / (n - s);
            let step = newton / (1.0 + 0.5 * newton * bend);
            factor *= exp(step);
            if step.abs() <= LAST_STEP {
                return Some(factor);
            }
        }
        None
    }
}

/// `x` and `1 - x`.
#[inline(always)]
fn entry(weight: f64, factor: f64) -> [f64; 2] {
    let weight = factor * weight;
    let absent = 1.0 / (1.0 + weight);
    [weight * absent, absent]
}
