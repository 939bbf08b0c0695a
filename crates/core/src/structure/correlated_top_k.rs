mod argmax;
mod narrowing;

use std::collections::TryReserveError;

use self::narrowing::Narrowing;
use super::top_k::mark_if_all;
use super::{ExponentialFamily, Prefix, Structure, kth_largest, log_binomial};
use crate::number::{DoubleDouble, Number, Scalar, dot, filled};
use crate::reach::{Reach, Room};
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
    /// Whether fewer elements than k are all chosen, of rows over that few.
    at_most: bool,
}

impl CorrelatedTopK {
    /// k-subsets of `elements >= 1`, for `k <= elements`.
    pub fn new(elements: usize, k: usize) -> Self {
        assert!(k <= elements, "k must not exceed the number of elements");
        Self { elements, k, log_count: log_binomial(elements, k), at_most: false }
    }

    /// The same, of which a row over fewer than k elements chooses all that it has.
    pub fn at_most(self) -> Self {
        Self { at_most: true, ..self }
    }
}

impl Structure for CorrelatedTopK {
    fn dimension(&self) -> usize {
        2 * self.elements - 1
    }

    /// The elements; pairs are deterministic (paper, section 6).
    fn random_coordinates(&self) -> usize {
        self.elements
    }

    /// An element, or after all elements that there may be, a pair.
    fn identity(&self, coordinate: usize) -> usize {
        const FIRST_PAIR: usize = 1 << 30;
        if coordinate < self.elements { coordinate } else { FIRST_PAIR + coordinate - self.elements }
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn least_size(&self) -> usize {
        if self.at_most { 1 } else { self.k.max(1) }
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let pairs = self.elements..self.elements + size - 1;
        Prefix::new(
            Self { at_most: self.at_most, ..Self::new(size, self.k.min(size)) },
            (0..size).chain(pairs),
        )
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

    /// A product of weights is of at most k elements and k pairs: sums over suffixes begin with the pair that their first
    /// element makes with the one before.
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
    /// With their k-th largest weight at 1, no sum of products exceeds `e^P` times their number, where P is what the utilities
    /// above 0 of k elements and k pairs add up to. The sum over all is at least `e^-L`, for the value -L of any set.
    /// What underflows is multiplied by at most `e^P`, so that it does not matter if P + L is moderate.
    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        if self.k == 0 {
            return Some(0.0);
        }
        let factors = (2 * self.k) as f64;
        let most = factors * (largest.abs().max(smallest.abs()) / temperature) + self.log_count;
        if most <= room.span {
            return Some(0.0);
        }
        let threshold = kth_largest(&utility[..self.elements], self.k, scratch);
        let (most, loss) = self.bounds(utility, threshold, scratch);
        ((most + loss) / temperature + self.log_count <= room.span).then_some(threshold)
    }

    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut Narrowing,
    ) {
        self.narrow_by(memory, utility, temperature, narrowed);
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
