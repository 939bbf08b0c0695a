use std::collections::TryReserveError;

use super::score::{Score, doubles_suffice};
use super::top_k::mark_if_all;
use super::{
    ArgmaxOracle, ExponentialFamily, Prefix, Structure, kth_largest, log_binomial, relative, scale_of,
};
use crate::number::{DoubleDouble, Fixed, Number, Scalar, dot, filled};
use crate::reach::{PLAIN_SPAN, Reach, gap};
use crate::sampling::{Scratch, Uniforms};

/// The subsets of n elements in a row with exactly k members, with the pairs of neighbours that are both members: the n
/// indicators `x_i` come first, then the n - 1 products `z_i = x_i x_{i+1}` (paper, section 6, "Corr. Top k").
///
/// The element at a position depends on the others through the last one and the number chosen so far, so that both the
/// argmax (Viterbi's algorithm) and the marginals (forward-backward) are O(nk).
#[derive(Clone, Debug)]
pub struct CorrelatedTopK {
    elements: usize,
    k: usize,
    log_count: f64,
}

impl CorrelatedTopK {
    /// k-subsets of `elements >= 1`, for `k <= elements`.
    pub fn new(elements: usize, k: usize) -> Self {
        assert!(k <= elements, "k must not exceed the number of elements");
        Self { elements, k, log_count: log_binomial(elements, k) }
    }
}

impl Structure for CorrelatedTopK {
    fn dimension(&self) -> usize {
        2 * self.elements - 1
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn least_size(&self) -> usize {
        self.k.max(1)
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let pairs = self.elements..self.elements + size - 1;
        Prefix::new(Self::new(size, self.k), (0..size).chain(pairs))
    }

    fn work(&self) -> usize {
        10 * self.elements * (self.k + 1)
    }

    /// From the left, an element that may be chosen after those chosen before it is; no choice has more members.
    fn check(&self, utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if !forbids {
            return Ok(());
        }
        let allowed = |i: usize| utility[i] != f64::NEG_INFINITY;
        let (mut most, mut last) = (0, false);
        for i in 0..self.elements {
            last = allowed(i) && (!last || allowed(self.elements + i - 1));
            most += usize::from(last);
        }
        if most >= self.k {
            return Ok(());
        }
        Err(format!(
            "expected k = {} elements that may be chosen together, elements and neighbouring pairs of utility -Infinity left out, got at most {most}",
            self.k
        ))
    }
}

/// The best scores of the elements from one position on, `[last bit][number chosen before]`, and from the one before; and
/// for all positions whether an element is chosen.
struct Scores<T> {
    after: Vec<T>,
    before: Vec<T>,
}

/// Memory of the argmax.
pub struct Viterbi {
    plain: Scores<f64>,
    exact: Scores<Option<Fixed>>,
    /// `[position][last bit][number chosen before]`.
    choices: Vec<bool>,
}

impl CorrelatedTopK {
    /// Viterbi's algorithm from the last element to the first; then the choices from the first to the last, an element
    /// being chosen if that is as good as not.
    #[inline(always)]
    fn best<T: Score>(
        &self,
        utility: &[f64],
        vertex: &mut [f64],
        scores: &mut Scores<T>,
        choices: &mut Vec<bool>,
    ) {
        let (n, k, width) = (self.elements, self.k, self.k + 1);
        let Scores { after, before } = scores;
        choices.resize(n * 2 * width, false);
        // After the last element, k have been chosen.
        after.clear();
        after.resize(2 * width, T::FORBIDDEN);
        after[k] = T::NOTHING;
        after[width + k] = T::NOTHING;
        before.resize(2 * width, T::FORBIDDEN);
        for i in (0..n).rev() {
            let (absent, present) = after.split_at(width);
            let element = T::of(utility[i]);
            let rows = before.chunks_exact_mut(width);
            let choices = choices[i * 2 * width..(i + 1) * 2 * width].chunks_exact_mut(width);
            for (last, (row, choices)) in rows.zip(choices).enumerate() {
                let gain = if last == 1 && i > 0 { element.plus(T::of(utility[n + i - 1])) } else { element };
                for j in 0..k {
                    let chosen = gain.plus(present[j + 1]);
                    choices[j] = chosen >= absent[j];
                    row[j] = if choices[j] { chosen } else { absent[j] };
                }
                row[k] = absent[k];
            }
            std::mem::swap(after, before);
        }
        let (mut chosen, mut last) = (0, 0);
        for i in 0..n {
            let choose = chosen < k && choices[(2 * i + last) * width + chosen];
            if choose {
                vertex[i] = 1.0;
                if last == 1 {
                    vertex[n + i - 1] = 1.0;
                }
                chosen += 1;
            }
            last = usize::from(choose);
        }
    }
}

impl ArgmaxOracle for CorrelatedTopK {
    type Workspace = Viterbi;

