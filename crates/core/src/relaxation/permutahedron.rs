//! Separable regularisers on the permutahedron `P(w)` (Blondel, Teboul, Berthet and Djolonga, 2020, "Fast differentiable
//! sorting and ranking").
//!
//! The constraints are `sum_{j <= i} x_j <= sum_{j <= i} w_j` in decreasing order of the utilities, with equality for all of
//! them together. Places between two that bind are a block: their entries add up to its weights, and there the optimum and
//! its derivative are those of a hyperplane, or of a simplex. Multipliers, one for each block, do not increase along the
//! order, so that blocks are found by isotonic regression, in O(n) after the sort.
//!
//! Where two neighbours have the same multiplier, which is a kink, they are apart.

use super::isotonic::{Pool, pool};
use super::{CategoricalEntropy, Euclidean, Relaxation};
use crate::elementary::exp;
use crate::error::Error;
use crate::number::{DoubleDouble, dot, sum, vectorised};
use crate::structure::{Permutahedron, Structure, rank, relative, scale_of};

/// Differences of utilities over a temperature, of any size.
#[derive(Clone, Copy)]
struct Quotient {
    temperature: f64,
    /// What utilities have been multiplied by.
    scale: f64,
}

impl Quotient {
    /// `(u - r) / t`.
    #[inline(always)]
    fn of(self, utility: f64, reference: f64) -> DoubleDouble {
        relative(utility, reference, self.temperature, self.scale)
    }
}

/// Places that share a multiplier.
#[derive(Clone, Copy)]
struct Block<'a> {
    /// In decreasing order.
    utilities: &'a [f64],
    weights: &'a [f64],
    quotient: Quotient,
}

/// A regulariser of one coordinate.
trait Blockwise {
    /// What is known of a block while blocks are found.
    type Pool: Pool;

    /// Neighbours with `(u - u') / t` of at least this are in different blocks, whatever the others are.
    fn widest_gap(weights: &[f64]) -> f64;

    /// A block of one place; none of its run, from `reference` on, has such a gap to the next.
    fn place(utility: f64, reference: f64, weight: f64, quotient: Quotient) -> Self::Pool;

    /// The optimum on a block.
    fn optimum(block: Block, soft: &mut [f64]);

    /// From cotangents, in place, `t` times their product with the block's Jacobian; `soft` may hold anything.
    fn differentiate(block: Block, cotangents: &mut [f64], soft: &mut [f64]);
}

/// The sum of `s - w` over some places, for `s = (u - r) / t`: their multiplier is its mean.
#[derive(Clone, Copy)]
struct Excess {
    total: DoubleDouble,
    places: DoubleDouble,
}

impl Pool for Excess {
    #[inline(always)]
    fn is_below(self, next: Self) -> bool {
        self.total * next.places < next.total * self.places
    }

    #[inline(always)]
    fn with(self, next: Self) -> Self {
        Self { total: self.total + next.total, places: self.places + next.places }
    }
}

/// `X_t` is the point of the permutahedron nearest to `u / t`: on a block `x_i = w + s_i - s`, with means w and s.
impl Blockwise for Euclidean {
    type Pool = Excess;

    /// No two entries differ by more.
    #[inline(always)]
    fn widest_gap(weights: &[f64]) -> f64 {
        weights[0] - weights[weights.len() - 1]
    }

    #[inline(always)]
    fn place(utility: f64, reference: f64, weight: f64, quotient: Quotient) -> Excess {
        let total = quotient.of(utility, reference) - DoubleDouble::from(weight);
        Excess { total, places: DoubleDouble::ONE }
    }

    #[inline(always)]
    fn optimum(block: Block, soft: &mut [f64]) {
        let Block { utilities, weights, quotient } = block;
        let mut total = DoubleDouble::ZERO;
        for (&u, &w) in utilities.iter().zip(weights) {
            total = total + (quotient.of(u, utilities[0]) - DoubleDouble::from(w));
        }
        let multiplier = total / weights.len() as f64;
        for (x, &u) in soft.iter_mut().zip(utilities) {
            *x = (quotient.of(u, utilities[0]) - multiplier).to_f64();
        }
    }

