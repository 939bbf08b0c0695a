//! Bad input is refused with the class of the error, the argument and the row, and before anything is computed.

use ndarray::{Array1, Array2};
use proptest::strategy::{Strategy, ValueTree};
use sst::{Error, Operator};

use crate::calls::view;
use crate::inputs::runner;
use crate::registry::REGISTRY;

/// Every method that reads utilities.
fn all_methods(operator: &dyn Operator, utility: &[f64]) -> Vec<Error> {
    let utility = view(operator, utility);
    let ones = Array2::ones(utility.dim());
    let mut out = Array2::zeros(utility.dim());
    let mut logs = Array1::zeros(utility.nrows());
    let results = [
        operator.argmax(utility, out.view_mut(), 1),
        operator.softmax(utility, 1.0, out.view_mut(), 1),
        operator.softmax(utility, 0.0, out.view_mut(), 1),
        operator.softmax_vjp(utility, 1.0, ones.view(), out.view_mut(), 1),
        operator.log_partition(utility, 1.0, logs.view_mut(), 1),
    ];
    assert!(out.iter().all(|&x| x == 0.0), "something was computed");
    results.into_iter().map(|result| result.expect_err("a bad row")).collect()
}

/// Some operators of every entry, with at least one coordinate.
fn for_some(check: impl Fn(&str, &dyn Operator)) {
    for entry in &REGISTRY {
        let (mut runner, strategy) = (runner(1), (entry.instances)());
        for _ in 0..30 {
            let instance = strategy.new_tree(&mut runner).expect("an instance").current();
            let operator = instance.operator();
            if operator.dimension() > 0 {
                check(&format!("{instance:?}"), &*operator);
            }
        }
    }
}

#[test]
fn a_row_that_is_not_of_numbers_is_named() {
    for_some(|label, operator| {
        let n = operator.dimension();
        for (rows, bad) in [(1, 0), (2, 1), (9, 4), (20, 19)] {
            for (value, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity")] {
                let mut utility = vec![0.5; rows * n];
                utility[bad * n + n / 2] = value;
                for error in all_methods(operator, &utility) {
                    assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(bad)), "{label}: {error}");
                    let said = format!("{name} at coordinate {}", n / 2);
                    assert!(
                        error.message.starts_with("utility: ") && error.to_string().contains(&said),
                        "{error}"
                    );
                    assert!(error.to_string().ends_with(&format!("(batch row {bad})")), "{error}");
                }
            }
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let (utility, mut cotangent) = (vec![0.5; rows * n], vec![0.5; rows * n]);
                cotangent[bad * n] = value;
                for temperature in [0.0, 1.0] {
                    let mut out = Array2::zeros((rows, n));
                    let (u, g) = (view(operator, &utility), view(operator, &cotangent));
                    let error =
                        operator.softmax_vjp(u, temperature, g, out.view_mut(), 1).expect_err("a bad row");
                    assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(bad)), "{label}: {error}");
                    assert!(error.message.starts_with("cotangent: "), "{error}");
                }
            }
        }
    });
}

/// Everything forbidden leaves a structure nothing, unless the empty set is one of its vertices.
#[test]
fn an_infeasible_row_is_named() {
    for entry in &REGISTRY {
        let (mut runner, strategy) = (runner(1), (entry.instances)());
        for _ in 0..30 {
            let instance = strategy.new_tree(&mut runner).expect("an instance").current();
            let operator = instance.operator();
            let n = operator.dimension();
            if instance.vertices().contains(&0) {
                continue;
            }
            for (rows, bad) in [(1, 0), (5, 3)] {
                let mut utility = vec![0.5; rows * n];
                utility[bad * n..(bad + 1) * n].fill(f64::NEG_INFINITY);
                for error in all_methods(&*operator, &utility) {
                    assert_eq!(
                        (error.kind.code(), error.row),
                        ("INFEASIBLE", Some(bad)),
                        "{instance:?}: {error}"
                    );
                    assert!(error.message.starts_with("utility: expected "), "{error}");
                }
            }
        }
    }
}

#[test]
fn temperatures_below_zero_or_without_end_are_refused() {
    for_some(|label, operator| {
        let utility = vec![0.5; operator.dimension()];
        let utility = view(operator, &utility);
        for t in [-1.0, -5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut out = Array2::zeros(utility.dim());
            let mut logs = Array1::zeros(1);
            for result in [
                operator.softmax(utility, t, out.view_mut(), 1),
                operator.softmax_vjp(utility, t, utility, out.view_mut(), 1),
                operator.log_partition(utility, t, logs.view_mut(), 1),
            ] {
                let error = result.expect_err("a bad temperature");
                assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", None), "{label}: {error}");
                assert!(
                    error.message.starts_with("temperature: expected a finite number >= 0, got "),
                    "{error}"
                );
            }
        }
    });
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    for_some(|label, operator| {
        let n = operator.dimension();
        let (right, wide, long) = (Array2::zeros((2, n)), Array2::zeros((2, n + 1)), Array2::zeros((3, n)));
        let transposed = Array2::<f64>::zeros((n, 2));
        let mut out = Array2::zeros((2, n));
        let mut results = vec![
            operator.argmax(wide.view(), out.view_mut(), 1),
            operator.argmax(right.view(), wide.clone().view_mut(), 1),
            operator.argmax(right.view(), long.clone().view_mut(), 1),
            operator.softmax(long.view(), 1.0, out.view_mut(), 1),
            operator.softmax_vjp(right.view(), 1.0, wide.view(), out.view_mut(), 1),
            operator.softmax_vjp(right.view(), 1.0, long.view(), out.view_mut(), 1),
            operator.log_partition(right.view(), 1.0, Array1::zeros(3).view_mut(), 1),
        ];
        if n > 1 {
            results.push(operator.softmax(transposed.t(), 1.0, out.view_mut(), 1));
        }
        for (index, result) in results.into_iter().enumerate() {
            let error = result.expect_err("shapes that do not fit");
            assert_eq!(error.kind.code(), "INVALID_SHAPE", "{label}, {index}: {error}");
        }
    });
}

/// A gradient or a log-partition function that no double can hold is refused, and names its row.
#[test]
fn results_beyond_doubles_are_refused() {
    for_some(|label, operator| {
        let n = operator.dimension();
        let mut out = Array2::zeros((2, n));
        let utility = [vec![0.0; n], vec![1e300; n]].concat();
        let cotangent =
            [vec![1.0; n], (0..n).map(|i| if i % 2 == 0 { f64::MAX } else { -f64::MAX }).collect()].concat();
        let (u, g) = (view(operator, &utility), view(operator, &cotangent));
        // Either it overflows or, where there is no choice to make, the gradient is 0.
        match operator.softmax_vjp(u, 1e-9, g, out.view_mut(), 1) {
            Ok(()) => assert!(out.iter().all(|x| x.is_finite()), "{label}: {out}"),
            Err(error) => {
                assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(1)), "{label}: {error}");
                assert!(error.message.starts_with("cotangent: expected "), "{error}");
            }
        }
        let mut logs = Array1::zeros(2);
        if let Err(error) = operator.log_partition(u, 1e-9, logs.view_mut(), 1) {
            assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(1)), "{label}: {error}");
            assert!(error.message.starts_with("utility: expected ") && error.message.len() < 100, "{error}");
        }
    });
}
