//! Sums over all derivations: inside values of nodes, and from them marginals, O(E). What is added and multiplied is never
//! negative, and which operation comes next never depends on values.

use std::ops::Range;

use super::forest::{Forest, Run, Shape};
use crate::number::{Number, Scalar};
use crate::sampling::{Scratch, Uniforms, choose};

/// The sums of one row, or of as many as a number stands for.
pub struct InsideOutside<N> {
    /// Of every node the sum over its derivations.
    pub(super) inside: Vec<N>,
    /// Of every node the derivative of the sum over the goal's, divided by that.
    pub(super) outside: Vec<N>,
}

/// Below so many terms a sum is added up one by one, above in four parts that need not wait for one another.
const FEWEST_PARTS: usize = 8;

/// The sum of products of two factors over some edges.
#[inline(always)]
pub(super) fn total<N: Number>(zero: N, edges: Range<usize>, factors: impl Fn(usize) -> (N, N)) -> N {
    let (mut edge, end) = (edges.start, edges.end);
    let mut sum = zero;
    if end - edge >= FEWEST_PARTS {
        let mut parts = [zero; 4];
        while edge + 4 <= end {
            for (part, sum) in parts.iter_mut().enumerate() {
                let (a, b) = factors(edge + part);
                *sum = a.mul_add(b, *sum);
            }
            edge += 4;
        }
        sum = (parts[0] + parts[1]) + (parts[2] + parts[3]);
    }
    while edge < end {
        let (a, b) = factors(edge);
        sum = a.mul_add(b, sum);
        edge += 1;
    }
    sum
}

impl Forest {
    /// The sum over the derivations that some edges end.
    #[inline(always)]
    fn sum_of_run<N: Number>(&self, run: Run, weights: &[N], inside: &[N], zero: N, one: N) -> N {
        let weight = |edge: usize| weights[self.coordinates[edge] as usize];
        let first = |edge: usize| inside[self.firsts[edge] as usize];
        let second = |edge: usize| inside[self.seconds[edge] as usize];
        match run.shape {
            Shape { tails: 0, weighted: false } => total(zero, run.edges(), |_| (one, one)),
            Shape { tails: 0, weighted: true } => total(zero, run.edges(), |edge| (weight(edge), one)),
            Shape { tails: 1, weighted: false } => total(zero, run.edges(), |edge| (first(edge), one)),
            Shape { tails: 1, weighted: true } => {
                total(zero, run.edges(), |edge| (weight(edge), first(edge)))
            }
            Shape { weighted: false, .. } => total(zero, run.edges(), |edge| (first(edge), second(edge))),
            Shape { weighted: true, .. } => {
                total(zero, run.edges(), |edge| (weight(edge) * first(edge), second(edge)))
            }
        }
    }

    /// Fills the inside values; returns the goal's. `unit` is any number of the make.
    #[inline(always)]
    pub(super) fn fill_inside<N: Number>(&self, weights: &[N], inside: &mut [N], unit: N) -> N {
        let (zero, one) = (unit.constant(0.0), unit.constant(1.0));
        for node in 0..self.nodes() {
            let mut sum = zero;
            for &run in self.runs(node) {
                sum = sum + self.sum_of_run(run, weights, inside, zero, one);
            }
            inside[node] = sum;
        }
        inside[self.goal()]
    }

    /// Adds to `outside` and to `marginals` what a node passes on, from the last node to the first.
    #[inline(always)]
    pub(super) fn fill_outside<N: Number>(
        &self,
        weights: &[N],
        marginals: &mut [N],
        InsideOutside { inside, outside }: &mut InsideOutside<N>,
        inverse: N,
    ) {
        let zero = inverse.constant(0.0);
        marginals.fill(zero);
        outside.fill(zero);
        outside[self.goal()] = inverse;
        for node in (0..self.nodes()).rev() {
            let share = outside[node];
            for run in self.runs(node) {
                let parts = Parts { weights, marginals, inside, outside, share };
                self.pass_on(*run, parts);
            }
        }
    }

    #[inline(always)]
    fn pass_on<N: Number>(&self, run: Run, parts: Parts<N>) {
        let Parts { weights, marginals, inside, outside, share } = parts;
        let edges = run.edges();
        match run.shape {
            Shape { tails: 0, weighted: false } => {}
            Shape { tails: 0, weighted: true } => {
                for &coordinate in &self.coordinates[edges] {
                    let coordinate = coordinate as usize;
                    marginals[coordinate] = share.mul_add(weights[coordinate], marginals[coordinate]);
                }
            }
            Shape { tails: 1, weighted: false } => {
                for &tail in &self.firsts[edges] {
                    outside[tail as usize] = outside[tail as usize] + share;
                }
            }
            Shape { tails: 1, weighted: true } => {
                for (&coordinate, &tail) in self.coordinates[edges.clone()].iter().zip(&self.firsts[edges]) {
                    let (coordinate, tail) = (coordinate as usize, tail as usize);
                    let part = share * weights[coordinate];
                    outside[tail] = outside[tail] + part;
                    marginals[coordinate] = part.mul_add(inside[tail], marginals[coordinate]);
                }
            }
            Shape { weighted: false, .. } => {
                for (&first, &second) in self.firsts[edges.clone()].iter().zip(&self.seconds[edges]) {
                    let (first, second) = (first as usize, second as usize);
                    outside[first] = share.mul_add(inside[second], outside[first]);
                    outside[second] = share.mul_add(inside[first], outside[second]);
                }
            }
            Shape { weighted: true, .. } => {
                let tails = self.firsts[edges.clone()].iter().zip(&self.seconds[edges.clone()]);
                for (&coordinate, (&first, &second)) in self.coordinates[edges].iter().zip(tails) {
                    let (coordinate, first, second) = (coordinate as usize, first as usize, second as usize);
                    let part = share * weights[coordinate];
                    let with_first = part * inside[first];
                    outside[first] = part.mul_add(inside[second], outside[first]);
                    outside[second] = with_first + outside[second];
                    marginals[coordinate] = with_first.mul_add(inside[second], marginals[coordinate]);
                }
            }
        }
    }

    /// Draws a derivation in proportion to its weight, from the goal down: the edge of each node by what it adds to the
    /// node's sum. O(edges of the nodes in it).
    pub(super) fn draw<N: Scalar>(
        &self,
        weights: &[N],
        inside: &[N],
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        mut take: impl FnMut(usize),
    ) {
        let waiting = &mut scratch.indices;
        waiting.clear();
        waiting.push(self.goal() as u32);
        while let Some(node) = waiting.pop() {
            let edges = self.edges(node as usize);
            let weighed = edges.clone().map(|edge| {
                let weight = self.coordinate(edge).map(|coordinate| weights[coordinate]);
                let factors = weight.into_iter().chain(self.tails(edge).map(|tail| inside[tail]));
                (edge, factors.reduce(|product, factor| product * factor).unwrap_or(inside[0].constant(1.0)))
            });
            // One edge needs no choice.
            let edge = if edges.len() == 1 { None } else { choose(weighed, uniforms) };
            let edge = edge.unwrap_or(edges.start);
            if let Some(coordinate) = self.coordinate(edge) {
                take(coordinate);
            }
            waiting.extend(self.tails(edge).map(|tail| tail as u32));
        }
    }
}

/// What passing on reads and writes.
struct Parts<'a, N> {
    weights: &'a [N],
    marginals: &'a mut [N],
    inside: &'a [N],
    outside: &'a mut [N],
    share: N,
}
