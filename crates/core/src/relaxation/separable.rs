//! Separable regularisers `f(x) = sum_i phi(x_i)` on the hypersimplex `0 <= x <= 1, sum_i x_i = k`.
//!
//! The maximiser of `u.x - t f(x)` is `x_i = x(v_i, m)`: one increasing function of the element's position
//! `v_i = (u_i - r) / t`, with a multiplier m that all elements share and that makes the sum k. With the slope
//! `d_i = dx_i/dv_i`, 0 where `x_i` is held at 0 or 1, the Jacobian is `(diag(d) - d d^T / sum_i d_i) / t`.
//!
//! The reference r is the k-th largest utility. The elements that lie strictly between 0 and 1 are near it, so that
//! a difference in utilities which overflows, or is rounded, is that of an element without a say; but for the largest
//! temperatures, at which quarters are subtracted.

use crate::elementary::LARGEST_TEMPERATURE;
use crate::number::{dot, sum};
use crate::structure::{Hypersimplex, kth_largest};

/// A position beyond which an element is out, or in, as good as never to be revoked: `exp(-2000)` is 0.
pub(super) const FARTHEST: f64 = 2_000.0;

/// Slopes that add up to less belong to a vertex.
const VERTEX: f64 = 1e-290;

/// A regulariser of one coordinate.
pub(super) trait Separable: Copy {
    /// The multiplier m with `sum_i x(v_i, m) = k`, from the positions of the k largest utilities, of which the
    /// least is 0, and those of the others. Both may be left in any state.
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64;

    /// `x(v, m)` and its slope `dx/dv`.
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64);
}

/// What is computed of a row.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// `X_t`.
    Softmax,
    /// The product of the Jacobian with these cotangents.
    Vjp(&'a [f64]),
    /// `X_t`, and after it the product.
    Both(&'a [f64]),
}

impl Wanted<'_> {
    /// How many numbers that is, as a multiple of the elements.
    pub(super) fn parts(self) -> usize {
        if matches!(self, Self::Both(_)) { 2 } else { 1 }
    }
}

/// A run of rows on one thread: k of `elements` in each.
#[derive(Clone, Copy)]
pub(super) struct ChosenRows<'a> {
    pub(super) elements: usize,
    pub(super) k: usize,
    pub(super) utilities: &'a [f64],
    pub(super) temperature: f64,
    pub(super) wanted: Wanted<'a>,
}

impl<'a> ChosenRows<'a> {
    pub(super) fn new(
        structure: &impl Hypersimplex,
        utilities: &'a [f64],
        temperature: f64,
        wanted: Wanted<'a>,
    ) -> Self {
        let (elements, k) = (structure.dimension(), structure.chosen());
        Self { elements, k, utilities, temperature, wanted }
    }

    #[inline(always)]
    pub(super) fn regularised(self, regulariser: impl Separable, out: &mut [f64]) {
        let Self { elements, k, utilities, temperature, wanted } = self;
        if k == 0 {
            out.fill(0.0);
            return;
        }
        let (mut top, mut rest) = (Vec::with_capacity(elements), Vec::with_capacity(elements - k));
        let scale = if temperature > LARGEST_TEMPERATURE { 0.25 } else { 1.0 };
        let position = |u: f64, reference: f64| {
            ((u * scale - reference * scale) / temperature / scale).clamp(-FARTHEST, FARTHEST)
        };
        let rows = utilities.chunks_exact(elements).zip(out.chunks_exact_mut(wanted.parts() * elements));
        for (row, (utility, out)) in rows.enumerate() {
            let reference = kth_largest(utility, k, &mut top);
            for value in &mut top {
                *value = position(*value, reference);
            }
            rest.clear();
            rest.extend_from_slice(&top[k..]);
            top.truncate(k);
            let multiplier = regulariser.multiplier(&mut top, &mut rest);
            match wanted {
                Wanted::Softmax => {
                    for (x, &u) in out.iter_mut().zip(utility) {
                        *x = regulariser.entry(position(u, reference), multiplier).0;
                    }
                }
                Wanted::Vjp(cotangents) => {
                    for (slope, &u) in out.iter_mut().zip(utility) {
                        *slope = regulariser.entry(position(u, reference), multiplier).1;
                    }
                    project(out, &cotangents[row * elements..(row + 1) * elements], temperature);
                }
                Wanted::Both(cotangents) => {
                    let (soft, slopes) = out.split_at_mut(elements);
                    for ((x, slope), &u) in soft.iter_mut().zip(&mut *slopes).zip(utility) {
                        (*x, *slope) = regulariser.entry(position(u, reference), multiplier);
                    }
                    project(slopes, &cotangents[row * elements..(row + 1) * elements], temperature);
                }
            }
        }
    }
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
    parts
        .map(|part| ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7])))
}

