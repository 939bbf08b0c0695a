//! Sums over all projective trees: the inside-outside algorithm on Eisner's chart, O(n^3).
//!
//! Every word has one head, so that dividing the weights of its edges by their sum changes no marginal. Then the worth of
//! an item, and what its worth is multiplied by in that of the whole, are probabilities of choices of heads: at most 1.

use std::collections::TryReserveError;
use std::marker::PhantomData;

use super::argmax::EisnerWorkspace;
use super::{Deductions, Derivatives, Goal, ProjectiveTree, cells_of};
use crate::elementary::ln;
use crate::number::{DoubleDouble, Number, Scalar, add_scaled, dot, filled};
use crate::reach::{Reach, Room, gap};
use crate::sampling::{Scratch, Uniforms, choose};
use crate::structure::{ArgmaxOracle, ExponentialFamily, Structure, allowed, relative, scale_of};

/// Sums of products, and their derivatives.
struct Sums<N>(PhantomData<N>);

impl<N: Number> Deductions for Sums<N> {
    type Item = N;

    #[inline(always)]
    fn join(&mut self, firsts: &[N], seconds: &[N]) -> N {
        dot(firsts, seconds)
    }
    #[inline(always)]
    fn attach(&self, item: N, edge: N) -> N {
        item * edge
    }
}

impl<N: Number> Derivatives for Sums<N> {
    type Share = N;

    #[inline(always)]
    fn part(
        &mut self,
        share: N,
        firsts: &[N],
        seconds: &[N],
        first_shares: &mut [N],
        second_shares: &mut [N],
    ) {
        add_scaled(first_shares, share, seconds);
        add_scaled(second_shares, share, firsts);
    }
    #[inline(always)]
    fn detach(&self, share: N, edge: N) -> N {
        share * edge
    }
    #[inline(always)]
    fn add(&self, a: N, b: N) -> N {
        a + b
    }
}

/// Memory of narrowing.
#[derive(Default)]
pub struct Narrowing {
    best: Vec<f64>,
    values: Vec<f64>,
    tree: Vec<f64>,
    argmax: Option<EisnerWorkspace>,
}

/// More than the relative rounding error of a sum over a tree.
const ROUNDING: f64 = 1e-10;
/// An upper bound on the logarithm of the number of trees, for each word: of `C(3n, n)`, it is that of 27/4.
const LOG_TREES: f64 = 1.91;

/// The charts of one row.
pub struct InsideOutside<N> {
    /// The weights of the edges, a matrix [head, modifier], scaled to probabilities of heads.
    edges: Vec<N>,
    /// One over the sum of the weights of each vertex's heads.
    inverse_totals: Vec<N>,
    inside: Vec<N>,
    outside: Vec<N>,
    goals: Vec<Goal>,
}

impl ProjectiveTree {
    /// Returns the probability that words which choose their heads independently form a projective tree.
    #[inline(always)]
    fn fill_inside<N: Number>(&self, weights: &[N], workspace: &mut InsideOutside<N>) -> N {
        let InsideOutside { edges, inverse_totals, inside, .. } = workspace;
        let (n, zero, one) = (self.vertices(), weights[0].constant(0.0), weights[0].constant(1.0));
        edges.fill(zero);
        for (coordinates, places) in self.runs() {
            edges[places].copy_from_slice(&weights[coordinates]);
        }
        inverse_totals.fill(zero);
        for row in edges.chunks_exact(n) {
            for (total, &edge) in inverse_totals.iter_mut().zip(row) {
                *total = *total + edge;
            }
        }
        inverse_totals[0] = one;
        for total in inverse_totals[1..].iter_mut() {
            *total = one / *total;
        }
        for row in edges.chunks_exact_mut(n) {
            for (edge, &inverse) in row.iter_mut().zip(inverse_totals.iter()) {
                *edge = *edge * inverse;
            }
        }
        self.chart(inside).fill(edges, one, &mut Sums(PhantomData))
    }

    /// Of every vertex the largest utility of an edge into it.
    #[inline(always)]
    fn best_heads(&self, utility: &[f64], best: &mut Vec<f64>) {
        let n = self.vertices();
        best.clear();
        best.resize(n, f64::NEG_INFINITY);
        for (coordinates, places) in self.runs() {
            for (best, &u) in best[places.start % n..].iter_mut().zip(&utility[coordinates]) {
                *best = if u > *best { u } else { *best };
            }
        }
    }

    /// An upper bound on by how much the best tree is worse than every word's best head; and the least of the latter.
    #[inline(always)]
    fn loss(&self, utility: &[f64], best: &mut Vec<f64>) -> (f64, f64) {
        self.best_heads(utility, best);
        let least =
            best[1..].iter().fold(f64::INFINITY, |least, &best| if best < least { best } else { least });
        let lost = |best: &[f64], head: usize, word: usize| best[word] - utility[self.coordinate(head, word)];
        if self.single_root_child {
            // A child of the root, on which the words before it hang in a row, and those after it.
            let n = self.vertices();
            best.resize(2 * n, 0.0);
            for word in (2..n).rev() {
                best[n + word - 1] = best[n + word] + lost(best, word - 1, word);
            }
            let (mut before, mut smallest) = (0.0, f64::INFINITY);
            for child in 1..n {
                let whole = before + lost(best, 0, child) + best[n + child];
                smallest = if whole < smallest { whole } else { smallest };
                if child + 1 < n {
                    before += lost(best, child + 1, child);
                }
            }
            return (smallest, least);
        }
        // Any choice of heads among the root and the word before makes a tree; so does one of the root and the word after.
        let at_least = |word: usize, neighbour: usize| {
            let from_root = lost(best, 0, word);
            if (1..=self.words).contains(&neighbour) {
                from_root.min(lost(best, neighbour, word))
            } else {
                from_root
            }
        };
        let (mut before, mut after) = (0.0, 0.0);
        for word in 1..=self.words {
            before += at_least(word, word - 1);
            after += at_least(word, word + 1);
        }
        (before.min(after), least)
    }
}

