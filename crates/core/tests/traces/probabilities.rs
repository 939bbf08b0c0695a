//! Probabilities and scores.

use std::collections::BTreeMap;

use sst::utility::Noise;
use sst::{AnyOperator, Question, Terms};

use crate::races::Law;
use crate::structures::{Case, cases, draw, representatives};

/// `ln(1 / rate)` for false alarms at a rate of 1e-9, had the seeds not been fixed.
const SURPRISE: f64 = 20.723_265_836_946_41;

fn log_probability(case: &Case, operator: &AnyOperator, theta: &[f64], utilities: &[f64]) -> Vec<f64> {
    case.answer(operator, Question::TraceLogProbability, &[theta, utilities])
}

fn score(
    case: &Case,
    operator: &AnyOperator,
    theta: &[f64],
    utilities: &[f64],
    cotangents: &[f64],
) -> Vec<f64> {
    case.answer(operator, Question::TraceScoreVjp, &[theta, utilities, cotangents])
}

fn indicator(set: u32, n: usize) -> Vec<f64> {
    (0..n).map(|i| f64::from(set >> i & 1)).collect()
}

#[test]
fn a_trace_leads_to_the_argmax_and_has_its_probability() {
    for case in cases() {
        let law = (case.law)(&case.theta);
        let total: f64 = law.values().map(|(p, _)| p).sum();
        assert!((total - 1.0).abs() < 1e-14, "{}: {total}", case.name);
        for operator in &case.operators {
            for (steps, utility) in representatives(&case, operator) {
                let (p, set) = law[&steps];
                assert_eq!((case.argmax)(&utility), indicator(set, utility.len()), "{}", case.name);
                let log = log_probability(&case, operator, &case.theta, &utility)[0];
                assert!((log - p.ln()).abs() < 1e-14, "{}: {log}, not {}", case.name, p.ln());
            }
        }
    }
}

/// The law of the argmax is so the sum over the traces that lead to it. Pearson's statistic of m cells is chi-square with
/// d = m - 1 degrees of freedom; it exceeds `d + 2 sqrt(d x) + 2 x` with a probability below `exp(-x)` (Laurent and Massart,
/// 2000, lemma 1).
#[test]
fn traces_come_out_as_often_as_they_should() {
    const SAMPLES: usize = 100_000;
    for case in cases() {
        let law = (case.law)(&case.theta);
        for operator in &case.operators {
            let utilities = draw(&case, operator, &case.theta, 5, SAMPLES);
            let mut counts = BTreeMap::new();
            for utility in utilities.chunks_exact(case.theta.len()) {
                *counts.entry((case.steps)(utility)).or_insert(0.0) += 1.0;
            }
            assert!(counts.keys().all(|steps| law.contains_key(steps)), "{}", case.name);
            // Rare traces share a cell.
            let mut cells = BTreeMap::new();
            for (index, (steps, (p, _))) in law.iter().enumerate() {
                let (seen, expected) = (counts.get(steps).copied().unwrap_or(0.0), p * SAMPLES as f64);
                let cell =
                    cells.entry(if expected < 20.0 { None } else { Some(index) }).or_insert((0.0, 0.0));
                *cell = (cell.0 + seen, cell.1 + expected);
            }
            let terms = cells.values().map(|(seen, expected)| (seen - expected).powi(2) / expected);
            let statistic: f64 = terms.sum();
            let degrees = (cells.len() - 1) as f64;
            let critical = degrees + 2.0 * (degrees * SURPRISE).sqrt() + 2.0 * SURPRISE;
            assert!(statistic <= critical, "{}: {statistic} on {degrees} degrees of freedom", case.name);
        }
    }
}

/// Some loss of a structure that is not linear.
fn loss(set: u32) -> f64 {
    (1.0 + f64::from(set)).sqrt() + f64::from(set % 5)
}

fn expected_loss(law: &Law) -> f64 {
    law.values().map(|&(p, set)| p * loss(set)).sum()
}

