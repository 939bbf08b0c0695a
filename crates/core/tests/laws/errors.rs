//! Bad input is refused with the class of the error, the argument and the row, and before anything is computed.

use ndarray::{Array1, Array2};
use proptest::strategy::{Strategy, ValueTree};
use sst::{AnyOperator, Error};

use crate::calls::view;
use crate::inputs::{enumeration, runner};
use crate::registry::REGISTRY;

/// Every method that reads utilities.
fn all_methods(operator: &AnyOperator, utility: &[f64]) -> Vec<Error> {
    let utility = view(operator.utility_dimension(), utility);
    let ones = Array2::ones((utility.nrows(), operator.dimension()));
    let mut out = Array2::zeros(ones.dim());
    let mut gradient = Array2::zeros(utility.dim());
    let mut logs = Array1::zeros(utility.nrows());
    let mut results = vec![
        operator.argmax(utility, out.view_mut(), 1),
        operator.softmax(utility, 1.0, out.view_mut(), 1),
        operator.softmax(utility, 0.0, out.view_mut(), 1),
        operator.softmax_vjp(utility, 1.0, ones.view(), gradient.view_mut(), 1),
    ];
    results.extend(operator.as_family().map(|family| family.log_partition(utility, 1.0, logs.view_mut(), 1)));
    assert!(out.iter().chain(&gradient).chain(&logs).all(|&x| x == 0.0), "something was computed");
    results.into_iter().map(|result| result.expect_err("a bad row")).collect()
}

/// Some operators of every entry, with at least one coordinate.
fn for_some(check: impl Fn(&str, &AnyOperator)) {
    for entry in REGISTRY {
        let (mut runner, strategy) = (runner(1), (entry.instances)());
        for _ in 0..30 {
            let instance = strategy.new_tree(&mut runner).expect("an instance").current();
            let operator = instance.operator();
            if operator.dimension() > 0 {
                check(&format!("{instance:?}"), &operator);
            }
        }
    }
}

