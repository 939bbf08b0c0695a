//! What the best derivations of a row say about its sums: whether doubles hold them, and which coordinates matter.

use super::forest::{Forest, NONE};
use crate::number::DoubleDouble;
use crate::reach::{Room, gap};
use crate::structure::{allowed, relative};

/// The largest magnitude of the logarithm of an inside or outside value in doubles. The product of two is one, too.
const LARGEST_SUM: f64 = 300.0;
/// The largest logarithm of a weight: its product with a sum is a double.
const LARGEST_WEIGHT: f64 = 380.0;
/// Below `e^-60` a probability does not matter beside others.
const IRRELEVANT: f64 = 60.0;
/// The largest magnitude of a sum of `u/t` that is told apart from one with a forbidden utility.
const LARGEST_EXPONENT: f64 = 1e14;
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

    /// A number to subtract from the utilities, 0 where derivations differ in their numbers of coordinates, such that doubles
    /// hold the sums, if there is one.
    ///
    /// With the value `v` of a node's best derivation, less the shift for each of its coordinates, and d derivations, its
    /// inside value is between `e^{v/t}` and `d e^{v/t}`. If these are moderate, so is its outside value, which is a
    /// probability divided by it; what underflows on the way has a probability below `e^-60`. A node whose inside value may
    /// underflow does not matter if the best derivation through it is worth that little; then its outside value must be
    /// moderate by itself.
    #[inline(always)]
    pub(super) fn shift(
        &self,
        utility: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        let (nodes, goal) = (self.nodes(), self.goal());
        let log_count = self.log_counts[goal];
        let size = largest.abs().max(smallest.abs()) / temperature;
        if size * f64::from(2 * self.most[goal]) + log_count <= Room::DOUBLES.span {
            return Some(0.0);
        }
        scratch.clear();
        self.fill_best(utility, scratch);
        let top = scratch[goal];
        let shift = if self.is_balanced() {
            (top + 0.5 * temperature * log_count) / f64::from(self.most[goal])
        } else {
            0.0
        };
        if (largest - shift) / temperature > LARGEST_WEIGHT {
            return None;
        }
        let lower = |node: usize, best: f64| (best - shift * f64::from(self.least[node])) / temperature;
        let (mut highest, mut lowest) = (f64::NEG_INFINITY, f64::INFINITY);
        for (node, (&best, &log_count)) in scratch.iter().zip(&self.log_counts).enumerate() {
            let value = lower(node, best);
            highest = highest.max(value + log_count);
            lowest = lowest.min(value);
        }
        if highest > LARGEST_SUM {
            return None;
        }
        if lowest < -LARGEST_SUM {
            scratch.resize(2 * nodes, 0.0);
            let (best, beside) = scratch.split_at_mut(nodes);
            self.fill_beside(utility, best, beside, |_, _| ());
            let of_goal = lower(goal, top);
            for node in 0..nodes {
                let (value, through) = (lower(node, best[node]), best[node] + beside[node]);
                let matters = (through - top) / temperature + log_count > -IRRELEVANT;
                let others = f64::from(self.least[goal]) - f64::from(self.least[node]);
                let outside = beside[node] - shift * others;
                let too_large = outside / temperature - of_goal + log_count > LARGEST_SUM;
                if value < -LARGEST_SUM && (matters || too_large) {
                    return None;
                }
            }
        }
        Some(shift)
    }

    /// Whether doubles tell the utilities of all derivations from forbidden ones, which count as -1e15 t, in sums of exponents
    /// that are exact.
    #[inline(always)]
    pub(super) fn is_relaxable(&self, (largest, smallest): (f64, f64), temperature: f64) -> bool {
        let size = largest.abs().max(smallest.abs()) / temperature;
        size * f64::from(self.most[self.goal()].max(1)) <= LARGEST_EXPONENT
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
