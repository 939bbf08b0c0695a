//! Structures that are derived step by step: what they have in common with others, their sizes, and utilities beyond the
//! range in which sums of doubles tell them apart.

use sst::relaxation::{ExponentialFamilyEntropy, PerturbAndParse};
use sst::structure::{CorrelatedTopK, ProjectiveTree, TopK};
use sst::{AnyOperator, Trick};

use crate::calls::{argmax, distance, dot, largest, log_partition, same_bits, softmax, view, vjp};

const TEMPERATURES: [f64; 6] = [1e-300, 1e-3, 0.1, 1.0, 10.0, 1e6];

fn chain(elements: usize, k: usize) -> AnyOperator {
    Trick::new(CorrelatedTopK::new(elements, k), ExponentialFamilyEntropy).into()
}

fn trees(words: usize) -> AnyOperator {
    Trick::new(ProjectiveTree::new(words), ExponentialFamilyEntropy).into()
}

fn bespoke_trees(words: usize) -> AnyOperator {
    Trick::new(ProjectiveTree::new(words), PerturbAndParse).into()
}

/// `log Z` of one row.
fn log_sum(operator: &AnyOperator, utility: &[f64], temperature: f64) -> f64 {
    let family = operator.as_family().expect("an exponential family");
    log_partition(family, utility, temperature).expect("a finite sum")[0]
}

/// Utilities in [-3, 3] without a pattern.
fn wave(n: usize, phase: f64) -> Vec<f64> {
    (0..n).map(|i| 3.0 * (1.7 * i as f64 * i as f64 + phase).sin()).collect()
}

