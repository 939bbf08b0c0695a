//! The relaxation and its derivative in doubles, at any temperature: a derivation as choices from the goal down, of an edge at
//! each of its nodes.
//!
//! With the inside values Z of nodes, node v chooses its edge e with probability `q_e = w_e prod_s Z(s) / Z(v)` over the tails
//! s. Each Z has a power of two of its own, and beside the largest term of a sum those that underflow do not matter: so
//! doubles hold all of it, whatever the utilities are. From the goal down, `p_e = p(v) q_e`, and a tail has the sum of what
//! its edges have.
//!
//! Along a direction c the mean of what is below a node is `m(v) = sum_e q_e (c_e + sum_s m(s))`, so that
//! `q'_e = q_e (c_e + sum_s m(s) - m(v))` and `p'_e = p'(v) q_e + p(v) q'_e`: what choices are better by than their mean, and
//! exactly 0 where there is no choice.

use super::forest::{Forest, Order, Run, Shape};
use super::sums::total;
use crate::elementary::Exponent;
use crate::number::{Real, dot, sum};
use crate::structure::Relaxed;

/// Of a run of edges that are a row of a matrix: what passes from its head to its tails.
struct Row<'a, R> {
    choices: &'a [R],
    directions: &'a [R],
    means: &'a [R],
    chances: &'a mut [R],
    slopes: &'a mut [R],
    marginals: &'a mut [R],
    tangents: &'a mut [R],
}

/// Of the head of some edges: the probability of its choice, its derivative, and the mean of what is below.
#[derive(Clone, Copy)]
struct Head<R> {
    chance: R,
    slope: R,
    mean: R,
}

impl<R: Real> Head<R> {
    /// The probability of one of its edges.
    #[inline(always)]
    fn chance(self, choice: R) -> R {
        self.chance * choice
    }

    /// Its derivative, with the value of what the edge has and what is below.
    #[inline(always)]
    fn slope(self, choice: R, value: R) -> R {
        choice * self.chance.mul_add(value - self.mean, self.slope)
    }
}

#[inline(always)]
fn add<R: Real>(sums: &mut [R], place: usize, part: R) {
    sums[place] = sums[place] + part;
}

/// The product of two numbers with their exponents of two.
#[inline(always)]
fn times<R: Real>((a, n): (R, R), (b, k): (R, R)) -> (R, R) {
    (a * b, n + k)
}

#[inline(always)]
fn weigh<R: Real>(choices: &mut [R], powers: &mut [R], product: impl Fn(usize) -> (R, R)) {
    let powers = &mut powers[..choices.len()];
    for index in 0..choices.len() {
        (choices[index], powers[index]) = product(index);
    }
}

/// The largest of some numbers, eight at a time, so that comparisons need not wait for one another.
#[inline(always)]
fn largest<R: Real>(values: &[R]) -> R {
    let (blocks, rest) = values.as_chunks::<8>();
    let first = values[0];
    let mut best = rest.iter().fold(first, |best, &value| best.max(value));
    if let Some((first, others)) = blocks.split_first() {
        let mut parts = *first;
        for block in others {
            for (part, &value) in parts.iter_mut().zip(block) {
                *part = part.max(value);
            }
        }
        best = parts.iter().fold(best, |best, &part| best.max(part));
    }
    best
}

impl Forest {
    /// How many numbers [`Forest::relax`] needs beside its input and output.
    pub(super) fn relaxing_cells(&self) -> usize {
        3 * self.nodes() + self.edge_count() + self.most_edges
    }

    /// Writes the marginals, and their derivatives along a direction if there is one. O(E).
    #[inline(always)]
    pub(super) fn relax<R: Real>(&self, row: Relaxed<'_, R>, memory: &mut [R]) {
        let Relaxed { utilities, exponent, directions, marginals, tangents } = row;
        let (zero, nodes) = (utilities[0].constant(0.0), self.nodes());
        let (mantissas, rest) = memory.split_at_mut(nodes);
        let (exponents, rest) = rest.split_at_mut(nodes);
        let (means, rest) = rest.split_at_mut(nodes);
        let (choices, powers) = rest.split_at_mut(self.edge_count());
        for node in 0..nodes {
            let edges = self.edges(node);
            let (choices, powers) = (&mut choices[edges.clone()], &mut powers[..edges.len()]);
            for run in self.runs(node) {
                let within = run.within(edges.start);
                let (choices, powers) = (&mut choices[within.clone()], &mut powers[within]);
                self.weigh(*run, utilities, exponent, (mantissas, exponents), choices, powers);
            }
            (mantissas[node], exponents[node]) = normalise(choices, powers);
            if let Some(directions) = directions {
                let mut mean = zero;
                for &run in self.runs(node) {
                    let within = run.within(edges.start);
                    let (choices, scratch) = (&choices[within.clone()], &mut powers[within]);
                    mean = mean + self.mean_of_run(run, choices, directions, means, scratch);
                }
                means[node] = mean;
            }
        }
        let (chances, slopes) = (mantissas, exponents);
        chances.fill(zero);
        slopes.fill(zero);
        marginals.fill(zero);
        tangents.fill(zero);
        chances[self.goal()] = zero.constant(1.0);
        for node in (0..nodes).rev() {
            let head = Head { chance: chances[node], slope: slopes[node], mean: means[node] };
            for run in self.runs(node) {
                let choices = &choices[run.edges()];
                match directions {
                    None => self.pass_chances(*run, head, choices, chances, marginals),
                    Some(directions) => {
                        let row = Row { choices, directions, means, chances, slopes, marginals, tangents };
                        self.pass_slopes(*run, head, row);
                    }
                }
            }
        }
    }