    #[inline(always)]
    fn differentiate(_block: Block, cotangents: &mut [f64], _soft: &mut [f64]) {
        let mean = sum(cotangents) / cotangents.len() as f64;
        cotangents.iter_mut().for_each(|g| *g -= mean);
    }
}

/// `sum exp(s) / sum w` over some places, for `s = (u - r) / t`: the logarithm of it is their multiplier.
#[derive(Clone, Copy)]
struct Share {
    /// r, the largest utility of the block.
    reference: f64,
    exponentials: f64,
    weight: DoubleDouble,
    quotient: Quotient,
}

impl Share {
    /// The exponentials of a block after this one, measured like those of this one.
    #[inline(always)]
    fn of_next(self, next: Self) -> f64 {
        next.exponentials * exp(self.quotient.of(next.reference, self.reference).high)
    }
}

impl Pool for Share {
    /// Without weight the multiplier is infinite. Products, not quotients, so that equal shares are equal.
    #[inline(always)]
    fn is_below(self, next: Self) -> bool {
        let product = |exponentials: f64, weight| DoubleDouble::from(exponentials) * weight;
        next.weight == DoubleDouble::ZERO
            || product(self.exponentials, next.weight) < product(self.of_next(next), self.weight)
    }

    #[inline(always)]
    fn with(self, next: Self) -> Self {
        let exponentials = self.exponentials + self.of_next(next);
        Self { exponentials, weight: self.weight + next.weight, ..self }
    }
}

/// `X_t` is the projection of `exp(u / t)` by the Kullback-Leibler divergence: on a block the softmax, times its weights.
impl Blockwise for CategoricalEntropy {
    type Pool = Share;

    /// Entries may differ by any factor, where there are weights of 0.
    #[inline(always)]
    fn widest_gap(_weights: &[f64]) -> f64 {
        f64::INFINITY
    }

    #[inline(always)]
    fn place(utility: f64, _reference: f64, weight: f64, quotient: Quotient) -> Share {
        Share { reference: utility, exponentials: 1.0, weight: DoubleDouble::from(weight), quotient }
    }

    #[inline(always)]
    fn optimum(block: Block, soft: &mut [f64]) {
        let Block { utilities, weights, quotient } = block;
        for (x, &u) in soft.iter_mut().zip(utilities) {
            *x = exp(quotient.of(u, utilities[0]).high);
        }
        let factor = sum(weights) / sum(soft);
        soft.iter_mut().for_each(|x| *x *= factor);
    }

    #[inline(always)]
    fn differentiate(block: Block, cotangents: &mut [f64], soft: &mut [f64]) {
        let weight = sum(block.weights);
        if weight == 0.0 {
            cotangents.fill(0.0);
            return;
        }
        Self::optimum(block, soft);
        let mean = dot(soft, cotangents) / weight;
        for (g, &x) in cotangents.iter_mut().zip(&*soft) {
            *g = x * (*g - mean);
        }
    }
}

/// The rows of one thread.
struct Rows<'a, F: Blockwise> {
    weights: &'a [f64],
    temperature: f64,
    order: Vec<u32>,
    /// In decreasing order, and multiplied by the scale.
    utilities: Vec<f64>,
    /// The blocks of a row, each with the number of its places.
    blocks: Vec<(F::Pool, usize)>,
    soft: Vec<f64>,
    cotangents: Vec<f64>,
}

impl<'a, F: Blockwise> Rows<'a, F> {
    fn new(structure: &'a Permutahedron, temperature: f64) -> Self {
        let n = structure.dimension();
        let weights = structure.weights();
        let (order, utilities, blocks) =
            (Vec::with_capacity(n), Vec::with_capacity(n), Vec::with_capacity(n));
        Self { weights, temperature, order, utilities, blocks, soft: vec![0.0; n], cotangents: vec![0.0; n] }
    }

