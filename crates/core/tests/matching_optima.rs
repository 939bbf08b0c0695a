//! Larger matchings: the best have the values that SciPy finds (see `references/matching_optima.py`), and the relaxed are
//! doubly stochastic and of the form `exp(u_ij / t - a_i - b_j)`, at any temperature.

#[path = "support/drawn.rs"]
mod drawn;

use std::fs;

use drawn::drawn;
use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use sst::relaxation::Sinkhorn;
use sst::structure::Matching;
use sst::utility::Noise;
use sst::{AnyOperator, Trick};

/// 20-bit numbers: the high bits of Knuth's MMIX generator.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 44) as u32
    }
}

fn utility(kind: &str, i: u32, j: u32, word: u32) -> f64 {
    match kind {
        "tied" => f64::from(word % 7),
        "product" => f64::from((i + 1) * (j + 1) + word % 16),
        "sparse" if !word.is_multiple_of(8) && i != j => f64::NEG_INFINITY,
        _ => f64::from(word),
    }
}

fn square(kind: &str, size: u32, seed: u64) -> Vec<f64> {
    let mut words = Words(seed);
    let cells = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    cells.map(|(i, j)| utility(kind, i, j, words.next())).collect()
}

fn integer(value: &Value) -> u64 {
    value.as_u64().expect("an integer")
}

fn trick(size: usize) -> AnyOperator {
    AnyOperator::from(Trick::new(Matching::new(size), Sinkhorn::default()))
}

#[test]
fn values_are_those_of_scipy() {
    let path = format!("{}/tests/references/matching_optima.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("valid JSON");
    for case in file.as_array().expect("a list") {
        let (kind, size) = (case["kind"].as_str().expect("a string"), integer(&case["size"]) as usize);
        let utility = square(kind, size as u32, integer(&case["seed"]));
        let mut hard = Array2::zeros((1, size * size));
        let view = ArrayView2::from_shape((1, size * size), &utility).expect("one row");
        trick(size).argmax(view, hard.view_mut(), 1).expect("a feasible row");
        let matrix = hard.into_shape_with_order((size, size)).expect("a square");
        assert!(matrix.iter().all(|&x| x == 0.0 || x == 1.0));
        assert!((0..size).all(|i| matrix.row(i).sum() == 1.0 && matrix.column(i).sum() == 1.0));
        let chosen = matrix.iter().zip(&utility).filter(|&(&x, _)| x == 1.0);
        let value: f64 = chosen.map(|(_, u)| u).sum();
        assert_eq!(value, integer(&case["value"]) as f64, "{case}");
    }
}

/// `log x_ij x_kl / (x_il x_kj) = (u_ij + u_kl - u_il - u_kj) / t`: of the doubly stochastic matrices only the optimum.
#[test]
fn larger_squares_are_scaled() {
    for n in [20, 60, 120] {
        let utility = drawn(Noise::Gumbel, 7, 1, n * n);
        let view = ArrayView2::from_shape((1, n * n), &utility).expect("one row");
        for t in [10.0, 1.0, 0.3, 0.1, 0.03, 0.01, 1e-3, 1e-5, 1e-300] {
            let mut soft = Array2::zeros((1, n * n));
            trick(n).softmax(view, t, soft.view_mut(), 1).expect("convergence");
            let matrix = soft.into_shape_with_order((n, n)).expect("a square");
            for i in 0..n {
                let (row, column) = (matrix.row(i).sum(), matrix.column(i).sum());
                assert!((row - 1.0).abs() <= 1e-13 && (column - 1.0).abs() <= 1e-13, "n = {n}, t = {t:e}");
            }
            for (i, k) in (0..n).flat_map(|i| (0..i).map(move |k| (i, k))) {
                for (j, l) in (1..n).map(|j| (j - 1, j)) {
                    let cells = [(i, j), (k, l), (i, l), (k, j)];
                    // Where each is well above the rounding errors of the sums.
                    if cells.iter().any(|&cell| matrix[cell] < 1e-4) {
                        continue;
                    }
                    let [a, b, c, d] = cells.map(|cell| matrix[cell].ln());
                    let [u, v, w, x] = cells.map(|(row, column)| utility[row * n + column]);
                    let off = ((a + b - c - d) - (u + v - w - x) / t).abs();
                    assert!(off <= 1e-11 + 1e-14 / t, "n = {n}, t = {t:e}: off by {off:e}");
                }
            }
        }
    }
}

/// A step too few is an error that says what was reached, and on which row.
#[test]
fn what_does_not_converge_is_named() {
    let hasty = AnyOperator::from(Trick::new(Matching::new(3), Sinkhorn::new(1e-13, 1)));
    let mut utility = vec![0.0; 18];
    utility[9..].copy_from_slice(&[0.3, 1.0, -0.5, 0.8, 0.2, 0.4, -0.2, 0.9, 0.6]);
    let view = ArrayView2::from_shape((2, 9), &utility).expect("two rows");
    let error =
        hasty.softmax(view, 0.5, Array2::zeros((2, 9)).view_mut(), 1).expect_err("one step is not enough");
    assert_eq!((error.kind.code(), error.row), ("DID_NOT_CONVERGE", Some(1)));
    assert!(error.message.contains("sums are off by 1."), "{error}");
}

/// Hall's theorem, in the message.
#[test]
fn rows_without_enough_columns_are_named() {
    const NO: f64 = f64::NEG_INFINITY;
    let utility = [0.0, NO, NO, 1.0, 2.0, 3.0, 4.0, NO, NO];
    let view = ArrayView2::from_shape((1, 9), &utility).expect("one row");
    let error = trick(3).argmax(view, Array2::zeros((1, 9)).view_mut(), 1).expect_err("no matching");
    assert_eq!(error.kind.code(), "INFEASIBLE");
    assert!(error.message.contains("rows 0, 2 together have no more than 1 column"), "{error}");
}

/// Utilities that no sum of doubles holds, at a temperature that tells their last digits apart.
#[test]
fn utilities_from_end_to_end_of_the_doubles() {
    let rows: [&[f64]; 3] = [
        &[0.9347375594079494, -1.8742315541021526, 0.715052523650229, -1.7e308],
        &[1e300, 0.0, 0.598, 4294967296.0, -1.7e308, 1.594, 9007199254740992.0, -5e-324, -1.42],
        &[0.0, 3.0, -0.8529058769345284, 1.7e308],
    ];
    for utility in rows {
        let size = utility.len().isqrt();
        for tolerance in [1e-13, 1.0] {
            let operator = AnyOperator::from(Trick::new(Matching::new(size), Sinkhorn::new(tolerance, 100)));
            for temperature in [1e-300, 1e-30, 5e-324, 1.0, 1e308] {
                for scale in [1.0, -1.0] {
                    let utility: Vec<f64> = utility.iter().map(|u| u * scale).collect();
                    let view = ArrayView2::from_shape((1, utility.len()), &utility).expect("a row");
                    let mut soft = Array2::zeros(view.dim());
                    match operator.softmax(view, temperature, soft.view_mut(), 1) {
                        Ok(()) => assert!(soft.iter().all(|x| (0.0..=1.0).contains(x)), "{soft}"),
                        Err(error) => panic!("{utility:?} at {temperature:e}: {error}"),
                    }
                }
            }
        }
    }
}
