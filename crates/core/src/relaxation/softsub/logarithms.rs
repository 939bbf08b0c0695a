//! SoftSub on the logarithms of its weights, which have any size.

use crate::elementary::{exp, ln, ln_of_one_minus};
use crate::relaxation::row_by_row::Row;
use crate::structure::kth_largest;

/// One softmax: its largest entry apart from the others, so that neither `1 - a` cancels nor an entry that is small
/// beside it, but not beside the others, underflows.
#[derive(Clone, Copy, Default)]
struct Round {
    /// The place of the largest entry.
    leader: usize,
    /// The largest entry a.
    share: f64,
    /// `1 - a`.
    left: f64,
    /// `log(1 - a)`, as the sum of two numbers, since one may exceed the range of doubles.
    log_left: (f64, f64),
}

impl Round {
    /// The softmax of `w / t`, and in `others` the entries but the leader's over `1 - a`, their sum; 0 for the leader.
    #[inline(always)]
    fn new(w: &[f64], temperature: f64, others: &mut [f64]) -> Self {
        let mut leader = 0;
        for (index, &value) in w.iter().enumerate() {
            if value > w[leader] {
                leader = index;
            }
        }
        let mut second = f64::NEG_INFINITY;
        for (index, &value) in w.iter().enumerate() {
            second = if index != leader && value > second { value } else { second };
        }
        if second == f64::NEG_INFINITY {
            others.fill(0.0);
            return Self { leader, share: 1.0, left: 0.0, log_left: (f64::NEG_INFINITY, 0.0) };
        }
        for (other, &value) in others.iter_mut().zip(w) {
            *other = exp((value - second).min(0.0) / temperature);
        }
        others[leader] = 0.0;
        let total: f64 = others.iter().sum();
        for other in &mut *others {
            *other /= total;
        }
        let half_gap = (0.5 * w[leader] - 0.5 * second) / temperature;
        // 1 - a over a.
        let odds = total * exp(-2.0 * half_gap);
        let inverse = 1.0 / (1.0 + odds);
        Self {
            leader,
            share: inverse,
            left: odds * inverse,
            log_left: (ln(total * inverse) - half_gap, -half_gap),
        }
    }

    /// Adds the entries.
    #[inline(always)]
    fn add(&self, others: &[f64], soft: &mut [f64]) {
        for (x, &other) in soft.iter_mut().zip(others) {
            *x += self.left * other;
        }
        soft[self.leader] += self.share;
    }

    /// `w += log(1 - a)`.
    #[inline(always)]
    fn lower(&self, others: &[f64], w: &mut [f64]) {
        let led = w[self.leader];
        for (w, &other) in w.iter_mut().zip(others) {
            *w += ln_of_one_minus(self.left * other);
        }
        w[self.leader] = (led + self.log_left.0) + self.log_left.1;
    }

    /// From the gradient in the values of w after this round to that in those before it.
    ///
    /// With `h_i = dL/dw_i a_i / (1 - a_i)`, softmax's own product adds `a_j (g_j - a.g) / t` to `dL/dw_j`, and what is
    /// taken `(a_j sum_{i != j} h_i - dL/dw_j a_j) / t`. The leader's `a_j h` is its `dL/dw a` times the other's share
    /// of what it leaves.
    #[inline(always)]
    fn pull_back(&self, others: &[f64], cotangent: &[f64], temperature: f64, gradient: &mut [f64]) {
        let of_leader = gradient[self.leader] * self.share;
        let (mut mean, mut taken) = (self.share * cotangent[self.leader], 0.0);
        for ((&other, &g), &dw) in others.iter().zip(cotangent).zip(&*gradient) {
            let a = self.left * other;
            mean += a * g;
            taken += dw * (a / (1.0 - a));
        }
        let led = gradient[self.leader];
        for ((dw, &other), &g) in gradient.iter_mut().zip(others).zip(cotangent) {
            let a = self.left * other;
            let own = *dw * (a / (1.0 - a));
            *dw += (a * ((g - mean) + (taken - own) - *dw) + of_leader * other) / temperature;
        }
        let g = cotangent[self.leader];
        gradient[self.leader] = led + self.share * ((g - mean) + taken - led) / temperature;
    }
}

/// What rows of one length are computed in.
pub(super) struct Logarithms {
    k: usize,
    temperature: f64,
    /// A copy of the utilities, in which the k-th largest is found.
    ordered: Vec<f64>,
    w: Vec<f64>,
    /// All rounds, if they are needed for the way back, else one at a time.
    rounds: Vec<Round>,
    others: Vec<f64>,
}

impl Logarithms {
    pub(super) fn new(elements: usize, k: usize, temperature: f64, products: bool) -> Self {
        let kept = if products { k } else { 1 };
        Self {
            k,
            temperature,
            ordered: Vec::with_capacity(elements),
            w: vec![0.0; elements],
            rounds: vec![Round::default(); kept],
            others: vec![0.0; kept * elements],
        }
    }

    #[inline(always)]
    pub(super) fn relax(&mut self, row: &mut Row<'_>) {
        let Self { k, temperature, ordered, w, rounds, others } = self;
        let (elements, kept) = (w.len(), rounds.len());
        row.soft.fill(0.0);
        row.gradient.fill(0.0);
        // Near the k-th largest, where it matters, the differences are exact.
        let reference = kth_largest(row.utility, *k, ordered);
        for (w, &u) in w.iter_mut().zip(row.utility) {
            let difference = (u - reference).clamp(-f64::MAX, f64::MAX);
            *w = if u == f64::NEG_INFINITY { u } else { difference };
        }
        for index in 0..*k {
            let index = index % kept;
            let others = &mut others[index * elements..(index + 1) * elements];
            rounds[index] = Round::new(w, *temperature, others);
            rounds[index].lower(others, w);
            if !row.soft.is_empty() {
                rounds[index].add(others, row.soft);
            }
        }
        if !row.gradient.is_empty() {
            for (round, others) in rounds.iter().zip(others.chunks_exact(elements)).rev() {
                round.pull_back(others, row.cotangent, *temperature, row.gradient);
            }
        }
    }
}
