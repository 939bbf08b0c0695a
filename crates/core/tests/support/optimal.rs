//! The conditions of optimality over a permutahedron, of which hypersimplices are some.

use sst::number::DoubleDouble;

/// `X_t` is in the polytope, and no vertex is better in the direction of the objective's gradient there: sums of sorted
/// numbers, of any size.
pub(crate) fn assert_optimal(
    weights: &[f64],
    utility: &[f64],
    t: f64,
    soft: &[f64],
    gradient: impl Fn(f64) -> f64,
) {
    let n = weights.len();
    let size = weights.iter().fold(1.0_f64, |most, w| most.max(w.abs()));
    let mut sorted = soft.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut excess, mut most) = (DoubleDouble::ZERO, 0.0);
    for (&x, &w) in sorted.iter().zip(weights) {
        excess = excess + DoubleDouble::sum(x, -w);
        most += w.abs();
        let rounded = 2e-15 * most + 1e-16 * n as f64;
        assert!(excess.high <= rounded, "{n} at {t}: entries exceed {most} by {}", excess.high);
    }
    let rounded = 2e-15 * most + 1e-16 * n as f64;
    assert!(excess.high.abs() <= rounded, "{n} at {t}: all are {} from {most}", excess.high);
    // Relative to the middle one, so that what all utilities share does not round either.
    let slopes: Vec<f64> = soft.iter().map(|&x| gradient(x)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| (utility[j] / t - slopes[j]).total_cmp(&(utility[i] / t - slopes[i])));
    let middle = utility[order[n / 2]];
    let ascent: Vec<f64> = utility.iter().zip(&slopes).map(|(&u, slope)| (u - middle) / t - slope).collect();
    let mut best = ascent.clone();
    best.sort_by(|a, b| b.total_cmp(a));
    // Centred, so that what all entries share does not round.
    let centre = best[n / 2];
    let value = |a: &[f64], x: &[f64]| {
        let products = a.iter().zip(x).map(|(&a, &x)| DoubleDouble::product(a - centre, x));
        products.fold(DoubleDouble::ZERO, |sum, product| sum + product)
    };
    let (own, bound) = (value(&ascent, soft), value(&best, weights));
    let rounding = best.iter().map(|a| (a - centre).abs()).sum::<f64>() + size * n as f64;
    let off = (bound - own).high;
    assert!(off <= 4e-15 * size * rounding, "a vertex is better by {off:e} of {n} at {t}");
}
