//! Utilities so far apart that `u/t` itself leaves the range of doubles.

use std::cmp::Ordering;

/// A gap in `u/t` that no vertex's probability gets across: `exp(-5000)` times any number of vertices is 0.
const GAP: f64 = 5_000.0;
/// `u/t` up to this size is exponentiated without loss.
const EXACT: f64 = 1e15;

/// The exact sum of two doubles as a rounded sum and its error.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// Whether a spread of utilities is more than can be exponentiated at this temperature.
pub(super) fn is_needed(largest: f64, smallest: f64, temperature: f64) -> bool {
    let in_range =
        (largest - smallest) / temperature < EXACT && largest.abs().max(smallest.abs()) / temperature < EXACT;
    !in_range
}

/// Replaces utilities by `u/t` with every gap between neighbours narrowed to at most 5000, as `high + low`.
///
/// For the bases of a matroid this leaves every marginal as it is: two bases are connected by exchanges of one
/// element for another, and an exchange across such a gap has probability 0 before and after.
pub(super) fn compress(
    utility: &[f64],
    temperature: f64,
    order: &mut Vec<usize>,
    high: &mut [f64],
    low: &mut [f64],
) {
    order.clear();
    order.extend((0..utility.len()).filter(|&i| utility[i] != f64::NEG_INFINITY));
    order.sort_unstable_by(|&a, &b| utility[b].partial_cmp(&utility[a]).unwrap_or(Ordering::Equal));
    high.fill(f64::NEG_INFINITY);
    low.fill(0.0);
    let mut position = (0.0_f64, 0.0_f64);
    let mut above = None;
    for &index in order.iter() {
        if let Some(above) = above {
            // Halves, since the difference itself may overflow.
            let gap: f64 = (0.5 * utility[above] - 0.5 * utility[index]) / temperature;
            let (sum, error) = two_sum(position.0, -(2.0 * gap).min(GAP));
            position = (sum, position.1 + error);
        }
        (high[index], low[index]) = position;
        above = Some(index);
    }
}