#[test]
fn a_row_that_is_not_of_numbers_is_named() {
    for_some(|label, operator| {
        let (n, dimension) = (operator.utility_dimension(), operator.dimension());
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
                let (utility, mut cotangent) = (vec![0.5; rows * n], vec![0.5; rows * dimension]);
                cotangent[bad * dimension] = value;
                for temperature in [0.0, 1.0] {
                    let mut out = Array2::zeros((rows, n));
                    let (u, g) = (view(n, &utility), view(dimension, &cotangent));
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
    for entry in REGISTRY.iter().filter(|entry| entry.forbids) {
        let (mut runner, strategy) = (runner(1), (entry.instances)());
        for _ in 0..30 {
            let instance = strategy.new_tree(&mut runner).expect("an instance").current();
            let operator = instance.operator();
            let n = operator.utility_dimension();
            if instance.vertices().contains(&0) {
                continue;
            }
            for (rows, bad) in [(1, 0), (5, 3)] {
                let mut utility = vec![0.5; rows * n];
                utility[bad * n..(bad + 1) * n].fill(f64::NEG_INFINITY);
                for error in all_methods(&operator, &utility) {
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

/// A row is refused exactly if every vertex has a forbidden coordinate.
#[test]
fn a_row_is_infeasible_if_all_vertices_are_forbidden() {
    for entry in REGISTRY.iter().filter(|entry| entry.forbids) {
        let (mut runner, strategy) = (runner(1), (entry.instances)());
        let (mut feasible, mut infeasible) = (0, 0);
        for number in 1..=1500_u32 {
            let instance = strategy.new_tree(&mut runner).expect("an instance").current();
            let (operator, oracle) = (instance.operator(), enumeration(&*instance));
            // Bits of a hash, of which one in two, or three in four, forbid.
            let hash = number.wrapping_mul(0x9e37_79b9);
            let forbidden = if number % 2 == 0 { hash } else { hash | hash.rotate_left(13) };
            let cell = |i: usize| if forbidden >> (i % 32) & 1 == 1 { f64::NEG_INFINITY } else { 0.5 };
            let utility: Vec<f64> = (0..operator.utility_dimension()).map(cell).collect();
            let expected = !oracle.allowed(&utility).is_empty();
            let checked = operator.check(view(utility.len(), &utility));
            assert_eq!(checked.is_ok(), expected, "{instance:?}, {utility:?}: {checked:?}");
            if expected { feasible += 1 } else { infeasible += 1 }
        }
        assert!(feasible > 50, "{}: {feasible} feasible, {infeasible} infeasible rows", entry.name);
    }
}

#[test]
fn temperatures_below_zero_or_without_end_are_refused() {
    for_some(|label, operator| {
        let (utility, cotangent) = (vec![0.5; operator.utility_dimension()], vec![0.5; operator.dimension()]);
        let (utility, cotangent) = (view(utility.len(), &utility), view(cotangent.len(), &cotangent));
        for t in [-1.0, -5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (mut out, mut gradient) = (Array2::zeros(cotangent.dim()), Array2::zeros(utility.dim()));
            let mut logs = Array1::zeros(1);
            let family = operator.as_family();
            let results = [
                operator.softmax(utility, t, out.view_mut(), 1),
                operator.softmax_vjp(utility, t, cotangent, gradient.view_mut(), 1),
            ];
            for result in results
                .into_iter()
                .chain(family.map(|family| family.log_partition(utility, t, logs.view_mut(), 1)))
            {
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
        let (n, dimension) = (operator.utility_dimension(), operator.dimension());
        let zeros = |rows: usize, width: usize| Array2::<f64>::zeros((rows, width));
        let (right, wide, long) = (zeros(2, n), zeros(2, n + 1), zeros(3, n));
        let (g, wide_g, long_g) = (zeros(2, dimension), zeros(2, dimension + 1), zeros(3, dimension));
        let transposed = zeros(n, 2);
        let (mut out, mut gradient) = (zeros(2, dimension), zeros(2, n));
        let mut results = vec![
            operator.argmax(wide.view(), out.view_mut(), 1),
            operator.argmax(right.view(), wide_g.clone().view_mut(), 1),
            operator.argmax(right.view(), long_g.clone().view_mut(), 1),
            operator.softmax(long.view(), 1.0, out.view_mut(), 1),
            operator.softmax_vjp(right.view(), 1.0, wide_g.view(), gradient.view_mut(), 1),
            operator.softmax_vjp(right.view(), 1.0, long_g.view(), gradient.view_mut(), 1),
            operator.softmax_vjp(right.view(), 1.0, g.view(), wide.clone().view_mut(), 1),
        ];
        let mut logs = Array1::zeros(3);
        let family = operator.as_family();
        results.extend(family.map(|family| family.log_partition(right.view(), 1.0, logs.view_mut(), 1)));
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
        let (n, dimension) = (operator.utility_dimension(), operator.dimension());
        let mut out = Array2::zeros((2, n));
        let utility = [vec![0.0; n], vec![1e300; n]].concat();
        let cotangent = [
            vec![1.0; dimension],
            (0..dimension).map(|i| if i % 2 == 0 { f64::MAX } else { -f64::MAX }).collect(),
        ]
        .concat();
        let (u, g) = (view(n, &utility), view(dimension, &cotangent));
        // Either it overflows or, where there is no choice to make, the gradient is 0.
        match operator.softmax_vjp(u, 1e-9, g, out.view_mut(), 1) {
            Ok(()) => assert!(out.iter().all(|x| x.is_finite()), "{label}: {out}"),
            Err(error) => {
                assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(1)), "{label}: {error}");
                assert!(error.message.starts_with("cotangent: expected "), "{error}");
            }
        }
        let mut logs = Array1::zeros(2);
        let Some(family) = operator.as_family() else { return };
        if let Err(error) = family.log_partition(u, 1e-9, logs.view_mut(), 1) {
            assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(1)), "{label}: {error}");
            assert!(error.message.starts_with("utility: expected ") && error.message.len() < 100, "{error}");
        }
    });
}
