//! The maximum arborescence, by contraction of cycles in O(n^2): Chu and Liu (1965), Edmonds (1967), in the dense form of
//! Tarjan (1977) with the paths of Gabow, Galil, Spencer and Tarjan (1986).
//!
//! From a vertex one walks to its best head, to the best head of that, and so on. A walk that meets the root, or what
//! leads there, is done; one that meets itself has found a cycle, which becomes one vertex. What it costs to enter the
//! cycle at a vertex is the utility of the new edge less that of the edge it replaces. These differences are never
//! positive, and are kept as unevaluated sums of two doubles, 106 bits, or where these suffice as doubles (`entries.rs`):
//! they decide as exact arithmetic would.
//!
//! With a single child of the root, edges out of the root are taken where there is no other edge only. That is the same
//! algorithm over pairs (minus the number of edges out of the root, utility) in lexicographic order, an ordered group, so
//! that first the number of these edges is the least and then the utility is the largest: no large constant is needed
//! (the problem of Gabow and Tarjan, 1984; Zmigrod, Vieira and Cotterell, 2020).

use pulp::{Scalar, Simd, WithSimd};

use super::Arborescence;
use super::entries::{Doubles, Entries, Sums, doubles_are_exact};
use crate::number::Arch;
use crate::structure::ArgmaxOracle;

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

/// Vertices contracted to groups. A group has the number of one of its vertices, and is the top of a tree of nodes:
/// the vertices, and a node for each cycle, above those it is made of.
pub struct Contraction<E: Entries> {
    entries: E,
    group_of: Vec<u32>,
    node_of: Vec<u32>,
    states: Vec<State>,
    path: Vec<u32>,
    pub(super) nodes: usize,
    /// Of each node the node made of its cycle; parents have larger numbers.
    pub(super) parents: Vec<u32>,
    /// The best edge into each node, and what it adds: the dual variable of the node.
    pub(super) chosen: Vec<u32>,
    pub(super) potentials: Vec<E::Value>,
    expanded: Vec<bool>,
}

impl<E: Entries> Contraction<E> {
    pub(super) fn new(structure: &Arborescence) -> Self {
        let vertices = structure.vertices;
        Self {
            entries: E::new(structure),
            group_of: vec![0; vertices],
            node_of: vec![0; vertices],
            states: vec![State::Unseen; vertices],
            path: Vec::with_capacity(vertices),
            nodes: 0,
            parents: vec![NONE; 2 * vertices],
            chosen: vec![NONE; 2 * vertices],
            potentials: vec![E::ZERO; 2 * vertices],
            expanded: vec![false; 2 * vertices],
        }
    }

    /// Every vertex for itself.
    #[inline(always)]
    fn begin(&mut self, n: usize) {
        self.states.fill(State::Unseen);
        self.states[0] = State::Hangs;
        self.parents.fill(NONE);
        self.nodes = n;
        for vertex in 0..n {
            (self.group_of[vertex], self.node_of[vertex]) = (vertex as u32, vertex as u32);
        }
    }

    /// Walks on to a group, unless it hangs from the root already.
    #[inline(always)]
    fn visit(&mut self, group: u32) {
        let state = &mut self.states[group as usize];
        if *state == State::Unseen {
            *state = State::OnPath;
            self.path.push(group);
        }
    }

    /// The walk has met what hangs from the root.
    #[inline(always)]
    fn hang_path(&mut self) {
        for group in self.path.drain(..) {
            self.states[group as usize] = State::Hangs;
        }
    }

    /// The walk has met itself: its end, back to a group, becomes one node in the place of that group.
    #[inline(always)]
    fn close_cycle(&mut self, start: u32) {
        let made = self.nodes as u32;
        self.nodes += 1;
        self.join(start, start, made);
        while let Some(group) = self.path.pop_if(|&mut group| group != start) {
            self.join(start, group, made);
            self.states[group as usize] = State::Merged;
        }
        for (head, group) in self.group_of.iter_mut().enumerate() {
            if *group == start || self.states[*group as usize] == State::Merged {
                *group = start;
                self.entries.remove(start as usize, head);
            }
        }
        self.node_of[start as usize] = made;
    }

    /// Offers a growing cycle, whose place is `start`, the edges into its group, relative to the cycle's own edge there.
    #[inline(always)]
    fn join(&mut self, start: u32, group: u32, made: u32) {
        let node = self.node_of[group as usize] as usize;
        self.parents[node] = made;
        let alone = node < self.group_of.len();
        self.entries.join(start as usize, group as usize, self.potentials[node], alone);
    }
}

/// The memory of the algorithm: on unevaluated sums, and on doubles once there is a row for which these suffice.
pub struct Edmonds {
    sums: Option<Contraction<Sums>>,
    doubles: Option<Contraction<Doubles>>,
}

impl ArgmaxOracle for Arborescence {
    type Workspace = Edmonds;

