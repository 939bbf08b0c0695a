//! Alpha-entmax at the ends of alpha, and its conditions of optimality at any size.

use sst::relaxation::{CategoricalEntropy, Entmax, Euclidean, Relaxation};
use sst::structure::{Structure, TopK};

#[path = "support/numbers.rs"]
mod numbers;
#[path = "support/optimal.rs"]
mod optimal;

use numbers::{distance, noise, quarters};
use optimal::assert_optimal;

/// So many small instances by default.
fn cases() -> u64 {
    std::env::var("SST_FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

fn softmax(relaxation: &impl Relaxation<TopK>, subsets: &TopK, u: &[f64], t: f64) -> Vec<f64> {
    let mut soft = vec![f64::NAN; subsets.dimension()];
    relaxation.softmax(subsets, u, t, &mut soft).expect("it always ends");
    soft
}

fn vjp(relaxation: &impl Relaxation<TopK>, subsets: &TopK, u: &[f64], t: f64, g: &[f64]) -> Vec<f64> {
    let mut gradient = vec![f64::NAN; subsets.dimension()];
    relaxation.softmax_vjp(subsets, u, t, g, &mut gradient).expect("it always ends");
    gradient.iter().map(|x| x * t).collect()
}

/// Sizes, with rows of utilities.
fn instances() -> impl Iterator<Item = (TopK, Vec<f64>, f64)> {
    let sizes = [(1, 1), (2, 1), (9, 1), (9, 4), (9, 8), (9, 9), (300, 1), (300, 40), (300, 299)];
    let rows = sizes.into_iter().flat_map(|(n, k)| {
        let utilities = [noise(n, 7), quarters(n, 8), vec![0.25; n]].into_iter();
        utilities.map(move |utility| (TopK::new(n, k), utility))
    });
    rows.flat_map(|(subsets, utility)| {
        [1e3, 1.0, 0.3, 0.05, 1e-3].map(|t| (subsets.clone(), utility.clone(), t))
    })
}

#[test]
fn alpha_2_is_euclidean() {
    for (subsets, utility, t) in instances() {
        let cotangent = noise(utility.len(), 5);
        let (alike, euclidean) =
            (softmax(&Entmax::new(2.0), &subsets, &utility, t), softmax(&Euclidean, &subsets, &utility, t));
        let off = distance(&alike, &euclidean);
        assert!(off <= 1e-14, "{subsets:?} at {t}: {off:e}");
        // Where rounding tells a kink from the entry beside it, there is no derivative to compare.
        let held = |x: f64| x == 0.0 || x == 1.0;
        if alike.iter().zip(&euclidean).any(|(&a, &b)| held(a) != held(b)) {
            continue;
        }
        let off = distance(
            &vjp(&Entmax::new(2.0), &subsets, &utility, t, &cotangent),
            &vjp(&Euclidean, &subsets, &utility, t, &cotangent),
        );
        assert!(off <= 1e-13, "{subsets:?} at {t}: gradients {off:e}");
    }
}

/// The distance from the limit is of the order of alpha - 1, by the square of the logarithm of an entry.
#[test]
fn alpha_next_to_1_is_the_categorical_entropy() {
    for (subsets, utility, t) in instances() {
        let near = Entmax::new(1.0 + f64::EPSILON);
        let (alike, entropy) =
            (softmax(&near, &subsets, &utility, t), softmax(&CategoricalEntropy, &subsets, &utility, t));
        let off = distance(&alike, &entropy);
        assert!(off <= 2e-14, "{subsets:?} at {t}: {off:e}");
    }
}

#[test]
fn large_ones_are_optimal() {
    for (subsets, utility, t) in instances() {
        let n = utility.len();
        let k = softmax(&Euclidean, &subsets, &utility, t).iter().sum::<f64>().round() as usize;
        let weights: Vec<f64> = (0..n).map(|i| if i < k { 1.0 } else { 0.0 }).collect();
        for alpha in [1.1, 1.5, 1.9] {
            let soft = softmax(&Entmax::new(alpha), &subsets, &utility, t);
            assert_optimal(&weights, &utility, t, &soft, |x| x.powf(alpha - 1.0) / (alpha - 1.0));
        }
    }
}

/// Ties, kinks, and alphas of the whole range: optimal, and with the derivative that the optimum implies,
/// `s * (g - <s, g> / <s, 1>)` of the slopes `s = x^(2 - alpha)` between 0 and 1.
#[test]
fn random_ones_are_optimal() {
    for seed in 0..cases() {
        let words = noise(24, seed);
        let below = |word: f64, most: usize| ((word + 1.0) * 0.499_999 * most as f64) as usize;
        let n = 1 + below(words[23], 8);
        let k = 1 + below(words[22], n);
        let alpha = 1.0 + [1e-6, 0.01, 0.1, 0.5, 0.9, 1.0][below(words[21], 6)];
        let t = [100.0, 1.0, 0.3, 0.05, 1e-3][below(words[20], 5)];
        let utility: Vec<f64> = match seed % 3 {
            0 => words[..n].to_vec(),
            1 => words[..n].iter().map(|x| (4.0 * x).round() / 4.0).collect(),
            _ => words[..n].iter().map(|x| x * x * x * 20.0).collect(),
        };
        let cotangent = &words[8..8 + n];
        let (subsets, entmax) = (TopK::new(n, k), Entmax::new(alpha));
        let soft = softmax(&entmax, &subsets, &utility, t);
        let weights: Vec<f64> = (0..n).map(|i| if i < k { 1.0 } else { 0.0 }).collect();
        // Of an alpha near 1 the gradient magnifies a rounding of an entry near 0.
        if alpha >= 1.1 {
            assert_optimal(&weights, &utility, t, &soft, |x| x.powf(alpha - 1.0) / (alpha - 1.0));
        }
        let sum: f64 = soft.iter().sum();
        assert!((sum - k as f64).abs() <= 4e-15 * k as f64, "case {seed}: {sum} of {k}");
        let held = |x: f64| x == 0.0 || x == 1.0;
        let slopes: Vec<f64> =
            soft.iter().map(|&x| if held(x) { 0.0 } else { x.powf(2.0 - alpha) }).collect();
        let total: f64 = slopes.iter().sum();
        // Beside a kink a rounding decides on which side the answer is: entries that are 1, or 0, where `1 + order (v - m)`
        // is, for the m of those between.
        let order = alpha - 1.0;
        let Some(between) = (0..n).find(|&i| !held(soft[i])) else { continue };
        let power = |i: usize| soft[between].powf(order) + order * ((utility[i] - utility[between]) / t);
        let near = |i: usize| power(i).abs() < 1e-9 || (power(i) - 1.0).abs() < 1e-9;
        if (0..n).any(near) {
            continue;
        }
        let mean = slopes.iter().zip(cotangent).map(|(s, g)| s * g).sum::<f64>() / total;
        let expected: Vec<f64> = slopes.iter().zip(cotangent).map(|(s, g)| s * (g - mean)).collect();
        let gradient = vjp(&entmax, &subsets, &utility, t, cotangent);
        let off = distance(&gradient, &expected);
        assert!(off <= 1e-13, "case {seed}, {subsets:?} at {t}, alpha {alpha}: gradient off by {off:e}");
    }
}

#[test]
fn alphas_beyond_are_refused() {
    for alpha in [1.0, 2.0 + 2.0 * f64::EPSILON, f64::NAN] {
        assert!(std::panic::catch_unwind(|| Entmax::new(alpha)).is_err(), "{alpha}");
    }
}