/// The relaxation of every hypersimplex by a separable regulariser.
macro_rules! relax_hypersimplex {
    ($regulariser:ident) => {
        impl<S: Hypersimplex> Relaxation<S> for $regulariser {
            fn softmax(
                &self,
                structure: &S,
                utilities: &[f64],
                temperature: f64,
                soft: &mut [f64],
            ) -> Result<(), Error> {
                let rows = ChosenRows::new(structure, utilities, temperature, Wanted::Softmax);
                $crate::number::vectorised(
                    #[inline(always)]
                    || rows.regularised(*self, soft),
                );
                Ok(())
            }

            fn softmax_vjp(
                &self,
                structure: &S,
                utilities: &[f64],
                temperature: f64,
                cotangents: &[f64],
                gradients: &mut [f64],
            ) -> Result<(), Error> {
                let rows = ChosenRows::new(structure, utilities, temperature, Wanted::Vjp(cotangents));
                $crate::number::vectorised(
                    #[inline(always)]
                    || rows.regularised(*self, gradients),
                );
                Ok(())
            }

            fn softmax_with_vjp(
                &self,
                structure: &S,
                utilities: &[f64],
                temperature: f64,
                cotangents: &[f64],
                both: &mut [f64],
            ) -> Result<(), Error> {
                let rows = ChosenRows::new(structure, utilities, temperature, Wanted::Both(cotangents));
                $crate::number::vectorised(
                    #[inline(always)]
                    || rows.regularised(*self, both),
                );
                Ok(())
            }
        }
    };
}
pub(super) use relax_hypersimplex;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use pulp::Simd;

    use super::*;
    use crate::relaxation::{BinaryEntropy, CategoricalEntropy, Entmax, Euclidean};

    const ELEMENTS: usize = 19;

    /// Soft subsets and their derivatives, as an instruction set computes them.
    fn computed_by(regulariser: impl Separable, simd: impl Simd, temperature: f64) -> Vec<u64> {
        let wave = |phase: f64| (0..21 * ELEMENTS).map(move |i| 3.0 * (1.7 * (i * i) as f64 + phase).sin());
        let (utilities, cotangents): (Vec<f64>, Vec<f64>) = (wave(0.1).collect(), wave(2.0).collect());
        let mut results = vec![0.0; 2 * utilities.len()];
        let (soft, gradients) = results.split_at_mut(utilities.len());
        for (wanted, out) in [(Wanted::Softmax, soft), (Wanted::Vjp(&cotangents), gradients)] {
            let rows = ChosenRows { elements: ELEMENTS, k: 5, utilities: &utilities, temperature, wanted };
            simd.vectorize(
                #[inline(always)]
                || rows.regularised(regulariser, out),
            );
        }
        results.iter().map(|x| x.to_bits()).collect()
    }

    fn assert_same_bits(regulariser: impl Separable) {
        for temperature in [10.0, 1.0, 0.02] {
            let scalar = computed_by(regulariser, pulp::Scalar::new(), temperature);
            if let Some(simd) = pulp::x86::V3::try_new() {
                assert_eq!(computed_by(regulariser, simd, temperature), scalar, "AVX2, {temperature}");
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                assert_eq!(computed_by(regulariser, simd, temperature), scalar, "AVX-512, {temperature}");
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        assert_same_bits(Euclidean);
        assert_same_bits(CategoricalEntropy);
        assert_same_bits(BinaryEntropy);
        assert_same_bits(Entmax::new(1.5));
    }
}
