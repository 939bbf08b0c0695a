//! The maximum spanning tree: Prim's algorithm on complete graphs, Kruskal's on edge lists.
//!
//! Both prefer the lower index among equal utilities; under that total order the tree is unique, so they agree.

use std::cmp::Ordering;

use super::SpanningTree;
use crate::structure::ArgmaxOracle;

/// Disjoint sets of vertices, by union with path halving.
pub(super) struct Forest {
    parents: Vec<u32>,
    trees: usize,
}

impl Forest {
    pub(super) fn new(vertices: usize) -> Self {
        Self::reusing(Vec::new(), vertices)
    }

    /// A forest without edges, in memory that served before.
    pub(super) fn reusing(mut parents: Vec<u32>, vertices: usize) -> Self {
        parents.clear();
        parents.extend(0..vertices as u32);
        Self { parents, trees: vertices }
    }

    pub(super) fn into_parents(self) -> Vec<u32> {
        self.parents
    }

    fn reset(&mut self) {
        self.trees = self.parents.len();
        for (vertex, parent) in self.parents.iter_mut().enumerate() {
            *parent = vertex as u32;
        }
    }

    fn root(&mut self, mut vertex: u32) -> u32 {
        while self.parents[vertex as usize] != vertex {
            let grandparent = self.parents[self.parents[vertex as usize] as usize];
            self.parents[vertex as usize] = grandparent;
            vertex = grandparent;
        }
        vertex
    }

    /// Joins the trees at the two ends of an edge; false if they are one tree already.
    pub(super) fn join(&mut self, (a, b): (u32, u32)) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return false;
        }
        self.parents[a.max(b) as usize] = a.min(b);
        self.trees -= 1;
        true
    }

    pub(super) fn joined(&mut self, a: u32, b: u32) -> bool {
        self.root(a) == self.root(b)
    }

    pub(super) fn is_tree(&self) -> bool {
        self.trees <= 1
    }
}

/// What both algorithms keep from row to row.
pub struct Workspace {
    order: Vec<u32>,
    forest: Forest,
    candidates: Vec<Candidate>,
}

/// A vertex outside Prim's tree with its best edge into the tree.
#[derive(Clone, Copy)]
struct Candidate {
    utility: f64,
    edge: usize,
    vertex: usize,
}

impl Candidate {
    fn beats(&self, other: &Self) -> bool {
        self.utility > other.utility || (self.utility == other.utility && self.edge < other.edge)
    }
}

impl ArgmaxOracle for SpanningTree {
    type Workspace = Workspace;

    fn argmax_workspace(&self) -> Workspace {
        Workspace {
            order: if self.complete { Vec::new() } else { (0..self.edges.len() as u32).collect() },
            forest: Forest::new(if self.complete { 0 } else { self.vertices }),
            candidates: Vec::with_capacity(if self.complete { self.vertices } else { 0 }),
        }
    }

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Workspace) {
        if self.complete {
            self.prim(utility, vertex, &mut workspace.candidates);
        } else {
            self.kruskal(utility, vertex, &mut workspace.order, &mut workspace.forest);
        }
    }
}

impl SpanningTree {
    /// Prim (1957) without a heap, O(n^2): the best on a complete graph.
    #[inline(always)]
    fn prim(&self, utility: &[f64], tree: &mut [f64], candidates: &mut Vec<Candidate>) {
        let n = self.vertices;
        candidates.clear();
        candidates.extend((1..n).map(|vertex| Candidate {
            utility: utility[vertex - 1],
            edge: vertex - 1,
            vertex,
        }));
        while !candidates.is_empty() {
            let mut best = 0;
            for index in 1..candidates.len() {
                if candidates[index].beats(&candidates[best]) {
                    best = index;
                }
            }
            let Candidate { edge, vertex: new, .. } = candidates.swap_remove(best);
            tree[edge] = 1.0;
            for candidate in candidates.iter_mut() {
                let vertex = candidate.vertex;
                let (i, j) = (new.min(vertex), new.max(vertex));
                let edge = i * (2 * n - i - 1) / 2 + j - i - 1;
                let rival = Candidate { utility: utility[edge], edge, vertex };
                if rival.beats(candidate) {
                    *candidate = rival;
                }
            }
        }
    }

    /// Kruskal (1956), O(m log m): the edges from the best to the worst, each kept if it closes no cycle.
    fn kruskal(&self, utility: &[f64], tree: &mut [f64], order: &mut [u32], forest: &mut Forest) {
        order.sort_unstable_by(|&a, &b| {
            let descending = utility[b as usize].partial_cmp(&utility[a as usize]).unwrap_or(Ordering::Equal);
            descending.then(a.cmp(&b))
        });
        forest.reset();
        for &edge in order.iter() {
            if forest.is_tree() {
                break;
            }
            if forest.join(self.edges[edge as usize]) {
                tree[edge as usize] = 1.0;
            }
        }
    }
}
