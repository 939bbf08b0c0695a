//! `perturb` and its vector-Jacobian product over batches.

use sst::utility::Draws;

use crate::registry::{Family, REGISTRY};

const DIMENSION: usize = 3;

fn drawn(family: &Family, theta: &[f64], draws: Draws, threads: usize) -> Vec<u64> {
    let mut utilities = vec![f64::NAN; theta.len() * draws.samples];
    family.utility.perturb(DIMENSION, theta, draws, &mut utilities, threads).expect("valid parameters");
    utilities.into_iter().map(f64::to_bits).collect()
}

fn parameters(rows: usize) -> Vec<f64> {
    (0..rows * DIMENSION).map(|i| (i as f64 * 0.7).sin() * 3.0).collect()
}

/// A cell's draw depends on seed, row, sample and coordinate only: not on how rows are dealt to calls or threads, nor on
/// how many samples the others have.
#[test]
fn any_split_draws_the_same_bits() {
    let theta = parameters(40_000);
    for family in REGISTRY.iter() {
        let draws = |samples, first_row| Draws { seed: 11, samples, first_row };
        let whole = drawn(family, &theta, draws(2, 100), 1);
        for threads in [0, 2, 3, 8] {
            assert_eq!(drawn(family, &theta, draws(2, 100), threads), whole, "{}, {threads}", family.name);
        }
        for cut in [1, 7, 39_999] {
            let (start, end) = theta.split_at(cut * DIMENSION);
            let parts =
                [drawn(family, start, draws(2, 100), 1), drawn(family, end, draws(2, 100 + cut as u64), 1)];
            assert_eq!(parts.concat(), whole, "{}, cut at {cut}", family.name);
        }
        let more = drawn(family, &theta[..6], draws(3, 100), 1);
        let of_row = |row: usize| &more[row * 9..row * 9 + 6];
        assert_eq!([of_row(0), of_row(1)].concat(), whole[..12], "{}", family.name);
        assert_ne!(drawn(family, &theta, Draws { seed: 12, samples: 2, first_row: 100 }, 1), whole);
    }
}

/// The row number has 64 bits of its own in the counter.
#[test]
fn far_rows_have_draws_of_their_own() {
    for family in REGISTRY.iter() {
        let rows = [0, 1, 1 << 31, 1 << 32, (1 << 32) + 1, 1 << 48, u64::MAX];
        let draws: Vec<_> = rows
            .iter()
            .map(|&first_row| drawn(family, &[0.0; 3], Draws { seed: 0, samples: 1, first_row }, 1))
            .collect();
        for (i, a) in draws.iter().enumerate() {
            assert!(draws[..i].iter().all(|b| a != b), "row {}", rows[i]);
        }
    }
}

/// With the noise held fixed (the same seed), the derivative of a draw in its parameter; samples add up.
#[test]
fn perturb_vjp_is_the_central_difference() {
    const STEP: f64 = 1e-4;
    let draws = Draws { seed: 5, samples: 3, first_row: 0 };
    let theta = parameters(4);
    let cotangent: Vec<f64> = (0..theta.len() * draws.samples).map(|i| (i as f64 * 1.3).cos()).collect();
    for family in REGISTRY.iter() {
        let utilities = |theta: &[f64]| -> Vec<f64> {
            drawn(family, theta, draws, 1).into_iter().map(f64::from_bits).collect()
        };
        let mut gradient = vec![f64::NAN; theta.len()];
        family
            .utility
            .perturb_vjp(DIMENSION, &theta, &utilities(&theta), &cotangent, &mut gradient)
            .expect("valid arrays");
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
        let draws = Draws { seed: 1, samples: 2, first_row: 0 };
        let utilities: Vec<f64> = drawn(family, &theta, draws, 1).into_iter().map(f64::from_bits).collect();
        let forbidden = |i: usize| i % DIMENSION == 1;
        assert!(utilities.iter().enumerate().all(|(i, &u)| (u == f64::NEG_INFINITY) == forbidden(i)));
        let mut gradient = [f64::NAN; 3];
        family
            .utility
            .perturb_vjp(DIMENSION, &theta, &utilities, &[1.0; 6], &mut gradient)
            .expect("valid arrays");
        assert_eq!(gradient[1], 0.0);
        assert!(gradient[0] != 0.0 && gradient[2] != 0.0);
    }
}

