//! Relaxations of all kinds at the ends of what doubles hold, against closed forms and laws that need no enumeration.

mod support;

use support::*;

use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyRelaxation, L2x, NeuralSort,
    PerturbAndParse,
};
use sst::relaxation::{Sinkhorn, SparseMap};
use sst::structure::{
    Arborescence, CorrelatedTopK, Derivations, Matching, OneHot, Permutahedron, ProjectiveTree, Ranking,
    SpanningTree,
};
use sst::structure::{Subset, TopK, WithReplacement};
use sst::utility::Noise;
use sst::{Question, Terms, Trick};

#[path = "support/ask.rs"]
mod asking;

use asking::ask;

fn families() -> Vec<(&'static str, AnyOperator)> {
    vec![
        ("one-hot", family(OneHot::new(40))),
        ("top k", family(TopK::new(40, 13))),
        ("correlated top k", family(CorrelatedTopK::new(20, 8))),
        ("linear chains", family(Derivations::linear_chain(6, 3))),
        ("binary trees", family(Derivations::binary_tree(6, 1))),
        ("matchings", family(Matching::new(6))),
        ("partial matchings", family(Matching::partial(3, 5))),
        ("trees", family(SpanningTree::complete(8))),
        ("arborescences", family(Arborescence::complete(8, 3, false))),
        ("arborescences of one child", family(Arborescence::complete(8, 0, true))),
        ("projective trees", family(ProjectiveTree::new(6))),
    ]
}

/// Those that depend on the ratio of utilities and temperature alone.
fn others() -> Vec<(&'static str, AnyOperator)> {
    vec![
        ("coins", Trick::new(Subset::new(12), BinaryEntropy).into()),
        ("top k, binary entropy", Trick::new(TopK::new(12, 5), BinaryEntropy).into()),
        ("top k, categorical entropy", Trick::new(TopK::new(12, 5), CategoricalEntropy).into()),
        ("top k, entmax", Trick::new(TopK::new(12, 5), Entmax::new(1.5)).into()),
        ("top k, euclidean", Trick::new(TopK::new(12, 5), Euclidean).into()),
        ("choices with repetition", Trick::new(WithReplacement::new(6, 3), L2x).into()),
        ("ranking", Trick::new(Ranking::new(6), NeuralSort).into()),
        ("ranks", Trick::new(Permutahedron::ranks(6), Euclidean).into()),
        ("ranks, categorical entropy", Trick::new(Permutahedron::ranks(6), CategoricalEntropy).into()),
        ("perturb and parse", Trick::new(ProjectiveTree::new(5), PerturbAndParse).into()),
        ("matching", Trick::new(Matching::new(5), Sinkhorn::default()).into()),
        ("matching, sparsemap", Trick::new(Matching::new(5), SparseMap).into()),
        ("trees, sparsemap", Trick::new(SpanningTree::complete(6), SparseMap).into()),
    ]
}

fn terms(temperature: f64) -> Terms {
    Terms { temperature, ..Terms::default() }
}

fn one(operator: &AnyOperator, question: Question, inputs: &[&[f64]], temperature: f64) -> Vec<f64> {
    ask(operator, question, inputs, None, terms(temperature), 1, 1).expect("a valid row")
}

/// Utilities up to three quarters of the largest double, whose differences are beyond it.
#[test]
fn the_largest_utilities_have_the_law_of_small_ones() {
    let scale = 2.0_f64.powi(1022);
    for (name, operator) in families().into_iter().chain(others()) {
        for seed in 0..5 {
            let mut utility = quarters(operator.utility_dimension(), seed);
            if seed == 4 {
                utility.iter_mut().for_each(|u| *u = 3.0_f64.copysign(*u));
            }
            let scaled: Vec<f64> = utility.iter().map(|u| u * scale).collect();
            let (hard, large) = (
                one(&operator, Question::Argmax, &[&utility], 1.0),
                one(&operator, Question::Argmax, &[&scaled], 1.0),
            );
            assert_eq!(hard, large, "{name}: argmax");
            for temperature in [1.0, 0.03125] {
                let soft = one(&operator, Question::Softmax, &[&utility], temperature);
                let again = one(&operator, Question::Softmax, &[&scaled], temperature * scale);
                let off = distance(&soft, &again);
                assert!(off <= 1e-13, "{name} at {temperature}: {off:e}");
                if operator.as_family().is_some() {
                    let own = entropy(&operator, &utility, temperature).expect("moderate");
                    let off =
                        (entropy(&operator, &scaled, temperature * scale).expect("moderate") - own).abs();
                    assert!(off <= 1e-11, "{name} at {temperature}: entropy {off:e}");
                }
            }
            // Without rounding to confuse them, the values of vertices are far apart or equal.
            let coldest = one(&operator, Question::Softmax, &[&scaled], 1.0);
            let cold = one(&operator, Question::Softmax, &[&utility], 2.0_f64.powi(-60));
            let off = distance(&coldest, &cold);
            assert!(off <= 1e-13, "{name} at the coldest: {off:e}");
        }
    }
}

