//! The relaxations of the permutahedron against what shares no step with pooling: the minimax formula of isotonic regression
//! over all intervals, in integers where they go; the conditions of optimality, which are sorted sums, at any size; and
//! the relaxations of k-subsets and one-hot vectors, whose polytopes are permutahedra.

use std::cmp::Ordering;

use sst::relaxation::{CategoricalEntropy, Euclidean, Relaxation};
use sst::structure::{OneHot, Permutahedron, Structure, TopK};
use sst::{AnyOperator, Question, Terms, Trick};

#[path = "support/ask.rs"]
mod asking;
#[path = "support/numbers.rs"]
mod numbers;
#[path = "support/optimal.rs"]
mod optimal;

use asking::ask;
use numbers::{distance, noise, quarters};
use optimal::assert_optimal;

/// So many small instances by default.
fn cases() -> u64 {
    std::env::var("SST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

fn softmax<S: Structure>(relaxation: &impl Relaxation<S>, structure: &S, u: &[f64], t: f64) -> Vec<f64> {
    let mut soft = vec![f64::NAN; structure.dimension()];
    relaxation.softmax(structure, u, t, &mut soft).expect("it always ends");
    soft
}

fn vjp<S: Structure>(
    relaxation: &impl Relaxation<S>,
    structure: &S,
    u: &[f64],
    t: f64,
    g: &[f64],
) -> Vec<f64> {
    let mut gradient = vec![f64::NAN; structure.dimension()];
    relaxation.softmax_vjp(structure, u, t, g, &mut gradient).expect("it always ends");
    gradient
}

/// Places in decreasing order of utility.
fn ordered(utility: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..utility.len()).collect();
    order.sort_by(|&a, &b| utility[b].partial_cmp(&utility[a]).expect("numbers"));
    order
}

/// The interval whose level is the multiplier of this place: of all that begin here or before, for the end at which the lowest
/// is the highest. `compare` compares the levels of intervals.
fn minimax(
    n: usize,
    place: usize,
    compare: impl Fn((usize, usize), (usize, usize)) -> Ordering,
) -> (usize, usize) {
    let lowest = |end| (0..=place).map(|start| (start, end)).min_by(|&a, &b| compare(a, b)).expect("a start");
    (place + 1..=n).map(lowest).max_by(|&a, &b| compare(a, b)).expect("an end")
}

/// Small integers: sums of them are exact, and ties are frequent.
struct Integers {
    utility: Vec<i64>,
    weights: Vec<i64>,
    cotangent: Vec<i64>,
}

impl Integers {
    fn new(seed: u64) -> Self {
        let words = noise(25, seed);
        let n = 1 + (3.999 * (words[24] + 1.0)) as usize;
        let most: f64 = [2.0, 7.0, 1e3, 1e9][(1.999 * (words[23] + 1.0)) as usize];
        let integers = |from: usize, most: f64| -> Vec<i64> {
            words[from..from + n].iter().map(|x| (most * x).round() as i64).collect()
        };
        let mut weights = integers(8, most.min(1e3));
        weights.sort_unstable_by(|a, b| b.cmp(a));
        let mut utility = integers(0, most);
        // Far from one another, beside close ones.
        if seed.is_multiple_of(3) {
            utility[0] += 1 << 40;
        }
        Self { utility, weights, cotangent: integers(16, 50.0) }
    }

    fn doubles(values: &[i64]) -> Vec<f64> {
        values.iter().map(|&x| x as f64).collect()
    }
}

/// `X = s - v` with the multipliers v of the minimax formula, in fractions; and where there is no kink, the derivative is
/// that of a mean on every stretch of equal multipliers.
#[test]
fn projections_are_those_of_the_minimax_formula_in_fractions() {
    let mut smooth = 0;
    for seed in 0..cases() {
        let Integers { utility, weights, cotangent } = Integers::new(seed);
        let n = utility.len();
        let floats = Integers::doubles(&utility);
        let structure = Permutahedron::with_weights(Integers::doubles(&weights));
        let order = ordered(&floats);
        let sum = |(a, b): (usize, usize)| {
            (a..b).map(|i| i128::from(utility[order[i]]) - i128::from(weights[i])).sum::<i128>()
        };
        let length = |(a, b): (usize, usize)| (b - a) as i128;
        let compare = |a, b| (sum(a) * length(b)).cmp(&(sum(b) * length(a)));
        let levels: Vec<(usize, usize)> = (0..n).map(|place| minimax(n, place, compare)).collect();
        let mut expected = vec![0.0; n];
        for (place, &level) in levels.iter().enumerate() {
            let numerator = i128::from(utility[order[place]]) * length(level) - sum(level);
            expected[order[place]] = numerator as f64 / length(level) as f64;
        }
        // Powers of two are exact.
        let t = [1.0, 0.25, 2f64.powi(300), 2f64.powi(-300)][seed as usize % 4];
        let scaled: Vec<f64> = floats.iter().map(|u| u * t).collect();
        let soft = softmax(&Euclidean, &structure, &scaled, t);
        let tolerance = 4.0 * f64::EPSILON * expected.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
        let off = distance(&soft, &expected);
        assert!(off <= tolerance, "{seed}: {utility:?} {weights:?}: {soft:?}, not {expected:?}");
        let same = |i: usize| compare(levels[i - 1], levels[i]) == Ordering::Equal;
        let reached = |end: usize| {
            // Sums of entries over the common denominator of their levels.
            let common: i128 = (1..=n as i128).product();
            let entries: i128 = (0..end)
                .map(|i| {
                    i128::from(utility[order[i]]) * common - sum(levels[i]) * (common / length(levels[i]))
                })
                .sum();
            entries == common * weights[..end].iter().map(|&w| i128::from(w)).sum::<i128>()
        };
        if (1..n).any(|i| same(i) && reached(i)) {
            continue;
        }
        smooth += 1;
        let mut gradient = vec![0.0; n];
        let mut start = 0;
        for end in 1..=n {
            if end < n && same(end) {
                continue;
            }
            let total: i64 = (start..end).map(|i| cotangent[order[i]]).sum();
            for i in start..end {
                let count = (end - start) as i64;
                gradient[order[i]] = (cotangent[order[i]] * count - total) as f64 / count as f64;
            }
            start = end;
        }
        let own = vjp(&Euclidean, &structure, &scaled, t, &Integers::doubles(&cotangent));
        let own: Vec<f64> = own.iter().map(|x| x * t).collect();
        let off = distance(&own, &gradient);
        assert!(off <= 1e-13, "{seed}: {utility:?} {weights:?}: {own:?}, not {gradient:?}");
    }
    assert!(smooth > cases() / 5, "{smooth} of {} without a kink", cases());
}

/// The same formula for `log(sum exp(s) / sum w)`, in doubles: `X = w softmax` on stretches of equal multipliers.
#[test]
fn tilted_weights_are_those_of_the_minimax_formula() {
    let mut smooth = 0;
    for seed in 0..cases() {
        let words = noise(40, seed + (1 << 20));
        let n = 1 + (3.999 * (words[39] + 1.0)) as usize;
        let spread = [1e-3, 1.0, 5.0, 100.0][seed as usize % 4];
        let round = |x: f64| if seed % 5 == 0 { x.round() } else { x };
        let utility: Vec<f64> = words[..n].iter().map(|x| round(spread * x)).collect();
        let mut weights: Vec<f64> = words[8..8 + n].iter().map(|x| round(3.0 * x).max(0.0)).collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        let cotangent = &words[16..16 + n];
        let order = ordered(&utility);
        let total = |(a, b): (usize, usize)| weights[a..b].iter().sum::<f64>();
        let exponentials = |(a, b): (usize, usize), top: usize| -> f64 {
            (a..b).map(|i| (utility[order[i]] - utility[order[top]]).exp()).sum()
        };
        let compare = |a: (usize, usize), b: (usize, usize)| {
            let top = a.0.min(b.0);
            let (left, right) = (exponentials(a, top) * total(b), exponentials(b, top) * total(a));
            // Both infinite: none is above the other.
            if total(a) == 0.0 || total(b) == 0.0 {
                (total(a) == 0.0).cmp(&(total(b) == 0.0))
            } else if (left - right).abs() <= 1e-14 * left.max(right) {
                Ordering::Equal
            } else {
                left.total_cmp(&right)
            }
        };
        let levels: Vec<(usize, usize)> = (0..n).map(|place| minimax(n, place, compare)).collect();
        let entry = |i: usize| {
            let level = levels[i];
            let share = (utility[order[i]] - utility[order[level.0]]).exp() / exponentials(level, level.0);
            share * total(level)
        };
        let expected: Vec<f64> = (0..n).map(entry).collect();
        let structure = Permutahedron::with_weights(weights.clone());
        let t = [1.0, 2f64.powi(200), 2f64.powi(-200)][seed as usize % 3];
        let scaled: Vec<f64> = utility.iter().map(|u| u * t).collect();
        let soft = softmax(&CategoricalEntropy, &structure, &scaled, t);
        let soft: Vec<f64> = order.iter().map(|&i| soft[i]).collect();
        let off = distance(&soft, &expected);
        assert!(off <= 1e-14, "{seed}: {utility:?} {weights:?}: {soft:?} is {off:e} from {expected:?}");
        let same = |i: usize| compare(levels[i - 1], levels[i]) == Ordering::Equal;
        let slack = |end: usize| total((0, end)) - expected[..end].iter().sum::<f64>();
        if (1..n).any(|i| same(i) && slack(i).abs() <= 1e-6 * expected[i - 1].min(1.0)) {
            continue;
        }
        smooth += 1;
        let mut gradient = vec![0.0; n];
        let mut start = 0;
        for end in 1..=n {
            if end < n && same(end) {
                continue;
            }
            let weight: f64 = expected[start..end].iter().sum();
            for i in start..end {
                let against = |j: usize| expected[j] * (cotangent[order[i]] - cotangent[order[j]]);
                let mean: f64 = (start..end).map(against).sum();
                gradient[order[i]] = if weight > 0.0 { expected[i] * mean / weight } else { 0.0 };
            }
            start = end;
        }
        let own = vjp(&CategoricalEntropy, &structure, &scaled, t, cotangent);
        let own: Vec<f64> = own.iter().map(|x| x * t).collect();
        let off = distance(&own, &gradient);
        assert!(off <= 1e-13, "{seed}: {utility:?} {weights:?}: {own:?}, not {gradient:?}");
    }
    assert!(smooth > cases() / 5, "{smooth} of {} without a kink", cases());
}

#[test]
fn large_ones_are_optimal() {
    for (seed, n) in [(1, 1), (2, 2), (3, 17), (4, 100), (5, 317), (6, 1000)] {
        let ranks = Permutahedron::ranks(n);
        let mut levels: Vec<f64> = noise(n, seed + 10).iter().map(|w| (4.0 * w + 5.0).round()).collect();
        levels.sort_by(|a, b| b.total_cmp(a));
        let discounts: Vec<f64> = (0..n).map(|i| 1.0 / (i as f64 + 2.0).log2()).collect();
        for structure in [ranks, Permutahedron::with_weights(levels), Permutahedron::with_weights(discounts)]
        {
            for utility in [noise(n, seed), quarters(n, seed), vec![0.5; n]] {
                for t in [1e6, 1.0, 0.1, 1e-2, 1e-3, 1e-5] {
                    let soft = softmax(&Euclidean, &structure, &utility, t);
                    assert_optimal(structure.weights(), &utility, t, &soft, |x| x);
                    let soft = softmax(&CategoricalEntropy, &structure, &utility, t);
                    assert_optimal(structure.weights(), &utility, t, &soft, |x| x.ln() + 1.0);
                }
            }
        }
    }
}

/// k-subsets are the vertices of the permutahedron with k weights of 1 and others of 0, whose solvers share nothing with
/// this one.
#[test]
fn weights_of_one_and_zero_are_subsets() {
    for n in [1, 2, 7, 40] {
        for k in [1, n / 3, n / 2, n] {
            let weights: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i < k))).collect();
            let (structure, subsets) = (Permutahedron::with_weights(weights), TopK::new(n, k));
            let cotangent = noise(n, 99);
            for seed in 0..20 {
                let utility = noise(n, seed);
                for t in [10.0, 1.0, 0.1, 0.01] {
                    let off = distance(
                        &softmax(&Euclidean, &structure, &utility, t),
                        &softmax(&Euclidean, &subsets, &utility, t),
                    );
                    assert!(off <= 1e-14, "Euclidean: {off:e}");
                    let off = distance(
                        &softmax(&CategoricalEntropy, &structure, &utility, t),
                        &softmax(&CategoricalEntropy, &subsets, &utility, t),
                    );
                    assert!(off <= 1e-14, "categorical entropy: {off:e}");
                    let off = distance(
                        &vjp(&Euclidean, &structure, &utility, t, &cotangent),
                        &vjp(&Euclidean, &subsets, &utility, t, &cotangent),
                    );
                    assert!(off * t <= 1e-14, "Euclidean, vjp: {off:e}");
                    let off = distance(
                        &vjp(&CategoricalEntropy, &structure, &utility, t, &cotangent),
                        &vjp(&CategoricalEntropy, &subsets, &utility, t, &cotangent),
                    );
                    assert!(off * t <= 1e-13, "categorical entropy, vjp: {off:e}");
                }
            }
        }
    }
    let (choice, structure) = (OneHot::new(3), Permutahedron::with_weights(vec![1.0, 0.0, 0.0]));
    let utility = [1000.0, 2.0, -f64::MAX];
    assert_eq!(
        softmax(&CategoricalEntropy, &structure, &utility, 500.0),
        softmax(&CategoricalEntropy, &choice, &utility, 500.0)
    );
}

