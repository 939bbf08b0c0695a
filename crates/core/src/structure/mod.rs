//! The polytopes: one file a structure, and what it can do said by the traits that it has.

mod arborescence;
mod correlated_top_k;
mod derivations;
mod hypersimplex;
mod independent_edges;
mod matching;
mod one_hot;
mod permutahedron;
pub(crate) mod projective_tree;
mod ranking;
mod score;
mod spanning_tree;
mod subset;
mod top_k;
mod with_replacement;

pub use arborescence::Arborescence;
pub use correlated_top_k::CorrelatedTopK;
pub use derivations::{Derivations, ForestEdge};
pub use hypersimplex::Hypersimplex;
pub(crate) use hypersimplex::kth_largest;
pub use independent_edges::IndependentEdges;
pub use matching::Matching;
pub(crate) use matching::{Market, Pair, ReducedUtilities, ShortestPaths};
pub use one_hot::OneHot;
pub use permutahedron::Permutahedron;
pub use projective_tree::ProjectiveTree;
pub use ranking::Ranking;
pub(crate) use ranking::rank;
pub use spanning_tree::SpanningTree;
pub use subset::Subset;
pub use top_k::TopK;
pub use with_replacement::WithReplacement;

use std::collections::TryReserveError;

use crate::elementary::{Exponent, ln};
use crate::number::{DoubleDouble, Number, Real, Scalar};
use crate::reach::{Reach, Room};
use crate::sampling::{Scratch, Uniforms};

/// A finite set of vectors, the embeddings of the combinatorial objects: of 0 and 1, but for the permutahedron's.
pub trait Structure: Clone + Send + Sync + 'static {
    /// The length of an embedding.
    fn dimension(&self) -> usize;

    /// The length of a utility: one number for each coordinate of the embedding, unless the structure says otherwise.
    fn utility_dimension(&self) -> usize {
        self.dimension()
    }

    /// The length of a row of parameters of random utilities: one for each coordinate of these, unless the structure says
    /// otherwise.
    fn parameter_dimension(&self) -> usize {
        self.utility_dimension()
    }

    /// The parameter of a coordinate of the utilities.
    fn parameter(&self, coordinate: usize) -> usize {
        coordinate
    }

    /// How many coordinates of the utilities are random, the first ones; the others are their parameters.
    fn random_coordinates(&self) -> usize {
        self.utility_dimension()
    }

    /// What a coordinate of the utilities is (an element, a pair of vertices, ...), as a number that does not depend
    /// on the structure's size, nor on what else it has: its noise is keyed by it. Less than 2^31; by default its position.
    fn identity(&self, coordinate: usize) -> usize {
        coordinate
    }

    /// How many things (elements, vertices, words) the structure is over.
    fn size(&self) -> usize;

    /// The fewest of them that a prefix may keep.
    fn least_size(&self) -> usize {
        1
    }

    /// The structure over the first `size` things, from [`Structure::least_size`] to [`Structure::size`] of them.
    fn prefix(&self, size: usize) -> Prefix<Self>;

    /// Roughly how many multiply-adds the marginals of one row take; decides how many threads a batch is worth.
    fn work(&self) -> usize;

    /// Why no embedding avoids the forbidden (`-inf`) coordinates of this row, if none does. `forbids` says
    /// whether the row has any; `scratch` may hold anything.
    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String>;
}

/// A smaller structure, and where its coordinates stand among those of the larger one.
#[derive(Clone, Debug)]
pub struct Prefix<S> {
    /// The structure, or what was made of it.
    pub structure: S,
    /// The place of each of its parameters.
    pub parameter_places: Vec<usize>,
    /// The place of each coordinate of its utilities.
    pub utility_places: Vec<usize>,
    /// The place of each coordinate of its embeddings.
    pub places: Vec<usize>,
}

impl<S> Prefix<S> {
    /// A structure whose parameters and utilities have the places of its embeddings.
    pub fn new(structure: S, places: impl IntoIterator<Item = usize>) -> Self {
        let places: Vec<usize> = places.into_iter().collect();
        Self { structure, parameter_places: places.clone(), utility_places: places.clone(), places }
    }

