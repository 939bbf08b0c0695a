//! Maximum spanning trees of larger graphs have the values that SciPy finds (see `references/spanning_tree_optima.py`).

use std::fs;

use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::SpanningTree;
use sst::{AnyOperator, Trick};

/// All pairs i < j, or a square grid.
fn structure(kind: &str, vertices: u32) -> SpanningTree {
    if kind == "complete" {
        return SpanningTree::complete(vertices as usize);
    }
    let side = vertices.isqrt();
    let right = (0..vertices).filter(|v| v % side < side - 1).map(|v| (v, v + 1));
    let down = (0..vertices - side).map(|v| (v, v + side));
    SpanningTree::with_edges(vertices as usize, right.chain(down))
}

/// From 1 to 2^20: the high bits of Knuth's MMIX generator.
fn utilities(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 44) as f64 + 1.0
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn values_are_those_of_scipy() {
    let path = format!("{}/tests/references/spanning_tree_optima.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("valid JSON");
    let cases = file["cases"].as_array().expect("a list of cases");
    assert!(cases.len() >= 12);
    for case in cases {
        let integer = |key: &str| case[key].as_u64().expect("an integer");
        let (kind, vertices) = (case["kind"].as_str().expect("a string"), integer("vertices") as u32);
        let operator = AnyOperator::from(Trick::new(structure(kind, vertices), ExponentialFamilyEntropy));
        let utility = utilities(integer("seed"), operator.dimension());
        let mut hard = Array2::zeros((1, utility.len()));
        let view = ArrayView2::from_shape((1, utility.len()), &utility).expect("one row");
        operator.argmax(view, hard.view_mut(), 1).expect("a feasible row");
        let value: f64 = hard.iter().zip(&utility).map(|(x, u)| x * u).sum();
        // Sums of integers of 20 bits are exact.
        assert_eq!(value, integer("value") as f64, "{case}");
        assert_eq!(hard.sum(), f64::from(vertices - 1), "{case}");
    }
}
