//! Utilities with deterministic coordinates, with several draws of one parameter, and of which only some places count.

use sst::relaxation::{ExponentialFamilyEntropy, L2x};
use sst::structure::{CorrelatedTopK, WithReplacement};
use sst::utility::Noise;
use sst::{AnyOperator, Error, Question, Terms, Trick};

use crate::ask::ask;
use crate::registry::REGISTRY;

const FORBIDDEN: f64 = f64::NEG_INFINITY;
const NAN: f64 = f64::NAN;

/// Two rows of three parameters.
fn asked(
    operator: &AnyOperator,
    question: Question,
    inputs: &[&[f64]],
    samples: usize,
) -> Result<Vec<f64>, Error> {
    ask(operator, question, inputs, None, Terms { seed: 9, samples, first_row: 4, ..Terms::default() }, 2, 1)
}

fn answer(operator: &AnyOperator, question: Question, inputs: &[&[f64]]) -> Vec<f64> {
    asked(operator, question, inputs, 1).expect("valid rows")
}

/// Two elements, and whether both are there.
fn pair(noise: Noise) -> AnyOperator {
    AnyOperator::from(Trick::new(CorrelatedTopK::new(2, 1), ExponentialFamilyEntropy)).with_noise(noise)
}

fn plain(dimension: usize, noise: Noise) -> AnyOperator {
    AnyOperator::plain(dimension).with_noise(noise)
}

#[test]
fn leading_coordinates_are_drawn_and_the_others_are_their_parameters() {
    let theta = [0.3, -1.0, 0.5, 0.0, 2.0, FORBIDDEN];
    for family in REGISTRY.iter() {
        let leading = pair(family.noise);
        let utilities = asked(&leading, Question::Perturb, &[&theta], 2).expect("valid parameters");
        let drawn =
            asked(&plain(3, family.noise), Question::Perturb, &[&theta], 2).expect("valid parameters");
        for (cell, u) in utilities.iter().enumerate() {
            let theta = theta[cell / 6 * 3 + cell % 3];
            assert_eq!(*u, if cell % 3 < 2 { drawn[cell] } else { theta });
        }
        let cotangents: Vec<f64> = (0..12).map(f64::from).collect();
        let gradients = answer(&leading, Question::PerturbVjp, &[&theta, &utilities, &cotangents]);
        let of_plain =
            answer(&plain(3, family.noise), Question::PerturbVjp, &[&theta, &utilities, &cotangents]);
        for (cell, gradient) in gradients.iter().enumerate() {
            let deterministic = [7.0, 0.0][cell / 3];
            assert_eq!(*gradient, if cell % 3 < 2 { of_plain[cell] } else { deterministic });
        }
        let error = asked(&leading, Question::ScoreVjp, &[&theta, &utilities, &[1.0; 4]], 1);
        let error = error.expect_err("no density");
        assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", None));
    }
    let (leading, cotangents) = (pair(Noise::Gumbel), (0..12).map(f64::from).collect::<Vec<f64>>());
    let utilities = asked(&leading, Question::Perturb, &[&theta], 2).expect("valid parameters");
    let gradients = answer(&leading, Question::PerturbVjp, &[&theta, &utilities, &cotangents]);
    assert_eq!(gradients, [3.0, 5.0, 7.0, 15.0, 17.0, 0.0]);
}

#[test]
fn a_deterministic_coordinate_away_from_its_prior_diverges() {
    for family in REGISTRY.iter() {
        let leading = pair(family.noise);
        let at_prior = [0.3, -1.0, 0.0, 0.0, 2.0, FORBIDDEN];
        let of_plain = answer(&plain(2, family.noise), Question::Kl, &[&[0.3, -1.0, 0.0, 2.0]]);
        assert_eq!(answer(&leading, Question::Kl, &[&at_prior]), of_plain);
        let gradients = answer(&leading, Question::KlVjp, &[&at_prior, &[1.0; 2]]);
        assert!(gradients[0] > 0.0 && gradients[2] == 0.0 && gradients[5] == 0.0);
        for (row, place) in [(0, 2), (1, 5)] {
            let mut theta = at_prior;
            theta[place] = 0.5;
            for inputs in [&[&theta[..]][..], &[&theta[..], &[1.0; 2]]] {
                let question = [Question::Kl, Question::KlVjp][inputs.len() - 1];
                let error = asked(&leading, question, inputs, 1).expect_err("infinite");
                let got = (error.kind.code(), error.row, error.coordinate);
                assert_eq!(got, ("NOT_FINITE", Some(row), Some(2)), "{error}");
                assert!(error.message.starts_with("theta: expected 0 "), "{error}");
            }
        }
    }
}