/// A coordinate that is certain, or impossible, by 100 temperatures is so by any number of them: its own utility leaves the
/// derivatives of the entropy.
#[test]
fn what_is_decided_does_not_enter_the_entropys_gradient() {
    for (name, operator) in families() {
        let n = operator.utility_dimension();
        for (seed, sign) in [(1, 1.0), (2, -1.0), (3, 1.0), (4, -1.0)] {
            let place = (7 * seed as usize) % n;
            let at = |size: f64| {
                let mut utility = noise(n, seed);
                utility[place] = sign * size;
                one(&operator, Question::EntropyVjp, &[&utility, &[1.0]], 1.0)
            };
            let expected = at(100.0);
            for size in [1e4, 1e7, 3e10, 1e13] {
                let off = distance(&at(size), &expected);
                assert!(off <= 1e-13, "{name}, {place} at {size:e}: off by {off:e}");
            }
        }
    }
}

/// Half of many elements: their sets alone are more than doubles count.
#[test]
fn half_of_many_elements_is_uniform() {
    let (n, k) = (1_200, 600);
    let correlated = family(CorrelatedTopK::new(n, k));
    let soft = softmax(&correlated, &vec![0.0; 2 * n - 1], 1.0);
    let pair = (k * (k - 1)) as f64 / (n * (n - 1)) as f64;
    assert!(soft[..n].iter().all(|x| (x - 0.5).abs() <= 1e-12), "{}", soft[0]);
    assert!(soft[n..].iter().all(|x| (x - pair).abs() <= 1e-12), "{}", soft[n]);
}

/// A sum over the best vertex may overflow where the log-partition function does not, and is infinite where that does.
#[test]
fn log_partitions_reach_as_far_as_doubles() {
    let operator = family(TopK::new(3, 2));
    for (temperature, expected) in [(1e290, 3.4e18), (1e2, 3.4e306)] {
        let log = log_partition(&operator, &[1.7e308, 1.7e308, -1.7e308], temperature);
        assert!((log / expected - 1.0).abs() <= 1e-13, "{log:e}, not {expected:e}");
    }
    for sign in [1.0, -1.0] {
        let mut log = [0.0];
        let utility = [sign * 1e300; 3];
        let structure = TopK::new(3, 2);
        ExponentialFamilyEntropy.log_partition(&structure, &utility, 1e-10, &mut log).expect("memory");
        assert_eq!(log[0], sign * f64::INFINITY);
    }
}

/// With one element `gap` above two others: `1 - x_0 = 2 x_1`, so that `x_1 = e^(-gap/2) / sqrt 2` but for its square.
#[test]
fn binary_entropy_is_right_relatively_over_any_gap() {
    let operator: AnyOperator = Trick::new(TopK::new(3, 1), BinaryEntropy).into();
    for gap in [80.0, 200.0, 300.0, 700.0, 1_250.0, 1_299.0] {
        let tail = f64::exp(-gap / 2.0) / f64::sqrt(2.0);
        let close = |got: f64, expected: f64| {
            assert!((got / expected - 1.0).abs() <= 1e-12, "{gap}: {got:e}, not {expected:e}");
        };
        let soft = softmax(&operator, &[gap, 0.0, 0.0], 1.0);
        close(soft[1], tail);
        close(soft[2], tail);
        // Slopes 2 tail, tail, tail; along the first coordinate they are half of those.
        let gradient = vjp(&operator, &[gap, 0.0, 0.0], 1.0, &[1.0, 0.0, 0.0]);
        close(gradient[0], tail);
        close(gradient[1], -tail / 2.0);
    }
    // Beyond, it is a vertex.
    for gap in [1_500.0, 1e6, 1e300] {
        assert_eq!(softmax(&operator, &[gap, 0.0, 0.0], 1.0), [1.0, 0.0, 0.0], "{gap}");
        assert_eq!(vjp(&operator, &[gap, 0.0, 0.0], 1.0, &[1.0, 0.0, 0.0]), [0.0; 3], "{gap}");
    }
}

