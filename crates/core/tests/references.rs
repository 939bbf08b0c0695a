//! Every relaxation against 60-digit references (see `references/README.md`), at every temperature.

use std::fs;

use ndarray::{Array1, Array2, ArrayView2};
use serde_json::Value;
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort,
    PerturbAndParse, Relaxation, Sinkhorn, SoftSub, SparseMap,
};
use sst::structure::{
    Arborescence, CorrelatedTopK, Derivations, Matching, OneHot, Permutahedron, ProjectiveTree, Ranking,
    SpanningTree, Subset, TopK, WithReplacement,
};
use sst::{AnyOperator, Trick};

const TOLERANCE: f64 = 2e-14;
/// SoftSub divides a rounding error by the temperature in every round, as it does any change of a utility.
const SOFTSUB_TOLERANCE: f64 = 1e-12;

fn cases(structure: &str) -> Vec<Value> {
    let path = format!("{}/tests/references/{structure}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the reference file");
    let file: Value = serde_json::from_str(&text).expect("valid JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|x| x.as_f64().unwrap_or(f64::NEG_INFINITY)).collect()
}

fn integer(value: &Value) -> usize {
    value.as_u64().expect("an integer") as usize
}

fn check(structure: &str, build: impl Fn(&Value) -> AnyOperator) {
    check_those(structure, TOLERANCE, |_| true, build);
}

fn check_those(
    structure: &str,
    tolerance: f64,
    which: impl Fn(&Value) -> bool,
    build: impl Fn(&Value) -> AnyOperator,
) {
    let mut failures = Vec::new();
    let (mut worst_soft, mut worst_vjp) = (0.0_f64, 0.0_f64);
    for case in cases(structure).iter().filter(|case| which(case)) {
        let operator = build(case);
        let temperature = case["temperature"].as_f64().expect("a number");
        let (utility, cotangent) = (numbers(&case["utility"]), numbers(&case["cotangent"]));
        let (width, n) = (utility.len(), cotangent.len());
        let label = format!("{} (n = {n}, t = {temperature:e})", case["name"]);
        // Alone, and as the odd one of a batch that runs in lanes.
        for rows in [1, 5] {
            let utilities = repeated(&utility, rows);
            let mut soft = Array2::zeros((rows, operator.dimension()));
            let mut vjp = Array2::zeros((rows, width));
            let mut logs = Array1::zeros(rows);
            operator.softmax(utilities.view(), temperature, soft.view_mut(), 1).expect(&label);
            operator
                .softmax_vjp(
                    utilities.view(),
                    temperature,
                    repeated(&cotangent, rows).view(),
                    vjp.view_mut(),
                    1,
                )
                .expect(&label);
            let soft_error = worst(soft.view(), &numbers(&case["softmax"]));
            let scale = cotangent.iter().fold(1.0_f64, |a, g| a.max(g.abs())) / temperature;
            let vjp_error = worst(vjp.view(), &numbers(&case["vjp"])) / scale;
            (worst_soft, worst_vjp) = (worst_soft.max(soft_error), worst_vjp.max(vjp_error));
            if !(soft_error <= tolerance && vjp_error <= tolerance) {
                failures.push(format!("{label}: marginals off by {soft_error:e}, VJP by {vjp_error:e} / t"));
            }
            let Some(family) = operator.as_family() else { continue };
            let result = family.log_partition(utilities.view(), temperature, logs.view_mut(), 1);
            let relative = |log: f64, expected: f64| (log - expected).abs() / expected.abs().max(1.0);
            match case["logPartition"].as_f64() {
                Some(expected) if result.is_ok() && relative(logs[0], expected) <= TOLERANCE => {}
                None if result.is_err() => {}
                expected => {
                    failures.push(format!("{label}: log Z is {} ({result:?}), not {expected:?}", logs[0]))
                }
            }
        }
    }
    println!("{structure}: marginals within {worst_soft:e}, VJPs within {worst_vjp:e} / t");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

fn repeated(row: &[f64], rows: usize) -> Array2<f64> {
    ArrayView2::from_shape((1, row.len()), row)
        .expect("one row")
        .broadcast((rows, row.len()))
        .expect("rows")
        .to_owned()
}

fn worst(got: ArrayView2<f64>, expected: &[f64]) -> f64 {
    got.rows().into_iter().flatten().zip(expected.iter().cycle()).fold(0.0, |worst, (a, b)| {
        let error = if a == b { 0.0 } else { (a - b).abs() };
        if error > worst || error.is_nan() { error } else { worst }
    })
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

fn spanning_tree_of(case: &Value) -> SpanningTree {
    let vertices = integer(&case["vertices"]);
    match case["edges"].as_array() {
        None => SpanningTree::complete(vertices),
        Some(edges) => {
            let pair = |edge: &Value| (integer(&edge[0]) as u32, integer(&edge[1]) as u32);
            SpanningTree::with_edges(vertices, edges.iter().map(pair))
        }
    }
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
        let (vertices, any_root) = (integer(&case["vertices"]), case["root"].is_null());
        let root = if any_root { 0 } else { integer(&case["root"]) };
        let single_root_child = case["singleRootChild"].as_bool().expect("true or false");
        let pair = |edge: &Value| (integer(&edge[0]) as u32, integer(&edge[1]) as u32);
        let structure = match (case["edges"].as_array(), any_root) {
            (None, false) => Arborescence::complete(vertices, root, single_root_child),
            (Some(edges), false) => {
                Arborescence::with_edges(vertices, root, single_root_child, edges.iter().map(pair))
            }
            (None, true) => Arborescence::complete_with_any_root(vertices),
            (Some(edges), true) => Arborescence::with_any_root(vertices, edges.iter().map(pair)),
        };
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
