//! Utilities so far apart that `u/t` itself leaves the range of doubles.

use std::cmp::Ordering;

use crate::elementary::{LEAST_TEMPERATURE, two_sum};

/// A gap in `u/t` that no vertex's probability gets across: `exp(-5000)` times any number of vertices is 0.
pub(crate) const GAP: f64 = 5_000.0;

/// Whether utilities are too large, or too far apart, to be exponentiated at this temperature.
pub(super) fn is_needed((largest, smallest): (f64, f64), temperature: f64, largest_exponent: f64) -> bool {
    let exact = largest.abs().max(smallest.abs()) / temperature < largest_exponent;
    temperature < LEAST_TEMPERATURE || !exact
}

/// What may stand in the place of `u/t`, as unevaluated sums of two doubles.
#[derive(Default)]
pub struct Positions {
    order: Vec<usize>,
    pub(crate) sums: Vec<(f64, f64)>,
}

impl Positions {
    /// Narrows every gap between neighbours to at most 5000.
    ///
    /// For the bases of a matroid this leaves every marginal as it is: two bases are connected by exchanges of one
    /// element for another, and an exchange across such a gap has probability 0 before and after.
    pub(crate) fn compress(&mut self, utility: &[f64], temperature: f64) {
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