/// The logarithm of the projection with weights `exp(w)` is the entropic operator of the authors, `s - v` with
/// `v = log sum exp(s) - log sum exp(w)` on blocks: on two elements in one block, by hand.
#[test]
fn the_authors_examples() {
    let ranks = Permutahedron::ranks(3);
    assert_eq!(softmax(&Euclidean, &ranks, &[5.0, 1.0, 2.0], 2.0), [3.0, 1.25, 1.75]);
    assert_eq!(softmax(&Euclidean, &ranks, &[2.0, 1.0, 5.0], 1.0), [2.0, 1.0, 3.0]);
    let (s, w) = ([0.3_f64, 0.1], [2.0_f64, 1.0]);
    let structure = Permutahedron::with_weights(w.map(f64::exp).to_vec());
    let soft = softmax(&CategoricalEntropy, &structure, &s, 1.0);
    let of = |x: [f64; 2]| (x[0].exp() + x[1].exp()).ln();
    for (x, s) in soft.iter().zip(s) {
        assert!((x.ln() - (s - (of([0.3, 0.1]) - of(w)))).abs() <= 1e-15);
    }
}

fn hard(structure: &Permutahedron, utility: &[f64], t: f64) -> Vec<f64> {
    let operator = AnyOperator::from(Trick::new(structure.clone(), Euclidean));
    let terms = Terms { temperature: t, ..Terms::default() };
    let question = if t == 0.0 { Question::Softmax } else { Question::Argmax };
    ask(&operator, question, &[utility], None, terms, 1, 1).expect("a valid row")
}

