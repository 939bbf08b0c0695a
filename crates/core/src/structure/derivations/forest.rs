//! Derivation forests (directed acyclic hypergraphs; Gallo et al., 1993): checked once, kept as flat arrays.

use std::ops::Range;

use crate::elementary::{exp, ln};
use crate::error::{Error, ErrorKind};

/// No node, or no coordinate.
pub(super) const NONE: u32 = u32::MAX;

/// A way to derive a node: from no, one or two earlier nodes, with at most one coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForestEdge {
    /// The node that is derived.
    pub head: u32,
    /// The nodes that it is derived from; the second is none where the first is.
    pub tails: [Option<u32>; 2],
    /// What the edge adds to the embedding.
    pub coordinate: Option<u32>,
}

impl ForestEdge {
    /// An edge from these tails, of which there are at most two.
    pub fn new(head: u32, tails: &[u32], coordinate: Option<u32>) -> Self {
        Self { head, tails: [tails.first().copied(), tails.get(1).copied()], coordinate }
    }
}

/// What edges that are alike have: so many tails, and a coordinate or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) tails: u8,
    pub(super) weighted: bool,
}

/// How the coordinates and tails of edges of one shape follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Of one tail each: both one after the other, as the row of a matrix.
    Row,
    /// All have one coordinate.
    Shared,
    Any,
}

/// Edges of one head and one shape, next to one another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    start: u32,
    end: u32,
    pub(super) shape: Shape,
    pub(super) order: Order,
}

impl Run {
    #[inline(always)]
    pub(super) fn edges(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Its edges among those from a first one on.
    #[inline(always)]
    pub(super) fn within(self, first: usize) -> Range<usize> {
        self.start as usize - first..self.end as usize - first
    }
}

/// A derivation forest without what is in no derivation of its goal: the last node is the goal, tails are before heads, and
/// the edges of a head stand in the order in which they were given.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    pub(super) dimension: usize,
    /// `edges_of[v]..edges_of[v + 1]` derive node v.
    edges_of: Vec<u32>,
    /// `runs_of[v]..runs_of[v + 1]` are theirs.
    runs_of: Vec<u32>,
    runs: Vec<Run>,
    pub(super) firsts: Vec<u32>,
    pub(super) seconds: Vec<u32>,
    pub(super) coordinates: Vec<u32>,
    /// The place of each edge among those that were given.
    given: Vec<u32>,
    /// How many coordinates a derivation of each node has at least, and at most.
    pub(super) least: Vec<u32>,
    pub(super) most: Vec<u32>,
    /// The logarithm of how many derivations each node has.
    pub(super) log_counts: Vec<f64>,
    /// The most edges of a node.
    pub(super) most_edges: usize,
}

impl Forest {
    /// The forest of these edges over nodes 0, 1, ..., each after all that it is derived from.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the edge that is none, or if the goal has no derivation.
    pub(super) fn new(
        nodes: usize,
        edges: &[ForestEdge],
        goal: usize,
        dimension: usize,
    ) -> Result<Self, Error> {
        if goal >= nodes {
            return Err(invalid(format!("goal: expected a node below {nodes}, got {goal}")));
        }
        edges.iter().enumerate().try_for_each(|(index, edge)| check_edge(index, edge, nodes, dimension))?;
        let (order, starts) = by_head(nodes, edges);
        let useful = useful(&order, &starts, edges, goal);
        if !useful[goal] {
            return Err(invalid(format!(
                "edges: expected a derivation of the goal, node {goal}, but there is none"
            )));
        }
        Ok(Self::of_useful(&order, &starts, edges, &useful, dimension))
    }

    /// The nodes that are useful take the numbers 0, 1, ...
    fn of_useful(
        order: &[u32],
        starts: &[u32],
        edges: &[ForestEdge],
        useful: &[bool],
        dimension: usize,
    ) -> Self {
        let mut numbers = vec![NONE; useful.len()];
        let mut forest = Self {
            dimension,
            edges_of: vec![0],
            runs_of: vec![0],
            runs: Vec::new(),
            firsts: Vec::new(),
            seconds: Vec::new(),
            coordinates: Vec::new(),
            given: Vec::new(),
            least: Vec::new(),
            most: Vec::new(),
            log_counts: Vec::new(),
            most_edges: 0,
        };
        for node in (0..useful.len()).filter(|&node| useful[node]) {
            numbers[node] = forest.nodes() as u32;
            let of_node = &order[starts[node] as usize..starts[node + 1] as usize];
            for &index in of_node {
                let edge = &edges[index as usize];
                if edge.tails.iter().flatten().all(|&tail| useful[tail as usize]) {
                    let tail = |at: usize| edge.tails[at].map_or(NONE, |tail| numbers[tail as usize]);
                    forest.push([tail(0), tail(1)], edge.coordinate.unwrap_or(NONE), index);
                }
            }
            forest.finish_node();
        }
        forest
    }

