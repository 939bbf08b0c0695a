//! Cases of 60-digit references (see `references/README.md`), and how far an operator is from them.

use std::fs;

use ndarray::{Array1, Array2, ArrayView2};
use serde_json::Value;
use sst::AnyOperator;
use sst::structure::{Arborescence, SpanningTree};

/// Of the log-partition function, relative.
pub(crate) const TOLERANCE: f64 = 2e-14;

pub(crate) fn cases(structure: &str) -> Vec<Value> {
    let path = format!("{}/tests/references/{structure}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the reference file");
    let file: Value = serde_json::from_str(&text).expect("valid JSON");
    file["cases"].as_array().expect("a list of cases").clone()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().expect("a list");
    list.iter().map(|x| x.as_f64().unwrap_or(f64::NEG_INFINITY)).collect()
}

pub(crate) fn integer(value: &Value) -> usize {
    value.as_u64().expect("an integer") as usize
}

pub(crate) fn check_those(
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

pub(crate) fn spanning_tree_of(case: &Value) -> SpanningTree {
    let vertices = integer(&case["vertices"]);
    match case["edges"].as_array() {
        None => SpanningTree::complete(vertices),
        Some(edges) => {
            let pair = |edge: &Value| (integer(&edge[0]) as u32, integer(&edge[1]) as u32);
            SpanningTree::with_edges(vertices, edges.iter().map(pair))
        }
    }
}

pub(crate) fn arborescence_of(case: &Value) -> Arborescence {
    let (vertices, any_root) = (integer(&case["vertices"]), case["root"].is_null());
    let root = if any_root { 0 } else { integer(&case["root"]) };
    let single_root_child = case["singleRootChild"].as_bool().expect("true or false");
    let pair = |edge: &Value| (integer(&edge[0]) as u32, integer(&edge[1]) as u32);
    match (case["edges"].as_array(), any_root) {
        (None, false) => Arborescence::complete(vertices, root, single_root_child),
        (Some(edges), false) => {
            Arborescence::with_edges(vertices, root, single_root_child, edges.iter().map(pair))
        }
        (None, true) => Arborescence::complete_with_any_root(vertices),
        (Some(edges), true) => Arborescence::with_any_root(vertices, edges.iter().map(pair)),
    }
}
