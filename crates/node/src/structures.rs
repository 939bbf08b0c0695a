//! One constructor a structure. Options are validated in TypeScript.

use napi_derive::napi;
use sst::relaxation::{BinaryEntropy, ExponentialFamilyEntropy};
use sst::structure::{Arborescence, OneHot, SpanningTree, Subset, TopK};
use sst::{AnyOperator, Embedded, Trick};

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

/// `edges`: head and modifier one after the other; none for the complete graph in rows of a head-by-modifier matrix. What
/// enters the root is in no arborescence, and so no edge of the structure.
#[napi(catch_unwind)]
pub fn arborescence(vertices: u32, root: u32, single_root_child: bool, edges: Option<&[u32]>) -> NativeTrick {
    let (n, root) = (vertices as usize, root as usize);
    let (edges, places, dimension): (Vec<_>, Vec<_>, usize) = match edges {
        None => {
            let edges: Vec<_> = Arborescence::complete_edges(n, root).collect();
            let places =
                edges.iter().map(|&(head, modifier)| head as usize * n + modifier as usize).collect();
            (edges, places, n * n)
        }
        Some(ends) => {
            let all = ends.chunks_exact(2).map(|ends| (ends[0], ends[1])).enumerate();
            let (places, edges) = all.filter(|&(_, (_, modifier))| modifier as usize != root).unzip();
            (edges, places, ends.len() / 2)
        }
    };
    let structure = Arborescence::with_edges(n, root, single_root_child, edges);
    let trick = Trick::new(structure, ExponentialFamilyEntropy);
    if places.len() == dimension {
        AnyOperator::family(trick).into()
    } else {
        AnyOperator::family(Embedded::of_family(trick, places, dimension)).into()
    }
}
