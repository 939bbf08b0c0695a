//! Separable regularisers `f(x) = sum_i phi(x_i)` on the hypersimplex `0 <= x <= 1, sum_i x_i = k`.
//!
//! The maximiser of `u.x - t f(x)` is `x_i = x(v_i, m)`: one increasing function of the element's position
//! `v_i = (u_i - r) / t`, with a multiplier m that all elements share and that makes the sum k. With the slope
//! `d_i = dx_i/dv_i`, 0 where `x_i` is held at 0 or 1, the Jacobian is `(diag(d) - d d^T / sum_i d_i) / t`.
//!
//! The reference r is the k-th largest utility. The elements that lie strictly between 0 and 1 are near it, so that
//! a difference in utilities which overflows, or is rounded, is that of an element without a say; but for the largest
//! temperatures, at which quarters are subtracted.

use super::Relaxation;
use super::row_by_row::{Row, RowByRow, Run, row_by_row};
use crate::elementary::LARGEST_TEMPERATURE;
use crate::number::{dot, sum, total};
use crate::structure::{Hypersimplex, kth_largest};

/// A position beyond which an element is out, or in, as good as never to be revoked: `exp(-2000)` is 0.
pub(super) const FARTHEST: f64 = 2_000.0;

/// Slopes that add up to less belong to a vertex.
const VERTEX: f64 = 1e-290;

/// A regulariser of one coordinate.
pub(super) trait Separable: Copy + Send + Sync + 'static {
    /// What [`Separable::relax_quickly`] is computed in, for rows of one length.
    type Memory: Default;

    /// Computes a row in a quicker way, where there is one that is as accurate; else nothing, and false.
    #[inline(always)]
    fn relax_quickly(self, _k: usize, _t: f64, _row: &mut Row<'_>, _memory: &mut Self::Memory) -> bool {
        false
    }

    /// The multiplier m with `sum_i x(v_i, m) = k`, from the positions of the k largest utilities, of which the
    /// least is 0, and those of the others. Both may be left in any state.
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64;

    /// `x(v, m)` and its slope `dx/dv`.
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64);
}

impl<S: Hypersimplex, R: Separable> RowByRow<S> for R {
    #[inline(always)]
    fn relax(&self, structure: &S, run: &mut Run<'_>) {
        let (elements, k, temperature) = (structure.dimension(), structure.chosen(), run.temperature);
        if k == 0 {
            return run.out.fill(0.0);
        }
        let (mut top, mut rest) = (Vec::with_capacity(elements), Vec::with_capacity(elements - k));
        let scale = if temperature > LARGEST_TEMPERATURE { 0.25 } else { 1.0 };
        let position = |u: f64, reference: f64| {
            ((u * scale - reference * scale) / temperature / scale).clamp(-FARTHEST, FARTHEST)
        };
        let mut memory = R::Memory::default();
        for mut row in run.rows(structure) {
            if self.relax_quickly(k, temperature, &mut row, &mut memory) {
                continue;
            }
            let Row { utility, soft, cotangent, gradient } = row;
            let reference = kth_largest(utility, k, &mut top);
            for value in &mut top {
                *value = position(*value, reference);
            }
            rest.clear();
            rest.extend_from_slice(&top[k..]);
            top.truncate(k);
            let multiplier = self.multiplier(&mut top, &mut rest);
            let entry = |u| self.entry(position(u, reference), multiplier);
            if gradient.is_empty() {
                soft.iter_mut().zip(utility).for_each(|(x, &u)| *x = entry(u).0);
                continue;
            }
            if soft.is_empty() {
                gradient.iter_mut().zip(utility).for_each(|(slope, &u)| *slope = entry(u).1);
            } else {
                let places = soft.iter_mut().zip(&mut *gradient).zip(utility);
                places.for_each(|((x, slope), &u)| (*x, *slope) = entry(u));
            }
            project(gradient, cotangent, temperature);
        }
    }
}

impl<S: Hypersimplex, R: Separable> Relaxation<S> for R {
    row_by_row!(S);
}

/// From slopes d to `d_i (g_i - d.g / sum d) / t`, in place.
#[inline(always)]
fn project(slopes: &mut [f64], cotangent: &[f64], temperature: f64) {
    let total = sum(slopes);
    if total < VERTEX {
        slopes.fill(0.0);
        return;
    }
    let mean = dot(slopes, cotangent) / total;
    for (slope, &g) in slopes.iter_mut().zip(cotangent) {
        *slope = *slope * (g - mean) / temperature;
    }
}

/// Sums of several functions over values, in eight interleaved parts: additions wait for one another.
#[inline(always)]
pub(super) fn sums<const N: usize>(values: &[f64], functions: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    let (blocks, rest) = values.as_chunks::<8>();
    let mut parts = [[0.0; 8]; N];
    for block in blocks {
        for lane in 0..8 {
            let terms = functions(block[lane]);
            for (part, term) in parts.iter_mut().zip(terms) {
                part[lane] += term;
            }
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        for (part, term) in parts.iter_mut().zip(functions(value)) {
            part[lane] += term;
        }
    }
    parts.map(total)
}
