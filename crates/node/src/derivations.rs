//! The structures that are derivations of a forest, one constructor each. Sizes are validated in TypeScript.

use napi_derive::napi;
use sst::k_best::Ranker;
use sst::relaxation::{ExponentialFamilyEntropy, SparseMap};
use sst::structure::{Derivations, ForestEdge};
use sst::{AnyOperator, Trick};

use crate::trick::NativeTrick;
use crate::{Result, from_core};

/// In the place of a tail or a coordinate that an edge does not have.
const NONE: u32 = u32::MAX;

fn trick(structure: Derivations, relaxation: &str) -> NativeTrick {
    operator(structure, relaxation).into()
}

fn operator(structure: Derivations, relaxation: &str) -> AnyOperator {
    let ranker = Ranker::new(structure.clone());
    match relaxation {
        "sparsemap" => AnyOperator::from(Trick::new(structure, SparseMap)),
        _ => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
    }
    .ranked(ranker)
}

/// `edges`: head, two tails and coordinate of each, one after the other.
#[napi(catch_unwind)]
pub fn derivations(
    nodes: u32,
    edges: &[u32],
    goal: u32,
    dimension: u32,
    relaxation: String,
) -> Result<NativeTrick> {
    let some = |number: u32| (number != NONE).then_some(number);
    let edges: Vec<ForestEdge> = edges
        .chunks_exact(4)
        .map(|edge| ForestEdge {
            head: edge[0],
            tails: [some(edge[1]), some(edge[2])],
            coordinate: some(edge[3]),
        })
        .collect();
    let structure = Derivations::new(nodes as usize, &edges, goal as usize, dimension as usize);
    Ok(trick(structure.map_err(from_core)?, &relaxation))
}

/// `edges`: the two vertices of each, one after the other.
#[napi(catch_unwind)]
pub fn path(
    vertices: u32,
    edges: &[u32],
    source: u32,
    target: u32,
    relaxation: String,
) -> Result<NativeTrick> {
    let edges: Vec<(u32, u32)> = edges.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect();
    let structure = Derivations::paths(vertices as usize, &edges, source as usize, target as usize);
    Ok(trick(structure.map_err(from_core)?, &relaxation))
}

#[napi(catch_unwind)]
pub fn linear_chain(length: u32, states: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::linear_chain(length as usize, states as usize), &relaxation)
}

#[napi(catch_unwind)]
pub fn segmentation(length: u32, labels: u32, longest: u32, relaxation: String) -> NativeTrick {
    let structure = Derivations::segmentation(length as usize, labels as usize, longest as usize);
    trick(structure, &relaxation)
}

#[napi(catch_unwind)]
pub fn alignment(rows: u32, columns: u32, band: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::alignment(rows as usize, columns as usize, band as usize), &relaxation)
}

#[napi(catch_unwind)]
pub fn monotone_alignment(rows: u32, columns: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::monotone_alignment(rows as usize, columns as usize), &relaxation)
}

#[napi(catch_unwind)]
pub fn ctc(frames: u32, classes: u32, labels: &[u32], blank: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::ctc(frames as usize, classes as usize, labels, blank), &relaxation)
}

/// In the layout of an array [first leaf, last leaf, label].
#[napi(catch_unwind)]
pub fn binary_tree(leaves: u32, labels: u32, relaxation: String) -> NativeTrick {
    let (leaves, labels) = (leaves as usize, labels as usize);
    let (places, cells) = (Derivations::binary_tree_places(leaves, labels), leaves * leaves * labels);
    operator(Derivations::binary_tree(leaves, labels), &relaxation).embedded(places, cells).into()
}

#[napi(catch_unwind)]
pub fn knapsack(weights: &[u32], groups: &[u32], capacity: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::knapsack(weights, groups, capacity as usize), &relaxation)
}

#[napi(catch_unwind)]
pub fn non_crossing_pairs(length: u32, hairpin: u32, relaxation: String) -> NativeTrick {
    trick(Derivations::non_crossing_pairs(length as usize, hairpin as usize), &relaxation)
}