    /// The terms of a node's sum, with their exponents of two.
    #[inline(always)]
    fn weigh<R: Real>(
        &self,
        run: Run,
        utilities: &[R],
        exponent: Exponent,
        (mantissas, exponents): (&[R], &[R]),
        choices: &mut [R],
        powers: &mut [R],
    ) {
        let start = run.edges().start;
        let unit = (utilities[0].constant(1.0), utilities[0].constant(0.0));
        let utility = |index: usize| utilities[self.coordinates[start + index] as usize];
        let inside = |node: u32| (mantissas[node as usize], exponents[node as usize]);
        let first = |index: usize| inside(self.firsts[start + index]);
        let second = |index: usize| inside(self.seconds[start + index]);
        match (run.shape, run.order) {
            (Shape { tails: 0, weighted: false }, _) => weigh(choices, powers, |_| unit),
            (Shape { tails: 0, weighted: true }, _) => {
                weigh(choices, powers, |index| exponent.exp(utility(index)));
            }
            (Shape { tails: 1, weighted: false }, _) => weigh(choices, powers, first),
            (Shape { tails: 1, weighted: true }, Order::Row) => {
                let (coordinates, tails) = self.row(run);
                // So that no index is checked.
                let count = choices.len();
                let utilities = &utilities[coordinates][..count];
                let (mantissas, exponents) = (&mantissas[tails.clone()][..count], &exponents[tails][..count]);
                weigh(choices, powers, |i| times(exponent.exp(utilities[i]), (mantissas[i], exponents[i])));
            }
            (Shape { tails: 1, weighted: true }, Order::Shared) => {
                let own = exponent.exp(utility(0));
                weigh(choices, powers, |index| times(own, first(index)));
            }
            (Shape { tails: 1, weighted: true }, Order::Any) => {
                weigh(choices, powers, |index| times(exponent.exp(utility(index)), first(index)));
            }
            (Shape { weighted: false, .. }, _) => {
                weigh(choices, powers, |index| times(first(index), second(index)));
            }
            (Shape { weighted: true, .. }, _) => {
                weigh(choices, powers, |index| {
                    times(times(exponent.exp(utility(index)), first(index)), second(index))
                });
            }
        }
    }

    /// What an edge has of a direction, with the means of what is below its tails.
    #[inline(always)]
    fn value<R: Real>(&self, shape: Shape, edge: usize, directions: &[R], means: &[R]) -> R {
        let own = |edge: usize| directions[self.coordinates[edge] as usize];
        let first = |edge: usize| means[self.firsts[edge] as usize];
        let second = |edge: usize| means[self.seconds[edge] as usize];
        match shape {
            Shape { tails: 0, weighted: false } => directions[0].constant(0.0),
            Shape { tails: 0, weighted: true } => own(edge),
            Shape { tails: 1, weighted: false } => first(edge),
            Shape { tails: 1, weighted: true } => own(edge) + first(edge),
            Shape { weighted: false, .. } => first(edge) + second(edge),
            Shape { weighted: true, .. } => own(edge) + (first(edge) + second(edge)),
        }
    }

    #[inline(always)]
    fn mean_of_edges<R: Real>(
        &self,
        shape: Shape,
        start: usize,
        choices: &[R],
        directions: &[R],
        means: &[R],
    ) -> R {
        let zero = directions[0].constant(0.0);
        total(zero, 0..choices.len(), |i| (choices[i], self.value(shape, start + i, directions, means)))
    }

