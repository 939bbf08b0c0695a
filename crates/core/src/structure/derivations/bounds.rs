//! Whether doubles hold the sums of a row, and which of its coordinates matter, as the best derivations say.

use super::forest::{Forest, NONE};
use crate::number::DoubleDouble;
use crate::reach::gap;
use crate::structure::{allowed, relative};

/// The largest magnitude of a sum of `u/t` that is told apart from one with a forbidden utility.
const LARGEST_SUM: f64 = 1e14;
/// More than the relative rounding error of a step of a sum of utilities.
const ROUNDING: f64 = 1e-12;
/// Rounds of narrowing: what is left out in one shows what is to be left out in the next.
const ROUNDS: usize = 3;

/// Memory of narrowing.
#[derive(Default)]
pub struct Narrowing {
    values: Vec<f64>,
    best: Vec<f64>,
    beside: Vec<f64>,
    totals: Vec<f64>,
    scratch: Vec<u32>,
}

impl Forest {
    /// Of every node the best of what a derivation of the goal through it has beside the node's own derivation.
    #[inline(always)]
    fn fill_beside(
        &self,
        utility: &[f64],
        best: &[f64],
        beside: &mut [f64],
        mut total: impl FnMut(usize, f64),
    ) {
        beside.fill(f64::NEG_INFINITY);
        beside[self.goal()] = 0.0;
        for node in (0..self.nodes()).rev() {
            let own = beside[node];
            for edge in self.edges(node) {
                let coordinate = self.coordinates[edge];
                let with = own + if coordinate == NONE { 0.0 } else { utility[coordinate as usize] };
                let tails = [self.firsts[edge], self.seconds[edge]];
                let value = |tail: u32| if tail == NONE { 0.0 } else { best[tail as usize] };
                for (tail, other) in [(tails[0], tails[1]), (tails[1], tails[0])] {
                    if tail != NONE {
                        let beside = &mut beside[tail as usize];
                        let rest = with + value(other);
                        *beside = if rest > *beside { rest } else { *beside };
                    }
                }
                if coordinate != NONE {
                    total(coordinate as usize, with + value(tails[0]) + value(tails[1]));
                }
            }
        }
    }

    /// Whether doubles tell the utilities of all derivations from forbidden ones, which count as -1e15 t, in sums of exponents
    /// that are exact.
    #[inline(always)]
    pub(super) fn is_relaxable(&self, (largest, smallest): (f64, f64), temperature: f64) -> bool {
        let size = largest.abs().max(smallest.abs()) / temperature;
        size * f64::from(self.most[self.goal()].max(1)) <= LARGEST_SUM
    }

    /// Writes what may take the place of `u/t`: nothing of a coordinate without which the best derivation is better than the
    /// best with it, by a gap; 0 for what every derivation has that is left; of the others their utilities, relative to the
    /// largest where all derivations have equally many.
    pub(super) fn narrow_by(
        &self,
        memory: &mut Narrowing,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
    ) {
        let Narrowing { values, best, beside, totals, scratch } = memory;
        let size = |values: &[f64]| {
            let sizes = values.iter().filter(|&&u| u != f64::NEG_INFINITY).map(|u| u.abs());
            sizes.fold(0.0, f64::max)
        };
        let goal = self.goal();
        // So that no sum overflows.
        let scale = if size(utility) > 1e290 { 1.0 / 1_099_511_627_776.0 } else { 1.0 };
        values.clear();
        values.extend(utility.iter().map(|&u| u * scale));
        let enough = gap(self.log_counts[goal], temperature) * temperature * scale;
        beside.resize(self.nodes(), 0.0);
        for _ in 0..ROUNDS {
            totals.clear();
            totals.resize(values.len(), f64::NEG_INFINITY);
            self.fill_best(values, best);
            self.fill_beside(values, best, beside, |coordinate, total| {
                totals[coordinate] = totals[coordinate].max(total);
            });
            let least = best[goal] - enough - ROUNDING * f64::from(self.most[goal]) * size(values);
            let mut changed = false;
            for (value, &total) in values.iter_mut().zip(&*totals) {
                if total < least && *value != f64::NEG_INFINITY {
                    *value = f64::NEG_INFINITY;
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let kept = || values.iter().zip(utility).filter(|(value, _)| **value != f64::NEG_INFINITY);
        let largest = kept().map(|(_, &u)| u).fold(f64::NEG_INFINITY, f64::max);
        let reference = if self.is_balanced() { largest } else { 0.0 };
        narrowed.clear();
        narrowed.extend(values.iter().zip(utility).map(|(&value, &u)| {
            if value == f64::NEG_INFINITY {
                DoubleDouble::NEG_INFINITY
            } else {
                allowed(u, relative(u * 0.25, reference * 0.25, temperature, 0.25))
            }
        }));
        let left = |coordinate: usize| values[coordinate] != f64::NEG_INFINITY;
        self.certain(left, scratch, |coordinate| narrowed[coordinate] = DoubleDouble::ZERO);
    }
}