/// An element in each of k choices, whose numbers are next to one another.
#[test]
fn repeated_parameters_have_independent_draws_that_add_up() {
    let theta = [0.3, -1.0, 0.5, 0.0, 2.0, FORBIDDEN];
    // From [element, choice] to [choice, element] of a row.
    let turned = |cells: &[f64]| -> Vec<f64> {
        cells.chunks_exact(6).flat_map(|row| [0, 2, 4, 1, 3, 5].map(|i| row[i])).collect()
    };
    let long: Vec<f64> = theta.iter().flat_map(|&theta| [theta; 2]).collect();
    for family in REGISTRY.iter() {
        let repeated =
            AnyOperator::from(Trick::new(WithReplacement::new(3, 2), L2x)).with_noise(family.noise);
        let of_long = plain(6, family.noise);
        let utilities = answer(&repeated, Question::Perturb, &[&theta]);
        let drawn = answer(&of_long, Question::Perturb, &[&long]);
        assert_eq!(utilities, turned(&drawn));

        let cotangents: Vec<f64> = (0..12).map(f64::from).collect();
        let sums = |both: &[f64]| both.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect::<Vec<f64>>();
        let gradients =
            answer(&repeated, Question::PerturbVjp, &[&theta, &turned(&drawn), &turned(&cotangents)]);
        let expected = answer(&of_long, Question::PerturbVjp, &[&long, &drawn, &cotangents]);
        assert_eq!(gradients, sums(&expected));
        let scores = answer(&repeated, Question::ScoreVjp, &[&theta, &utilities, &[1.0, -2.0]]);
        let expected = answer(&of_long, Question::ScoreVjp, &[&long, &drawn, &[1.0, -2.0]]);
        assert_eq!(scores, sums(&expected));

        let divergences = answer(&repeated, Question::Kl, &[&theta]);
        let once = answer(&plain(3, family.noise), Question::Kl, &[&theta]);
        divergences
            .iter()
            .zip(&once)
            .for_each(|(twice, once)| assert!((twice - 2.0 * once).abs() < 1e-15 * once.max(1.0)));
        let gradients = answer(&repeated, Question::KlVjp, &[&theta, &[1.0, -0.5]]);
        let once = answer(&plain(3, family.noise), Question::KlVjp, &[&theta, &[1.0, -0.5]]);
        assert_eq!(gradients, once.iter().map(|x| 2.0 * x).collect::<Vec<f64>>());
    }
}

#[test]
fn what_does_not_count_is_ignored_and_zero() {
    const PLACES: [usize; 2] = [0, 2];
    for family in REGISTRY.iter() {
        let confined = AnyOperator::plain(2).with_noise(family.noise).embedded(PLACES.to_vec(), 3);
        let inner = plain(2, family.noise);
        let (theta, own) = ([0.3, NAN, -0.8, 1.1, 1e300, 0.0], [0.3, -0.8, 1.1, 0.0]);
        // The numbers of some rows in the longer ones, beside something.
        let spread = |cells: &[f64], beside: f64| -> Vec<f64> {
            cells.chunks_exact(2).flat_map(|row| [row[0], beside, row[1]]).collect()
        };
        let utilities = asked(&confined, Question::Perturb, &[&theta], 2).expect("ignored");
        let drawn = asked(&inner, Question::Perturb, &[&own], 2).expect("finite");
        assert_eq!(utilities, spread(&drawn, 0.0));

        let (u, g) = (spread(&drawn, NAN), spread(&[0.5; 8], f64::INFINITY));
        let gradient = answer(&confined, Question::PerturbVjp, &[&theta, &u, &g]);
        assert_eq!(gradient, spread(&answer(&inner, Question::PerturbVjp, &[&own, &drawn, &[0.5; 8]]), 0.0));
        let g = [1.0, 2.0, -1.0, 0.5];
        let gradient = answer(&confined, Question::ScoreVjp, &[&theta, &u, &g]);
        assert_eq!(gradient, spread(&answer(&inner, Question::ScoreVjp, &[&own, &drawn, &g]), 0.0));
        assert_eq!(answer(&confined, Question::Kl, &[&theta]), answer(&inner, Question::Kl, &[&own]));
        let gradient = answer(&confined, Question::KlVjp, &[&theta, &[1.0, -2.0]]);
        assert_eq!(gradient, spread(&answer(&inner, Question::KlVjp, &[&own, &[1.0, -2.0]]), 0.0));
        assert!(gradient[0] != 0.0 && gradient[3] != 0.0 && gradient[5] == 0.0);
    }
}