    #[inline(always)]
    fn mean_of_run<R: Real>(
        &self,
        run: Run,
        choices: &[R],
        directions: &[R],
        means: &[R],
        scratch: &mut [R],
    ) -> R {
        let (zero, start) = (directions[0].constant(0.0), run.edges().start);
        if run.order == Order::Row {
            let (coordinates, tails) = self.row(run);
            for ((value, &own), &mean) in scratch.iter_mut().zip(&directions[coordinates]).zip(&means[tails])
            {
                *value = own + mean;
            }
            return dot(choices, scratch);
        }
        macro_rules! values {
            ($shape:expr) => {
                self.mean_of_edges($shape, start, choices, directions, means)
            };
        }
        match run.shape {
            Shape { tails: 0, weighted: false } => zero,
            // Of each shape its own loop.
            Shape { tails: 0, weighted } => values!(Shape { tails: 0, weighted }),
            Shape { tails: 1, weighted: false } => values!(Shape { tails: 1, weighted: false }),
            Shape { tails: 1, weighted: true } => values!(Shape { tails: 1, weighted: true }),
            Shape { weighted: false, .. } => values!(Shape { tails: 2, weighted: false }),
            Shape { weighted: true, .. } => values!(Shape { tails: 2, weighted: true }),
        }
    }

    /// Adds the probabilities of edges to those of their tails and coordinates.
    #[inline(always)]
    fn pass_chances<R: Real>(
        &self,
        run: Run,
        head: Head<R>,
        choices: &[R],
        chances: &mut [R],
        marginals: &mut [R],
    ) {
        if run.order == Order::Row {
            let (coordinates, tails) = self.row(run);
            return pass_row(head.chance, choices, &mut chances[tails], &mut marginals[coordinates]);
        }
        let Shape { tails, weighted } = run.shape;
        for (edge, &choice) in run.edges().zip(choices) {
            let part = head.chance(choice);
            if tails > 0 {
                add(chances, self.firsts[edge] as usize, part);
            }
            if tails > 1 {
                add(chances, self.seconds[edge] as usize, part);
            }
            if weighted {
                add(marginals, self.coordinates[edge] as usize, part);
            }
        }
    }

    /// The same with their derivatives.
    #[inline(always)]
    fn pass_slopes<R: Real>(&self, run: Run, head: Head<R>, row: Row<R>) {
        let Row { choices, directions, means, chances, slopes, marginals, tangents } = row;
        if run.order == Order::Row {
            let (coordinates, tails) = self.row(run);
            return Row {
                choices,
                directions: &directions[coordinates.clone()],
                means: &means[tails.clone()],
                chances: &mut chances[tails.clone()],
                slopes: &mut slopes[tails],
                marginals: &mut marginals[coordinates.clone()],
                tangents: &mut tangents[coordinates],
            }
            .pass(head);
        }
        let Shape { tails, weighted } = run.shape;
        for (edge, &choice) in run.edges().zip(choices) {
            let value = self.value(run.shape, edge, directions, means);
            let (part, slope) = (head.chance(choice), head.slope(choice, value));
            if tails > 0 {
                let tail = self.firsts[edge] as usize;
                add(chances, tail, part);
                add(slopes, tail, slope);
            }
            if tails > 1 {
                let tail = self.seconds[edge] as usize;
                add(chances, tail, part);
                add(slopes, tail, slope);
            }
            if weighted {
                let coordinate = self.coordinates[edge] as usize;
                add(marginals, coordinate, part);
                add(tangents, coordinate, slope);
            }
        }
    }
}

#[inline(always)]
fn pass_row<R: Real>(chance: R, choices: &[R], chances: &mut [R], marginals: &mut [R]) {
    for ((&choice, below), marginal) in choices.iter().zip(chances).zip(marginals) {
        let part = chance * choice;
        *below = *below + part;
        *marginal = *marginal + part;
    }
}

impl<R: Real> Row<'_, R> {
    #[inline(always)]
    fn pass(self, head: Head<R>) {
        let values = self.directions.iter().zip(self.means).map(|(&own, &mean)| own + mean);
        let below = self.chances.iter_mut().zip(self.slopes);
        let own = self.marginals.iter_mut().zip(self.tangents);
        for (((&choice, value), below), own) in self.choices.iter().zip(values).zip(below).zip(own) {
            let (part, slope) = (head.chance(choice), head.slope(choice, value));
            (*below.0, *below.1) = (*below.0 + part, *below.1 + slope);
            (*own.0, *own.1) = (*own.0 + part, *own.1 + slope);
        }
    }
}

/// Divides the terms of a sum by it; returns it as a number in [1, 2) and the exponent of two.
#[inline(always)]
fn normalise<R: Real>(terms: &mut [R], powers: &[R]) -> (R, R) {
    let one = terms[0].constant(1.0);
    let (total, top) = if let ([only], [power]) = (&mut *terms, powers) {
        (std::mem::replace(only, one), *power)
    } else {
        let top = largest(powers);
        for (term, &power) in terms.iter_mut().zip(powers) {
            *term = *term * (power - top).at_least(-1023.0).power_of_two();
        }
        let total = sum(terms);
        // Exactly 1 beside what does not matter, so that nothing is left of derivatives there, however cold.
        terms.iter_mut().for_each(|term| *term = *term / total);
        (total, top)
    };
    let exponent = total.exponent();
    (total * (one.constant(0.0) - exponent).power_of_two(), top + exponent)
}
