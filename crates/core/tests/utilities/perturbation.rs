//! `perturb` and its vector-Jacobian product over batches.

use sst::{AnyOperator, Question, Terms};

use crate::ask::ask;
use crate::registry::{Family, REGISTRY};

const DIMENSION: usize = 3;

fn drawn_on(family: &Family, theta: &[f64], terms: Terms, threads: usize) -> Vec<u64> {
    let operator = AnyOperator::plain(DIMENSION).with_noise(family.noise);
    let rows = theta.len() / DIMENSION;
    let utilities = ask(&operator, Question::Perturb, &[theta], None, terms, rows, threads);
    utilities.expect("valid parameters").into_iter().map(f64::to_bits).collect()
}

fn drawn(family: &Family, theta: &[f64], terms: Terms) -> Vec<u64> {
    drawn_on(family, theta, terms, 1)
}

fn parameters(rows: usize) -> Vec<f64> {
    (0..rows * DIMENSION).map(|i| (i as f64 * 0.7).sin() * 3.0).collect()
}

fn terms(seed: u64, samples: usize, first_row: u64) -> Terms {
    Terms { seed, samples, first_row, ..Terms::default() }
}

/// A cell's draw depends on seed, row, sample and coordinate only: not on how rows are dealt to calls or threads, nor on
/// how many samples the others have.
#[test]
fn any_split_draws_the_same_bits() {
    let theta = parameters(40_000);
    for family in REGISTRY.iter() {
        let whole = drawn(family, &theta, terms(11, 2, 100));
        for threads in [0, 2, 3, 8] {
            let again = drawn_on(family, &theta, terms(11, 2, 100), threads);
            assert_eq!(again, whole, "{}, {threads}", family.name);
        }
        for cut in [1, 7, 39_999] {
            let (start, end) = theta.split_at(cut * DIMENSION);
            let parts =
                [drawn(family, start, terms(11, 2, 100)), drawn(family, end, terms(11, 2, 100 + cut as u64))];
            assert_eq!(parts.concat(), whole, "{}, cut at {cut}", family.name);
        }
        let more = drawn(family, &theta[..6], terms(11, 3, 100));
        let of_row = |row: usize| &more[row * 9..row * 9 + 6];
        assert_eq!([of_row(0), of_row(1)].concat(), whole[..12], "{}", family.name);
        assert_ne!(drawn(family, &theta, terms(12, 2, 100)), whole);
    }
}

/// The row number has 64 bits of its own in the counter.
#[test]
fn far_rows_have_draws_of_their_own() {
    for family in REGISTRY.iter() {
        let rows = [0, 1, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 48, u64::MAX];
        let draws: Vec<_> =
            rows.iter().map(|&first_row| drawn(family, &[0.0; 3], terms(0, 1, first_row))).collect();
        for (i, a) in draws.iter().enumerate() {
            assert!(draws[..i].iter().all(|b| a != b), "row {}", rows[i]);
        }
        // Numbers beyond the last begin anew.
        let [last, first] = [&draws[6], &draws[0]];
        assert_eq!(drawn(family, &[0.0; 6], terms(0, 1, u64::MAX)), [&last[..], first].concat());
    }
}

/// With the noise held fixed (the same seed), the derivative of a draw in its parameter; samples add up.
#[test]
fn perturb_vjp_is_the_central_difference() {
    const STEP: f64 = 1e-4;
    const SAMPLES: usize = 3;
    let theta = parameters(4);
    let cotangent: Vec<f64> = (0..theta.len() * SAMPLES).map(|i| (i as f64 * 1.3).cos()).collect();
    for family in REGISTRY.iter() {
        let utilities = |theta: &[f64]| -> Vec<f64> {
            drawn(family, theta, terms(5, SAMPLES, 0)).into_iter().map(f64::from_bits).collect()
        };
        let gradient =
            family.answer(DIMENSION, Question::PerturbVjp, &[&theta, &utilities(&theta), &cotangent]);
        for i in 0..theta.len() {
            let moved = |by: f64| {
                let mut theta = theta.clone();
                theta[i] += by;
                utilities(&theta).iter().zip(&cotangent).map(|(u, g)| u * g).sum::<f64>()
            };
            // Truncation 1e-8 / 6 of a third derivative of order 10, rounding 1e-14 / 1e-4.
            let difference = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            assert!(
                (gradient[i] - difference).abs() <= 1e-7,
                "{}: {}, not {difference}",
                family.name,
                gradient[i]
            );
        }
    }
}

