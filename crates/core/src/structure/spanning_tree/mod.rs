//! Undirected spanning trees (paper, section 6): `argmax.rs` finds the maximum tree, `marginals.rs` sums over all,
//! `narrowing.rs` brings utilities of any size into the range of the sums, `bridges.rs` finds the edges of every tree.

mod argmax;
mod bridges;
mod k_best;
mod marginals;
mod narrowing;
mod trace;

use std::mem;

use super::{Prefix, Structure, distinct, unordered_pair};
use argmax::Forest;

/// The spanning trees of a graph, as indicator vectors of their edges.
#[derive(Clone, Debug)]
pub struct SpanningTree {
    vertices: usize,
    /// The endpoints of each coordinate, lower vertex first.
    edges: Vec<(u32, u32)>,
    /// Whether the edges are all pairs in row-major order, so that their positions can be computed.
    complete: bool,
    connected: bool,
    /// The edges without which the graph falls apart.
    forced: Vec<usize>,
}

impl SpanningTree {
    /// The trees of the complete graph; its edges are the pairs `i < j` in row-major order.
    pub fn complete(vertices: usize) -> Self {
        Self::new(vertices, pairs(vertices as u32).collect(), true, true)
    }

    /// The trees of the graph with these edges, each a pair of distinct vertices below `vertices`, none repeated.
    pub fn with_edges(vertices: usize, edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let edges: Vec<_> = edges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
        assert!(
            edges.iter().all(|&(a, b)| a != b && (b as usize) < vertices),
            "an edge must join two distinct vertices of the graph"
        );
        assert!(distinct(&edges), "no edge may be there twice");
        let complete = edges.iter().copied().eq(pairs(vertices as u32));
        let mut forest = Forest::new(vertices);
        edges.iter().for_each(|&edge| _ = forest.join(edge));
        Self::new(vertices, edges, complete, forest.is_tree())
    }

    fn new(vertices: usize, edges: Vec<(u32, u32)>, complete: bool, connected: bool) -> Self {
        assert!(vertices >= 1, "there must be a vertex");
        let mut structure = Self { vertices, edges, complete, connected, forced: Vec::new() };
        if !complete || vertices == 2 {
            let mut forced = Vec::new();
            structure.bridges(|_| true, &mut Vec::new(), |edge| forced.push(edge));
            structure.forced = forced;
        }
        structure
    }
}

fn pairs(vertices: u32) -> impl Iterator<Item = (u32, u32)> {
    (0..vertices).flat_map(move |i| (i + 1..vertices).map(move |j| (i, j)))
}

impl Structure for SpanningTree {
    fn dimension(&self) -> usize {
        self.edges.len()
    }

    fn identity(&self, coordinate: usize) -> usize {
        let (a, b) = self.edges[coordinate];
        unordered_pair(a as usize, b as usize)
    }

    fn size(&self) -> usize {
        self.vertices
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let inside = |&place: &usize| (self.edges[place].1 as usize) < size;
        let places: Vec<usize> = (0..self.edges.len()).filter(inside).collect();
        let edges = places.iter().map(|&place| self.edges[place]);
        Prefix::new(Self::with_edges(size, edges), places)
    }

    fn work(&self) -> usize {
        self.vertices.pow(3) / 2 + 8 * self.edges.len()
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if self.connected && !forbids {
            return Ok(());
        }
        let mut forest = Forest::reusing(mem::take(scratch), self.vertices);
        for (&edge, &u) in self.edges.iter().zip(utility) {
            if u != f64::NEG_INFINITY {
                forest.join(edge);
            }
        }
        let apart = (1..self.vertices as u32).find(|&vertex| !forest.joined(0, vertex));
        *scratch = forest.into_parents();
        match apart {
            None => Ok(()),
            Some(apart) => Err(format!(
                "expected the edges whose utility is not -Infinity to connect all {} vertices, but no path leads from vertex 0 to vertex {apart}",
                self.vertices
            )),
        }
    }
}
