//! The laws of the hard structures under their utilities, by chi-square against enumeration.

use std::collections::HashMap;

use sst::relaxation::{BinaryEntropy, ExponentialFamilyEntropy};
use sst::structure::{Arborescence, OneHot, SpanningTree, Subset, TopK};
use sst::utility::Noise;
use sst::{AnyOperator, Question, Terms, Trick};

use crate::ask::ask;

const SAMPLES: usize = 200_000;
/// `ln(1 / rate)` for false alarms at a rate of 1e-6, had the seeds not been fixed.
const SURPRISE: f64 = 13.815_510_557_964_274;

/// A structure as the set of its coordinates.
type Set = u32;

/// How often each structure comes out, of utilities that are drawn for its coordinates without regard to what these are.
fn frequencies(operator: &AnyOperator, noise: Noise, theta: &[f64], seed: u64) -> HashMap<Set, f64> {
    let plain = AnyOperator::plain(theta.len()).with_noise(noise);
    let terms = Terms { seed, samples: SAMPLES, ..Terms::default() };
    let utilities = ask(&plain, Question::Perturb, &[theta], None, terms, 1, 1).expect("valid parameters");
    let hard = ask(operator, Question::Argmax, &[&utilities], None, terms, SAMPLES, 1).expect("valid rows");
    let mut counts = HashMap::new();
    for row in hard.chunks_exact(theta.len()) {
        let set = row.iter().rev().fold(0, |set, &x| set << 1 | x as Set);
        *counts.entry(set).or_default() += 1.0;
    }
    counts
}

/// Pearson's statistic of m cells is chi-square with d = m - 1 degrees of freedom; it exceeds
/// `d + 2 sqrt(d x) + 2 x` with a probability below `exp(-x)` (Laurent and Massart, 2000, lemma 1).
fn check(name: &str, counts: &HashMap<Set, f64>, law: &HashMap<Set, f64>) {
    let total: f64 = law.values().sum();
    assert!((total - 1.0).abs() < 1e-12, "{name}: the probabilities sum to {total}");
    assert!(counts.keys().all(|set| law.contains_key(set)), "{name}: something impossible came out");
    let term = |(set, p): (&Set, &f64)| {
        let (seen, expected) = (counts.get(set).copied().unwrap_or(0.0), p * SAMPLES as f64);
        assert!(expected >= 10.0, "{name}: too few samples for this cell");
        (seen - expected).powi(2) / expected
    };
    let statistic: f64 = law.iter().map(term).sum();
    let degrees = (law.len() - 1) as f64;
    let critical = degrees + 2.0 * (degrees * SURPRISE).sqrt() + 2.0 * SURPRISE;
    assert!(
        statistic <= critical,
        "{name}: {statistic} on {degrees} degrees of freedom, expected <= {critical}"
    );
}

/// The law of "choose one after the other, each in proportion to exp(theta), until done": `choices` says what may still
/// be chosen after a set, nothing when it is complete.
fn one_after_another(theta: &[f64], choices: &dyn Fn(Set) -> Vec<usize>) -> HashMap<Set, f64> {
    fn extend(
        set: Set,
        p: f64,
        theta: &[f64],
        choices: &dyn Fn(Set) -> Vec<usize>,
        law: &mut HashMap<Set, f64>,
    ) {
        let next = choices(set);
        if next.is_empty() {
            *law.entry(set).or_default() += p;
            return;
        }
        let total: f64 = next.iter().map(|&i| theta[i].exp()).sum();
        for i in next {
            extend(set | 1 << i, p * theta[i].exp() / total, theta, choices, law);
        }
    }
    let mut law = HashMap::new();
    extend(0, 1.0, theta, choices, &mut law);
    law
}

/// Plackett-Luce: k draws without replacement. k = 1 is softmax.
#[test]
fn top_k_is_sampling_without_replacement() {
    for (theta, k) in [([0.3, -0.8, 1.1, 0.0, -0.2], 2), ([1.0, 0.5, 0.0, -0.5, -1.0], 3), ([0.0; 5], 4)] {
        let operator = AnyOperator::from(Trick::new(TopK::new(5, k), ExponentialFamilyEntropy));
        let choices = |set: Set| {
            let left = (0..5).filter(|i| set >> i & 1 == 0).collect();
            if set.count_ones() as usize == k { Vec::new() } else { left }
        };
        let law = one_after_another(&theta, &choices);
        check("top k", &frequencies(&operator, Noise::Gumbel, &theta, 21), &law);
    }
}

#[test]
fn one_hot_is_a_softmax_choice() {
    let theta = [0.3, -0.8, 1.1, 0.0, 2.0];
    let total: f64 = theta.iter().map(|x: &f64| x.exp()).sum();
    let law = (0..5).map(|i| (1 << i, theta[i].exp() / total)).collect();
    let operator = AnyOperator::from(Trick::new(OneHot::new(5), ExponentialFamilyEntropy));
    check("one-hot", &frequencies(&operator, Noise::Gumbel, &theta, 22), &law);
}

