use pulp::{Arch, Simd, WithSimd};

use super::{ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::{exp, ln};
use crate::error::Error;
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

impl ExponentialFamilyRelaxation<Subset> for BinaryEntropy {
    /// `sum_i log(1 + exp(u_i / t))`.
    fn log_partition(&self, structure: &Subset, utilities: &[f64], temperature: f64, logs: &mut [f64]) {
        for (log, row) in logs.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
            *log = row
                .iter()
                .map(|&u| {
                    // log(1 + e^x) = max(x, 0) - log sigmoid(|x|)
                    let larger = sigmoids(exponent(u.abs(), temperature)).0;
                    (u / temperature).max(0.0) - ln(larger)
                })
                .sum();
        }
    }
}
