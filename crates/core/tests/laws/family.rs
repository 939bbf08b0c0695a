//! Draws, entropies and probabilities of exponential families.

use std::collections::HashMap;

use proptest::prelude::*;
use sst::{AnyOperator, Question, Terms};

use crate::calls::{argmax, ask, distance, largest, same_bits};
use crate::inputs::{Case, for_all_batches, for_those};
use crate::registry::{Entry, Exactness};

/// `ln(1 / rate)` for false alarms of each test of a frequency at a rate of 1e-9, had the seeds not been fixed; there are
/// fewer than a thousand.
const SURPRISE: f64 = 20.723_265_836_946_41;
const SAMPLES: usize = 4_000;

fn sample(family: &AnyOperator, utility: &[f64], terms: Terms, threads: usize) -> Vec<f64> {
    let rows = utility.len() / family.dimension();
    ask(family, Question::FamilySample, &[utility], None, terms, rows, threads).expect("valid rows")
}

fn frequencies(family: &AnyOperator, utility: &[f64], temperature: f64) -> HashMap<u32, f64> {
    let vertices =
        sample(family, utility, Terms { temperature, seed: 31, samples: SAMPLES, first_row: 0 }, 1);
    let mut counts = HashMap::new();
    for vertex in vertices.chunks_exact(utility.len()) {
        let set = vertex.iter().rev().fold(0, |set, &x| set << 1 | x as u32);
        *counts.entry(set).or_default() += 1.0;
    }
    counts
}

/// Pearson's statistic of m cells is chi-square with d = m - 1 degrees of freedom; it exceeds `d + 2 sqrt(d x) + 2 x` with
/// a probability below `exp(-x)` (Laurent and Massart, 2000, lemma 1). Rare vertices share a cell, of at least 20.
fn check_frequencies(counts: &HashMap<u32, f64>, law: &[(u32, f64)]) -> Result<(), TestCaseError> {
    let mut cells: Vec<(f64, f64)> = Vec::new();
    let mut rare = (0.0, 0.0);
    let mut sorted = law.to_vec();
    sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (set, probability) in sorted {
        let seen = counts.get(&set).copied().unwrap_or(0.0);
        prop_assert!(probability > 1e-30 || seen == 0.0, "the impossible {set:b} came out");
        rare = (rare.0 + seen, rare.1 + probability * SAMPLES as f64);
        if rare.1 >= 20.0 {
            cells.push(rare);
            rare = (0.0, 0.0);
        }
    }
    if let Some(last) = cells.last_mut() {
        *last = (last.0 + rare.0, last.1 + rare.1);
    }
    let known: f64 = cells.iter().map(|(seen, _)| seen).sum();
    prop_assert!(known == SAMPLES as f64, "what is no vertex came out {} times", SAMPLES as f64 - known);
    let statistic: f64 = cells.iter().map(|(seen, expected)| (seen - expected).powi(2) / expected).sum();
    let degrees = (cells.len() - 1) as f64;
    let critical = degrees + 2.0 * (degrees * SURPRISE).sqrt() + 2.0 * SURPRISE;
    prop_assert!(statistic <= critical, "{statistic} on {degrees} degrees of freedom, not {critical}");
    Ok(())
}

/// At any temperature, with ties and forbidden coordinates.
#[test]
fn draws_follow_the_law() {
    for_those(60, Entry::is_family, |case| {
        if case.utility.is_empty() {
            return Ok(());
        }
        let law = case.oracle.probabilities(case.utility, case.temperature);
        check_frequencies(&frequencies(case.family(), case.utility, case.temperature), &law)
    });
}

/// Whatever the other rows, the threads, and the draws beside it.
#[test]
fn a_draw_depends_on_its_row_and_its_sample() {
    for_all_batches(40, 6, |case| {
        if !case.entry.is_family() || case.utility.is_empty() {
            return Ok(());
        }
        let (n, temperature) = (case.operator.dimension(), case.temperature);
        let utilities: Vec<f64> = case.rows.iter().flat_map(|row| &row.utility).copied().collect();
        let terms = Terms { temperature, seed: 77, samples: 3, first_row: 1 << 40 };
        let together = sample(case.family(), &utilities, terms, 1);
        prop_assert!(same_bits(&together, &sample(case.family(), &utilities, terms, 3)), "threads");
        for (index, row) in case.rows.iter().enumerate() {
            for samples in [1, 3] {
                let terms = Terms { samples, first_row: terms.first_row + index as u64, ..terms };
                let alone = sample(case.family(), &row.utility, terms, 1);
                prop_assert!(same_bits(&alone, &together[index * 3 * n..(index * 3 + samples) * n]));
            }
        }
        let hard = sample(case.family(), case.utility, Terms { temperature: 0.0, first_row: 5, ..terms }, 1);
        prop_assert!(same_bits(&hard, &argmax(case.operator, case.utility).repeat(3)), "temperature 0");
        Ok(())
    });
}

