//! One constructor a structure. Options are validated in TypeScript.

use napi_derive::napi;
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort, PerturbAndParse,
    Sinkhorn, SoftSub,
};
use sst::structure::{
    Arborescence, ArgmaxOracle, CorrelatedTopK, ExponentialFamily, Hypersimplex, Matching, OneHot,
    ProjectiveTree, Ranking, SpanningTree, Subset, TopK, WithReplacement,
};
use sst::{AnyOperator, Trick};

use crate::trick::NativeTrick;
use crate::{Result, refuse};

#[napi(catch_unwind)]
pub fn one_hot(categories: u32, relaxation: String) -> Result<NativeTrick> {
    hypersimplex(OneHot::new(categories as usize), &relaxation)
}

#[napi(catch_unwind)]
pub fn subset(elements: u32) -> NativeTrick {
    AnyOperator::from(Trick::new(Subset::new(elements as usize), BinaryEntropy)).into()
}

#[napi(catch_unwind)]
pub fn top_k(elements: u32, k: u32, relaxation: String) -> Result<NativeTrick> {
    let (elements, k) = (elements as usize, k as usize);
    if relaxation == "l2x" {
        return Ok(AnyOperator::from(Trick::new(WithReplacement::new(elements, k), L2x)).into());
    }
    hypersimplex(TopK::new(elements, k), &relaxation)
}

fn hypersimplex<S: Hypersimplex + ArgmaxOracle + ExponentialFamily>(
    structure: S,
    relaxation: &str,
) -> Result<NativeTrick>
where
    AnyOperator: From<Trick<S, ExponentialFamilyEntropy>>
        + From<Trick<S, Euclidean>>
        + From<Trick<S, CategoricalEntropy>>
        + From<Trick<S, BinaryEntropy>>
        + From<Trick<S, SoftSub>>,
{
    let operator = match relaxation {
        "exponential-family" => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
        "euclidean" => AnyOperator::from(Trick::new(structure, Euclidean)),
        "categorical-entropy" => AnyOperator::from(Trick::new(structure, CategoricalEntropy)),
        "binary-entropy" => AnyOperator::from(Trick::new(structure, BinaryEntropy)),
        "softsub" => AnyOperator::from(Trick::new(structure, SoftSub)),
        _ => return Err(refuse("INVALID_ARGUMENT", format!("relaxation: none is named {relaxation}"))),
    };
    Ok(operator.into())
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
    AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)).into()
}

#[napi(catch_unwind)]
pub fn matching(size: u32, tolerance: f64, most_iterations: u32) -> NativeTrick {
    let relaxation = Sinkhorn::new(tolerance, most_iterations as usize);
    AnyOperator::from(Trick::new(Matching::new(size as usize), relaxation)).into()
}

#[napi(catch_unwind)]
pub fn neural_sort(elements: u32) -> NativeTrick {
    AnyOperator::from(Trick::new(Ranking::new(elements as usize), NeuralSort)).into()
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
    let operator = AnyOperator::from(trick);
    if places.len() == dimension { operator.into() } else { operator.embedded(places, dimension).into() }
}

#[napi(catch_unwind)]
pub fn correlated_top_k(elements: u32, k: u32) -> NativeTrick {
    let structure = CorrelatedTopK::new(elements as usize, k as usize);
    AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)).into()
}

/// In the layout of a matrix [head, modifier]. `bespoke`: with the relaxation of Perturb & Parse.
#[napi(catch_unwind)]
pub fn projective_tree(words: u32, bespoke: bool) -> NativeTrick {
    let structure = ProjectiveTree::new(words as usize);
    let (places, cells) = (structure.places(), (words as usize + 1).pow(2));
    let operator = if bespoke {
        AnyOperator::from(Trick::new(structure, PerturbAndParse))
    } else {
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    };
    operator.embedded(places, cells).into()
}
