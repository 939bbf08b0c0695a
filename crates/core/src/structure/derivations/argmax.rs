//! The best derivation: the same recurrences over (max, +), O(E); of equal edges of a node the first is taken.

use std::ops::Range;

use super::Derivations;
use super::forest::{Forest, Run, Shape};
use crate::number::Fixed;
use crate::structure::ArgmaxOracle;
use crate::structure::score::{Score, doubles_suffice};

/// Best scores of the nodes, and the nodes that are left to be taken apart.
pub struct Viterbi {
    plain: Vec<f64>,
    exact: Vec<Option<Fixed>>,
    waiting: Vec<u32>,
}

impl Viterbi {
    pub(super) fn new() -> Self {
        Self { plain: Vec::new(), exact: Vec::new(), waiting: Vec::new() }
    }
}

#[inline(always)]
fn larger<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// The largest of the scores of some edges, in four parts, so that comparisons need not wait for one another.
#[inline(always)]
fn largest<T: Score>(edges: Range<usize>, score: impl Fn(usize) -> T) -> T {
    let (mut edge, end) = (edges.start, edges.end);
    let mut parts = [T::FORBIDDEN; 4];
    while edge + 4 <= end {
        for (part, best) in parts.iter_mut().enumerate() {
            *best = larger(*best, score(edge + part));
        }
        edge += 4;
    }
    while edge < end {
        parts[0] = larger(parts[0], score(edge));
        edge += 1;
    }
    larger(larger(parts[0], parts[1]), larger(parts[2], parts[3]))
}

impl Forest {
    /// The score of the derivation that an edge ends, of the best of its tails.
    #[inline(always)]
    pub(super) fn score<T: Score>(&self, edge: usize, utility: &[f64], best: &[T]) -> T {
        let own = self.coordinate(edge).map_or(T::NOTHING, |coordinate| T::of(utility[coordinate]));
        self.tails(edge).fold(own, |sum, tail| sum.plus(best[tail]))
    }

    #[inline(always)]
    fn best_of_run<T: Score>(&self, run: Run, utility: &[f64], best: &[T]) -> T {
        let own = |edge: usize| T::of(utility[self.coordinates[edge] as usize]);
        let first = |edge: usize| best[self.firsts[edge] as usize];
        let second = |edge: usize| best[self.seconds[edge] as usize];
        match run.shape {
            Shape { tails: 0, weighted: false } => T::NOTHING,
            Shape { tails: 0, weighted: true } => largest(run.edges(), own),
            Shape { tails: 1, weighted: false } => largest(run.edges(), first),
            Shape { tails: 1, weighted: true } => largest(run.edges(), |edge| own(edge).plus(first(edge))),
            Shape { weighted: false, .. } => largest(run.edges(), |edge| first(edge).plus(second(edge))),
            Shape { weighted: true, .. } => {
                largest(run.edges(), |edge| own(edge).plus(first(edge)).plus(second(edge)))
            }
        }
    }

    /// Fills the scores of the best derivations of all nodes.
    #[inline(always)]
    pub(super) fn fill_best<T: Score>(&self, utility: &[f64], best: &mut Vec<T>) {
        best.resize(self.nodes(), T::FORBIDDEN);
        for node in 0..self.nodes() {
            let runs = self.runs(node).iter().map(|&run| self.best_of_run(run, utility, best));
            best[node] = runs.fold(T::FORBIDDEN, larger);
        }
    }

    /// Takes the best derivation apart, whose edges are found again by their scores.
    #[inline(always)]
    pub(super) fn derive<T: Score>(
        &self,
        utility: &[f64],
        best: &[T],
        waiting: &mut Vec<u32>,
        mut take: impl FnMut(usize),
    ) {
        waiting.clear();
        waiting.push(self.goal() as u32);
        while let Some(node) = waiting.pop() {
            let edges = self.edges(node as usize);
            let start = edges.start;
            let first_best = edges
                .into_iter()
                .map(|edge| (edge, self.score(edge, utility, best)))
                .reduce(|best, next| if next.1 > best.1 { next } else { best });
            let edge = first_best.map_or(start, |(edge, _)| edge);
            if let Some(coordinate) = self.coordinate(edge) {
                take(coordinate);
            }
            waiting.extend(self.tails(edge).map(|tail| tail as u32));
        }
    }

    #[inline(always)]
    fn maximise<T: Score>(
        &self,
        utility: &[f64],
        vertex: &mut [f64],
        best: &mut Vec<T>,
        waiting: &mut Vec<u32>,
    ) {
        self.fill_best(utility, best);
        self.derive(utility, best, waiting, |coordinate| vertex[coordinate] = 1.0);
    }
}

impl ArgmaxOracle for Derivations {
    type Workspace = Viterbi;

    fn argmax_workspace(&self) -> Viterbi {
        Viterbi::new()
    }

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Viterbi) {
        let Viterbi { plain, exact, waiting } = workspace;
        if doubles_suffice(utility) {
            self.forest.maximise(utility, vertex, plain, waiting);
        } else {
            self.forest.maximise(utility, vertex, exact, waiting);
        }
    }
}
