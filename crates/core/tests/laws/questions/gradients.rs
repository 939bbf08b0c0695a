//! The numbers of families and their gradients, of batches of different rows and cotangents, against enumeration and against
//! differences of one another.

use sst::utility::Noise;
use sst::{Question, Space};

use super::posed::{Posed, Row, Words, for_sources};
use crate::calls::largest;
use crate::oracle::Enumeration;

/// Calls `check` with a question about every family, its answer, and the arrays that it was asked with.
fn for_families(question: Question, check: impl Fn(&Posed, &Row, &[f64])) {
    for_sources(60, |source, words: &mut Words| {
        if !source.answers(question, Noise::Gumbel) {
            return;
        }
        let posed = source.pose(question, Noise::Gumbel, 1 + words.below(6), words);
        let (all, shape) = (posed.ask(&posed.arrays(), 1), posed.result());
        let all = all.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        let stride = posed.times(shape) * posed.width(shape);
        for (index, row) in posed.rows.iter().enumerate() {
            let of_row = &all[index * stride..(index + 1) * stride];
            let own: Vec<f64> = match shape.space {
                Space::Number => of_row.to_vec(),
                space => posed.places(row, space).into_iter().map(|place| of_row[place]).collect(),
            };
            check(&posed, row, &own);
        }
    });
}

fn close(posed: &Posed, got: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        let off = (got - expected).abs();
        assert!(off <= tolerance, "{}: {got}, not {expected} ({off:e}, not {tolerance:e})", posed.label);
    }
}

/// Finite numbers, with 0 in the place of the others.
fn finite(cells: &[f64]) -> Vec<f64> {
    cells.iter().map(|&u| if u.is_finite() { u } else { 0.0 }).collect()
}

/// The rounding of numbers over the temperature, of which so many are added up.
fn rounding(t: f64, numbers: &[&[f64]]) -> f64 {
    let terms: f64 = numbers.iter().map(|cells| largest(&finite(cells)) * (cells.len() as f64 + 1.0)).sum();
    1e-15 * (1.0 + terms / t)
}

fn entropy(oracle: &Enumeration, u: &[f64], t: f64) -> f64 {
    oracle.probabilities(u, t).iter().map(|&(_, p)| if p > 0.0 { -p * p.ln() } else { 0.0 }).sum()
}

/// `-Cov(x) U / t^2`; covariances of 0/1 coordinates are at most 1/4 and known to about 1e-12.
#[test]
fn the_gradient_of_the_entropy() {
    for_families(Question::EntropyVjp, |posed, row, got| {
        let (t, oracle) = (posed.terms.temperature, row.smaller.oracle());
        let (u, c) = (&row.inputs[0], row.inputs[1][0]);
        let direction: Vec<f64> = finite(u).iter().map(|u| -c * u / t).collect();
        let expected: Vec<f64> = oracle.covariance(u, t, &direction).iter().map(|x| x / t).collect();
        close(posed, got, &expected, 1e-12 * largest(&direction) / t);
        assert!(got.iter().zip(u).all(|(g, u)| u.is_finite() || *g == 0.0), "{got:?}");
    });
}

/// `sum_s c_s (x_s - E[x]) / t`, 0 where a coordinate is forbidden.
#[test]
fn the_gradient_of_log_probabilities() {
    for_families(Question::LogProbabilityVjp, |posed, row, got| {
        let (t, oracle) = (posed.terms.temperature, row.smaller.oracle());
        let [u, x, c] = &row.inputs[..] else { panic!("three arrays") };
        let means = oracle.marginals(u, t);
        let mut expected = vec![0.0; u.len()];
        for (x, c) in x.chunks_exact(u.len().max(1)).zip(c) {
            for i in (0..u.len()).filter(|&i| u[i].is_finite()) {
                expected[i] += c * (x[i] - means[i]) / t;
            }
        }
        close(posed, got, &expected, 1e-13 * c.len() as f64 / t);
        assert!(got.iter().zip(u).all(|(g, u)| u.is_finite() || *g == 0.0), "{got:?}");
    });
}

/// `sum_x p(x) (log p(x) - log q(x))` over the vertices that the first law allows; the second one may forbid fewer.
fn divergence(oracle: &Enumeration, u: &[f64], v: &[f64], t: f64) -> f64 {
    let second = oracle.log_probabilities(v, t);
    let terms = oracle.log_probabilities(u, t).into_iter().zip(second).map(|((_, p), (_, q))| {
        let weight = p.exp();
        if weight == 0.0 { 0.0 } else { weight * (p - q) }
    });
    terms.sum::<f64>().max(0.0)
}

#[test]
fn divergences_are_the_enumerated_ones() {
    for_families(Question::Divergence, |posed, row, got| {
        let (t, oracle) = (posed.terms.temperature, row.smaller.oracle());
        let [u, v] = &row.inputs[..] else { panic!("two arrays") };
        close(posed, got, &[divergence(&oracle, u, v, t)], 8.0 * rounding(t, &[u, v]));
    });
}

/// `Cov_U(x) (U - V) / t^2`, and `(E_V[x] - E_U[x]) / t`.
#[test]
fn the_gradients_of_divergences() {
    for_families(Question::DivergenceVjp, |posed, row, got| {
        let (t, oracle) = (posed.terms.temperature, row.smaller.oracle());
        let [u, v, c] = &row.inputs[..] else { panic!("three arrays") };
        let difference = |(&u, &v): (&f64, &f64)| if u.is_finite() { c[0] * (u - v) / t } else { 0.0 };
        let direction: Vec<f64> = u.iter().zip(v).map(difference).collect();
        let expected: Vec<f64> = oracle.covariance(u, t, &direction).iter().map(|x| x / t).collect();
        close(posed, got, &expected, 1e-12 * largest(&direction) / t);
    });
    for_families(Question::DivergenceVjpOther, |posed, row, got| {
        let (t, oracle) = (posed.terms.temperature, row.smaller.oracle());
        let [u, v, c] = &row.inputs[..] else { panic!("three arrays") };
        let (p, q) = (oracle.marginals(u, t), oracle.marginals(v, t));
        let expected: Vec<f64> = p.iter().zip(q).map(|(p, q)| c[0] * (q - p) / t).collect();
        close(posed, got, &expected, 2e-13 / t);
    });
}

