//! The forests of structures that have names, one file each: a function from their sizes to nodes and edges.

mod linear_chain;
mod path;

use super::ForestEdge;

/// Nodes and edges, one after the other.
#[derive(Default)]
struct Grower {
    nodes: u32,
    edges: Vec<ForestEdge>,
}

impl Grower {
    /// So many nodes more; returns the first.
    fn nodes(&mut self, count: usize) -> u32 {
        let first = self.nodes;
        self.nodes += count as u32;
        first
    }

    fn edge(&mut self, head: u32, tails: &[u32], coordinate: Option<usize>) {
        self.edges.push(ForestEdge::new(head, tails, coordinate.map(|coordinate| coordinate as u32)));
    }
}