    fn push(&mut self, [first, second]: [u32; 2], coordinate: u32, given: u32) {
        let (edge, node_begins) = (self.firsts.len() as u32, self.runs_of[self.runs_of.len() - 1] as usize);
        let tails = u8::from(first != NONE) + u8::from(second != NONE);
        let shape = Shape { tails, weighted: coordinate != NONE };
        match self.runs[node_begins..].last_mut() {
            Some(run) if run.shape == shape => run.end += 1,
            _ => self.runs.push(Run { start: edge, end: edge + 1, shape, order: Order::Any }),
        }
        self.firsts.push(first);
        self.seconds.push(second);
        self.coordinates.push(coordinate);
        self.given.push(given);
    }

    fn finish_node(&mut self) {
        let node = self.nodes();
        let first_run = self.runs_of[node] as usize;
        for run in first_run..self.runs.len() {
            self.runs[run].order = self.order(self.runs[run]);
        }
        self.edges_of.push(self.firsts.len() as u32);
        self.runs_of.push(self.runs.len() as u32);
        let (mut least, mut most, mut logs) = (u32::MAX, 0, Vec::new());
        for edge in self.edges(node) {
            let of = |counts: &[u32]| {
                let below: u32 = self.tails(edge).map(|tail| counts[tail]).sum();
                below + u32::from(self.coordinates[edge] != NONE)
            };
            (least, most) = (least.min(of(&self.least)), most.max(of(&self.most)));
            logs.push(self.tails(edge).map(|tail| self.log_counts[tail]).sum::<f64>());
        }
        self.most_edges = self.most_edges.max(logs.len());
        self.least.push(least);
        self.most.push(most);
        let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        self.log_counts.push(largest + ln(logs.iter().map(|log| exp(log - largest)).sum()));
    }

    fn order(&self, run: Run) -> Order {
        let follow = |numbers: &[u32]| numbers[run.edges()].windows(2).all(|pair| pair[1] == pair[0] + 1);
        let coordinates = &self.coordinates[run.edges()];
        match run.shape {
            Shape { tails: 1, weighted: true } if follow(&self.coordinates) && follow(&self.firsts) => {
                Order::Row
            }
            Shape { weighted: true, .. } if coordinates.iter().all(|&c| c == coordinates[0]) => Order::Shared,
            _ => Order::Any,
        }
    }

    /// The coordinates and the tails of edges that are a row.
    #[inline(always)]
    pub(super) fn row(&self, run: Run) -> (Range<usize>, Range<usize>) {
        let (start, count) = (run.edges().start, run.edges().len());
        let (coordinate, tail) = (self.coordinates[start] as usize, self.firsts[start] as usize);
        (coordinate..coordinate + count, tail..tail + count)
    }

    /// Whether most edges are in long rows.
    pub(super) fn is_dense(&self) -> bool {
        const LONG: usize = 8;
        let rows = self.runs.iter().filter(|run| run.order == Order::Row).map(|run| run.edges().len());
        2 * rows.filter(|&length| length >= LONG).sum::<usize>() > self.edge_count()
    }

    pub(super) fn nodes(&self) -> usize {
        self.edges_of.len() - 1
    }

    pub(super) fn goal(&self) -> usize {
        self.nodes() - 1
    }

    pub(super) fn edge_count(&self) -> usize {
        self.firsts.len()
    }

    #[inline(always)]
    pub(super) fn edges(&self, node: usize) -> Range<usize> {
        self.edges_of[node] as usize..self.edges_of[node + 1] as usize
    }

    #[inline(always)]
    pub(super) fn runs(&self, node: usize) -> &[Run] {
        &self.runs[self.runs_of[node] as usize..self.runs_of[node + 1] as usize]
    }

    /// The nodes that an edge derives its head from.
    #[inline(always)]
    pub(super) fn tails(&self, edge: usize) -> impl Iterator<Item = usize> + use<> {
        [self.firsts[edge], self.seconds[edge]]
            .into_iter()
            .filter(|&tail| tail != NONE)
            .map(|tail| tail as usize)
    }

    /// Its coordinate, if it has one.
    #[inline(always)]
    pub(super) fn coordinate(&self, edge: usize) -> Option<usize> {
        let coordinate = self.coordinates[edge];
        (coordinate != NONE).then_some(coordinate as usize)
    }

    /// Whether all derivations of the goal have the same number of coordinates, and some.
    pub(super) fn is_balanced(&self) -> bool {
        let goal = self.goal();
        self.least[goal] == self.most[goal] && self.most[goal] > 0
    }