const STENCIL: [f64; 6] = [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0];

/// A gradient is the derivative of the value in every coordinate that is not forbidden, each of the batch's rows with its
/// own cotangents. For h = t/64, in units of 1/t: the truncation `h^6/140 |f^(7)|` of a sum of cumulants, times numbers of up
/// to `|u|/t`, is 1.5e-11 / 140 * 17 of these; rounding is 64 * 1.8 times that of the value.
fn check_difference(vjp: Question, value: Question, moved: usize) {
    for_families(vjp, |posed, row, got| {
        let t = posed.terms.temperature;
        let (cotangents, inputs) = row.inputs.split_last().expect("cotangents");
        let forbidden = |input: &[f64]| !finite(input).iter().zip(input).all(|(a, b)| a == b);
        let size = inputs.iter().map(|input| largest(&finite(input))).fold(1.0, f64::max) / t;
        if size > 300.0 || (value == Question::LogProbability && forbidden(&row.inputs[0])) {
            return; // Of log-probabilities, -Infinity is no value to take differences of.
        }
        for i in (0..got.len()).filter(|&i| row.inputs[moved][i].is_finite()) {
            let at = STENCIL.map(|multiple| {
                let mut inputs = inputs.to_vec();
                inputs[moved][i] += multiple * t / 64.0;
                let values = posed.ask_alone_of(value, row, &inputs, posed.terms).expect("valid rows");
                values.iter().zip(cotangents).map(|(x, c)| x * c).sum::<f64>()
            });
            let [a, b, c, d, e, f] = at;
            let difference = (45.0 * (d - c) - 9.0 * (e - b) + (f - a)) / (60.0 / 64.0);
            let numbers: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
            let n = cotangents.len() as f64;
            let tolerance = n * (2e-12 * size * (got.len() as f64 + 1.0) + 1000.0 * rounding(t, &numbers));
            let off = (got[i] * t - difference).abs();
            assert!(off <= tolerance, "{}: {} / t, not {difference} / t ({off:e})", posed.label, got[i] * t);
        }
    });
}

#[test]
fn gradients_are_the_differences_of_values() {
    check_difference(Question::EntropyVjp, Question::Entropy, 0);
    check_difference(Question::LogProbabilityVjp, Question::LogProbability, 0);
    check_difference(Question::DivergenceVjp, Question::Divergence, 0);
    check_difference(Question::DivergenceVjpOther, Question::Divergence, 1);
}

/// The entropy of a row is the enumerated one, in batches and over prefixes too.
#[test]
fn entropies_are_the_enumerated_ones() {
    for_families(Question::Entropy, |posed, row, got| {
        let (t, u) = (posed.terms.temperature, &row.inputs[0]);
        close(posed, got, &[entropy(&row.smaller.oracle(), u, t)], rounding(t, &[u]));
    });
}

/// A second law that forbids what the first does not is infinitely far; its gradients are refused, with the coordinate. One
/// that forbids less is at a finite distance.
#[test]
fn what_the_second_law_forbids_beyond_the_first_is_infinite() {
    let mut compared = 0;
    for_sources(60, |source, words: &mut Words| {
        if !source.answers(Question::Divergence, Noise::Gumbel) {
            return;
        }
        let questions = [Question::Divergence, Question::DivergenceVjp, Question::DivergenceVjpOther];
        let row = words.below(4);
        for question in questions {
            let posed = source.pose(question, Noise::Gumbel, 4, words);
            let oracle = posed.rows[row].smaller.oracle();
            let (u, v) = (&posed.rows[row].inputs[0], &posed.rows[row].inputs[1]);
            // A coordinate that the first law has in some of its vertices, but not in all, and that the second may miss.
            let means = oracle.marginals(u, posed.terms.temperature);
            let last = (0..u.len()).rev().find(|&i| {
                let mut without = v.clone();
                without[i] = f64::NEG_INFINITY;
                u[i].is_finite() && means[i] > 1e-3 && means[i] < 1.0 && !oracle.allowed(&without).is_empty()
            });
            let Some(i) = last else { continue };
            let place = posed.places(&posed.rows[row], Space::Utility)[i];
            let mut arrays = posed.arrays();
            let width = posed.operator.utility_dimension();
            arrays[1][row * width + place] = f64::NEG_INFINITY;
            let result = posed.ask(&arrays, 1);
            compared += 1;
            if question == Question::Divergence {
                let divergences = result.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
                let infinite: Vec<bool> = divergences.iter().map(|x| *x == f64::INFINITY).collect();
                assert_eq!(infinite, (0..4).map(|other| other == row).collect::<Vec<_>>(), "{}", posed.label);
                continue;
            }
            let error = result.expect_err("an infinite divergence");
            let got = (error.kind.code(), error.row, error.coordinate);
            assert_eq!(got, ("NOT_FINITE", Some(row), Some(place)), "{}: {error}", posed.label);
            assert!(error.message.starts_with("other: expected "), "{error}");
        }
    });
    assert!(compared > 300, "{compared}");
}