    fn argmax_workspace(&self) -> Viterbi {
        Viterbi {
            plain: Scores { after: Vec::new(), before: Vec::new() },
            exact: Scores { after: Vec::new(), before: Vec::new() },
            choices: Vec::new(),
        }
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Viterbi) {
        let Viterbi { plain, exact, choices } = workspace;
        if doubles_suffice(utility) {
            self.best(utility, vertex, plain, choices);
        } else {
            self.best(utility, vertex, exact, choices);
        }
    }
}

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
    /// The sum of the k - 1 largest pairs, as far as they are above 0.
    fn positive_pairs(&self, pairs: impl Iterator<Item = f64>, scratch: &mut Vec<f64>) -> f64 {
        scratch.clear();
        scratch.extend(pairs.filter(|&pair| pair > 0.0));
        if scratch.len() >= self.k {
            scratch.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
        }
        scratch.iter().take(self.k - 1).sum()
    }

    /// What the positive utilities of a set add up to at most, and by how much the best set is at most below 0, all relative to
    /// the k-th largest element. `scratch` begins with the k largest.
    fn bounds(&self, utility: &[f64], threshold: f64, scratch: &mut Vec<f64>) -> (f64, f64) {
        let (elements, pairs) = utility.split_at(self.elements);
        let excess: f64 = scratch[..self.k].iter().map(|u| u - threshold).sum();
        let most = excess + self.positive_pairs(pairs.iter().copied(), scratch);
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
}

/// Sums of weights over the choices of a prefix and of a suffix of the elements.
pub struct ChainSums<N> {
    /// `forward[i][b][j]`: over the elements 0..=i with j members, the i-th one of them or not by the bit b.
    forward: Vec<N>,
    /// `backward[b][k - j]`: over the elements after the i-th with j members, by the bit b of the i-th: reversed, so that
    /// products with a prefix run forwards in both.
    backward: Vec<N>,
    /// The same for the element before.
    before: Vec<N>,
}

impl CorrelatedTopK {
    #[inline(always)]
    fn fill_forward<N: Number>(&self, weights: &[N], forward: &mut [N]) -> N {
        let (k, width) = (self.k, self.k + 1);
        let (elements, pairs) = weights.split_at(self.elements);
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        forward[..2 * width].fill(zero);
        forward[0] = one;
        if k > 0 {
            forward[width + 1] = elements[0];
        }
        for (i, (&element, &pair)) in elements[1..].iter().zip(pairs).enumerate() {
            let (previous, next) = forward[i * 2 * width..(i + 2) * 2 * width].split_at_mut(2 * width);
            let (absent, present) = previous.split_at(width);
            let (next_absent, next_present) = next.split_at_mut(width);
            for ((next, &absent), &present) in next_absent.iter_mut().zip(absent).zip(present) {
                *next = absent + present;
            }
            next_present[0] = zero;
            for ((next, &absent), &present) in next_present[1..].iter_mut().zip(absent).zip(present) {
                *next = element * pair.mul_add(present, absent);
            }
        }
        let (absent, present) = forward[(self.elements - 1) * 2 * width..].split_at(width);
        absent[k] + present[k]
    }
}

impl ExponentialFamily for CorrelatedTopK {
    type Workspace<N: Number> = ChainSums<N>;

    type Narrowing = Narrowing;

    /// A product of weights is of one element and one pair, or of at most k elements and k - 1 pairs.
    fn reach(&self) -> Reach {
        Reach { factors: 2 * self.k.max(1), cells: 2 * (self.elements + 2) * (self.k + 1) }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<ChainSums<N>, TryReserveError> {
        let width = 2 * (self.k + 1);
        Ok(ChainSums {
            forward: filled(zero, self.elements * width)?,
            backward: filled(zero, width)?,
            before: filled(zero, width)?,
        })
    }

    /// The elements: the number of pairs varies.
    fn balanced(&self) -> usize {
        if self.k == 0 { 0 } else { self.elements }
    }

    fn forced(&self, utility: &[f64], forbids: bool, _: &mut Vec<u32>, mut mark: impl FnMut(usize)) {
        let n = self.elements;
        let mut last = None;
        let with_pairs = |i: usize| {
            mark(i);
            if last.is_some_and(|last: usize| last + 1 == i) {
                mark(n + i - 1);
            }
            last = Some(i);
        };
        if forbids {
            mark_if_all(&utility[..n], self.k, with_pairs);
        } else if self.k == n {
            (0..n).for_each(with_pairs);
        }
    }

    /// Of every weight there is a power that is moderate where the utilities are; or more is known of the set of the k
    /// largest elements.
    ///
    /// With their k-th largest weight at 1, no sum over sets exceeds `e^P` times their number, where P is what the utilities
    /// above 0 of k elements and k - 1 pairs add up to. The sum over all is at least `e^-L`, for the value -L of any set.
    /// What underflows is multiplied by at most `e^P`, so that it does not matter if P + L is moderate.
    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        if self.k == 0 {
            return Some(0.0);
        }
        let factors = (2 * self.k - 1).max(2) as f64;
        let most = factors * (largest.abs().max(smallest.abs()) / temperature) + self.log_count;
        if most <= PLAIN_SPAN {
            return Some(0.0);
        }
        let threshold = kth_largest(&utility[..self.elements], self.k, scratch);
        let (most, loss) = self.bounds(utility, threshold, scratch);
        ((most + loss) / temperature + self.log_count <= PLAIN_SPAN).then_some(threshold)
    }