    /// Marks coordinates that are in every derivation of the goal that has allowed ones only: those of edges that are alone to
    /// derive a node which is in every derivation, as the goal is.
    pub(super) fn certain(
        &self,
        allowed: impl Fn(usize) -> bool,
        scratch: &mut Vec<u32>,
        mut mark: impl FnMut(usize),
    ) {
        const POSSIBLE: u32 = 1;
        const CERTAIN: u32 = 2;
        let possible = |edge: usize, known: &[u32]| {
            self.coordinate(edge).is_none_or(&allowed) && self.tails(edge).all(|tail| known[tail] >= POSSIBLE)
        };
        scratch.clear();
        scratch.resize(self.nodes(), 0);
        for node in 0..self.nodes() {
            scratch[node] = if self.edges(node).any(|edge| possible(edge, scratch)) { POSSIBLE } else { 0 };
        }
        scratch[self.goal()] = CERTAIN;
        for node in (0..self.nodes()).rev() {
            if scratch[node] != CERTAIN {
                continue;
            }
            let mut edges = self.edges(node).filter(|&edge| possible(edge, scratch));
            if let (Some(only), None) = (edges.next(), edges.next()) {
                if let Some(coordinate) = self.coordinate(only) {
                    mark(coordinate);
                }
                self.tails(only).for_each(|tail| scratch[tail] = CERTAIN);
            }
        }
    }

    /// Refuses a forest of which some derivation has a coordinate twice.
    ///
    /// Of forests of paths those coordinates are looked for that several edges have, of others all: 64 at a time in O(E).
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the edge that may find its coordinate below it, or two tails that share one.
    pub(super) fn check_used_once(&self) -> Result<(), Error> {
        let mut uses = vec![0_u32; self.dimension];
        let branches = self.seconds.iter().any(|&second| second != NONE);
        self.coordinates.iter().filter(|&&c| c != NONE).for_each(|&c| uses[c as usize] += 1);
        let least = if branches { 1 } else { 2 };
        let suspects: Vec<usize> = (0..self.dimension).filter(|&c| uses[c] >= least).collect();
        let mut bits = vec![0_u64; self.dimension];
        let mut below = vec![0_u64; self.nodes()];
        for some in suspects.chunks(u64::BITS as usize) {
            some.iter().enumerate().for_each(|(bit, &coordinate)| bits[coordinate] = 1 << bit);
            for node in 0..self.nodes() {
                let mut all = 0;
                for edge in self.edges(node) {
                    let mut seen = self.coordinate(edge).map_or(0, |coordinate| bits[coordinate]);
                    for tail in self.tails(edge) {
                        let twice = seen & below[tail];
                        if twice != 0 {
                            let coordinate = some[twice.trailing_zeros() as usize];
                            return Err(invalid(format!(
                                "edges[{}]: expected each coordinate at most once in a derivation, but one that this edge ends may have coordinate {coordinate} twice",
                                self.given[edge]
                            )));
                        }
                        seen |= below[tail];
                    }
                    all |= seen;
                }
                below[node] = all;
            }
            some.iter().for_each(|&coordinate| bits[coordinate] = 0);
        }
        Ok(())
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

fn check_edge(index: usize, edge: &ForestEdge, nodes: usize, dimension: usize) -> Result<(), Error> {
    if edge.head as usize >= nodes {
        return Err(invalid(format!("edges[{index}]: expected a head below {nodes}, got {}", edge.head)));
    }
    if let Some(tail) = edge.tails.iter().flatten().find(|&&tail| tail >= edge.head) {
        let head = edge.head;
        return Err(invalid(format!("edges[{index}]: expected tails before its head {head}, got {tail}")));
    }
    match edge.coordinate {
        Some(coordinate) if coordinate as usize >= dimension => Err(invalid(format!(
            "edges[{index}]: expected a coordinate below the dimension {dimension}, got {coordinate}"
        ))),
        _ => Ok(()),
    }
}

/// The edges by their heads, and where those of each head begin.
fn by_head(nodes: usize, edges: &[ForestEdge]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; nodes + 1];
    edges.iter().for_each(|edge| starts[edge.head as usize + 1] += 1);
    (0..nodes).for_each(|node| starts[node + 1] += starts[node]);
    let mut next = starts.clone();
    let mut order = vec![0_u32; edges.len()];
    for (index, edge) in edges.iter().enumerate() {
        order[next[edge.head as usize] as usize] = index as u32;
        next[edge.head as usize] += 1;
    }
    (order, starts)
}

/// The nodes that are in derivations of the goal.
fn useful(order: &[u32], starts: &[u32], edges: &[ForestEdge], goal: usize) -> Vec<bool> {
    let nodes = starts.len() - 1;
    let mut derived = vec![false; nodes];
    let of = |node: usize| {
        order[starts[node] as usize..starts[node + 1] as usize].iter().map(|&index| &edges[index as usize])
    };
    let possible =
        |edge: &ForestEdge, derived: &[bool]| edge.tails.iter().flatten().all(|&tail| derived[tail as usize]);
    for node in 0..=goal {
        derived[node] = of(node).any(|edge| possible(edge, &derived));
    }
    let mut useful = vec![false; nodes];
    useful[goal] = derived[goal];
    for node in (0..=goal).rev().filter(|&node| derived[node]) {
        if useful[node] {
            for edge in of(node).filter(|edge| possible(edge, &derived)) {
                edge.tails.iter().flatten().for_each(|&tail| useful[tail as usize] = true);
            }
        }
    }
    useful
}