    fn argmax_workspace(&self) -> Edmonds {
        Edmonds { sums: None, doubles: None }
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Edmonds) {
        Arch::new().dispatch(Row { structure: self, utility, vertex, workspace });
    }
}

/// A row whose best arborescence is looked for, in the registers of the machine.
struct Row<'a> {
    structure: &'a Arborescence,
    utility: &'a [f64],
    vertex: &'a mut [f64],
    workspace: &'a mut Edmonds,
}

impl WithSimd for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { structure, utility, vertex, workspace: Edmonds { sums, doubles } } = self;
        let chosen = if doubles_are_exact(utility) {
            let contraction = doubles.get_or_insert_with(|| Contraction::new(structure));
            structure.contract_in(simd, utility, contraction);
            structure.expand(contraction);
            &contraction.chosen
        } else {
            let contraction = sums.get_or_insert_with(|| Contraction::new(structure));
            structure.contract(utility, contraction);
            structure.expand(contraction);
            &contraction.chosen
        };
        for &edge in &chosen[1..structure.vertices] {
            vertex[edge as usize] = 1.0;
        }
    }
}

impl Arborescence {
    /// Chooses the best edge into every vertex and every cycle of such edges.
    pub(super) fn contract(&self, utility: &[f64], contraction: &mut Contraction<Sums>) {
        self.contract_in(Scalar::new(), utility, contraction);
    }

    #[inline(always)]
    fn contract_in<S: Simd, E: Entries>(&self, simd: S, utility: &[f64], contraction: &mut Contraction<E>) {
        let n = self.vertices;
        contraction.begin(n);
        contraction.entries.load(self, utility);
        for vertex in 1..n {
            contraction.visit(contraction.group_of[vertex]);
            while let Some(&end) = contraction.path.last() {
                let node = contraction.node_of[end as usize] as usize;
                let (best, potential) =
                    contraction.entries.best(simd, end as usize, node < n, self.single_root_child);
                (contraction.chosen[node], contraction.potentials[node]) = (best, potential);
                let next = contraction.group_of[self.edges[best as usize].0.index()];
                match contraction.states[next as usize] {
                    State::OnPath => contraction.close_cycle(next),
                    State::Hangs => contraction.hang_path(),
                    _ => contraction.visit(next),
                }
            }
        }
    }

    /// From the cycles back to their vertices: the edge into a cycle takes the place of the one into its modifier.
    #[inline(always)]
    fn expand<E: Entries>(&self, contraction: &mut Contraction<E>) {
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

#[cfg(test)]
mod tests {
    use super::super::rank::Rank;
    use super::*;

    /// High bits of Knuth's MMIX generator.
    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    }

    fn chosen<E: Entries>(structure: &Arborescence, utility: &[f64]) -> Vec<u32> {
        let mut contraction = Contraction::<E>::new(structure);
        structure.contract_in(Scalar::new(), utility, &mut contraction);
        structure.expand(&mut contraction);
        contraction.chosen[1..structure.vertices].to_vec()
    }

    /// Edges with ties, forbidden ones and masks among them: the same with 106 bits as in doubles.
    #[test]
    fn doubles_of_floats_decide_as_sums_do() {
        let mut state = 7;
        let mut masked = 0;
        for trial in 0..2_000 {
            let (n, kind) = (2 + trial % 9, trial / 9 % 4);
            let structure = Arborescence::complete(n, 0, trial % 2 == 0);
            let draw = |(edge, &(head, modifier)): (usize, &(Rank, Rank))| {
                let word = next(&mut state);
                let path = modifier.index() == head.index() + 1;
                match (kind, word % 4) {
                    (0, _) => (word % 3) as f64,
                    (1, 0) if !path => f64::NEG_INFINITY,
                    (2, 0) if !path => -1e3,
                    _ => f64::from(word as f32 / 1e9 - edge as f32 * 1e-3),
                }
            };
            let utility: Vec<f64> = structure.edges.iter().enumerate().map(draw).collect();
            masked += usize::from(utility.contains(&f64::NEG_INFINITY));
            assert!(doubles_are_exact(&utility), "{utility:?}");
            assert_eq!(
                chosen::<Doubles>(&structure, &utility),
                chosen::<Sums>(&structure, &utility),
                "{n} {utility:?}"
            );
        }
        assert!(masked > 300);
    }

    /// Too many digits, and floats too far apart.
    #[test]
    fn sums_are_for_what_doubles_would_round() {
        assert!(doubles_are_exact(&[1.5, -3.0, 0.0, f64::NEG_INFINITY]));
        assert!(doubles_are_exact(&[]) && doubles_are_exact(&[0.0]));
        assert!(!doubles_are_exact(&[0.1, 1.0]));
        assert!(!doubles_are_exact(&[1.0, 2_f64.powi(29)]));
        assert!(!doubles_are_exact(&[2_f64.powi(1000)]));
    }
}
