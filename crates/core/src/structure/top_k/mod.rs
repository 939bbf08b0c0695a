mod polynomials;

use std::cmp::Ordering;
use std::collections::TryReserveError;

use self::polynomials::{Blocks, SymmetricPolynomials};

use super::{
    ArgmaxOracle, ExponentialFamily, Prefix, Structure, kth_largest, log_binomial, relative, scale_of,
};
use crate::number::{DoubleDouble, Number, Scalar};
use crate::reach::{LOG_COORDINATES, Reach, Room, gap};
use crate::sampling::{Scratch, Uniforms};
use crate::trace::{Trace, Traced};

/// The subsets of n elements with exactly k members: the corners of the hypersimplex (paper, section 6).
///
/// With Gumbel utilities the argmax follows the Plackett-Luce law, which is not the product law whose marginals the
/// exponential-family relaxation computes.
#[derive(Clone, Debug)]
pub struct TopK {
    elements: usize,
    pub(crate) k: usize,
    log_count: f64,
    /// Whether fewer elements than k are all chosen, of rows over that few.
    at_most: bool,
}

impl TopK {
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

impl Structure for TopK {
    fn dimension(&self) -> usize {
        self.elements
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn least_size(&self) -> usize {
        if self.at_most { 1 } else { self.k.max(1) }
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        Prefix::new(Self { at_most: self.at_most, ..Self::new(size, self.k.min(size)) }, 0..size)
    }

    fn work(&self) -> usize {
        3 * self.elements * (self.k + 1)
    }

    fn check(&self, utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids {
            let allowed = utility.iter().filter(|&&u| u != f64::NEG_INFINITY).count();
            if allowed < self.k {
                return Err(format!(
                    "expected at least k = {} elements whose utility is not -Infinity, got {allowed}",
                    self.k
                ));
            }
        }
        Ok(())
    }
}

impl ArgmaxOracle for TopK {
    type Workspace = Vec<f64>;

    fn argmax_workspace(&self) -> Vec<f64> {
        Vec::with_capacity(self.elements)
    }

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Vec<f64>) {
        if self.k == 0 {
            return;
        }
        let threshold = kth_largest(utility, self.k, workspace);
        let mut left = self.k;
        for (x, &u) in vertex.iter_mut().zip(utility) {
            if u > threshold {
                *x = 1.0;
                left -= 1;
            }
        }
        for (x, &u) in vertex.iter_mut().zip(utility) {
            if u == threshold && left > 0 {
                *x = 1.0;
                left -= 1;
            }
        }
    }
}

/// k steps, in which the elements that are left race: choices without replacement.
impl Traced for TopK {
    type Workspace = Vec<u32>;

    fn trace_workspace(&self) -> Vec<u32> {
        Vec::with_capacity(self.elements)
    }

    fn trace(&self, utility: &[f64], trace: &mut Trace, order: &mut Vec<u32>) {
        trace.reset(utility.len());
        if self.k == 0 {
            return;
        }
        let earlier = |&a: &u32, &b: &u32| {
            let descending = utility[b as usize].partial_cmp(&utility[a as usize]).unwrap_or(Ordering::Equal);
            descending.then(a.cmp(&b))
        };
        order.clear();
        order.extend((0..utility.len() as u32).filter(|&i| utility[i as usize] != f64::NEG_INFINITY));
        order.select_nth_unstable_by(self.k - 1, earlier);
        let (chosen, others) = order.split_at_mut(self.k);
        chosen.sort_unstable_by(earlier);
        chosen.iter().for_each(|&element| trace.follow(element));
        others.iter().for_each(|&element| trace.take_part(element as usize, 0, self.k as u32 - 1));
    }
}

/// Marks the allowed elements if there are only as many as are chosen.
pub(super) fn mark_if_all(utility: &[f64], k: usize, mark: impl FnMut(usize)) {
    let allowed = || (0..utility.len()).filter(|&i| utility[i] != f64::NEG_INFINITY);
    if allowed().count() == k {
        allowed().for_each(mark);
    }
}

impl ExponentialFamily for TopK {
    type Workspace<N: Number> = SymmetricPolynomials<N>;

    type Narrowing = Vec<f64>;

    fn reach(&self) -> Reach {
        Reach { factors: self.k, cells: Blocks::new::<f64>(self.elements, self.k).cells() }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<SymmetricPolynomials<N>, TryReserveError> {
        SymmetricPolynomials::new(Blocks::new::<N>(self.elements, self.k), zero)
    }

    fn balanced(&self) -> usize {
        if self.k == 0 { 0 } else { self.elements }
    }

    fn forced(&self, utility: &[f64], forbids: bool, _: &mut Vec<u32>, mark: impl FnMut(usize)) {
        if forbids {
            mark_if_all(utility, self.k, mark);
        } else if self.k == self.elements {
            (0..self.elements).for_each(mark);
        }
    }

    /// Relative to the k-th largest. An element far above it is chosen, one far below it is not: in the place of a set
    /// where that is not so stands a likelier one, with an element swapped for another, of which there are at most n.
    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        scratch: &mut Vec<f64>,
    ) {
        narrowed.clear();
        if self.k == 0 {
            return narrowed.resize(utility.len(), DoubleDouble::ZERO);
        }
        let scale = scale_of(utility);
        let threshold = kth_largest(utility, self.k, scratch) * scale;
        let most = gap(LOG_COORDINATES, temperature);
        narrowed.extend(utility.iter().map(|&u| match relative(u * scale, threshold, temperature, scale) {
            below if below.high <= -most => DoubleDouble::NEG_INFINITY,
            above if above.high >= most => DoubleDouble::from(most),
            difference => difference,
        }));
    }

    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        _: (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        if self.k == 0 {
            return Some(0.0);
        }
        // With the k-th largest weight at 1, every polynomial is below the number of subsets times the product of
        // the k largest weights, and one that underflows is 300 digits below the partition function.
        let threshold = kth_largest(utility, self.k, scratch);
        let excess: f64 = scratch[..self.k].iter().map(|u| u - threshold).sum();
        (excess / temperature + self.log_count <= room.span).then_some(threshold)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], polynomials: &mut SymmetricPolynomials<N>) -> N {
        polynomials.fill(weights)
    }

    #[inline(always)]
    fn marginals<N: Number>(
        &self,
        weights: &[N],
        marginals: &mut [N],
        polynomials: &mut SymmetricPolynomials<N>,
    ) {
        polynomials.marginals(weights, marginals);
    }

    /// From the last element to the first: with j still to choose, the i-th is chosen with probability
    /// `w_i e_{j-1}(w_0, ..., w_{i-1}) / e_j(w_0, ..., w_i)`. O(n); block by block, where there are several.
    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        polynomials: &mut SymmetricPolynomials<N>,
        uniforms: &mut Uniforms,
        _scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        polynomials.draw(weights, uniforms, vertex);
    }
}