/// `E[score] = 0` and `E[L score] = d E[L] / d theta`, over all traces.
#[test]
fn scores_have_mean_zero_and_give_the_gradient() {
    for case in cases() {
        let law = (case.law)(&case.theta);
        for operator in &case.operators {
            let (mut mean, mut gradient) = (vec![0.0; case.theta.len()], vec![0.0; case.theta.len()]);
            for (steps, utility) in representatives(&case, operator) {
                let (p, set) = law[&steps];
                let own = score(&case, operator, &case.theta, &utility, &[1.0]);
                for (i, score) in own.into_iter().enumerate() {
                    mean[i] += p * score;
                    gradient[i] += p * loss(set) * score;
                }
            }
            assert!(mean.iter().all(|x| x.abs() < 1e-14), "{}: {mean:?}", case.name);
            for (i, got) in gradient.into_iter().enumerate() {
                // Order 6: the truncation h^6/140 and the rounding 1e-15/h are below 1e-12.
                let at = |multiple: f64| {
                    let mut theta = case.theta.clone();
                    theta[i] += multiple / 64.0;
                    expected_loss(&(case.law)(&theta))
                };
                let difference =
                    (45.0 * (at(1.0) - at(-1.0)) - 9.0 * (at(2.0) - at(-2.0)) + (at(3.0) - at(-3.0))) * 64.0
                        / 60.0;
                assert!((got - difference).abs() < 1e-11, "{}: {got}, not {difference}", case.name);
            }
        }
    }
}

#[test]
fn scores_of_draws_add_up() {
    for case in cases() {
        let operator = &case.operators[0];
        let n = case.theta.len();
        let utilities = draw(&case, operator, &case.theta, 6, 3);
        let (cotangents, mut sum) = ([0.5, -2.0, 3.0], vec![0.0; n]);
        for (utility, g) in utilities.chunks_exact(n).zip(cotangents) {
            let own = score(&case, operator, &case.theta, utility, &[1.0]);
            sum.iter_mut().zip(own).for_each(|(sum, score)| *sum += g * score);
        }
        let together = score(&case, operator, &case.theta, &utilities, &cotangents);
        for (got, expected) in together.iter().zip(&sum) {
            assert!((got - expected).abs() < 1e-14, "{}: {together:?}, not {sum:?}", case.name);
        }
    }
}

#[test]
fn what_does_not_race_is_refused() {
    for mut case in cases() {
        let n = case.theta.len();
        let times = case.operators.pop().expect("times race");
        let refused = |operator: &AnyOperator, theta: &[f64], utility: &[f64]| {
            let inputs: &[&[f64]] = &[theta, utility];
            let error = case.ask(operator, Question::TraceLogProbability, inputs, Terms::default());
            let error = error.expect_err("invalid");
            (error.kind.code(), error.message)
        };
        let mut large = case.theta.clone();
        large[1] = 701.0;
        let (code, message) = refused(&times, &large, &case.theta);
        assert!(
            code == "INVALID_ARGUMENT" && message.starts_with("theta: expected numbers from"),
            "{message}"
        );
        large[1] = f64::NEG_INFINITY;
        let (code, message) = refused(&times, &large, &case.theta);
        assert!(code == "INVALID_ARGUMENT" && message.starts_with("theta: expected -Infinity"), "{message}");
        let (code, _) = refused(&times, &case.theta, &case.theta[..n - 1]);
        assert_eq!(code, "INVALID_SHAPE");
        large[1] = f64::NAN;
        assert_eq!(refused(&times, &case.theta, &large).0, "NOT_FINITE");
        assert_eq!(refused(&times, &large, &case.theta).0, "NOT_FINITE");
        let nothing = vec![f64::NEG_INFINITY; n];
        assert_eq!(refused(&times, &nothing, &nothing).0, "INFEASIBLE");
        let logistic = times.with_noise(Noise::Logistic);
        let (code, message) = refused(&logistic, &case.theta, &case.theta);
        assert!(code == "INVALID_ARGUMENT" && message.starts_with("utility: expected utilities that race"));
        if case.operators.is_empty() {
            let (code, message) = refused(&logistic.with_noise(Noise::Gumbel), &case.theta, &case.theta);
            assert!(code == "INVALID_ARGUMENT" && message.starts_with("utility: expected negative exp"));
        }
    }
}
