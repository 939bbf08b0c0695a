//! Every dynamic program as a structure: the derivations of a goal in a forest.
//!
//! `forest.rs` has the data, `sums.rs` sums over all derivations in numbers of any kind, `choices.rs` in doubles, `argmax.rs`
//! finds the best, `bounds.rs` says what doubles hold; `factories/` makes the forests of the structures that have names.

mod argmax;
mod bounds;
mod choices;
mod factories;
mod forest;
mod k_best;
mod sums;

use std::collections::TryReserveError;
use std::fmt::Debug;
use std::sync::Arc;

pub use self::forest::ForestEdge;

use self::bounds::Narrowing;
use self::forest::Forest;
use self::sums::InsideOutside;
use super::{ExponentialFamily, Prefix, Relaxed, Structure};
use crate::error::Error;
use crate::number::{DoubleDouble, Number, Real, Scalar, filled};
use crate::reach::{Reach, Room};
use crate::sampling::{Scratch, Uniforms};

/// The derivations of a goal in a directed acyclic hypergraph, as indicator vectors of the coordinates that their edges have.
///
/// A derivation of a node is one of the edges that end at it, with a derivation of each of the edge's tails, none to two
/// earlier nodes. Paths, labellings, segmentations, alignments, trees over a sequence: whatever a dynamic program adds up.
/// Everything is O(edges) a row: `Z(v) = sum_e w_e prod_s Z(s)` over the edges e of node v and their tails s.
///
/// Where several derivations have the same coordinates, each of them counts: the law is that of derivations.
#[derive(Clone, Debug)]
pub struct Derivations {
    forest: Arc<Forest>,
    family: Arc<dyn Family>,
}

/// What a family of forests, one for each of its sizes, says of itself.
trait Family: Debug + Send + Sync {
    /// A derivation, with its article.
    fn noun(&self) -> &'static str;

    /// How many things (positions, leaves, items) the forest is over.
    fn size(&self) -> usize;

    /// The fewest of them that a row may be over.
    fn least_size(&self) -> usize {
        1
    }

    /// The forest over the first things, and where its coordinates stand.
    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>);

    /// What keys the noise of a coordinate.
    fn identity(&self, coordinate: usize) -> usize {
        coordinate
    }
}

/// A forest that stands alone: a row is over all of it.
#[derive(Debug)]
struct Alone {
    noun: &'static str,
    size: usize,
}

impl Family for Alone {
    fn noun(&self) -> &'static str {
        self.noun
    }

    fn size(&self) -> usize {
        self.size
    }

    fn least_size(&self) -> usize {
        self.size
    }

    fn prefix(&self, _size: usize) -> (Derivations, Vec<usize>) {
        unreachable!("no row is over a part")
    }
}

