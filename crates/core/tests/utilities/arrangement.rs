//! Utilities with deterministic coordinates, and with several draws of one parameter.

use std::sync::Arc;

use sst::utility::{Arrangement, Draws, Gumbel, Perturbation};

const THETA: [f64; 6] = [0.3, -1.0, 0.5, 0.0, 2.0, f64::NEG_INFINITY];

fn draws(samples: usize) -> Draws {
    Draws { seed: 9, samples, first_row: 4 }
}

fn drawn(
    utility: &dyn Perturbation,
    dimension: usize,
    theta: &[f64],
    width: usize,
    samples: usize,
) -> Vec<f64> {
    let mut utilities = vec![f64::NAN; theta.len() / dimension * samples * width];
    utility.perturb(dimension, theta, draws(samples), &mut utilities, 1).expect("valid parameters");
    utilities
}

#[test]
fn leading_coordinates_are_drawn_and_the_others_are_their_parameters() {
    let leading = Arrangement::leading(Arc::new(Gumbel), 3, 2);
    let utilities = drawn(&leading, 3, &THETA, 3, 2);
    let plain = drawn(&Gumbel, 3, &THETA, 3, 2);
    for (cell, u) in utilities.iter().enumerate() {
        let theta = THETA[cell / 6 * 3 + cell % 3];
        assert_eq!(*u, if cell % 3 < 2 { plain[cell] } else { theta });
    }
    let cotangents: Vec<f64> = (0..12).map(f64::from).collect();
    let mut gradients = [f64::NAN; 6];
    leading.perturb_vjp(3, &THETA, &utilities, &cotangents, &mut gradients).expect("valid arrays");
    assert_eq!(gradients, [3.0, 5.0, 7.0, 15.0, 17.0, 0.0]);
    let error = leading.score_vjp(3, &THETA, &utilities, &[1.0; 4], &mut gradients).expect_err("no density");
    assert_eq!(error.kind.code(), "INVALID_ARGUMENT");
}

#[test]
fn a_deterministic_coordinate_away_from_its_prior_diverges() {
    let leading = Arrangement::leading(Arc::new(Gumbel), 3, 2);
    let (mut sums, mut plain, mut gradients) = ([f64::NAN; 2], [f64::NAN; 2], [f64::NAN; 6]);
    let at_prior = [0.3, -1.0, 0.0, 0.0, 2.0, f64::NEG_INFINITY];
    leading.kl(3, &at_prior, &mut sums).expect("finite");
    Gumbel.kl(2, &[0.3, -1.0, 0.0, 2.0], &mut plain).expect("finite");
    assert_eq!(sums, plain);
    leading.kl_vjp(3, &at_prior, &[1.0; 2], &mut gradients).expect("finite");
    assert!(gradients[0] > 0.0 && gradients[2] == 0.0 && gradients[5] == 0.0);
    let error = leading.kl(3, &THETA, &mut sums).expect_err("infinite");
    assert_eq!((error.kind.code(), error.row, error.coordinate), ("NOT_FINITE", Some(0), Some(2)));
}

#[test]
fn repeated_parameters_have_independent_draws_that_add_up() {
    let repeated = Arrangement::repeated(Arc::new(Gumbel), 3, 2);
    let utilities = drawn(&repeated, 3, &THETA, 6, 1);
    let long: Vec<f64> = THETA.chunks_exact(3).flat_map(|row| row.repeat(2)).collect();
    assert_eq!(utilities, drawn(&Gumbel, 6, &long, 6, 1));
    let cotangents: Vec<f64> = (0..12).map(f64::from).collect();
    let (mut gradients, mut scores) = ([f64::NAN; 6], [f64::NAN; 6]);
    repeated.perturb_vjp(3, &THETA, &utilities, &cotangents, &mut gradients).expect("valid arrays");
    assert_eq!(gradients, [3.0, 5.0, 7.0, 15.0, 17.0, 0.0]);
    repeated.score_vjp(3, &THETA, &utilities, &[1.0, -2.0], &mut scores).expect("valid arrays");
    let mut of_long = [f64::NAN; 12];
    Gumbel.score_vjp(6, &long, &utilities, &[1.0, -2.0], &mut of_long).expect("valid arrays");
    assert_eq!(scores[0], of_long[0] + of_long[3]);
    let (mut sums, mut once) = ([f64::NAN; 2], [f64::NAN; 2]);
    repeated.kl(3, &THETA, &mut sums).expect("finite");
    Gumbel.kl(3, &THETA, &mut once).expect("finite");
    assert!((sums[0] - 2.0 * once[0]).abs() < 1e-15);
}
