//! Chains of many states, whose edges are rows that fill registers, beside sums over all labellings.

#[path = "support/drawn.rs"]
mod drawn;

use drawn::drawn;
use sst::relaxation::{ExponentialFamilyEntropy, Relaxation};
use sst::structure::{Derivations, Structure};
use sst::utility::Noise;

const LENGTH: usize = 3;
const TOLERANCE: f64 = 1e-13;

/// The coordinates of each labelling.
fn labellings(states: usize) -> Vec<Vec<usize>> {
    let of = |number: usize| {
        let label = |position: usize| number / states.pow(position as u32) % states;
        let unary = (0..LENGTH).map(|i| i * states + label(i));
        let pair = |i: usize| LENGTH * states + (i * states + label(i)) * states + label(i + 1);
        unary.chain((0..LENGTH - 1).map(pair)).collect()
    };
    (0..states.pow(LENGTH as u32)).map(of).collect()
}

/// The means of labellings, and of them times what they have of the cotangent above its mean.
fn enumerated(labellings: &[Vec<usize>], utility: &[f64], cotangent: &[f64], t: f64) -> [Vec<f64>; 2] {
    let sum = |cells: &[f64], labelling: &[usize]| labelling.iter().map(|&c| cells[c]).sum::<f64>();
    let scores: Vec<f64> = labellings.iter().map(|labelling| sum(utility, labelling)).collect();
    let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = scores.iter().map(|score| ((score - best) / t).exp()).collect();
    let total: f64 = weights.iter().sum();
    let along: Vec<f64> = labellings.iter().map(|labelling| sum(cotangent, labelling)).collect();
    let mean = weights.iter().zip(&along).map(|(weight, value)| weight / total * value).sum::<f64>();
    let mut results = [vec![0.0; utility.len()], vec![0.0; utility.len()]];
    for ((labelling, weight), value) in labellings.iter().zip(&weights).zip(&along) {
        for &coordinate in labelling {
            results[0][coordinate] += weight / total;
            results[1][coordinate] += weight / total * (value - mean);
        }
    }
    results
}

/// Utilities whose sums are exact.
fn rounded(values: Vec<f64>) -> Vec<f64> {
    values.iter().map(|x| (x * 1024.0).round() / 1024.0).collect()
}

#[test]
fn rows_that_fill_registers_are_right() {
    const ROWS: usize = 5;
    for states in [4, 7, 8, 9, 17] {
        let (chain, labellings) = (Derivations::linear_chain(LENGTH, states), labellings(states));
        let n = chain.dimension();
        let mut utilities = rounded(drawn(Noise::Gumbel, 3, ROWS, n));
        let cotangents = drawn(Noise::Logistic, 4, ROWS, n);
        // A row with forbidden states, and one with masks.
        utilities[2 * n..2 * n + states - 1].fill(f64::NEG_INFINITY);
        utilities[3 * n..3 * n + states - 1].fill(-1e32);
        for t in [1e-3, 0.05, 1.0, 1e3] {
            let mut both = vec![0.0; 2 * ROWS * n];
            ExponentialFamilyEntropy
                .softmax_with_vjp(&chain, &utilities, t, &cotangents, &mut both)
                .expect("a labelling");
            for row in 0..ROWS {
                let cells = row * n..(row + 1) * n;
                let (utility, cotangent) = (&utilities[cells.clone()], &cotangents[cells.clone()]);
                let [soft, slope] = enumerated(&labellings, utility, cotangent, t);
                let computed = &both[2 * row * n..2 * (row + 1) * n];
                let off = |computed: &[f64], expected: &[f64], unit: f64| {
                    let errors = computed.iter().zip(expected).map(|(x, y)| (x * unit - y).abs());
                    errors.fold(0.0, f64::max)
                };
                let (value, gradient) = (off(&computed[..n], &soft, 1.0), off(&computed[n..], &slope, t));
                assert!(value <= TOLERANCE, "{states} states, row {row}, t = {t}: off by {value:e}");
                assert!(
                    gradient <= 10.0 * TOLERANCE,
                    "{states} states, row {row}, t = {t}: off by {gradient:e}"
                );
                let mut alone = vec![0.0; 2 * n];
                ExponentialFamilyEntropy
                    .softmax_with_vjp(&chain, utility, t, cotangent, &mut alone)
                    .expect("a labelling");
                assert_eq!(alone, computed, "a row of a batch is not the row alone");
            }
        }
    }
}
