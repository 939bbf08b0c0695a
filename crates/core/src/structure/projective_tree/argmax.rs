//! The best projective tree: Eisner's algorithm, O(n^3). Of equal splits of a span the first is taken.

use super::abreast::Rows;
use super::{Deductions, Goal, ProjectiveTree, cells_of};
use crate::number::{Arch, Fixed};
use crate::structure::ArgmaxOracle;
use crate::structure::score::{Score, doubles_suffice};

/// Whether there is a tree at all.
pub(super) struct Exists;

impl Exists {
    pub(super) const NO: u32 = 0;
    pub(super) const YES: u32 = 1;
}

impl Deductions for Exists {
    type Item = u32;

    #[inline(always)]
    fn join(&mut self, firsts: &[u32], seconds: &[u32]) -> u32 {
        firsts.iter().zip(seconds).fold(Self::NO, |any, (first, second)| any | first & second)
    }

    #[inline(always)]
    fn attach(&self, item: u32, edge: u32) -> u32 {
        item & edge
    }
}

/// The score of the best tree.
struct Best;

impl Deductions for Best {
    type Item = f64;

    /// In eight interleaved parts, so that comparisons need not wait for one another.
    #[inline(always)]
    fn join(&mut self, firsts: &[f64], seconds: &[f64]) -> f64 {
        let mut best = [f64::NEG_INFINITY; 8];
        let ((first_blocks, first_rest), (second_blocks, second_rest)) =
            (firsts.as_chunks::<8>(), seconds.as_chunks::<8>());
        for (firsts, seconds) in first_blocks.iter().zip(second_blocks) {
            for ((best, &first), &second) in best.iter_mut().zip(firsts).zip(seconds) {
                *best = larger(*best, first + second);
            }
        }
        for ((best, &first), &second) in best.iter_mut().zip(first_rest).zip(second_rest) {
            *best = larger(*best, first + second);
        }
        best.into_iter().fold(f64::NEG_INFINITY, larger)
    }

    #[inline(always)]
    fn attach(&self, item: f64, edge: f64) -> f64 {
        item + edge
    }
}

#[inline(always)]
fn larger<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

/// The same without rounding.
struct ExactlyBest;

impl Deductions for ExactlyBest {
    type Item = Option<Fixed>;

    fn join(&mut self, firsts: &[Option<Fixed>], seconds: &[Option<Fixed>]) -> Option<Fixed> {
        firsts.iter().zip(seconds).map(|(&first, &second)| first.plus(second)).fold(None, larger)
    }

    fn attach(&self, item: Option<Fixed>, edge: Option<Fixed>) -> Option<Fixed> {
        item.plus(edge)
    }
}

/// Scores of edges and items.
struct Scores<T> {
    edges: Vec<T>,
    chart: Vec<T>,
}

/// Scores, and the items left to be taken apart.
pub struct EisnerWorkspace {
    plain: Option<Scores<f64>>,
    exact: Option<Scores<Option<Fixed>>>,
    pub(super) goals: Vec<Goal>,
}

impl ProjectiveTree {
    #[inline(always)]
    fn best<T: Score>(
        &self,
        utility: &[f64],
        vertex: &mut [f64],
        scores: &mut Option<Scores<T>>,
        goals: &mut Vec<Goal>,
        mut deductions: impl Deductions<Item = T>,
    ) {
        let n = self.vertices();
        let Scores { edges, chart } = scores.get_or_insert_with(|| Scores {
            edges: vec![T::FORBIDDEN; n * n],
            chart: vec![T::FORBIDDEN; cells_of(n)],
        });
        for (coordinates, places) in self.runs() {
            for (edge, &u) in edges[places].iter_mut().zip(&utility[coordinates]) {
                *edge = T::of(u);
            }
        }
        let mut chart = self.chart(chart);
        chart.fill(edges, T::NOTHING, &mut deductions);
        self.derive(&chart, vertex, goals, best_split);
    }
}

/// The first split of the largest score.
#[inline(always)]
fn best_split<T: Score>(firsts: &[T], seconds: &[T]) -> usize {
    let scores = firsts.iter().zip(seconds).map(|(&first, &second)| first.plus(second)).enumerate();
    scores.fold((0, T::FORBIDDEN), |best, next| if next.1 > best.1 { next } else { best }).0
}

impl ProjectiveTree {
    /// A tree that is the best, but for rounding.
    #[inline(always)]
    pub(super) fn argmax_of_doubles(
        &self,
        utility: &[f64],
        vertex: &mut [f64],
        workspace: &mut EisnerWorkspace,
    ) {
        let EisnerWorkspace { plain, goals, .. } = workspace;
        self.best(utility, vertex, plain, goals, Best);
    }
}

impl ArgmaxOracle for ProjectiveTree {
    type Workspace = EisnerWorkspace;

    fn argmax_workspace(&self) -> EisnerWorkspace {
        EisnerWorkspace { plain: None, exact: None, goals: Vec::new() }
    }

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut EisnerWorkspace) {
        if doubles_suffice(utility) {
            self.argmax_of_doubles(utility, vertex, workspace);
        } else {
            let EisnerWorkspace { exact, goals, .. } = workspace;
            self.best(utility, vertex, exact, goals, ExactlyBest);
        }
    }

    fn argmax_rows(&self, utilities: &[f64], vertices: &mut [f64], workspace: &mut EisnerWorkspace) {
        Arch::new().dispatch(Rows { structure: self, utilities, trees: vertices, workspace });
    }
}