/// Of all permutations the argmax has the best value, and of equal utilities the first has the larger weight.
#[test]
fn the_argmax_is_the_best_permutation() {
    for seed in 0..cases().min(20_000) {
        let Integers { utility, weights, .. } = Integers::new(seed);
        let n = utility.len().min(5);
        let (utility, weights) = (&utility[..n], &weights[..n]);
        let mut best: Option<(i64, Vec<i64>)> = None;
        permutations(n, &mut |permutation| {
            let x: Vec<i64> = permutation.iter().map(|&place| weights[place]).collect();
            let value = x.iter().zip(utility).map(|(x, u)| x * u).sum();
            // The first of a value, in lexicographic order of the vector from above.
            if best.as_ref().is_none_or(|(most, first)| (value, &x) > (*most, first)) {
                best = Some((value, x));
            }
        });
        let (_, expected) = best.expect("a permutation");
        let structure = Permutahedron::with_weights(Integers::doubles(weights));
        let utility = Integers::doubles(utility);
        for t in [0.0, 1.0] {
            assert_eq!(hard(&structure, &utility, t), Integers::doubles(&expected), "{seed}: {utility:?}");
        }
    }
}

fn permutations(n: usize, visit: &mut impl FnMut(&[usize])) {
    fn extend(n: usize, chosen: &mut Vec<usize>, visit: &mut impl FnMut(&[usize])) {
        if chosen.len() == n {
            return visit(chosen);
        }
        for next in 0..n {
            if !chosen.contains(&next) {
                chosen.push(next);
                extend(n, chosen, visit);
                chosen.pop();
            }
        }
    }
    extend(n, &mut Vec::new(), visit);
}