impl ExponentialFamily for ProjectiveTree {
    type Workspace<N: Number> = InsideOutside<N>;

    type Narrowing = Narrowing;

    fn reach(&self) -> Reach {
        let n = self.vertices();
        Reach { factors: self.words, cells: n * n + 2 * cells_of(n) }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<InsideOutside<N>, TryReserveError> {
        let n = self.vertices();
        Ok(InsideOutside {
            edges: filled(zero, n * n)?,
            inverse_totals: filled(zero, n)?,
            inside: filled(zero, cells_of(n))?,
            outside: filled(zero, cells_of(n))?,
            goals: Vec::new(),
        })
    }

    fn balanced(&self) -> usize {
        self.dimension()
    }

    /// The edges that are alone to enter a word, and of a single child that which is alone to leave the root.
    fn forced(&self, utility: &[f64], forbids: bool, _: &mut Vec<u32>, mut mark: impl FnMut(usize)) {
        if !forbids {
            return if self.words == 1 {
                mark(0)
            };
        }
        let mut only = |edges: &mut dyn Iterator<Item = usize>| {
            let mut allowed = edges.filter(|&edge| utility[edge] != f64::NEG_INFINITY);
            if let (Some(only), None) = (allowed.next(), allowed.next()) {
                mark(only);
            }
        };
        for word in 1..=self.words {
            let heads = (0..=self.words).filter(|&head| head != word);
            only(&mut heads.map(|head| self.coordinate(head, word)));
        }
        if self.single_root_child {
            only(&mut (0..self.words));
        }
    }

    /// Every edge relative to the best into its word. No tree is worth more than all the best and the edges that it has
    /// instead; an edge that is farther below than the best tree, by a gap, is as good as forbidden.
    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut Narrowing,
    ) {
        let n = self.vertices();
        let Narrowing { best, values, tree, argmax } = memory;
        self.best_heads(utility, best);
        let scale = scale_of(utility);
        narrowed.clear();
        for (coordinates, places) in self.runs() {
            let best = &best[places.start % n..];
            narrowed.extend(
                utility[coordinates]
                    .iter()
                    .zip(best)
                    .map(|(&u, &best)| allowed(u, relative(u * scale, best * scale, temperature, scale))),
            );
        }
        tree.clear();
        tree.resize(utility.len(), 0.0);
        values.clear();
        values.extend(narrowed.iter().map(|value| value.high));
        // Whether the tree is the best to the last bit does not matter.
        self.argmax_of_doubles(values, tree, argmax.get_or_insert_with(|| self.argmax_workspace()));
        let of_tree = narrowed.iter().zip(&*tree).filter(|&(_, &x)| x != 0.0);
        let loss: f64 = of_tree.map(|(value, _)| -value.high).sum();
        let least = -loss * (1.0 + ROUNDING) - gap(LOG_TREES * self.words as f64, temperature);
        for value in narrowed.iter_mut().filter(|value| value.high <= least) {
            *value = DoubleDouble::NEG_INFINITY;
        }
    }

    /// No sum exceeds 1, and one that underflows does not matter where the sum over all trees is far above the smallest
    /// double. It is at least the probability of one tree, in which a head of the largest weight has at least 1/n.
    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        (largest, _): (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        let (loss, least) = self.loss(utility, scratch);
        let words = self.words as f64;
        let loss = loss / temperature + words * ln(words);
        let span = (largest - least) / temperature;
        (loss <= room.loss && span + loss <= room.depth).then_some(largest)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], workspace: &mut InsideOutside<N>) -> N {
        let probability = self.fill_inside(weights, workspace);
        workspace.inverse_totals.iter().fold(probability, |product, &inverse| product / inverse)
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], workspace: &mut InsideOutside<N>) {
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        let inverse = one / self.fill_inside(weights, workspace);
        let InsideOutside { edges, inside, outside, .. } = workspace;
        let (inside, mut outside) = (self.chart(inside), self.chart(outside));
        outside.fill_shares(&inside, edges, (inverse, zero), &mut Sums(PhantomData));
        for (coordinates, places) in self.runs() {
            let arcs = inside.arcs[places.clone()].iter().zip(&outside.arcs[places]);
            for (marginal, (&inside, &outside)) in marginals[coordinates].iter_mut().zip(arcs) {
                *marginal = inside * outside;
            }
        }
    }

    /// From the whole to its parts, by what the sum of each item is made of.
    fn draw<N: Scalar>(
        &self,
        _weights: &[N],
        workspace: &mut InsideOutside<N>,
        uniforms: &mut Uniforms,
        _scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        let InsideOutside { inside, goals, .. } = workspace;
        self.derive(&self.chart(inside), vertex, goals, |firsts, seconds| {
            let weights = firsts.iter().zip(seconds).map(|(&first, &second)| first * second);
            choose(weights.enumerate(), uniforms).unwrap_or(0)
        });
    }
}
