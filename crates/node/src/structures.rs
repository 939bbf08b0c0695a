//! One constructor a structure. Options are validated in TypeScript.

use napi_derive::napi;
use sst::k_best::{KBest, Ranker};
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort,
    PerturbAndParse, SinglePrecision, Sinkhorn, SoftSub, SparseMap,
};
use sst::structure::{
    Arborescence, ArgmaxOracle, CorrelatedTopK, ExponentialFamily, Hypersimplex, IndependentEdges, Matching,
    OneHot, Permutahedron, ProjectiveTree, Ranking, SpanningTree, Subset, TopK, WithReplacement,
};
use sst::trace::Tracer;
use sst::{AnyOperator, Trick};

use crate::trick::NativeTrick;
use crate::{Result, refuse};

/// The name of the relaxation that every structure has.
const SPARSE_MAP: &str = "sparsemap";
/// That of the exponential family on floats.
const SINGLE_PRECISION: &str = "single-precision";

/// `alpha`: of "entmax", above 1 and at most 2; of others it may be anything.
#[napi(catch_unwind)]
pub fn one_hot(categories: u32, relaxation: String, alpha: f64) -> Result<NativeTrick> {
    let structure = OneHot::new(categories as usize);
    Ok(hypersimplex(structure.clone(), &relaxation, alpha)?.traced(Tracer::new(structure)).into())
}

#[napi(catch_unwind)]
pub fn subset(elements: u32, relaxation: String) -> NativeTrick {
    let structure = Subset::new(elements as usize);
    let ranker = Ranker::new(structure.clone());
    match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        _ => AnyOperator::from(Trick::new(structure, BinaryEntropy)),
    }
    .ranked(ranker)
    .into()
}

/// `edges`: the two vertices of each, one after the other, of the coordinates at `places` of rows of `dimension` numbers.
#[napi(catch_unwind)]
pub fn independent_edges(
    vertices: u32,
    directed: bool,
    edges: &[u32],
    places: &[u32],
    dimension: u32,
    relaxation: String,
) -> NativeTrick {
    let edges = edges.chunks_exact(2).map(|ends| (ends[0], ends[1]));
    let structure = IndependentEdges::new(vertices as usize, directed, edges);
    let ranker = Ranker::new(structure.clone());
    let operator = match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        _ => AnyOperator::from(Trick::new(structure, BinaryEntropy)),
    };
    let operator = operator.ranked(ranker);
    let places: Vec<usize> = places.iter().map(|&place| place as usize).collect();
    if places.len() == dimension as usize {
        operator.into()
    } else {
        operator.embedded(places, dimension as usize).into()
    }
}

/// `alpha`: as of [`one_hot`].
#[napi(catch_unwind)]
pub fn top_k(elements: u32, k: u32, at_most: bool, relaxation: String, alpha: f64) -> Result<NativeTrick> {
    let (elements, k) = (elements as usize, k as usize);
    if relaxation == "l2x" {
        return Ok(AnyOperator::from(Trick::new(WithReplacement::new(elements, k), L2x)).into());
    }
    let structure = TopK::new(elements, k);
    let structure = if at_most { structure.at_most() } else { structure };
    Ok(hypersimplex(structure.clone(), &relaxation, alpha)?.traced(Tracer::new(structure)).into())
}

fn hypersimplex<S: Hypersimplex + ArgmaxOracle + ExponentialFamily + KBest>(
    structure: S,
    relaxation: &str,
    alpha: f64,
) -> Result<AnyOperator>
where
    AnyOperator: From<Trick<S, ExponentialFamilyEntropy>>
        + From<Trick<S, Euclidean>>
        + From<Trick<S, CategoricalEntropy>>
        + From<Trick<S, BinaryEntropy>>
        + From<Trick<S, Entmax>>
        + From<Trick<S, SoftSub>>
        + From<Trick<S, SparseMap>>,
{
    let ranker = Ranker::new(structure.clone());
    let operator = match relaxation {
        "exponential-family" => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
        "euclidean" => AnyOperator::from(Trick::new(structure, Euclidean)),
        "categorical-entropy" => AnyOperator::from(Trick::new(structure, CategoricalEntropy)),
        "binary-entropy" => AnyOperator::from(Trick::new(structure, BinaryEntropy)),
        "entmax" => AnyOperator::from(Trick::new(structure, Entmax::new(alpha))),
        "softsub" => AnyOperator::from(Trick::new(structure, SoftSub)),
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        _ => return Err(refuse("INVALID_ARGUMENT", format!("relaxation: none is named {relaxation}"))),
    };
    Ok(operator.ranked(ranker))
}

/// `edges`: the endpoints one after the other; none for the complete graph.
#[napi(catch_unwind)]
pub fn spanning_tree(vertices: u32, edges: Option<&[u32]>, relaxation: String) -> NativeTrick {
    let structure = match edges {
        None => SpanningTree::complete(vertices as usize),
        Some(ends) => {
            let edges = ends.chunks_exact(2).map(|ends| (ends[0], ends[1]));
            SpanningTree::with_edges(vertices as usize, edges)
        }
    };
    let (tracer, ranker) = (Tracer::new(structure.clone()), Ranker::new(structure.clone()));
    let operator = match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        SINGLE_PRECISION => AnyOperator::from(Trick::new(structure, SinglePrecision)),
        _ => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
    };
    operator.traced(tracer).ranked(ranker).into()
}

