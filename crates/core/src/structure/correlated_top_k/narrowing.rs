//! What the utilities of a row say about which sets matter.
//!
//! The elements count relative to their k-th largest, since every set has k. Let P be what the utilities above 0 of any k
//! elements and k - 1 pairs add up to at most. No set with a coordinate below 0 is worth more than P and that coordinate,
//! so that it is as good as forbidden if that is far below the value of the best set.

use super::CorrelatedTopK;
use super::argmax::Viterbi;
use crate::number::DoubleDouble;
use crate::reach::gap;
use crate::structure::{ArgmaxOracle, allowed, kth_largest, relative, scale_of};

/// Memory of narrowing.
#[derive(Default)]
pub struct Narrowing {
    scratch: Vec<f64>,
    values: Vec<f64>,
    vertex: Vec<f64>,
    viterbi: Option<Viterbi>,
}

/// More than the relative rounding error of a sum over a vertex.
const ROUNDING: f64 = 1e-8;

impl CorrelatedTopK {
    /// The sum of the `count` largest pairs, as far as they are above 0.
    fn positive_pairs(count: usize, pairs: impl Iterator<Item = f64>, scratch: &mut Vec<f64>) -> f64 {
        scratch.clear();
        scratch.extend(pairs.filter(|&pair| pair > 0.0));
        if scratch.len() > count {
            scratch.select_nth_unstable_by(count, |a, b| b.total_cmp(a));
        }
        scratch.iter().take(count).sum()
    }

    /// What the positive utilities in a product add up to at most, and by how much the best set is at most below 0, all relative to
    /// the k-th largest element. `scratch` begins with the k largest.
    pub(super) fn bounds(&self, utility: &[f64], threshold: f64, scratch: &mut Vec<f64>) -> (f64, f64) {
        let (elements, pairs) = utility.split_at(self.elements);
        let excess: f64 = scratch[..self.k].iter().map(|u| u - threshold).sum();
        // Sums over suffixes begin with the pair that their first element makes with the one before.
        let most = excess + Self::positive_pairs(self.k, pairs.iter().copied(), scratch);
        let least = |utilities: &[f64]| {
            let allowed = utilities.iter().filter(|&&u| u != f64::NEG_INFINITY);
            allowed.fold(f64::INFINITY, |least, &u| if u < least { u } else { least })
        };
        let others = (self.k - 1) as f64;
        // Of any set.
        let loss = self.k as f64 * (threshold - least(elements)) + others * (-least(pairs)).max(0.0);
        // Of the set of the k largest, the first among equals.
        let above = elements.iter().filter(|&&u| u > threshold).count();
        let (mut ties, mut last, mut value) = (self.k - above, false, excess);
        for (i, &u) in elements.iter().enumerate() {
            let chosen = u > threshold || (u == threshold && ties > 0);
            ties -= usize::from(chosen && u == threshold);
            if chosen && last {
                value += pairs[i - 1];
            }
            last = chosen;
        }
        (most, loss.min((-value).max(0.0)))
    }

    /// Writes what may take the place of `u/t`.
    pub(super) fn narrow_by(
        &self,
        memory: &mut Narrowing,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
    ) {
        let (elements, pairs) = utility.split_at(self.elements);
        let Narrowing { scratch, values, vertex, viterbi } = memory;
        narrowed.clear();
        if self.k == 0 {
            return narrowed.resize(utility.len(), DoubleDouble::ZERO);
        }
        let scale = scale_of(elements);
        let threshold = kth_largest(elements, self.k, scratch) * scale;
        narrowed
            .extend(elements.iter().map(|&u| allowed(u, relative(u * scale, threshold, temperature, scale))));
        narrowed.extend(pairs.iter().map(|&u| allowed(u, DoubleDouble::from(u) / temperature)));
        vertex.clear();
        vertex.resize(utility.len(), 0.0);
        values.clear();
        values.extend(narrowed.iter().map(|value| value.high));
        // Whether the set is the best to the last bit does not matter.
        let Viterbi { plain, .. } = viterbi.get_or_insert_with(|| self.argmax_workspace());
        self.best(values, vertex, plain);
        let values = || values.iter().copied();
        let best: f64 = values().zip(&*vertex).filter(|&(_, &x)| x != 0.0).map(|(value, _)| value).sum();
        let most = values().take(self.elements).filter(|&value| value > 0.0).sum::<f64>()
            + Self::positive_pairs(self.k - 1, values().skip(self.elements), scratch);
        let above = most - best + ROUNDING * (most + best.abs());
        let least = -gap(self.log_count, temperature) - above;
        for value in narrowed.iter_mut().filter(|value| value.high <= least) {
            *value = DoubleDouble::NEG_INFINITY;
        }
    }
}