    /// Finds the blocks of a row.
    #[inline(always)]
    fn find(&mut self, utility: &[f64]) -> Quotient {
        let Self { weights, temperature, order, utilities, blocks, .. } = self;
        let quotient = Quotient { temperature: *temperature, scale: scale_of(utility) };
        rank(utility, order);
        utilities.clear();
        utilities.extend(order.iter().map(|&element| utility[element as usize] * quotient.scale));
        blocks.clear();
        let (widest, n) = (F::widest_gap(weights), utilities.len());
        let mut start = 0;
        while start < n {
            let apart = |&end: &usize| quotient.of(utilities[end - 1], utilities[end]).high >= widest;
            let end = (start + 1..n).find(apart).unwrap_or(n);
            let run = utilities[start..end].iter().zip(&weights[start..end]);
            pool(run.map(|(&u, &w)| F::place(u, utilities[start], w, quotient)), blocks);
            start = end;
        }
        quotient
    }

    #[inline(always)]
    fn softmax(&mut self, utility: &[f64], out: &mut [f64]) {
        let quotient = self.find(utility);
        let Self { weights, order, utilities, blocks, soft, .. } = self;
        let mut start = 0;
        for &(_, places) in &*blocks {
            let range = start..start + places;
            start = range.end;
            // A place of its own has its weight.
            let (weights, utilities) = (&weights[range.clone()], &utilities[range.clone()]);
            match weights {
                &[weight] => soft[range.start] = weight,
                _ => F::optimum(Block { utilities, weights, quotient }, &mut soft[range]),
            }
        }
        for (&element, &x) in order.iter().zip(&*soft) {
            out[element as usize] = x;
        }
    }

    #[inline(always)]
    fn softmax_vjp(&mut self, utility: &[f64], cotangent: &[f64], out: &mut [f64]) {
        let quotient = self.find(utility);
        let Self { weights, temperature, order, utilities, blocks, soft, cotangents } = self;
        for (g, &element) in cotangents.iter_mut().zip(&*order) {
            *g = cotangent[element as usize];
        }
        let mut start = 0;
        for &(_, places) in &*blocks {
            let range = start..start + places;
            start = range.end;
            let (weights, utilities) = (&weights[range.clone()], &utilities[range.clone()]);
            let cotangents = &mut cotangents[range.clone()];
            match weights {
                [_] => cotangents[0] = 0.0,
                _ => F::differentiate(Block { utilities, weights, quotient }, cotangents, &mut soft[range]),
            }
        }
        for (&element, &g) in order.iter().zip(&*cotangents) {
            out[element as usize] = g / *temperature;
        }
    }
}

macro_rules! relax_permutahedron {
    ($($regulariser:ident)*) => {
        $(
            impl Relaxation<Permutahedron> for $regulariser {
                fn softmax(
                    &self,
                    structure: &Permutahedron,
                    utilities: &[f64],
                    temperature: f64,
                    soft: &mut [f64],
                ) -> Result<(), Error> {
                    let n = structure.dimension();
                    let mut rows = Rows::<Self>::new(structure, temperature);
                    vectorised(
                        #[inline(always)]
                        || {
                            for (utility, soft) in utilities.chunks_exact(n).zip(soft.chunks_exact_mut(n)) {
                                rows.softmax(utility, soft);
                            }
                        },
                    );
                    Ok(())
                }

                fn softmax_vjp(
                    &self,
                    structure: &Permutahedron,
                    utilities: &[f64],
                    temperature: f64,
                    cotangents: &[f64],
                    gradients: &mut [f64],
                ) -> Result<(), Error> {
                    let n = structure.dimension();
                    let mut rows = Rows::<Self>::new(structure, temperature);
                    vectorised(
                        #[inline(always)]
                        || {
                            let inputs = utilities.chunks_exact(n).zip(cotangents.chunks_exact(n));
                            for ((utility, cotangent), out) in inputs.zip(gradients.chunks_exact_mut(n)) {
                                rows.softmax_vjp(utility, cotangent, out);
                            }
                        },
                    );
                    Ok(())
                }
            }
        )*
    };
}

relax_permutahedron! { Euclidean CategoricalEntropy }
