mod undecided;

use std::ops::Range;

use self::undecided::Undecided;
use super::row_by_row::Row;
use super::separable::{FARTHEST, Separable, sums};
use super::{ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::{exp, ln};
use crate::error::Error;
use crate::number::vectorised;
use crate::sampling::FamilyDraws;
use crate::structure::{IndependentEdges, Structure, Subset};

/// `f(x) = sum_i x_i log x_i + (1 - x_i) log (1 - x_i)`.
///
/// On the cube it is the exponential-family relaxation as well: `X_t = sigmoid(u / t)`, coordinate by coordinate
/// (paper, section 6, "Indep. S"). On the hypersimplex `X_t = sigmoid(u/t + m)` with the m that makes the sum k (the
/// limited multi-label projection of Amos, Koltun and Kolter, 2019), by at most ten evaluations of the sum.
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

/// `out[i] = function(utilities[i], cotangents[i])`, of a function that is marked `#[inline(always)]` and owns its numbers:
/// behind a reference they might be among the results, for all that the compiler knows.
#[inline(always)]
fn elementwise(
    utilities: &[f64],
    cotangents: &[f64],
    out: &mut [f64],
    function: impl Fn(f64, f64) -> f64 + Copy,
) {
    vectorised(
        #[inline(always)]
        move || {
            let function = function;
            for ((out, &u), &g) in out.iter_mut().zip(utilities).zip(cotangents) {
                *out = function(u, g);
            }
        },
    );
}

/// The relaxation of structures whose coordinates are independent coins.
macro_rules! relax_cube {
    ($($structure:ty),*) => {$(
        impl Relaxation<$structure> for BinaryEntropy {
            fn softmax(
                &self,
                _structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                soft: &mut [f64],
            ) -> Result<(), Error> {
                elementwise(
                    utilities,
                    utilities,
                    soft,
                    #[inline(always)]
                    move |u, _| sigmoids(exponent(u, temperature)).0,
                );
                Ok(())
            }

            fn softmax_vjp(
                &self,
                _structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                cotangents: &[f64],
                gradients: &mut [f64],
            ) -> Result<(), Error> {
                elementwise(
                    utilities,
                    cotangents,
                    gradients,
                    #[inline(always)]
                    move |u, g| {
                        let (present, absent) = sigmoids(exponent(u, temperature));
                        g * (present * absent) / temperature
                    },
                );
                Ok(())
            }
        }

        impl ExponentialFamilyRelaxation<$structure> for BinaryEntropy {
            /// `sum_i log(1 + exp(u_i / t))`.
            fn log_partition(
                &self,
                structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                logs: &mut [f64],
            ) -> Result<(), Error> {
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
                Ok(())
            }

            /// `sum_i log(1 + exp(-|u_i| / t))`.
            fn excess(
                &self,
                structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                _best: &[f64],
                excesses: &mut [f64],
            ) -> Result<(), Error> {
                for (excess, row) in excesses.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
                    *excess = row.iter().map(|&u| -ln(sigmoids(exponent(u, temperature).abs()).0)).sum();
                }
                Ok(())
            }

            /// The sum of the coins' entropies `log(1 + e^-|x|) + |x| sigmoid(-|x|)`.
            fn entropy(
                &self,
                structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                entropies: &mut [f64],
            ) -> Result<(), Error> {
                for (entropy, row) in entropies.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
                    let of_coin = |&u: &f64| {
                        let x = exponent(u, temperature).abs();
                        let (likely, unlikely) = sigmoids(x);
                        x * unlikely - ln(likely)
                    };
                    *entropy = row.iter().map(of_coin).sum();
                }
                Ok(())
            }

            /// `-c x_i (1 - x_i) u_i / t^2`, coordinate by coordinate.
            fn entropy_vjp(
                &self,
                structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                cotangents: &[f64],
                gradients: &mut [f64],
            ) -> Result<(), Error> {
                let n = structure.dimension();
                let rows = gradients.chunks_exact_mut(n).zip(utilities.chunks_exact(n));
                for ((gradients, utilities), &cotangent) in rows.zip(cotangents) {
                    for (gradient, &u) in gradients.iter_mut().zip(utilities) {
                        let x = exponent(u, temperature);
                        let (present, absent) = sigmoids(x);
                        *gradient = -cotangent * (x * (present * absent) / temperature);
                    }
                }
                Ok(())
            }

            fn draw(
                &self,
                structure: &$structure,
                utilities: &[f64],
                temperature: f64,
                draws: FamilyDraws,
                range: Range<usize>,
                vertices: &mut [f64],
            ) -> Result<(), Error> {
                let n = structure.dimension();
                for (draw, vertex) in range.zip(vertices.chunks_exact_mut(n)) {
                    let (row, mut uniforms) = (draw / draws.samples, draws.uniforms(draw));
                    for (x, &u) in vertex.iter_mut().zip(&utilities[row * n..(row + 1) * n]) {
                        *x = f64::from(uniforms.happens(sigmoids(exponent(u, temperature)).0));
                    }
                }
                Ok(())
            }
        }
    )*};
}

