//! One constructor a structure. Options are validated in TypeScript.

use napi_derive::napi;
use sst::relaxation::{BinaryEntropy, ExponentialFamilyEntropy, NeuralSort, Sinkhorn};
use sst::structure::{Matching, OneHot, Ranking, SpanningTree, Subset, TopK};
use sst::{AnyOperator, Trick};

use crate::trick::NativeTrick;

#[napi(catch_unwind)]
pub fn one_hot(categories: u32) -> NativeTrick {
    let structure = OneHot::new(categories as usize);
    AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy)).into()
}

#[napi(catch_unwind)]
pub fn subset(elements: u32) -> NativeTrick {
    AnyOperator::family(Trick::new(Subset::new(elements as usize), BinaryEntropy)).into()
}

#[napi(catch_unwind)]
pub fn top_k(elements: u32, k: u32) -> NativeTrick {
    let structure = TopK::new(elements as usize, k as usize);
    AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy)).into()
}

/// `edges`: the endpoints one after the other; none for the complete graph.
#[napi(catch_unwind)]
pub fn spanning_tree(vertices: u32, edges: Option<&[u32]>) -> NativeTrick {
    let structure = match edges {
        None => SpanningTree::complete(vertices as usize),
        Some(ends) => {
            let edges = ends.chunks_exact(2).map(|ends| (ends[0], ends[1]));
            SpanningTree::with_edges(vertices as usize, edges)
        }
    };
    AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy)).into()
}

#[napi(catch_unwind)]
pub fn matching(size: u32, tolerance: f64, most_iterations: u32) -> NativeTrick {
    let relaxation = Sinkhorn::new(tolerance, most_iterations as usize);
    AnyOperator::relaxed(Trick::new(Matching::new(size as usize), relaxation)).into()
}

#[napi(catch_unwind)]
pub fn neural_sort(elements: u32) -> NativeTrick {
    AnyOperator::relaxed(Trick::new(Ranking::new(elements as usize), NeuralSort)).into()
}
