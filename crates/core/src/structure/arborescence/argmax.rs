//! The maximum arborescence, by contraction of cycles in O(n^2): Chu and Liu (1965), Edmonds (1967), in the dense form of
//! Tarjan (1977) with the paths of Gabow, Galil, Spencer and Tarjan (1986).
//!
//! From a vertex one walks to its best head, to the best head of that, and so on. A walk that meets the root, or what
//! leads there, is done; one that meets itself has found a cycle, which becomes one vertex. What it costs to enter the
//! cycle at a vertex is the utility of the new edge less that of the edge it replaces. These differences are never
//! positive, and are kept as unevaluated sums of two doubles, 106 bits: they decide as exact arithmetic would.
//!
//! With a single child of the root, edges out of the root are taken where there is no other edge only. That is the same
//! algorithm over pairs (minus the number of edges out of the root, utility) in lexicographic order, an ordered group, so
//! that first the number of these edges is the least and then the utility is the largest: no large constant is needed
//! (the problem of Gabow and Tarjan, 1984; Zmigrod, Vieira and Cotterell, 2020).

use super::Arborescence;
use crate::number::DoubleDouble;
use crate::structure::{ArgmaxOracle, scale_of};

/// No node, or no edge.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq)]
enum State {
    Unseen,
    OnPath,
    /// It is known to hang, by way of others perhaps, from the root.
    Hangs,
    /// It is part of another.
    Merged,
}

/// An edge into a group of vertices.
#[derive(Clone, Copy)]
struct Entry {
    /// What entering by it costs; negative infinity if there is no such edge.
    value: DoubleDouble,
    edge: u32,
}

impl Entry {
    const ABSENT: Self = Self { value: DoubleDouble::NEG_INFINITY, edge: NONE };

    #[inline(always)]
    fn beats(&self, other: &Self) -> bool {
        let (a, b) = (self.value, other.value);
        a.high > b.high || (a.high == b.high && (a.low > b.low || (a.low == b.low && self.edge < other.edge)))
    }
}

/// Vertices contracted to groups. A group has the number of one of its vertices, and is the top of a tree of nodes:
/// the vertices, and a node for each cycle, above those it is made of.
pub struct Contraction {
    /// Of group g and vertex h outside it the best edge from h into g, at `g * n + h`.
    entries: Vec<Entry>,
    group_of: Vec<u32>,
    node_of: Vec<u32>,
    states: Vec<State>,
    path: Vec<u32>,
    pub(super) nodes: usize,
    /// Of each node the node made of its cycle; parents have larger numbers.
    pub(super) parents: Vec<u32>,
    /// The best edge into each node, and what it adds: the dual variable of the node.
    pub(super) chosen: Vec<u32>,
    pub(super) potentials: Vec<DoubleDouble>,
    expanded: Vec<bool>,
}

impl Contraction {
    pub(super) fn new(vertices: usize) -> Self {
        Self {
            entries: vec![Entry::ABSENT; vertices * vertices],
            group_of: vec![0; vertices],
            node_of: vec![0; vertices],
            states: vec![State::Unseen; vertices],
            path: Vec::with_capacity(vertices),
            nodes: 0,
            parents: vec![NONE; 2 * vertices],
            chosen: vec![NONE; 2 * vertices],
            potentials: vec![DoubleDouble::ZERO; 2 * vertices],
            expanded: vec![false; 2 * vertices],
        }
    }
}

impl Contraction {
    /// Every vertex for itself, and no edges.
    fn begin(&mut self, n: usize) {
        self.entries.fill(Entry::ABSENT);
        self.states.fill(State::Unseen);
        self.states[0] = State::Hangs;
        self.parents.fill(NONE);
        self.nodes = n;
        for vertex in 0..n {
            (self.group_of[vertex], self.node_of[vertex]) = (vertex as u32, vertex as u32);
        }
    }

    /// Walks on to a group, unless it hangs from the root already.
    fn visit(&mut self, group: u32) {
        let state = &mut self.states[group as usize];
        if *state == State::Unseen {
            *state = State::OnPath;
            self.path.push(group);
        }
    }

    /// The walk has met what hangs from the root.
    fn hang_path(&mut self) {
        for group in self.path.drain(..) {
            self.states[group as usize] = State::Hangs;
        }
    }