relax_cube!(Subset, IndependentEdges);

/// Up to this excess, one more step of Newton's method ends in the last bit: its error is below a quarter of the square.
const LAST_EXCESS: f64 = 1.0 / (1u64 << 26) as f64;

/// Up to this excess Newton's method halves the error at least.
const SMALL_EXCESS: f64 = 2.0;

/// Where the k-th largest and the next position are so far apart, `X_t` is a vertex.
const WIDEST_GAP: f64 = 1_300.0;

impl Separable for BinaryEntropy {
    type Memory = Undecided;

    #[inline(always)]
    fn relax_quickly(self, k: usize, temperature: f64, row: &mut Row<'_>, memory: &mut Undecided) -> bool {
        memory.relax(k, temperature, row)
    }

    /// m, the root of `E(m) = log Q - log P`, where `P = sum_top sigmoid(-v - m)` is what the k largest lack and
    /// `Q = sum_rest sigmoid(v + m)` what the others have: no subtraction of nearly equal numbers, and nothing that
    /// underflows where P and Q are small.
    ///
    /// `E' = mean_rest(1 - x) + mean_top(x)`, with weights x and 1 - x. Every x of the top is at least every x of the
    /// rest, so that `1 <= E' <= 2`; and `|E''| <= 1/2`, by the variances in it. With e the distance to the root,
    /// `e <= |E| <= 2e`. While `|E| > 2`, a step by `2E/3` leaves at most a third of e. From there on `e <= 2`, and
    /// Newton's method leaves at most `e^2 / 4`: a half at least, then a quarter of the square. In the middle of the gap, where
    /// the search begins, `e <= log n`: three steps of the first kind and six of the second are enough.
    #[inline(always)]
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64 {
        let gap =
            -rest.iter().fold(f64::NEG_INFINITY, |largest: f64, &v| if v > largest { v } else { largest });
        if gap > WIDEST_GAP {
            // Halfway to the next, or above all where there is no other.
            return 0.5 * gap.min(FARTHEST);
        }
        // From the middle of the gap: the weight of an element on its side of it is at most 1.
        let middle = 0.5 * gap;
        top.iter_mut().for_each(|v| *v = exp(-*v - middle));
        rest.iter_mut().for_each(|v| *v = exp(*v + middle));
        let mut beyond = 0.0;
        loop {
            let (up, down) = (exp(beyond), exp(-beyond));
            let [lacking, lacking_slope] = sums(top, |weight| tail(weight * down));
            let [given, given_slope] = sums(rest, |weight| tail(weight * up));
            let excess = ln(given / lacking);
            if excess.abs() > SMALL_EXCESS {
                beyond -= excess * (2.0 / 3.0);
                continue;
            }
            beyond -= excess / (given_slope / given + lacking_slope / lacking);
            if excess.abs() <= LAST_EXCESS {
                return middle + beyond;
            }
        }
    }

    #[inline(always)]
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64) {
        let (present, absent) = sigmoids(position + multiplier);
        (present, present * absent)
    }
}

/// `sigmoid(x)` and its derivative, from `exp(x)`.
#[inline(always)]
fn tail(weight: f64) -> [f64; 2] {
    let absent = 1.0 / (1.0 + weight);
    let present = weight * absent;
    [present, present * absent]
}
