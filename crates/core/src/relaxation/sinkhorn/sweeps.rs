//! Sinkhorn's own iteration, where it contracts: rows and columns are scaled to their sums in turns, in plain doubles.
//!
//! A sweep costs two multiply-adds a cell, a step of Newton's method one for every cell and column and some forty beside.
//! Once the rate rho of the iteration shows, both scalings are *overrelaxed*: multiplied by the power `omega` of what they
//! lack, with `omega = 2 / (1 + sqrt(1 - rho))`, by which the rate becomes `omega - 1` (Thibault, Chizat, Dossal and
//! Papadakis, 2021). What converges too slowly is given up, and costs little.

use super::exponents::Exponents;
use super::marginals::Marginals;
use crate::elementary::{exp, ln};
use crate::number::Number;

/// The columns of the smallest plan for which it pays.
const FEWEST_COLUMNS: usize = 32;
/// Exponents below this are 0, and scales beyond its inverse are given up.
const LEAST_EXPONENT: f64 = -600.0;
/// The error of the sums from which on the rate is measured, and overrelaxation is safe.
const NEAR: f64 = 0.1;
/// After so many sweeps near the end the rate is measured.
const SETTLING: usize = 6;
/// After so many sweeps the sums are near, or they do not come near soon.
const PATIENCE: usize = 16;
/// The error at which rounding takes over, of sums of 1.
const ROUNDED: f64 = 4e-15;
/// How many partial sums an inner product has, so that none waits for another.
const PARTS: usize = 32;

pub(super) struct Sweeps {
    width: usize,
    stride: usize,
    /// `exp(e_ij)`.
    kernel: Vec<f64>,
    rows: Vec<f64>,
    columns: Vec<f64>,
    /// What the columns sum to, but for their scales.
    sums: Vec<f64>,
}

impl Sweeps {
    pub(super) fn new(marginals: &Marginals) -> Self {
        let (height, width) = (marginals.rows.len(), marginals.columns.len());
        let pays = width >= FEWEST_COLUMNS;
        let stride = width.next_multiple_of(f64::BLOCK);
        let row = |length| vec![0.0; if pays { length } else { 0 }];
        Self {
            width,
            stride,
            kernel: row(height * stride),
            rows: row(height),
            columns: row(width),
            sums: row(width),
        }
    }

    /// Scales rows and columns, which begin at 1, at most so many times; returns whether the sums are then right but for
    /// rounding.
    #[inline(always)]
    pub(super) fn run(&mut self, exponents: &Exponents, marginals: &Marginals, most: usize) -> bool {
        if self.kernel.is_empty() {
            return false;
        }
        for (kernel, exponents) in
            self.kernel.chunks_exact_mut(self.stride).zip(exponents.cells().chunks_exact(self.width))
        {
            for (cell, &exponent) in kernel.iter_mut().zip(exponents) {
                let clamped = if exponent > LEAST_EXPONENT { exponent } else { LEAST_EXPONENT };
                let value = exp(clamped);
                *cell = if exponent > LEAST_EXPONENT { value } else { 0.0 };
            }
        }
        self.rows.fill(1.0);
        self.columns.fill(1.0);
        // As much as a few of Newton's steps would take.
        let affordable = most.min(32 + self.width / 2);
        let rounded = ROUNDED * marginals.largest;
        let (mut power, mut near, mut first_near) = (1.0, 0, f64::INFINITY);
        for sweep in 0..affordable {
            let error = self.sweep(marginals, power, sweep == 0);
            if error <= rounded {
                return true;
            }
            let far = sweep + 1 == PATIENCE && near == 0;
            if far || !error.is_finite() {
                return false;
            }
            near += usize::from(error < NEAR || near > 0);
            if near == 2 {
                first_near = error;
            }
            if near == SETTLING {
                let rate = exp(ln(error / first_near) / (SETTLING - 2) as f64);
                if rate >= 1.0 {
                    return false;
                }
                power = 2.0 / (1.0 + (1.0 - rate).sqrt());
                let left = ln(rounded / error) / ln((power - 1.0).max(0.05));
                if left > (affordable - sweep) as f64 {
                    return false;
                }
            }
        }
        false
    }

    /// Scales the rows, then the columns; returns how far the columns were from their sums.
    #[inline(always)]
    fn sweep(&mut self, marginals: &Marginals, power: f64, first: bool) -> f64 {
        let Self { width, stride, kernel, rows, columns, sums } = self;
        sums.fill(0.0);
        for ((kernel, scale), &sum) in kernel.chunks_exact(*stride).zip(rows).zip(&marginals.rows) {
            let kernel = &kernel[..*width];
            let own = inner_product(kernel, columns);
            *scale = if first { sum / own } else { *scale * raised(sum / (*scale * own), power) };
            for (total, &cell) in sums.iter_mut().zip(kernel) {
                *total = cell.mul_add(*scale, *total);
            }
        }
        let mut worst = 0.0_f64;
        for ((scale, &own), &sum) in columns.iter_mut().zip(&*sums).zip(&marginals.columns) {
            let error = (*scale * own - sum).abs();
            // Not the other way round: a NaN must not be passed over.
            worst = if error <= worst { worst } else { error };
            *scale *= raised(sum / (*scale * own), power);
        }
        worst
    }

    /// The logarithms of the columns' scales.
    pub(super) fn logarithms(&self) -> impl Iterator<Item = f64> {
        self.columns.iter().map(|&scale| ln(scale))
    }
}

/// `x^power` for x about 1 and powers from 1 to 2, exactly x and 1 at these.
#[inline(always)]
fn raised(x: f64, power: f64) -> f64 {
    if power == 1.0 {
        return x;
    }
    let beyond = x - 1.0;
    let up = (0.5 * (1.0 + power)).mul_add(beyond, 1.0);
    up / (0.5 * (1.0 - power)).mul_add(beyond, 1.0)
}

/// The inner product of two slices of one length.
#[inline(always)]
pub(super) fn inner_product(a: &[f64], b: &[f64]) -> f64 {
    let ((a_blocks, a_rest), (b_blocks, b_rest)) = (a.as_chunks::<PARTS>(), b.as_chunks::<PARTS>());
    let mut parts = [0.0; PARTS];
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for ((part, &a), &b) in parts.iter_mut().zip(a).zip(b) {
            *part = a.mul_add(b, *part);
        }
    }
    for ((part, &a), &b) in parts.iter_mut().zip(a_rest).zip(b_rest) {
        *part = a.mul_add(b, *part);
    }
    let mut half = PARTS / 2;
    while half > 0 {
        for k in 0..half {
            parts[k] += parts[k + half];
        }
        half /= 2;
    }
    parts[0]
}