#[test]
fn pairs_of_utility_zero_change_nothing() {
    for (n, k) in [(1, 1), (5, 0), (5, 2), (5, 5), (9, 4), (60, 7)] {
        let (chain, choice) =
            (chain(n, k), AnyOperator::from(Trick::new(TopK::new(n, k), ExponentialFamilyEntropy)));
        let (utility, cotangent) = (wave(n, 1.0), wave(n, 2.0));
        let extended = |values: &[f64]| [values, &vec![0.0; n - 1]].concat();
        let (u, g) = (extended(&utility), extended(&cotangent));
        assert!(same_bits(&argmax(&chain, &u)[..n], &argmax(&choice, &utility)));
        for t in TEMPERATURES {
            let off = distance(&softmax(&chain, &u, t)[..n], &softmax(&choice, &utility, t));
            assert!(off <= 1e-14, "{k} of {n} at {t}: off by {off:e}");
            let off = distance(&vjp(&chain, &u, t, &g)[..n], &vjp(&choice, &utility, t, &cotangent)) * t;
            assert!(off <= 1e-13, "{k} of {n} at {t}: the VJP is off by {off:e} / t");
            let logs = [log_sum(&chain, &u, t), log_sum(&choice, &utility, t)];
            assert!((logs[0] - logs[1]).abs() <= 1e-14 * logs[1].abs().max(1.0), "{logs:?}");
        }
    }
    // Ties go to the lowest indices.
    assert_eq!(argmax(&chain(4, 2), &[0.0; 7]), [1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(argmax(&chain(4, 2), &[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])[..4], [1.0, 1.0, 0.0, 0.0]);
}

/// No two neighbours: `C(n - k + 1, k)` choices, and the marginals add up.
#[test]
fn forbidden_pairs_keep_neighbours_apart() {
    for (n, k, count) in [(5, 3, 1.0), (7, 3, 10.0), (12, 4, 126.0), (40, 2, 741.0)] {
        let operator = chain(n, k);
        let utility = [vec![0.0; n], vec![f64::NEG_INFINITY; n - 1]].concat();
        let log = log_sum(&operator, &utility, 1.0);
        assert!((log - f64::ln(count)).abs() <= 1e-14 * log.max(1.0), "{k} of {n}: {log}, not ln {count}");
        let soft = softmax(&operator, &utility, 1.0);
        assert!((soft[..n].iter().sum::<f64>() - k as f64).abs() <= 1e-13);
        assert!(soft[n..].iter().all(|&z| z == 0.0));
        assert!(operator.check(view(2 * n - 1, &utility)).is_ok());
    }
    let tight =
        [0.0, 0.0, 0.0, 0.0, 0.0, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let error = chain(5, 4).check(view(9, &tight)).expect_err("at most three are apart");
    assert_eq!(error.kind.code(), "INFEASIBLE");
    assert!(error.message.ends_with("got at most 3"), "{error}");
}

/// `C(3n, n) / (2n + 1)` trees; every word has one head; and the Jacobian is symmetric and annihilates constants.
#[test]
fn trees_of_long_sentences() {
    for words in [1_usize, 2, 7, 30, 70] {
        let operator = trees(words);
        let n = operator.dimension();
        let choices: f64 = (0..words).map(|i| ((3 * words - i) as f64).ln() - ((i + 1) as f64).ln()).sum();
        let count = choices - ((2 * words + 1) as f64).ln();
        let log = log_sum(&operator, &vec![0.0; n], 1.0);
        assert!((log - count).abs() <= 1e-13 * count.max(1.0), "{words} words: {log}, not {count}");
        let (utility, a, b) = (wave(n, 0.1), wave(n, 2.0), wave(n, 4.0));
        let places = ProjectiveTree::new(words).places();
        for t in [1e-3, 0.1, 1.0, 100.0] {
            let bespoke = bespoke_trees(words);
            for soft in [softmax(&operator, &utility, t), softmax(&bespoke, &utility, t)] {
                for word in 1..=words {
                    let heads = places.iter().zip(&soft).filter(|(place, _)| *place % (words + 1) == word);
                    let sum: f64 = heads.map(|(_, p)| p).sum();
                    assert!((sum - 1.0).abs() <= 1e-13, "{words} words at {t}: {sum} heads of {word}");
                }
            }
            let along = |direction: &[f64]| vjp(&operator, &utility, t, direction);
            let off = (dot(&a, &along(&b)) - dot(&b, &along(&a))).abs() * t;
            assert!(off <= 1e-13 * 9.0 * n as f64, "{words} words at {t}: asymmetric by {off:e}");
            assert!(largest(&along(&vec![1.0; n])) * t <= 1e-13);
        }
        let cold = distance(&softmax(&operator, &utility, 1e-12), &argmax(&operator, &utility));
        assert!(cold <= 1e-13, "{words} words: {cold:e} from the argmax");
    }
}

/// Large utilities that structures share do not hide the small ones by which they differ: nor from the argmax, nor
/// from the relaxation at any temperature.
#[test]
fn small_differences_between_large_sums_count() {
    let huge = 1e308;
    // Element 1 in any case, then one of the others; the pairs weigh against one another.
    let utility = [0.0, huge, 1.0, 2.0, -huge, -huge, 0.0];
    let operator = chain(4, 2);
    assert_eq!(argmax(&operator, &utility), [0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    // Elements 0 and 3 both pay what they gain.
    let utility = [huge, huge, huge, 5.0, -huge, -huge, -huge];
    let balanced = chain(4, 2);
    assert_eq!(argmax(&balanced, &utility)[..4], [1.0, 0.0, 1.0, 0.0]);
    for t in [1.0, 0.3, 1e-300] {
        let soft = softmax(&operator, &[0.0, huge, 1.0, 2.0, 0.0, 0.0, 0.0], t);
        let weights = [0.0, 1.0, 2.0].map(|u: f64| ((u - 2.0) / t).exp());
        let total: f64 = weights.iter().sum();
        let expected = [weights[0] / total, 1.0, weights[1] / total, weights[2] / total];
        assert!(distance(&soft[..4], &expected) <= 1e-15, "{soft:?} at {t}");
    }
    // Two words: 0 -> 1 and 0 -> 2, 0 -> 1 -> 2, 0 -> 2 -> 1.
    let operator = trees(2);
    let utility = [huge, 1.0, 1.5, -huge];
    assert_eq!(argmax(&operator, &utility), [1.0, 0.0, 1.0, 0.0]);
    let soft = softmax(&operator, &utility, 1.0);
    let p = 1.0 / (1.0 + (-0.5_f64).exp());
    assert!(distance(&soft, &[1.0, 1.0 - p, p, 0.0]) <= 1e-15, "{soft:?}");
    let gradient = vjp(&operator, &utility, 1.0, &[0.0, 1.0, 0.0, 0.0]);
    assert!(distance(&gradient, &[0.0, p * (1.0 - p), -p * (1.0 - p), 0.0]) <= 1e-15, "{gradient:?}");
    // Ties are shared, however cold.
    for t in [1e-3, 1e-100, 5e-324] {
        let soft = softmax(&operator, &[3.0, 1.0, 1.0, -2.0], t);
        assert!(distance(&soft, &[1.0, 0.5, 0.5, 0.0]) <= 1e-15, "{soft:?} at {t:e}");
    }
}

/// Where every edge from the root to a word has a weight below the range of doubles, next to that of the largest edge, a
/// tree still needs one of them.
#[test]
fn edges_far_below_the_largest_count() {
    let matrix = [
        [-788.9, -117.9, -221.2, -757.6],
        [0.0, -220.1, -371.7, -537.1],
        [-846.2, 0.0, -575.6, -1252.9],
        [-740.9, -599.2, 0.0, 0.0],
        [-492.9, -1131.8, -640.4, 0.0],
    ];
    let edges = (0..5).flat_map(|head| (1..5).map(move |word| (head, word)));
    let utility: Vec<f64> =
        edges.filter(|(head, word)| head != word).map(|(head, word)| matrix[head][word - 1]).collect();
    for t in [1.0, 1.1, 1.5, 3.0] {
        // Exact exponents are another way to the same numbers.
        let (scaled, exact) = (softmax(&trees(4), &utility, t), {
            let tiny: Vec<f64> = utility.iter().map(|u| u * 2.0_f64.powi(-1000)).collect();
            softmax(&trees(4), &tiny, t * 2.0_f64.powi(-1000))
        });
        assert!(distance(&scaled, &exact) <= 1e-14, "{scaled:?}, not {exact:?}, at {t}");
        assert!(distance(&softmax(&trees(4), &utility, t), &argmax(&trees(4), &utility)) <= 1e-6);
    }
}

/// One word in a sentence, one element of one: there is nothing to choose.
#[test]
fn sentences_of_one_word() {
    for utility in [0.0, -1e300, f64::MAX] {
        for t in TEMPERATURES {
            let operators = [trees(1), bespoke_trees(1), chain(1, 1)];
            for operator in operators {
                assert_eq!(argmax(&operator, &[utility]), [1.0]);
                assert!(distance(&softmax(&operator, &[utility], t), &[1.0]) <= 1e-15);
                assert!(largest(&vjp(&operator, &[utility], t, &[2.0])) * t <= 1e-14);
            }
        }
    }
}