#[test]
fn a_subset_is_independent_coins() {
    let theta = [0.3, -0.8, 1.1, 0.0];
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let coin = |set: Set, i: usize| if set >> i & 1 == 1 { sigmoid(theta[i]) } else { sigmoid(-theta[i]) };
    let law = (0..16).map(|set| (set, (0..4).map(|i| coin(set, i)).product())).collect();
    let operator = AnyOperator::from(Trick::new(Subset::new(4), BinaryEntropy));
    check("subset", &frequencies(&operator, Noise::Logistic, &theta, 23), &law);
}

/// Kruskal's order: edges one after the other in proportion to exp(theta), those that would close a cycle left out.
/// Neither uniform over trees at theta = 0 nor the exponential family's law.
#[test]
fn a_spanning_tree_is_grown_edge_by_edge() {
    const EDGES: [(usize, usize); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    let component = |set: Set| {
        let mut label = [0, 1, 2, 3];
        for (i, &(a, b)) in EDGES.iter().enumerate() {
            if set >> i & 1 == 1 {
                let (old, new) = (label[a], label[b]);
                label.iter_mut().filter(|l| **l == old).for_each(|l| *l = new);
            }
        }
        label
    };
    let choices = |set: Set| {
        let label = component(set);
        (0..6).filter(|&i| label[EDGES[i].0] != label[EDGES[i].1]).collect()
    };
    let operators = [
        AnyOperator::from(Trick::new(SpanningTree::complete(4), ExponentialFamilyEntropy)),
        // With one more vertex on a bridge it is not complete, so that Kruskal's algorithm runs and not Prim's.
        AnyOperator::from(Trick::new(
            SpanningTree::with_edges(5, EDGES.map(|(a, b)| (a as u32, b as u32)).into_iter().chain([(3, 4)])),
            ExponentialFamilyEntropy,
        )),
    ];
    for theta in [[0.0; 6], [0.5, -0.3, 0.2, 1.0, -0.6, 0.1]] {
        let law = one_after_another(&theta, &choices);
        assert_eq!(law.len(), 16);
        check("complete graph", &frequencies(&operators[0], Noise::Gumbel, &theta, 24), &law);
        // A bridge is in every tree and changes nothing else.
        let bridged = law.iter().map(|(set, p)| (set | 1 << 6, *p)).collect();
        check(
            "edge list",
            &frequencies(&operators[1], Noise::Gumbel, &[&theta[..], &[0.0]].concat(), 25),
            &bridged,
        );
    }
    let uniform = one_after_another(&[0.0; 6], &choices);
    assert!(uniform.values().any(|p| (p - 1.0 / 16.0).abs() > 1e-3), "it is not uniform over trees");
}

/// Vertices a and b below a root, with the edges ra, rb, ab, ba. By negative exponentials each vertex draws its head in
/// proportion to the rates, and a cycle is left by a way in drawn anew. By Gumbel utilities of the same parameters it is
/// another law: with the logistic `ab - rb` and `ra - ba`, P{ra, ab} is the integral of q over [0.4, 1].
#[test]
fn an_arborescence_has_the_law_of_its_utilities() {
    let operator = AnyOperator::from(Trick::new(
        Arborescence::with_edges(3, 0, false, [(0, 1), (0, 2), (1, 2), (2, 1)]),
        ExponentialFamilyEntropy,
    ));
    let theta = [1.0, 2.0, 3.0, 1.5_f64].map(f64::ln);
    let law = |p: [f64; 3]| [0b0011, 0b0101, 0b1010].into_iter().zip(p).collect();
    check(
        "negative exponentials",
        &frequencies(&operator, Noise::NegativeExponential, &theta, 26),
        &law([0.16, 0.36, 0.48]),
    );
    check("gumbel", &frequencies(&operator, Noise::Gumbel, &theta, 27), &law([0.16, 0.42, 0.42]));
}

/// Of a single child of the root only: ra with ab, or rb with ba, by the larger sum; from the same Gumbel variables.
#[test]
fn an_arborescence_of_a_single_child_has_the_law_of_its_utilities() {
    let operator = AnyOperator::from(Trick::new(
        Arborescence::with_edges(3, 0, true, [(0, 1), (0, 2), (1, 2), (2, 1)]),
        ExponentialFamilyEntropy,
    ));
    // ra + ab > rb + ba is symmetric where ra and rb, ab and ba have the same rates.
    let law = [(0b0101, 0.5), (0b1010, 0.5)].into_iter().collect();
    check("one child", &frequencies(&operator, Noise::Gumbel, &[0.7, 0.7, -1.0, -1.0], 28), &law);
}