/// What is unlikely falls like `e^-gap`, and its gradient with it, down to where doubles end.
#[test]
fn perturb_and_parse_is_right_relatively() {
    let operator: AnyOperator = Trick::new(ProjectiveTree::new(2), PerturbAndParse).into();
    // The diagonal is the root's: 0 -> 1 -> 2 is the best.
    let at = |gap: f64| [0.0, 0.0, -gap, -gap];
    let (mut soft, mut gradient) = (vec![], vec![]);
    for gap in [60.0, 110.0, 160.0, 210.0] {
        soft.push(softmax(&operator, &at(gap), 1.0)[3]);
        gradient.push(vjp(&operator, &at(gap), 1.0, &[0.0, 0.0, 0.0, 1.0])[3]);
    }
    for fall in [soft, gradient] {
        assert!(fall[0] > 0.0, "{fall:?}");
        for pair in fall.windows(2) {
            let ratio = pair[1] / pair[0] * f64::exp(50.0);
            assert!((ratio - 1.0).abs() <= 1e-12, "{fall:?}: {ratio}");
        }
    }
}

/// Entropies and divergences are at least 0 and logarithms of probabilities at most, where one vertex has nearly all of the
/// probability and rounding would have them on the other side.
#[test]
fn rounding_changes_no_sign() {
    for (name, operator) in families() {
        let n = operator.dimension();
        for seed in 0..300 {
            let utility = noise(n, seed);
            let hard = argmax(&operator, &utility);
            for gap in [0.0, 20.0, 34.0, 36.0, 37.0, 40.0, 100.0] {
                let likely = |noise: &[f64]| -> Vec<f64> {
                    noise.iter().zip(&hard).map(|(u, x)| u + gap * (x - 0.5)).collect()
                };
                let (u, v) = (likely(&utility), likely(&noise(n, seed + 1_000)));
                let soft = softmax(&operator, &u, 1.0);
                assert!(soft.iter().all(|x| (0.0..=1.0).contains(x)), "{name}, {gap}: {soft:?}");
                let own = entropy(&operator, &u, 1.0).expect("moderate");
                assert!(own >= 0.0, "{name}, {gap}: entropy {own:e}");
                let log = log_probability(&operator, &u, &hard, 1.0).expect("moderate");
                assert!(log <= 0.0, "{name}, {gap}: log-probability {log:e}");
                for other in [&v, &u.iter().map(|u| u + 1e-9).collect()] {
                    let divergence = one(&operator, Question::Divergence, &[&u, other], 1.0)[0];
                    assert!(divergence >= 0.0, "{name}, {gap}: divergence {divergence:e}");
                }
            }
        }
    }
}

/// Laws next to one another diverge by half the variance of their difference, relatively.
#[test]
fn small_divergences_are_half_a_variance() {
    for (name, operator) in families() {
        let n = operator.dimension();
        let (u, d) = (noise(n, 7), noise(n, 8));
        let epsilon = 2.0_f64.powi(-20);
        let v: Vec<f64> = u.iter().zip(&d).map(|(u, d)| u + epsilon * d).collect();
        // What v differs by after rounding.
        let step: Vec<f64> = u.iter().zip(&v).map(|(u, v)| v - u).collect();
        let along = vjp(&operator, &u, 1.0, &step);
        let expected = 0.5 * step.iter().zip(&along).map(|(a, b)| a * b).sum::<f64>();
        let got = one(&operator, Question::Divergence, &[&u, &v], 1.0)[0];
        // A third cumulant of some ten numbers times a millionth.
        assert!((got / expected - 1.0).abs() <= 1e-4, "{name}: {got:e}, not {expected:e}");
    }
}

/// A vertex that dwarfs the others leaves nothing of the entropy, and nothing of its gradient, whatever means are rounded to.
#[test]
fn certainty_has_no_entropy() {
    for (name, operator) in families() {
        let n = operator.dimension();
        for seed in 0..100 {
            let utility = noise(n, seed);
            let hard = argmax(&operator, &utility);
            for size in [1e5, 1e13, 1e17, 1e300] {
                let certain: Vec<f64> =
                    utility.iter().zip(&hard).map(|(u, x)| u + size * (x - 0.5)).collect();
                let own = entropy(&operator, &certain, 1.0).expect("one vertex");
                assert!(own <= 1e-14, "{name}, {size:e}: {own:e}");
                let gradient = one(&operator, Question::EntropyVjp, &[&certain, &[1.0]], 1.0);
                let off = distance(&gradient, &vec![0.0; n]);
                assert!(off <= 1e-12, "{name}, {size:e}: {off:e}");
            }
        }
    }
}

/// Rates of negative exponentials, and their inverses, are doubles up to 700; beyond, the coordinate is named.
#[test]
fn rates_beyond_doubles_are_refused() {
    let operator = AnyOperator::plain(3).with_noise(Noise::NegativeExponential);
    let answers = |theta: f64| {
        let theta = [0.0, 0.0, 0.0, 0.0, theta, 0.0];
        let asked: [(Question, &[&[f64]]); 3] = [
            (Question::Perturb, &[&theta]),
            (Question::Kl, &[&theta]),
            (Question::KlVjp, &[&theta, &[1.0, 1.0]]),
        ];
        asked.map(|(question, inputs)| ask(&operator, question, inputs, None, terms(1.0), 2, 1))
    };
    for theta in [700.0, -700.0] {
        for answer in answers(theta) {
            assert!(answer.expect("a rate").iter().all(|x| x.is_finite()), "{theta}");
        }
        for answer in answers(theta * 1.001) {
            let error = answer.expect_err("no rate");
            assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", Some(1)));
            assert!(error.message.starts_with("theta: expected numbers from -700 to 700"), "{error}");
        }
    }
}