/// `kind`: "square", "rectangular" or "partial". `capacities`: one for each column, at least 1, for all rows together enough;
/// none for a column that has at most one row, and none of "exponential-family".
#[napi(catch_unwind)]
pub fn matching(
    rows: u32,
    columns: u32,
    kind: String,
    capacities: Option<&[u32]>,
    tolerance: f64,
    most_iterations: u32,
    relaxation: String,
) -> NativeTrick {
    let partial = kind == "partial";
    let structure = match capacities {
        Some(capacities) => Matching::with_capacities(rows as usize, capacities, partial),
        None if partial => Matching::partial(rows as usize, columns as usize),
        None if kind == "rectangular" => Matching::rectangular(rows as usize, columns as usize),
        None => Matching::new(rows as usize),
    };
    let ranker = Ranker::new(structure.clone());
    match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        "exponential-family" => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
        _ => AnyOperator::from(Trick::new(structure, Sinkhorn::new(tolerance, most_iterations as usize))),
    }
    .ranked(ranker)
    .into()
}

#[napi(catch_unwind)]
pub fn neural_sort(elements: u32) -> NativeTrick {
    AnyOperator::from(Trick::new(Ranking::new(elements as usize), NeuralSort)).into()
}

/// `weights`: moderate ones that do not increase; none for ranks. `relaxation`: "euclidean", or of weights that are not negative
/// "categorical-entropy".
#[napi(catch_unwind)]
pub fn permutahedron(elements: u32, weights: Option<&[f64]>, relaxation: String) -> NativeTrick {
    let structure = match weights {
        None => Permutahedron::ranks(elements as usize),
        Some(weights) => Permutahedron::with_weights(weights.to_vec()),
    };
    match relaxation.as_str() {
        "categorical-entropy" => AnyOperator::from(Trick::new(structure, CategoricalEntropy)),
        _ => AnyOperator::from(Trick::new(structure, Euclidean)),
    }
    .into()
}

/// `edges`: head and modifier one after the other; none for the complete graph in rows of a head-by-modifier matrix. What
/// enters the root is in no arborescence, and so no edge of the structure. `root`: none for any, where a vertex is its own
/// head if it is the root.
#[napi(catch_unwind)]
pub fn arborescence(
    vertices: u32,
    root: Option<u32>,
    single_root_child: bool,
    edges: Option<&[u32]>,
    relaxation: String,
) -> NativeTrick {
    let n = vertices as usize;
    let pairs = |ends: &[u32]| ends.chunks_exact(2).map(|ends| (ends[0], ends[1])).collect::<Vec<_>>();
    let Some(root) = root.map(|root| root as usize) else {
        let structure = match edges {
            None => Arborescence::complete_with_any_root(n),
            Some(ends) => Arborescence::with_any_root(n, pairs(ends)),
        };
        return ranked_arborescence(structure, &relaxation).into();
    };
    let (edges, places, dimension): (Vec<_>, Vec<_>, usize) = match edges {
        None => {
            let edges: Vec<_> = Arborescence::complete_edges(n, root).collect();
            let places =
                edges.iter().map(|&(head, modifier)| head as usize * n + modifier as usize).collect();
            (edges, places, n * n)
        }
        Some(ends) => {
            let all = pairs(ends).into_iter().enumerate();
            let (places, edges) = all.filter(|&(_, (_, modifier))| modifier as usize != root).unzip();
            (edges, places, ends.len() / 2)
        }
    };
    let structure = Arborescence::with_edges(n, root, single_root_child, edges);
    let tracer = Tracer::new(structure.clone());
    let operator = ranked_arborescence(structure, &relaxation);
    // With a single child, the root's edges do not race with the others.
    let operator = if single_root_child { operator } else { operator.traced(tracer) };
    if places.len() == dimension { operator.into() } else { operator.embedded(places, dimension).into() }
}

fn ranked_arborescence(structure: Arborescence, relaxation: &str) -> AnyOperator {
    let ranker = Ranker::new(structure.clone());
    match relaxation {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        SINGLE_PRECISION => AnyOperator::from(Trick::new(structure, SinglePrecision)),
        _ => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
    }
    .ranked(ranker)
}

#[napi(catch_unwind)]
pub fn correlated_top_k(elements: u32, k: u32, at_most: bool, relaxation: String) -> NativeTrick {
    let structure = CorrelatedTopK::new(elements as usize, k as usize);
    let structure = if at_most { structure.at_most() } else { structure };
    match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        _ => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
    }
    .into()
}

/// In the layout of a matrix [head, modifier].
#[napi(catch_unwind)]
pub fn projective_tree(words: u32, single_root_child: bool, relaxation: String) -> NativeTrick {
    let structure = if single_root_child {
        ProjectiveTree::with_single_root_child(words as usize)
    } else {
        ProjectiveTree::new(words as usize)
    };
    let (places, cells) = (structure.places(), (words as usize + 1).pow(2));
    let ranker = Ranker::new(structure.clone());
    let operator = match relaxation.as_str() {
        SPARSE_MAP => AnyOperator::from(Trick::new(structure, SparseMap)),
        "perturb-and-parse" => AnyOperator::from(Trick::new(structure, PerturbAndParse)),
        _ => AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)),
    };
    operator.ranked(ranker).embedded(places, cells).into()
}

/// Coordinates of a structure that is known elsewhere: random utilities alone.
#[napi(catch_unwind)]
pub fn coordinates(dimension: u32) -> NativeTrick {
    AnyOperator::plain(dimension as usize).into()
}