    /// The elements relative to their k-th largest. No set with a coordinate below 0 is worth more than P and that
    /// coordinate; it is as good as forbidden if that is far below the value of the best set.
    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut Narrowing,
    ) {
        let (elements, pairs) = utility.split_at(self.elements);
        let Narrowing { scratch, values, vertex, viterbi } = memory;
        narrowed.clear();
        if self.k == 0 {
            return narrowed.resize(utility.len(), DoubleDouble::ZERO);
        }
        let scale = scale_of(elements);
        let threshold = kth_largest(elements, self.k, scratch) * scale;
        narrowed.extend(elements.iter().map(|&u| relative(u * scale, threshold, temperature, scale)));
        narrowed.extend(pairs.iter().map(|&u| DoubleDouble::from(u) / temperature));
        vertex.clear();
        vertex.resize(utility.len(), 0.0);
        values.clear();
        values.extend(narrowed.iter().map(|value| value.high));
        // Whether the set is the best to the last bit does not matter.
        let Viterbi { plain, choices, .. } = viterbi.get_or_insert_with(|| self.argmax_workspace());
        self.best(values, vertex, plain, choices);
        let values = || values.iter().copied();
        let best: f64 = values().zip(&*vertex).filter(|&(_, &x)| x != 0.0).map(|(value, _)| value).sum();
        let most = values().take(self.elements).filter(|&value| value > 0.0).sum::<f64>()
            + self.positive_pairs(values().skip(self.elements), scratch);
        let above = most - best + ROUNDING * (most + best.abs());
        let least = -gap(self.log_count, temperature) - above;
        for value in narrowed.iter_mut().filter(|value| value.high <= least) {
            *value = DoubleDouble::NEG_INFINITY;
        }
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], sums: &mut ChainSums<N>) -> N {
        self.fill_forward(weights, &mut sums.forward)
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], sums: &mut ChainSums<N>) {
        let (n, k, width) = (self.elements, self.k, self.k + 1);
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        let inverse = one / self.fill_forward(weights, &mut sums.forward);
        let ChainSums { forward, backward, before } = sums;
        backward.fill(zero);
        backward[k] = one;
        backward[width + k] = one;
        for i in (0..n).rev() {
            let present = &forward[(2 * i + 1) * width..(2 * i + 2) * width];
            let (after_absent, after_present) = backward.split_at(width);
            marginals[i] = dot(present, after_present) * inverse;
            if i == 0 {
                break;
            }
            let (element, pair) = (weights[i], weights[n + i - 1]);
            let both = element * pair;
            let earlier = &forward[(2 * i - 1) * width..2 * i * width];
            marginals[n + i - 1] =
                if k == 0 { zero } else { both * dot(&earlier[..k], &after_present[1..]) * inverse };
            for (row, factor) in before.chunks_exact_mut(width).zip([element, both]) {
                for j in 0..k {
                    row[j] = factor.mul_add(after_present[j + 1], after_absent[j]);
                }
                row[k] = after_absent[k];
            }
            std::mem::swap(backward, before);
        }
    }

    /// From the last element to the first, by what the sums of its prefix are made of. O(n).
    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        sums: &mut ChainSums<N>,
        uniforms: &mut Uniforms,
        _scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        let (n, width) = (self.elements, self.k + 1);
        let one = weights[0].constant(1.0);
        let (mut left, mut after) = (self.k, false);
        for i in (0..n).rev() {
            let absent = sums.forward[2 * i * width + left];
            let pair = if after { weights[n + i] } else { one };
            let present = pair * sums.forward[(2 * i + 1) * width + left];
            let chosen = uniforms.happens(present.over(absent + present));
            if chosen {
                vertex[i] = 1.0;
                left -= 1;
                if after {
                    vertex[n + i] = 1.0;
                }
            }
            after = chosen;
        }
    }
}