/// Cotangents beyond the ordinary go a few rows at a time.
#[test]
fn errors_beside_extreme_cotangents_name_their_row() {
    let operator: AnyOperator = Trick::new(Matching::new(3), Sinkhorn::new(1e-13, 0)).into();
    for bad in [0, 63, 64, 100] {
        let mut utility = vec![0.0; 9 * 101];
        utility[9 * bad] = 1.0;
        for cotangent in [1.0, 1e300] {
            let cotangents = vec![cotangent; 9 * 101];
            let inputs: &[&[f64]] = &[&utility, &cotangents];
            let error = ask(&operator, Question::SoftmaxVjp, inputs, None, terms(1.0), 101, 1);
            let error = error.expect_err("no iterations");
            assert_eq!((error.kind.code(), error.row), ("DID_NOT_CONVERGE", Some(bad)), "{cotangent:e}");
        }
    }
}

/// Of equal edges into a vertex the first is chosen: where there is no cycle, vertex by vertex, and where all are equal.
#[test]
fn ties_of_arborescences_go_to_the_first_edge() {
    for seed in 0..200 {
        let n = 7_u32;
        let mut edges: Vec<(u32, u32)> =
            (0..n).flat_map(|head| (head + 1..n).map(move |m| (head, m))).collect();
        // In some order.
        let keys = noise(edges.len(), seed);
        let mut order: Vec<usize> = (0..edges.len()).collect();
        order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
        edges = order.iter().map(|&place| edges[place]).collect();
        let utility: Vec<f64> = noise(edges.len(), seed + 500).iter().map(|u| (1.5 * u).round()).collect();
        let hard = argmax(&family(Arborescence::with_edges(7, 0, false, edges.iter().copied())), &utility);
        let mut expected = vec![0.0; edges.len()];
        for modifier in 1..n {
            let into = || (0..edges.len()).filter(|&i| edges[i].1 == modifier);
            let most = into().map(|i| utility[i]).fold(f64::NEG_INFINITY, f64::max);
            expected[into().find(|&i| utility[i] == most).expect("an edge")] = 1.0;
        }
        assert_eq!(hard, expected, "seed {seed}");
    }
}

/// Of equal entries the first choice has the maximum, and so the gradient.
#[test]
fn ties_of_choices_go_to_the_first() {
    let (n, k) = (5, 3);
    let operator: AnyOperator = Trick::new(WithReplacement::new(n, k), L2x).into();
    let row = quarters(n, 3);
    let cotangent = noise(n, 4);
    let utility = row.repeat(k);
    let gradient = one(&operator, Question::SoftmaxVjp, &[&utility, &cotangent], 0.5);
    let choice = vjp(&family(OneHot::new(n)), &row, 0.5, &cotangent);
    assert_eq!(gradient[..n], choice);
    assert_eq!(gradient[n..], vec![0.0; n * (k - 1)]);
}

/// Sums over suffixes have a pair more than a set has, which may be far above the elements.
#[test]
fn pairs_far_above_the_elements_have_a_gradient() {
    let operator = family(CorrelatedTopK::new(3, 2));
    for scale in [0.5, 0.9, 1.0, 1.02, 1.05, 1.1, 1.2, 1.5, 2.0, 4.0] {
        let utility = [0.0, 352.0, 422.0, 358.0, 277.0].map(|u| u * scale);
        for cotangent in
            [[0.0, 0.0, 0.0, 0.0, -348.0], [0.0, 1.0, 0.0, 0.0, 0.0], [1.0, -2.0, 0.5, 3.0, -1.0]]
        {
            // Of the sets {0, 1}, {0, 2} and {1, 2} the last one is worth so much more that there is no other.
            let soft = one(&operator, Question::Softmax, &[&utility], 1.0);
            assert!(distance(&soft, &[0.0, 1.0, 1.0, 0.0, 1.0]) <= 1e-14, "{scale}: {soft:?}");
            let gradient = one(&operator, Question::SoftmaxVjp, &[&utility, &cotangent], 1.0);
            let size = cotangent.iter().fold(0.0_f64, |most, g| most.max(g.abs()));
            assert!(distance(&gradient, &[0.0; 5]) <= 1e-14 * size, "{scale}: {gradient:?}");
        }
    }
}
