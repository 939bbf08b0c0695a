//! Each structure as the laws see it.

pub(crate) mod arborescence;
pub(crate) mod correlated_top_k;
pub(crate) mod derivations;
pub(crate) mod matching;
pub(crate) mod one_hot;
pub(crate) mod permutahedron;
pub(crate) mod projective_tree;
pub(crate) mod ranking;
pub(crate) mod rooted_tree;
pub(crate) mod spanning_tree;
pub(crate) mod subset;
pub(crate) mod top_k;
pub(crate) mod with_replacement;

use sst::k_best::{KBest, Ranker};
use sst::relaxation::Relaxation;
use sst::structure::ArgmaxOracle;
use sst::{AnyOperator, Trick};

/// What pairs a structure with a relaxation.
pub(crate) type Pairing<S> = fn(S) -> AnyOperator;

/// With the relaxation R as it is by default.
pub(crate) fn by<S: ArgmaxOracle, R: Relaxation<S> + Default>(structure: S) -> AnyOperator
where
    AnyOperator: From<Trick<S, R>>,
{
    AnyOperator::from(Trick::new(structure, R::default()))
}

/// The same, and its embeddings can be told in order.
pub(crate) fn ranked<S: ArgmaxOracle + KBest, R: Relaxation<S> + Default>(structure: S) -> AnyOperator
where
    AnyOperator: From<Trick<S, R>>,
{
    by::<S, R>(structure.clone()).ranked(Ranker::new(structure))
}

/// The order of its embeddings, and nothing else.
pub(crate) fn order<S: KBest>(structure: S) -> AnyOperator {
    AnyOperator::plain(structure.dimension()).ranked(Ranker::new(structure))
}

/// All sets of coordinates of n that satisfy a condition.
fn sets(n: usize, condition: impl Fn(u32) -> bool) -> Vec<u32> {
    (0..1u32 << n).filter(|&set| condition(set)).collect()
}

/// All n x n permutation matrices in row-major order: those sets with one cell in every row and column.
fn permutation_matrices(n: usize) -> Vec<u32> {
    let lines = |i: usize| {
        let (row, column) = ((0..n).map(move |j| i * n + j), (0..n).map(move |j| j * n + i));
        [row.fold(0, |set, cell| set | 1 << cell), column.fold(0, |set, cell| set | 1 << cell)]
    };
    let lines: Vec<u32> = (0..n).flat_map(lines).collect();
    sets(n * n, |set| lines.iter().all(|line| (set & line).count_ones() == 1))
}