/// Beyond the range of `u / t`, the vertex itself; far above every utility, the centre.
#[test]
fn the_ends_of_the_range() {
    let structure = Permutahedron::ranks(4);
    for (utility, t) in [
        ([f64::MAX, -f64::MAX, 0.0, 1e300], 5e-324),
        ([1e300, -1e300, 0.0, 1e-290], 1e-300),
        ([1.0, -1.0, 0.0, 0.5], 1e-300),
        ([3e-300, -1.0, 0.0, 1e-300], 1e-303),
    ] {
        let expected = hard(&structure, &utility, 1.0);
        for soft in [
            softmax(&Euclidean, &structure, &utility, t),
            softmax(&CategoricalEntropy, &structure, &utility, t),
        ] {
            assert_eq!(soft, expected, "{utility:?} at {t:e}");
        }
        assert_eq!(vjp(&Euclidean, &structure, &utility, t, &[1.0, 2.0, -1.0, 0.5]), [0.0; 4]);
    }
    for t in [1e300, f64::MAX] {
        for soft in [
            softmax(&Euclidean, &structure, &[1.0, -1.0, 1e280, 0.5], t),
            softmax(&CategoricalEntropy, &structure, &[1.0, -1.0, 1e280, 0.5], t),
        ] {
            assert!(distance(&soft, &[2.5; 4]) <= 1e-15, "{soft:?}");
        }
    }
    // Two that are close, far from two others that are.
    let soft = softmax(&Euclidean, &structure, &[1e300, 1.0, 1.5, 1e300], 1.0);
    assert_eq!(soft, [3.5, 1.25, 1.75, 3.5]);
}

/// Weights and utilities over a temperature may be multiplied by one number, up to the largest weights.
#[test]
fn weights_of_any_size() {
    let (weights, utility) = (vec![4.0, 2.5, 2.5, 0.125, 0.0], [0.4, -1.0, 0.6, 3.0, 0.5]);
    let structure = Permutahedron::with_weights(weights.clone());
    for exponent in [-300, 300] {
        let factor = 2.0_f64.powi(exponent);
        let scaled = Permutahedron::with_weights(weights.iter().map(|w| w * factor).collect());
        for t in [3.0, 0.5, 0.01] {
            let soft: Vec<f64> = softmax(&Euclidean, &structure, &utility, t);
            let large = softmax(&Euclidean, &scaled, &utility, t / factor);
            assert_eq!(large, soft.iter().map(|x| x * factor).collect::<Vec<f64>>());
            let soft: Vec<f64> = softmax(&CategoricalEntropy, &structure, &utility, t);
            let large = softmax(&CategoricalEntropy, &scaled, &utility, t);
            assert_eq!(large, soft.iter().map(|x| x * factor).collect::<Vec<f64>>());
        }
    }
}
