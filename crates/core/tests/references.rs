//! Every relaxation against 60-digit references (see `references/README.md`), at every temperature.

#[path = "support/references.rs"]
mod cases;

use cases::*;
use serde_json::Value;
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort,
    PerturbAndParse, Relaxation, Sinkhorn, SoftSub, SparseMap,
};
use sst::structure::{
    CorrelatedTopK, Derivations, Matching, OneHot, Permutahedron, ProjectiveTree, Ranking, Subset, TopK,
    WithReplacement,
};
use sst::{AnyOperator, Trick};

/// SoftSub divides a rounding error by the temperature in every round, as it does any change of a utility.
const SOFTSUB_TOLERANCE: f64 = 1e-12;

fn check(structure: &str, build: impl Fn(&Value) -> AnyOperator) {
    check_those(structure, TOLERANCE, |_| true, build);
}

#[test]
fn one_hot() {
    check("one_hot", |case| {
        AnyOperator::from(Trick::new(OneHot::new(integer(&case["categories"])), ExponentialFamilyEntropy))
    });
}

#[test]
fn subset() {
    check("subset", |case| {
        AnyOperator::from(Trick::new(Subset::new(integer(&case["elements"])), BinaryEntropy))
    });
}

#[test]
fn top_k() {
    check("top_k", |case| {
        let structure = TopK::new(integer(&case["elements"]), integer(&case["k"]));
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

/// k-subsets, and where k is 1 the one-hot vectors too.
fn check_hypersimplex<R>(file: &str, tolerance: f64, relaxation: R)
where
    R: Relaxation<TopK> + Relaxation<OneHot>,
    AnyOperator: From<Trick<TopK, R>> + From<Trick<OneHot, R>>,
{
    check_hypersimplex_by(file, tolerance, |_| relaxation.clone());
}

fn check_hypersimplex_by<R>(file: &str, tolerance: f64, relaxation: impl Fn(&Value) -> R)
where
    R: Relaxation<TopK> + Relaxation<OneHot>,
    AnyOperator: From<Trick<TopK, R>> + From<Trick<OneHot, R>>,
{
    let subsets = |case: &Value| {
        let structure = TopK::new(integer(&case["elements"]), integer(&case["k"]));
        AnyOperator::from(Trick::new(structure, relaxation(case)))
    };
    check_those(file, tolerance, |_| true, subsets);
    let choices = |case: &Value| {
        let structure = OneHot::new(integer(&case["elements"]));
        AnyOperator::from(Trick::new(structure, relaxation(case)))
    };
    check_those(file, tolerance, |case| integer(&case["k"]) == 1, choices);
}

#[test]
fn top_k_euclidean() {
    check_hypersimplex("top_k_euclidean", TOLERANCE, Euclidean);
}

#[test]
fn top_k_categorical_entropy() {
    check_hypersimplex("top_k_categorical_entropy", TOLERANCE, CategoricalEntropy);
}

#[test]
fn top_k_binary_entropy() {
    check_hypersimplex("top_k_binary_entropy", TOLERANCE, BinaryEntropy);
}

#[test]
fn top_k_entmax() {
    let alpha = |case: &Value| case["alpha"].as_f64().expect("a number");
    check_hypersimplex_by("top_k_entmax", TOLERANCE, |case| Entmax::new(alpha(case)));
}

#[test]
fn top_k_softsub() {
    check_hypersimplex("top_k_softsub", SOFTSUB_TOLERANCE, SoftSub);
}

#[test]
fn top_k_l2x() {
    check("top_k_l2x", |case| {
        let structure = WithReplacement::new(integer(&case["elements"]), integer(&case["k"]));
        AnyOperator::from(Trick::new(structure, L2x))
    });
}

#[test]
fn spanning_tree() {
    check("spanning_tree", |case| {
        AnyOperator::from(Trick::new(spanning_tree_of(case), ExponentialFamilyEntropy))
    });
}

#[test]
fn sparse_map() {
    check("sparse_map", |case| {
        let size = |key: &str| integer(&case[key]);
        match case["structure"].as_str() {
            Some("one_hot") => AnyOperator::from(Trick::new(OneHot::new(size("categories")), SparseMap)),
            Some("subset") => AnyOperator::from(Trick::new(Subset::new(size("elements")), SparseMap)),
            Some("top_k") => AnyOperator::from(Trick::new(TopK::new(size("elements"), size("k")), SparseMap)),
            Some("spanning_tree") => AnyOperator::from(Trick::new(spanning_tree_of(case), SparseMap)),
            other => panic!("an unknown structure {other:?}"),
        }
    });
}

#[test]
fn matching() {
    check("matching", |case| {
        AnyOperator::from(Trick::new(Matching::new(integer(&case["size"])), Sinkhorn::default()))
    });
}

#[test]
fn matching_exponential_family() {
    check("matching_exponential_family", |case| {
        let (rows, columns) = (integer(&case["rows"]), integer(&case["columns"]));
        let structure = match case["partial"].as_bool() {
            Some(true) => Matching::partial(rows, columns),
            _ => Matching::rectangular(rows, columns),
        };
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

#[test]
fn neural_sort() {
    check("neural_sort", |case| {
        AnyOperator::from(Trick::new(Ranking::new(integer(&case["elements"])), NeuralSort))
    });
}

fn permutahedron_of(case: &Value) -> Permutahedron {
    match case["weights"].as_array() {
        None => Permutahedron::ranks(integer(&case["elements"])),
        Some(_) => Permutahedron::with_weights(numbers(&case["weights"])),
    }
}

#[test]
fn permutahedron_euclidean() {
    check("permutahedron_euclidean", |case| AnyOperator::from(Trick::new(permutahedron_of(case), Euclidean)));
}

#[test]
fn permutahedron_categorical_entropy() {
    check("permutahedron_categorical_entropy", |case| {
        AnyOperator::from(Trick::new(permutahedron_of(case), CategoricalEntropy))
    });
}

#[test]
fn arborescence() {
    check("arborescence", |case| {
        let structure = arborescence_of(case);
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

#[test]
fn correlated_top_k() {
    check("correlated_top_k", |case| {
        let structure = CorrelatedTopK::new(integer(&case["elements"]), integer(&case["k"]));
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

#[test]
fn derivations() {
    check("derivations", |case| {
        let size = |key: &str| integer(&case[key]);
        let list = |key: &str| numbers(&case[key]).iter().map(|&x| x as u32).collect::<Vec<u32>>();
        let structure = match case["structure"].as_str() {
            Some("linear_chain") => Derivations::linear_chain(size("length"), size("states")),
            Some("alignment") => Derivations::alignment(size("rows"), size("columns"), size("band")),
            Some("segmentation") => {
                Derivations::segmentation(size("length"), size("labels"), size("longest"))
            }
            Some("binary_tree") => Derivations::binary_tree(size("leaves"), size("labels")),
            Some("monotone_alignment") => Derivations::monotone_alignment(size("rows"), size("columns")),
            Some("ctc") => {
                Derivations::ctc(size("frames"), size("classes"), &list("spelling"), size("blank") as u32)
            }
            Some("knapsack") => Derivations::knapsack(&list("weights"), &list("groups"), size("capacity")),
            Some("non_crossing_pairs") => Derivations::non_crossing_pairs(size("length"), size("hairpin")),
            other => panic!("an unknown structure {other:?}"),
        };
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

#[test]
fn projective_tree() {
    check("projective_tree", |case| {
        let structure = ProjectiveTree::new(integer(&case["words"]));
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    });
}

#[test]
fn perturb_and_parse() {
    check("perturb_and_parse", |case| {
        let structure = ProjectiveTree::new(integer(&case["words"]));
        AnyOperator::from(Trick::new(structure, PerturbAndParse))
    });
}