    /// The same places for something made of the structure.
    pub fn map<T>(self, make: impl FnOnce(S) -> T) -> Prefix<T> {
        let Self { structure, parameter_places, utility_places, places } = self;
        Prefix { structure: make(structure), parameter_places, utility_places, places }
    }
}

/// Whether no pair of vertices is there twice.
pub(crate) fn distinct<V: Copy + Ord>(edges: &[(V, V)]) -> bool {
    if edges.is_sorted_by(|a, b| a < b) {
        return true;
    }
    let mut sorted = edges.to_vec();
    sorted.sort_unstable();
    sorted.is_sorted_by(|a, b| a < b)
}

/// The number of an ordered pair of vertices, whatever graph it is in: pairs of vertices below m have the numbers below
/// m^2.
pub(crate) fn ordered_pair(head: usize, modifier: usize) -> usize {
    match head.max(modifier) {
        last if last == head => last * last + modifier,
        last => last * last + last + 1 + head,
    }
}

/// The number of an unordered pair of vertices: pairs of vertices below m have the numbers below m (m - 1) / 2.
pub(crate) fn unordered_pair(a: usize, b: usize) -> usize {
    let (low, high) = (a.min(b), a.max(b));
    high * (high - 1) / 2 + low
}

/// The linear maximiser over the embeddings: the stochastic argmax trick without its noise.
pub trait ArgmaxOracle: Structure {
    /// What the solver needs beside its input and output; made once and used for many rows.
    type Workspace: Send;

    /// A fresh workspace.
    fn argmax_workspace(&self) -> Self::Workspace;

    /// Writes the embedding x that maximises `utility . x` into `vertex`, which comes filled with zeros. Of equal
    /// utilities that of the lowest index is preferred. The row has passed [`Structure::check`].
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Self::Workspace);

    /// The same of several rows; each gets the very vertex that it gets alone.
    fn argmax_rows(&self, utilities: &[f64], vertices: &mut [f64], workspace: &mut Self::Workspace) {
        let rows = utilities.chunks_exact(self.utility_dimension());
        for (utility, vertex) in rows.zip(vertices.chunks_exact_mut(self.dimension())) {
            self.argmax(utility, vertex, workspace);
        }
    }
}

/// A structure over which sums of products of weights are tractable: `p(x) ~ prod_i w_i^{x_i}`.
///
/// The methods are written over any [`Number`] and must not branch on values, since one number may stand for many
/// rows. There is at least one weight. A coordinate of weight 0 is forbidden.
pub trait ExponentialFamily: Structure {
    /// What the algorithms need beside their input and output.
    type Workspace<N: Number>: Send;

    /// What narrowing needs; made once and used for many rows.
    type Narrowing: Default + Send;

    /// Up to this work of one row, the marginals of several rows side by side take less time than row by row: those of
    /// larger ones outgrow the cache.
    const LARGEST_LANE_WORK: usize = 1 << 21;

    /// Whether there is [`ExponentialFamily::relax`].
    const RELAXES: bool = false;

    /// How many weights the largest product has, and how many numbers a workspace.
    fn reach(&self) -> Reach;

    /// Roughly how many multiply-adds the marginals of one row take, where [`Structure::work`] speaks of something else.
    fn work_of_sums(&self) -> usize {
        self.work()
    }

    /// A fresh workspace for numbers of the make of `zero`, if there is memory for it.
    fn workspace<N: Number>(&self, zero: N) -> Result<Self::Workspace<N>, TryReserveError>;

    /// Of how many of the first coordinates every vertex has equally many: a number may be added to all their utilities, or
    /// to all their cotangents, and nothing changes. At least one of them is in every vertex, if there are any.
    fn balanced(&self) -> usize {
        0
    }

    /// Marks the coordinates that every vertex has which avoids the forbidden ones. `forbids` says whether there are any;
    /// `scratch` may hold anything.
    fn forced(&self, _utility: &[f64], _forbids: bool, _scratch: &mut Vec<u32>, _mark: impl FnMut(usize)) {}

