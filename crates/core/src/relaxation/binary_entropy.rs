use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::{ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::{exp, ln};
use crate::error::Error;
use crate::sampling::FamilyDraws;
use crate::structure::{Structure, Subset};

/// `f(x) = sum_i x_i log x_i + (1 - x_i) log (1 - x_i)`.
///
/// On the cube it is the exponential-family relaxation as well: `X_t = sigmoid(u / t)`, coordinate by coordinate
/// (paper, section 6, "Indep. S").
#[derive(Clone, Copy, Debug, Default)]
pub struct BinaryEntropy;

/// `(sigmoid(x), sigmoid(-x))`, each to full relative accuracy.
#[inline(always)]
fn sigmoids(x: f64) -> (f64, f64) {
    let weight = exp(-x.abs());
    let larger = 1.0 / (1.0 + weight);
    let smaller = weight * larger;
    if x >= 0.0 { (larger, smaller) } else { (smaller, larger) }
}

/// `u / t` where t may be so small that the quotient overflows; the sigmoid is then 0, 1/2 or 1 as it should be.
#[inline(always)]
fn exponent(utility: f64, temperature: f64) -> f64 {
    (utility / temperature).clamp(-1e4, 1e4)
}

/// `out[i] = function(utilities[i], cotangents[i])`, compiled for the widest registers that the machine has.
struct Elementwise<'a, F> {
    utilities: &'a [f64],
    cotangents: &'a [f64],
    out: &'a mut [f64],
    function: F,
}

impl<F: Fn(f64, f64) -> f64> WithSimd for Elementwise<'_, F> {
    type Output = ();
    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let Self { utilities, cotangents, out, function } = self;
        for ((out, &u), &g) in out.iter_mut().zip(utilities).zip(cotangents) {
            *out = function(u, g);
        }
    }
}

impl Relaxation<Subset> for BinaryEntropy {
    fn softmax(
        &self,
        _structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let function = |u: f64, _: f64| sigmoids(exponent(u, temperature)).0;
        Arch::new().dispatch(Elementwise { utilities, cotangents: utilities, out: soft, function });
        Ok(())
    }

    fn softmax_vjp(
        &self,
        _structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let function = |u: f64, g: f64| {
            let (present, absent) = sigmoids(exponent(u, temperature));
            g * (present * absent) / temperature
        };
        Arch::new().dispatch(Elementwise { utilities, cotangents, out: gradients, function });
        Ok(())
    }
}

impl BinaryEntropy {
    /// Sums over the coordinates of each row, as functions of `u/t`.
    fn sums(
        &self,
        structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        out: &mut [f64],
        term: impl Fn(f64) -> f64,
    ) -> Result<(), Error> {
        for (out, row) in out.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
            *out = row.iter().map(|&u| term(u / temperature)).sum();
        }
        Ok(())
    }
}

/// `log(1 + e^-|x|)`.
fn excess(x: f64) -> f64 {
    -ln(sigmoids(x.abs()).0)
}

impl ExponentialFamilyRelaxation<Subset> for BinaryEntropy {
    /// `sum_i log(1 + exp(u_i / t))`.
    fn log_partition(
        &self,
        structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        out: &mut [f64],
    ) -> Result<(), Error> {
        self.sums(structure, utilities, temperature, out, |x| x.max(0.0) + excess(x))
    }

    /// `sum_i log(1 + exp(-|u_i| / t))`.
    fn excess(
        &self,
        structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        _best: &[f64],
        out: &mut [f64],
    ) -> Result<(), Error> {
        self.sums(structure, utilities, temperature, out, excess)
    }

    /// The sum of the coins' entropies `log(1 + e^-|x|) + |x| sigmoid(-|x|)`.
    fn entropy(
        &self,
        structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        out: &mut [f64],
    ) -> Result<(), Error> {
        self.sums(structure, utilities, temperature, out, |x| {
            let size = x.abs().min(1e4);
            excess(x) + size * sigmoids(size).1
        })
    }

    fn draw(
        &self,
        structure: &Subset,
        utilities: &[f64],
        temperature: f64,
        draws: FamilyDraws,
        range: Range<usize>,
        out: &mut [f64],
    ) {
        let n = structure.dimension();
        for (draw, vertex) in range.zip(out.chunks_exact_mut(n)) {
            let (row, mut uniforms) = (draw / draws.samples, draws.uniforms(draw));
            for (x, &u) in vertex.iter_mut().zip(&utilities[row * n..(row + 1) * n]) {
                *x = f64::from(uniforms.happens(sigmoids(exponent(u, temperature)).0));
            }
        }
    }
}
