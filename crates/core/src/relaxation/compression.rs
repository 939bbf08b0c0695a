//! Utilities so far apart that `u/t` itself leaves the range of doubles.

use std::cmp::Ordering;

use crate::elementary::{LARGEST_EXPONENT, LEAST_TEMPERATURE};

/// A gap in `u/t` that no vertex's probability gets across: `exp(-5000)` times any number of vertices is 0.
const GAP: f64 = 5_000.0;
/// Whether utilities are too large, or too far apart, to be exponentiated at this temperature.
pub(super) fn is_needed((largest, smallest): (f64, f64), temperature: f64) -> bool {
    let exact = largest.abs().max(smallest.abs()) / temperature < LARGEST_EXPONENT;
    temperature < LEAST_TEMPERATURE || !exact
}

/// Utilities over the temperature with every gap between neighbours narrowed to at most 5000, as unevaluated sums.
///
/// For the bases of a matroid this leaves every marginal as it is: two bases are connected by exchanges of one
/// element for another, and an exchange across such a gap has probability 0 before and after.
#[derive(Default)]
pub(super) struct Positions {
    order: Vec<usize>,
    sums: Vec<(f64, f64)>,
}

impl Positions {
    pub(super) fn compress(&mut self, utility: &[f64], temperature: f64) {
        self.order.clear();
        self.order.extend((0..utility.len()).filter(|&i| utility[i] != f64::NEG_INFINITY));
        self.order.sort_unstable_by(|&a, &b| utility[b].partial_cmp(&utility[a]).unwrap_or(Ordering::Equal));
        self.sums.clear();
        self.sums.resize(utility.len(), (f64::NEG_INFINITY, 0.0));
        let mut position = (0.0_f64, 0.0_f64);
        let mut above = None;
        for &index in &self.order {
            if let Some(above) = above {
                // Halves, since the difference itself may overflow.
                let gap: f64 = (0.5 * utility[above] - 0.5 * utility[index]) / temperature;
                let (sum, error) = two_sum(position.0, -(2.0 * gap).min(GAP));
                position = (sum, position.1 + error);
            }
            self.sums[index] = position;
            above = Some(index);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, f64)> {
        self.sums.iter().copied()
    }
}

/// The exact sum of two doubles as a rounded sum and its error.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}