#[test]
fn bad_input_is_refused_with_its_row() {
    for family in REGISTRY.iter() {
        let utility = &family.utility;
        let draws = Draws { seed: 1, samples: 1, first_row: 0 };
        let (good, mut out) = ([0.5; 9], [0.0; 9]);
        for (value, name) in [(f64::NAN, "NaN"), (f64::INFINITY, "Infinity")] {
            let mut bad = good;
            bad[7] = value;
            let errors = [
                utility.perturb(3, &bad, draws, &mut out, 1),
                utility.perturb_vjp(3, &bad, &good, &good, &mut out),
                utility.perturb_vjp(3, &good, &bad, &good, &mut out),
                utility.perturb_vjp(3, &good, &good, &bad, &mut out),
                utility.kl(3, &bad, &mut out[..3]),
                utility.kl_vjp(3, &bad, &[1.0; 3], &mut out),
            ];
            for error in errors.map(|result| result.expect_err("a bad row")) {
                assert_eq!((error.kind.code(), error.row), ("NOT_FINITE", Some(2)), "{error}");
                assert!(
                    error.message.ends_with(&format!("got {name}")) && error.coordinate == Some(1),
                    "{error}"
                );
            }
        }
        let errors = [
            utility.perturb(3, &good, draws, &mut out[..6], 1),
            utility.perturb(3, &good, Draws { samples: 2, ..draws }, &mut out, 1),
            utility.perturb_vjp(3, &good, &good, &good[..6], &mut out),
            utility.perturb_vjp(3, &good, &good[..6], &good[..6], &mut out),
            utility.perturb_vjp(3, &good, &good, &good, &mut out[..6]),
            utility.perturb_vjp(3, &[], &good, &good, &mut []),
            utility.kl(3, &good, &mut out),
            utility.kl_vjp(3, &good, &[1.0; 2], &mut out),
            utility.kl_vjp(3, &good, &[1.0; 3], &mut out[..6]),
        ];
        for error in errors.map(|result| result.expect_err("lengths that do not fit")) {
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
            let draws = Draws { seed: 77, samples: COUNT, first_row: 0 };
            let mut utilities = vec![f64::NAN; COUNT];
            family.utility.perturb(1, &[theta], draws, &mut utilities, 1).expect("valid parameters");
            let mut gradient = [f64::NAN];
            let scores: Vec<f64> = utilities
                .iter()
                .map(|u| {
                    family
                        .utility
                        .score_vjp(1, &[theta], &[*u], &[1.0], &mut gradient)
                        .expect("valid arrays");
                    gradient[0]
                })
                .collect();
            let mean = scores.iter().sum::<f64>() / COUNT as f64;
            let square = scores.iter().map(|x| x * x).sum::<f64>() / COUNT as f64;
            let five_errors = 5.0 * (square / COUNT as f64).sqrt();
            assert!(mean.abs() <= five_errors, "{}, theta = {theta}: {mean}", family.name);
            family
                .utility
                .score_vjp(1, &[theta], &utilities, &vec![1.0; COUNT], &mut gradient)
                .expect("valid arrays");
            assert!((gradient[0] / COUNT as f64 - mean).abs() <= 1e-12, "{}", family.name);
        }
    }
}

/// `d/dtheta E[f(U)] = E[f(U) score] = E[f'(U) dU/dtheta]`: the two ways to the gradient agree within five standard errors.
#[test]
fn score_and_reparameterisation_agree() {
    const COUNT: usize = 400_000;
    for family in REGISTRY.iter() {
        let theta = 0.4;
        let draws = Draws { seed: 78, samples: COUNT, first_row: 0 };
        let mut utilities = vec![f64::NAN; COUNT];
        family.utility.perturb(1, &[theta], draws, &mut utilities, 1).expect("valid parameters");
        let mut gradient = [f64::NAN];
        let differences: Vec<f64> = utilities
            .iter()
            .map(|u| {
                family
                    .utility
                    .score_vjp(1, &[theta], &[*u], &[u.sin()], &mut gradient)
                    .expect("valid arrays");
                let score = gradient[0];
                family
                    .utility
                    .perturb_vjp(1, &[theta], &[*u], &[u.cos()], &mut gradient)
                    .expect("valid arrays");
                score - gradient[0]
            })
            .collect();
        let mean = differences.iter().sum::<f64>() / COUNT as f64;
        let square = differences.iter().map(|x| x * x).sum::<f64>() / COUNT as f64;
        assert!(mean.abs() <= 5.0 * (square / COUNT as f64).sqrt(), "{}: {mean}", family.name);
    }
}