/// The rounding of the largest number that enters an entropy.
fn rounding(case: &Case) -> f64 {
    let finite: Vec<f64> = case.utility.iter().copied().filter(|u| u.is_finite()).collect();
    1e-15 * (finite.len() as f64 + 1.0) * (1.0 + largest(&finite) / case.temperature)
}

#[test]
fn entropy_is_the_enumerated_one() {
    for_those(300, Entry::is_family, |case| {
        if case.utility.is_empty() {
            return Ok(());
        }
        let terms = Terms { temperature: case.temperature, ..Terms::default() };
        let entropy = match ask(case.family(), Question::Entropy, &[case.utility], None, terms, 1, 1) {
            Ok(entropy) => entropy,
            Err(error) => {
                prop_assert!(error.message.starts_with("utility: expected numbers below 1e15"), "{error}");
                // Not over the bases of a matroid and arborescences, nor where the quotients are moderate.
                prop_assert!(case.entry.masks == Some(Exactness::Unposed), "{error}");
                let finite: Vec<f64> = case.utility.iter().copied().filter(|u| u.is_finite()).collect();
                prop_assert!(largest(&finite) / case.temperature >= 4e14, "{error}");
                return Ok(());
            }
        };
        prop_assert!(entropy[0] >= 0.0);
        let law = case.oracle.probabilities(case.utility, case.temperature);
        let terms = law.iter().map(|&(_, p)| if p > 0.0 { -p * p.ln() } else { 0.0 });
        let expected: f64 = terms.sum();
        let off = (entropy[0] - expected).abs();
        prop_assert!(off <= rounding(case), "{}, not {expected}", entropy[0]);
        Ok(())
    });
}

/// Levels of any size, of which many vertices have equal sums, and some noise: however large what vertices share, the
/// gradient is that of what they differ in.
#[test]
fn gradients_of_entropies_forget_what_vertices_share() {
    for_those(30, Entry::is_family, |case| {
        if case.utility.is_empty() {
            return Ok(());
        }
        let level = |place: usize| (case.cotangent[place].to_bits() % 3) as f64 - 1.0;
        // Of 20 bits below the point, so that the sums are exact.
        let noise = |place: usize| (case.other[place] * 1_048_576.0).round() / 1_048_576.0;
        for power in [0, 4, 7, 10, 14, 17, 20, 24, 27] {
            let scale = f64::from(1 << power);
            let cell = |(place, &u): (usize, &f64)| {
                if u == f64::NEG_INFINITY { u } else { scale * level(place) + noise(place) }
            };
            let utility: Vec<f64> = case.utility.iter().enumerate().map(cell).collect();
            for temperature in [1.0, 0.3, 1e-3, 1e5] {
                let terms = Terms { temperature, ..Terms::default() };
                let inputs: &[&[f64]] = &[&utility, &[1.0]];
                let got = ask(case.family(), Question::EntropyVjp, inputs, None, terms, 1, 1);
                let expected = case.oracle.entropy_gradient(&utility, temperature);
                // Times the temperature, slopes of ordinary structures are of size 1.
                let off = distance(&got.expect("moderate"), &expected) * temperature;
                prop_assert!(off <= 1e-13, "at {temperature}: off by {off:e}, {utility:?}");
            }
        }
        Ok(())
    });
}

#[test]
fn log_probabilities_are_the_enumerated_ones() {
    for_those(300, Entry::is_family, |case| {
        if case.utility.is_empty() {
            return Ok(());
        }
        let law = case.oracle.log_probabilities(case.utility, case.temperature);
        let embeddings: Vec<f64> = law.iter().flat_map(|&(set, _)| case.oracle.indicator(set)).collect();
        let (inputs, temperature): (&[&[f64]], f64) = (&[case.utility, &embeddings], case.temperature);
        let terms = Terms { temperature, ..Terms::default() };
        let result = ask(case.family(), Question::LogProbability, inputs, None, terms, 1, 1);
        // Where an embedding that is allowed is beyond the range of doubles, that is said.
        let allowed = |set: u32| !(0..32).any(|i| set >> i & 1 == 1 && case.utility[i] == f64::NEG_INFINITY);
        if law.iter().any(|&(set, expected)| allowed(set) && !expected.is_finite()) {
            prop_assert_eq!(result.expect_err("no double").kind.code(), "NOT_FINITE");
            return Ok(());
        }
        let logs = result.expect("valid rows");
        for (&log, (set, expected)) in logs.iter().zip(law) {
            let equal = log == expected || (log - expected).abs() <= 1e-14 * (1.0 + expected.abs());
            prop_assert!(equal, "{set:b}: {log}, not {expected}");
        }
        Ok(())
    });
}