    /// The walk has met itself: its end, back to a group, becomes one node in the place of that group.
    fn close_cycle(&mut self, n: usize, start: u32) {
        let made = self.nodes as u32;
        self.nodes += 1;
        self.join(n, start, start, made);
        while let Some(group) = self.path.pop_if(|&mut group| group != start) {
            self.join(n, start, group, made);
            self.states[group as usize] = State::Merged;
        }
        for (head, group) in self.group_of.iter_mut().enumerate() {
            if *group == start || self.states[*group as usize] == State::Merged {
                *group = start;
                self.entries[start as usize * n + head] = Entry::ABSENT;
            }
        }
        self.node_of[start as usize] = made;
    }

    /// Offers a growing cycle, whose place is `start`, the edges into its group, relative to the cycle's own edge there.
    fn join(&mut self, n: usize, start: u32, group: u32, made: u32) {
        let node = self.node_of[group as usize] as usize;
        self.parents[node] = made;
        let potential = self.potentials[node];
        let relative = |entry: Entry| {
            // What enters a single vertex are doubles, of which the difference is exact: the full sum would be the same.
            let plain = DoubleDouble::sum(entry.value.high, -potential.high);
            Entry { value: if node < n { plain } else { entry.value - potential }, ..entry }
        };
        let (group, start) = (group as usize * n, start as usize * n);
        if group == start {
            for entry in &mut self.entries[start..start + n] {
                if entry.value.high != f64::NEG_INFINITY {
                    *entry = relative(*entry);
                }
            }
            return;
        }
        let (before, after) = self.entries.split_at_mut(group.max(start));
        let (first, second) = (&mut before[group.min(start)..][..n], &mut after[..n]);
        let (group, start) = if group < start { (first, second) } else { (second, first) };
        for (place, &entry) in start.iter_mut().zip(&*group) {
            if entry.value.high != f64::NEG_INFINITY {
                let entry = relative(entry);
                if entry.beats(place) {
                    *place = entry;
                }
            }
        }
    }
}

impl ArgmaxOracle for Arborescence {
    type Workspace = Contraction;

    fn argmax_workspace(&self) -> Contraction {
        Contraction::new(self.vertices)
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], contraction: &mut Contraction) {
        self.contract(utility, contraction);
        self.expand(contraction);
        for &edge in &contraction.chosen[1..self.vertices] {
            vertex[edge as usize] = 1.0;
        }
    }
}

impl Arborescence {
    /// Chooses the best edge into every vertex and every cycle of such edges.
    pub(super) fn contract(&self, utility: &[f64], contraction: &mut Contraction) {
        let n = self.vertices;
        contraction.begin(n);
        let scale = scale_of(utility);
        for (edge, (&(head, modifier), &u)) in self.edges.iter().zip(utility).enumerate() {
            let value = DoubleDouble::from(u * scale);
            contraction.entries[modifier.index() * n + head.index()] = Entry { value, edge: edge as u32 };
        }
        for vertex in 1..n {
            contraction.visit(contraction.group_of[vertex]);
            while let Some(&end) = contraction.path.last() {
                let (head, best) = self.best_entry(&contraction.entries[end as usize * n..][..n]);
                let node = contraction.node_of[end as usize] as usize;
                (contraction.chosen[node], contraction.potentials[node]) = (best.edge, best.value);
                let next = contraction.group_of[head];
                match contraction.states[next as usize] {
                    State::OnPath => contraction.close_cycle(n, next),
                    State::Hangs => contraction.hang_path(),
                    _ => contraction.visit(next),
                }
            }
        }
    }

    /// The best of the edges into a group, by its head.
    fn best_entry(&self, entries: &[Entry]) -> (usize, Entry) {
        let mut best = (0, Entry::ABSENT);
        for (head, entry) in entries.iter().enumerate().skip(usize::from(self.single_root_child)) {
            if entry.beats(&best.1) {
                best = (head, *entry);
            }
        }
        if best.1.value.high == f64::NEG_INFINITY { (0, entries[0]) } else { best }
    }

    /// From the cycles back to their vertices: the edge into a cycle takes the place of the one into its modifier.
    fn expand(&self, contraction: &mut Contraction) {
        let Contraction { nodes, parents, chosen, expanded, .. } = contraction;
        expanded.fill(false);
        for node in (1..*nodes).rev() {
            if expanded[node] {
                continue;
            }
            let edge = chosen[node];
            let mut inner = self.edges[edge as usize].1.index();
            while inner != node {
                (chosen[inner], expanded[inner]) = (edge, true);
                inner = parents[inner] as usize;
            }
        }
    }
}