#[test]
fn a_forbidden_coordinate_stays_forbidden_and_has_no_gradient() {
    let theta = [0.0, f64::NEG_INFINITY, 1.0];
    for family in REGISTRY.iter() {
        let utilities: Vec<f64> =
            drawn(family, &theta, terms(1, 2, 0)).into_iter().map(f64::from_bits).collect();
        let forbidden = |i: usize| i % DIMENSION == 1;
        assert!(utilities.iter().enumerate().all(|(i, &u)| (u == f64::NEG_INFINITY) == forbidden(i)));
        let gradient = family.answer(DIMENSION, Question::PerturbVjp, &[&theta, &utilities, &[1.0; 6]]);
        assert_eq!(gradient[1], 0.0);
        assert!(gradient[0] != 0.0 && gradient[2] != 0.0);
    }
}

#[test]
fn bad_input_is_refused_with_its_row() {
    for family in REGISTRY.iter() {
        let good = [0.5; 9];
        let ask = |question, inputs: &[&[f64]]| {
            family.ask(DIMENSION, question, inputs, terms(1, 1, 0)).expect_err("a bad row")
        };
        for (value, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity")] {
            let mut bad = good;
            bad[7] = value;
            let errors = [
                ask(Question::Perturb, &[&bad]),
                ask(Question::PerturbVjp, &[&bad, &good, &good]),
                ask(Question::PerturbVjp, &[&good, &bad, &good]),
                ask(Question::PerturbVjp, &[&good, &good, &bad]),
                ask(Question::Kl, &[&bad]),
                ask(Question::KlVjp, &[&bad, &[1.0; 3]]),
            ];
            for error in errors {
                assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(2)), "{error}");
                assert!(
                    error.message.ends_with(&format!("got {name}")) && error.coordinate == Some(1),
                    "{error}"
                );
            }
        }
        let errors = [
            ask(Question::PerturbVjp, &[&good, &good, &good[..6]]),
            ask(Question::PerturbVjp, &[&good, &good[..6], &good[..6]]),
            ask(Question::PerturbVjp, &[&[], &good, &good]),
            ask(Question::KlVjp, &[&good, &[1.0; 2]]),
            ask(Question::Perturb, &[&[0.5; 10]]),
        ];
        for error in errors {
            assert_eq!(error.kind.code(), "INVALID_SHAPE", "{error}");
        }
    }
}

/// The score has mean 0, and its mean square is the curvature of the divergence; both within five standard errors
/// (false alarms at a rate below 1e-6 each).
#[test]
fn the_score_has_mean_zero() {
    const COUNT: usize = 200_000;
    for family in REGISTRY.iter() {
        for theta in [0.0, 1.3, -2.0] {
            let utilities = family.draw(&[theta], 77, COUNT);
            // Of one draw for each of many rows.
            let scores =
                family.answer(1, Question::ScoreVjp, &[&vec![theta; COUNT], &utilities, &vec![1.0; COUNT]]);
            let mean = scores.iter().sum::<f64>() / COUNT as f64;
            let square = scores.iter().map(|x| x * x).sum::<f64>() / COUNT as f64;
            let five_errors = 5.0 * (square / COUNT as f64).sqrt();
            assert!(mean.abs() <= five_errors, "{}, theta = {theta}: {mean}", family.name);
            let sum = family.answer(1, Question::ScoreVjp, &[&[theta], &utilities, &vec![1.0; COUNT]]);
            assert!((sum[0] / COUNT as f64 - mean).abs() <= 1e-12, "{}", family.name);
        }
    }
}

/// `d/dtheta E[f(U)] = E[f(U) score] = E[f'(U) dU/dtheta]`: the two ways to the gradient agree within five standard errors.
#[test]
fn score_and_reparameterisation_agree() {
    const COUNT: usize = 400_000;
    for family in REGISTRY.iter() {
        let utilities = family.draw(&[0.4], 78, COUNT);
        let along = |question, f: fn(f64) -> f64| {
            let cotangents: Vec<f64> = utilities.iter().map(|&u| f(u)).collect();
            family.answer(1, question, &[&vec![0.4; COUNT], &utilities, &cotangents])
        };
        let scores = along(Question::ScoreVjp, f64::sin);
        let derivatives = along(Question::PerturbVjp, f64::cos);
        let differences: Vec<f64> = scores.iter().zip(derivatives).map(|(a, b)| a - b).collect();
        let mean = differences.iter().sum::<f64>() / COUNT as f64;
        let square = differences.iter().map(|x| x * x).sum::<f64>() / COUNT as f64;
        assert!(mean.abs() <= 5.0 * (square / COUNT as f64).sqrt(), "{}: {mean}", family.name);
    }
}
