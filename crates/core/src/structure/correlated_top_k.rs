use super::score::{Score, doubles_suffice};
use super::{ArgmaxOracle, ExponentialFamily, PLAIN_SPAN, Prefix, Structure};
use crate::elementary::ln;
use crate::number::{Fixed, Number, Scalar, dot};
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
        let log_count = (1..=k).map(|i| ln((elements - k + i) as f64) - ln(i as f64)).sum();
        Self { elements, k, log_count, at_most: false }
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

/// The best scores of the elements from each position on: `[position][last bit][number chosen before]`.
pub struct Scores {
    plain: Vec<f64>,
    exact: Vec<Option<Fixed>>,
}

impl CorrelatedTopK {
    /// Viterbi's algorithm from the last element to the first; then the choices from the first to the last, an element
    /// being chosen if that is as good as not.
    #[inline(always)]
    fn best<T: Score>(&self, utility: &[f64], vertex: &mut [f64], scores: &mut Vec<T>) {
        let (n, k, width) = (self.elements, self.k, self.k + 1);
        scores.resize((n + 1) * 2 * width, T::FORBIDDEN);
        // After the last element, k have been chosen.
        let end = &mut scores[n * 2 * width..];
        end.fill(T::FORBIDDEN);
        end[k] = T::NOTHING;
        end[width + k] = T::NOTHING;
        for i in (0..n).rev() {
            let (before, after) = scores.split_at_mut((i + 1) * 2 * width);
            let (absent, present) = after[..2 * width].split_at(width);
            let element = T::of(utility[i]);
            for (last, row) in before[i * 2 * width..].chunks_exact_mut(width).enumerate() {
                let gain = if last == 1 && i > 0 { element.plus(T::of(utility[n + i - 1])) } else { element };
                for j in 0..k {
                    row[j] = better(absent[j], gain.plus(present[j + 1]));
                }
                row[k] = absent[k];
            }
        }
        let (mut chosen, mut last) = (0, 0);
        for i in 0..n {
            let (absent, present) = scores[(i + 1) * 2 * width..(i + 2) * 2 * width].split_at(width);
            let pair = if last == 1 { T::of(utility[n + i - 1]) } else { T::NOTHING };
            let choose =
                chosen < k && T::of(utility[i]).plus(pair).plus(present[chosen + 1]) >= absent[chosen];
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

#[inline(always)]
fn better<T: PartialOrd>(a: T, b: T) -> T {
    if b > a { b } else { a }
}

impl ArgmaxOracle for CorrelatedTopK {
    type Workspace = Scores;

    fn argmax_workspace(&self) -> Scores {
        Scores { plain: Vec::new(), exact: Vec::new() }
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Scores) {
        if doubles_suffice(utility) {
            self.best(utility, vertex, &mut workspace.plain);
        } else {
            self.best(utility, vertex, &mut workspace.exact);
        }
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

    fn workspace<N: Number>(&self, zero: N) -> ChainSums<N> {
        let width = 2 * (self.k + 1);
        ChainSums {
            forward: vec![zero; self.elements * width],
            backward: vec![zero; width],
            before: vec![zero; width],
        }
    }

    /// The number of pairs varies, so that utilities cannot be shifted. A product of weights is of one
    /// element and one pair, or of at most k elements and k - 1 pairs.
    #[inline(always)]
    fn plain_shift(
        &self,
        _: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        _: &mut Vec<f64>,
    ) -> Option<f64> {
        if self.k == 0 {
            return Some(0.0);
        }
        let factors = (2 * self.k - 1).max(2) as f64;
        let most = factors * (largest.abs().max(smallest.abs()) / temperature) + self.log_count;
        (most <= PLAIN_SPAN).then_some(0.0)
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