impl Derivations {
    /// The derivations of a goal by these edges over nodes 0, 1, ...
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`: an edge whose tails are not before its head, or whose coordinate is not below the dimension; a goal
    /// without derivation; a coordinate that one derivation may have twice.
    pub fn new(nodes: usize, edges: &[ForestEdge], goal: usize, dimension: usize) -> Result<Self, Error> {
        let forest = Forest::new(nodes, edges, goal, dimension)?;
        forest.check_used_once()?;
        Ok(Self::alone(forest, Alone { noun: "a derivation", size: dimension.max(1) }))
    }

    fn alone(forest: Forest, family: Alone) -> Self {
        Self { forest: Arc::new(forest), family: Arc::new(family) }
    }

    /// A forest that is known to be one.
    fn known(nodes: usize, edges: &[ForestEdge], dimension: usize, family: impl Family + 'static) -> Self {
        let forest =
            Forest::new(nodes, edges, nodes - 1, dimension).unwrap_or_else(|error| panic!("{error}"));
        debug_assert_eq!(forest.check_used_once(), Ok(()));
        Self { forest: Arc::new(forest), family: Arc::new(family) }
    }

    /// How many edges there are, without those that are in no derivation.
    pub fn edges(&self) -> usize {
        self.forest.edge_count()
    }
}

impl Structure for Derivations {
    fn dimension(&self) -> usize {
        self.forest.dimension
    }

    fn identity(&self, coordinate: usize) -> usize {
        self.family.identity(coordinate)
    }

    fn size(&self) -> usize {
        self.family.size()
    }

    fn least_size(&self) -> usize {
        self.family.least_size()
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        if size == self.size() {
            return Prefix::new(self.clone(), 0..self.dimension());
        }
        let (structure, places) = self.family.prefix(size);
        Prefix::new(structure, places)
    }

    fn work(&self) -> usize {
        4 * self.forest.edge_count()
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if !forbids {
            return Ok(());
        }
        let forest = &self.forest;
        scratch.clear();
        scratch.resize(forest.nodes(), 0);
        for node in 0..forest.nodes() {
            let possible = |edge: usize| {
                let allowed = forest.coordinate(edge).is_none_or(|c| utility[c] != f64::NEG_INFINITY);
                allowed && forest.tails(edge).all(|tail| scratch[tail] == 1)
            };
            scratch[node] = u32::from(forest.edges(node).any(possible));
        }
        if scratch[forest.goal()] == 1 {
            return Ok(());
        }
        Err(format!(
            "expected the coordinates whose utility is not -Infinity to allow {}, but there is none",
            self.family.noun()
        ))
    }
}

impl ExponentialFamily for Derivations {
    type Workspace<N: Number> = InsideOutside<N>;

    type Narrowing = Narrowing;

    const RELAXES: bool = true;

    fn reach(&self) -> Reach {
        let forest = &self.forest;
        Reach { factors: forest.most[forest.goal()].max(1) as usize, cells: 2 * forest.nodes() }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<InsideOutside<N>, TryReserveError> {
        let nodes = self.forest.nodes();
        Ok(InsideOutside { inside: filled(zero, nodes)?, outside: filled(zero, nodes)? })
    }

    fn balanced(&self) -> usize {
        if self.forest.is_balanced() { self.dimension() } else { 0 }
    }

    /// Those of edges that are alone to derive a node which is in every derivation, as the goal is.
    fn forced(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>, mut mark: impl FnMut(usize)) {
        // Most rows end here.
        if forbids || self.forest.edges(self.forest.goal()).len() == 1 {
            self.forest.certain(|coordinate| utility[coordinate] != f64::NEG_INFINITY, scratch, &mut mark);
        }
    }

    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        extremes: (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        // Its bounds are those of doubles.
        if room == Room::DOUBLES { self.forest.shift(utility, extremes, temperature, scratch) } else { None }
    }

    fn is_relaxable(&self, extremes: (f64, f64), temperature: f64) -> bool {
        self.forest.is_relaxable(extremes, temperature)
    }

    fn relaxes_alone(&self) -> bool {
        self.forest.is_dense()
    }

    fn relaxing_cells(&self) -> usize {
        self.forest.relaxing_cells()
    }

    #[inline(always)]
    fn relax<R: Real>(&self, row: Relaxed<'_, R>, memory: &mut [R]) {
        self.forest.relax(row, memory);
    }

    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut Narrowing,
    ) {
        self.forest.narrow_by(memory, utility, temperature, narrowed);
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], sums: &mut InsideOutside<N>) -> N {
        self.forest.fill_inside(weights, &mut sums.inside, weights[0])
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], sums: &mut InsideOutside<N>) {
        let inverse = weights[0].constant(1.0) / self.partition(weights, sums);
        self.forest.fill_outside(weights, marginals, sums, inverse);
    }

    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        sums: &mut InsideOutside<N>,
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        self.forest.draw(weights, &sums.inside, uniforms, scratch, |coordinate| vertex[coordinate] = 1.0);
    }
}
