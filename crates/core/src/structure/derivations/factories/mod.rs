//! The forests of structures that have names, one file each: a function from their sizes to nodes and edges.
//!
//! All begin at the end: a node stands for the rest of a sequence, so that the goal decides what comes first, and of equal
//! derivations the one is taken whose first choices come first.

mod alignment;
mod binary_tree;
mod ctc;
mod knapsack;
mod linear_chain;
mod monotone_alignment;
mod non_crossing_pairs;
mod path;
mod segmentation;

use super::{Derivations, Family, ForestEdge};

/// Nodes and edges, one after the other; the last node is the goal.
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

    fn finish(self, dimension: usize, family: impl Family + 'static) -> Derivations {
        Derivations::known(self.nodes as usize, &self.edges, dimension, family)
    }
}