    /// A number to subtract from the [balanced](ExponentialFamily::balanced) utilities such that with `w = exp((u - shift)/t)` no intermediate result of
    /// the marginals overflows in a format with so much `room`, nor underflows where it matters; none, if there is no such
    /// number. `extremes` are the largest and the smallest utility that is not forbidden.
    fn plain_shift(
        &self,
        utility: &[f64],
        extremes: (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64>;

    /// Puts smaller numbers in the place of `u/t` for every coordinate, negative infinity for one that is forbidden or as good
    /// as that: such that every probability stays what it is, but for those below the smallest double, which may become 0.
    ///
    /// By default nothing smaller.
    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        _memory: &mut Self::Narrowing,
    ) {
        narrowed.clear();
        narrowed.extend(utility.iter().map(|&u| allowed(u, DoubleDouble::from(u) / temperature)));
    }

    /// `Z = sum_x prod_i w_i^{x_i}`.
    fn partition<N: Number>(&self, weights: &[N], workspace: &mut Self::Workspace<N>) -> N;

    /// `marginals[i] = P(x_i = 1) = d log Z / d log w_i`.
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], workspace: &mut Self::Workspace<N>);

    /// Whether [`ExponentialFamily::relax`] is right for a row of these extremes. Those without a
    /// [plain shift](ExponentialFamily::plain_shift) are then computed by it.
    fn is_relaxable(&self, _extremes: (f64, f64), _temperature: f64) -> bool {
        false
    }

    /// Whether [`ExponentialFamily::relax`] fills registers with one row. Then rows are better computed one by one, all that it is
    /// right for.
    fn relaxes_alone(&self) -> bool {
        false
    }

    /// How many numbers [`ExponentialFamily::relax`] needs beside its input and output.
    fn relaxing_cells(&self) -> usize {
        0
    }

    /// The marginals of utilities, and their derivatives along a direction of `u/t` if there is one: of one row, or of several
    /// side by side, with the same bits.
    /// `memory` has so many numbers, and may hold anything.
    fn relax<R: Real>(&self, _row: Relaxed<'_, R>, _memory: &mut [R]) {
        unreachable!("rows are computed as numbers")
    }

    /// Draws a vertex of the law `p(x) ~ prod_i w_i^{x_i}` into `vertex`, which comes filled with zeros. The workspace
    /// is as [`ExponentialFamily::partition`] of these weights, or another draw, has left it.
    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        workspace: &mut Self::Workspace<N>,
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    );
}

/// What a row, or several side by side, are relaxed from, and to.
pub struct Relaxed<'a, R> {
    /// The utilities.
    pub utilities: &'a [R],
    /// From utilities to weights.
    pub(crate) exponent: Exponent,
    /// Along what to differentiate.
    pub directions: Option<&'a [R]>,
    /// The marginals.
    pub marginals: &'a mut [R],
    /// Their derivatives along the direction, if there is one.
    pub tangents: &'a mut [R],
}

/// The largest and the smallest utility that is not forbidden.
#[inline(always)]
pub(crate) fn extremes(utility: &[f64]) -> (f64, f64) {
    // Several at a time, so that the comparisons need not wait for one another.
    let (blocks, rest) = utility.as_chunks::<8>();
    let mut largest = [f64::NEG_INFINITY; 8];
    let mut smallest = [f64::INFINITY; 8];
    for block in blocks {
        for ((largest, smallest), &u) in largest.iter_mut().zip(&mut smallest).zip(block) {
            see(u, largest, smallest);
        }
    }
    for ((largest, smallest), &u) in largest.iter_mut().zip(&mut smallest).zip(rest) {
        see(u, largest, smallest);
    }
    for half in [4, 2, 1] {
        for slot in 0..half {
            let (largest_beyond, smallest_beyond) = (largest[slot + half], smallest[slot + half]);
            largest[slot] = if largest_beyond > largest[slot] { largest_beyond } else { largest[slot] };
            smallest[slot] = if smallest_beyond < smallest[slot] { smallest_beyond } else { smallest[slot] };
        }
    }
    (largest[0], smallest[0])
}

#[inline(always)]
fn see(u: f64, largest: &mut f64, smallest: &mut f64) {
    *largest = if u > *largest { u } else { *largest };
    let allowed = if u == f64::NEG_INFINITY { f64::INFINITY } else { u };
    *smallest = if allowed < *smallest { allowed } else { *smallest };
}

/// `log` of the number of choices of k among n.
pub(crate) fn log_binomial(n: usize, k: usize) -> f64 {
    (1..=k).map(|i| ln((n - k + i) as f64) - ln(i as f64)).sum()
}

/// A power of two by which utilities are multiplied so that their differences stay in the range of doubles.
pub(crate) fn scale_of(utility: &[f64]) -> f64 {
    let large = |&u: &f64| u.abs() > f64::MAX / 4.0 && u != f64::NEG_INFINITY;
    if utility.iter().any(large) { 0.25 } else { 1.0 }
}

/// What stands in the place of `u/t` for a u that is allowed is not negative infinity, though it may be beyond every double.
#[inline(always)]
pub(crate) fn allowed(u: f64, value: DoubleDouble) -> DoubleDouble {
    if value.high == f64::NEG_INFINITY && u != f64::NEG_INFINITY {
        DoubleDouble::from(f64::MIN)
    } else {
        value
    }
}

/// `(u - reference) / t`, of any numbers; both must have been multiplied by a power of two.
#[inline(always)]
pub(crate) fn relative(u: f64, reference: f64, temperature: f64, scale: f64) -> DoubleDouble {
    DoubleDouble::sum(u, -reference) / temperature * (1.0 / scale)
}

#[cfg(test)]
mod tests {
    use std::panic::{UnwindSafe, catch_unwind};

    use super::*;

    fn refuses<T>(make: impl FnOnce() -> T + UnwindSafe) -> bool {
        catch_unwind(make).is_err()
    }

    #[test]
    fn what_is_no_structure_is_not_made() {
        assert!(refuses(|| OneHot::new(0)) && refuses(|| Ranking::new(0)));
        assert!(refuses(|| TopK::new(2, 3)) && refuses(|| CorrelatedTopK::new(2, 3)));
        assert!(refuses(|| WithReplacement::new(2, 0)) && refuses(|| WithReplacement::new(0, 1)));
        assert!(refuses(|| Permutahedron::ranks(0)) && refuses(|| Permutahedron::with_weights(vec![])));
        for weights in [[0.0, 1.0], [1.0, f64::NEG_INFINITY], [1.0, f64::NAN], [1e101, 0.0], [1.0, 1e-101]] {
            assert!(refuses(move || Permutahedron::with_weights(weights.to_vec())), "{weights:?}");
        }
        assert!(refuses(|| Matching::new(0)) && refuses(|| SpanningTree::complete(0)));
        assert!(refuses(|| Arborescence::complete(2, 2, false)));
        let twice = [(0, 1), (1, 2), (1, 0), (0, 1)];
        for edges in [&twice[..3], &[(0, 0)], &[(0, 3)]] {
            assert!(refuses(|| SpanningTree::with_edges(3, edges.iter().copied())), "{edges:?}");
            assert!(refuses(|| IndependentEdges::new(3, false, edges.iter().copied())), "{edges:?}");
        }
        let directed = [(0, 1), (1, 2), (2, 1)];
        assert!(!refuses(|| Arborescence::with_edges(3, 0, false, directed)));
        assert!(!refuses(|| IndependentEdges::new(3, true, directed)));
        for edges in [twice, [(0, 1), (1, 2), (2, 1), (1, 2)]] {
            assert!(refuses(|| Arborescence::with_edges(3, 0, false, edges)), "{edges:?}");
            assert!(refuses(|| IndependentEdges::new(3, true, edges)), "{edges:?}");
        }
        assert!(!refuses(|| SpanningTree::with_edges(3, twice[..2].iter().copied())));
    }
}
