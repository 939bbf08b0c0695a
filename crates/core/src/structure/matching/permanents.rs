//! Sums over all matchings: permanents, and from them marginals, by a dynamic program over sets of buyers.
//!
//! Goods are sold one after the other, and all that matters of those before is who has bought: with m buyers there are 2^m
//! sets, and a step from each to each set with one more. What is added and multiplied is never negative, unlike in Ryser's
//! formula, whose terms cancel; so every marginal is right to its last digits. Which operation comes next never depends on
//! values.

use crate::number::{Number, Scalar};
use crate::sampling::{Uniforms, choose};

/// So many sets are summed up before their sum is added to the others', so that rounding errors stay those of short sums.
const RUN: usize = 256;

/// The sums of one row, or of as many as a number stands for.
pub struct SubsetSums<N> {
    /// Of every set the sum over the ways in which it may have bought the goods so far.
    pub(super) forward: Vec<N>,
    /// The sum over the ways in which the others may buy the goods from here on, divided by that over all matchings.
    pub(super) backward: Vec<N>,
    /// Of every buyer what the latest sets add to its marginals.
    pub(super) recent: Vec<N>,
}

/// The sets of buyers, with what leads from one to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lattice {
    pub(super) buyers: usize,
    pub(super) goods: usize,
    /// Whether every good is sold. Then a set has as many members as goods have been sold, and is there once.
    pub(super) full: bool,
    /// Whether buyers may stay alone.
    pub(super) open: bool,
    /// How far the cells of the next buyer, and of the next good, are in the matrix.
    pub(super) strides: (usize, usize),
}

impl Lattice {
    /// How many sums there are: 2^m, for each good if not all are sold.
    pub(super) fn sums(&self) -> u64 {
        let sets = 1_u64.checked_shl(self.buyers as u32).unwrap_or(u64::MAX);
        if self.full { sets } else { sets.saturating_mul(self.goods as u64 + 1) }
    }

    /// How many steps there are from one set to another.
    pub(super) fn steps(&self) -> u64 {
        self.sums().saturating_mul(self.buyers as u64) / 2
    }

    pub(super) fn sets(&self) -> usize {
        1 << self.buyers
    }

    #[inline(always)]
    fn everyone(&self) -> usize {
        self.sets() - 1
    }

    /// Where the sums begin from which so many goods have been offered.
    #[inline(always)]
    fn start(&self, goods: usize) -> usize {
        if self.full { 0 } else { goods * self.sets() }
    }

    #[inline(always)]
    fn cell(&self, buyer: usize, good: usize) -> usize {
        buyer * self.strides.0 + good * self.strides.1
    }

    /// The sets that may have bought so many goods, in increasing order.
    #[inline(always)]
    fn sets_after(&self, goods: usize) -> Sets {
        if self.full {
            Sets { next: (1 << goods) - 1, end: self.sets(), same_size: true }
        } else {
            Sets { next: 0, end: self.sets(), same_size: false }
        }
    }

    /// Fills the sums of all sets; returns that over all matchings.
    #[inline(always)]
    pub(super) fn fill_forward<N: Number>(&self, weights: &[N], forward: &mut [N]) -> N {
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        if !self.full {
            forward[..self.sets()].fill(zero);
        }
        forward[0] = one;
        for good in 0..self.goods {
            let (before, after) = (self.start(good), self.start(good + 1));
            for set in self.sets_after(good + 1) {
                let mut sum = if self.full { zero } else { forward[before + set] };
                for buyer in Members(set) {
                    let rest = forward[before + (set ^ (1 << buyer))];
                    sum = weights[self.cell(buyer, good)].mul_add(rest, sum);
                }
                forward[after + set] = sum;
            }
        }
        self.total(forward)
    }

    /// The sum over all matchings, once all goods have been offered.
    #[inline(always)]
    fn total<N: Number>(&self, forward: &[N]) -> N {
        let last = &forward[self.start(self.goods)..][..self.sets()];
        if self.open { sum_in_runs(last) } else { last[self.everyone()] }
    }

    /// Fills the marginals, from the last good to the first, given the sums of all sets and the inverse of that over all
    /// matchings. Sets of one size or in one place of memory are left before larger ones are read.
    #[inline(always)]
    pub(super) fn fill_marginals<N: Number>(
        &self,
        weights: &[N],
        marginals: &mut [N],
        SubsetSums { forward, backward, recent }: &mut SubsetSums<N>,
        inverse: N,
    ) {
        let zero = inverse.constant(0.0);
        let everyone = self.everyone();
        marginals.fill(zero);
        backward.fill(if self.open { inverse } else { zero });
        backward[everyone] = inverse;
        for good in (0..self.goods).rev() {
            let before = self.start(good);
            let mut sets = self.sets_after(good);
            let mut more = true;
            while more {
                recent.fill(zero);
                more = false;
                for _ in 0..RUN {
                    let Some(set) = sets.next() else { break };
                    more = true;
                    let so_far = forward[before + set];
                    // No set that is larger has been overwritten.
                    let mut sum = if self.full { zero } else { backward[set] };
                    for buyer in Members(everyone ^ set) {
                        let rest = backward[set | (1 << buyer)];
                        let weight = weights[self.cell(buyer, good)];
                        let part = weight * rest;
                        sum = sum + part;
                        recent[buyer] = so_far.mul_add(part, recent[buyer]);
                    }
                    backward[set] = sum;
                }
                for (buyer, &part) in recent.iter().enumerate() {
                    let cell = self.cell(buyer, good);
                    marginals[cell] = marginals[cell] + part;
                }
            }
        }
    }

    /// Draws a matching in proportion to its weight, from the last good to the first: the buyer of each by what it adds to the
    /// sum of its set. O(m n); where buyers may stay alone, those that do are drawn first, O(2^m).
    pub(super) fn draw<N: Scalar>(
        &self,
        weights: &[N],
        forward: &[N],
        uniforms: &mut Uniforms,
        mut take: impl FnMut(usize),
    ) {
        let mut set = self.everyone();
        if self.open {
            let last = self.start(self.goods);
            let all = (0..self.sets()).map(|set| (set, forward[last + set]));
            set = choose(all, uniforms).unwrap_or(0);
        }
        for good in (0..self.goods).rev() {
            if set == 0 {
                break;
            }
            let before = self.start(good);
            let unsold = (!self.full).then(|| (None, forward[before + set]));
            let sold = Members(set).map(|buyer| {
                let rest = forward[before + (set ^ (1 << buyer))];
                (Some(buyer), weights[self.cell(buyer, good)] * rest)
            });
            if let Some(Some(buyer)) = choose(unsold.into_iter().chain(sold), uniforms) {
                take(self.cell(buyer, good));
                set ^= 1 << buyer;
            }
        }
    }
}

/// Sets of buyers as bits, in increasing order: all, or those of one size.
struct Sets {
    next: usize,
    end: usize,
    same_size: bool,
}

impl Iterator for Sets {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let set = self.next;
        if set >= self.end {
            return None;
        }
        self.next = match (self.same_size, set) {
            (false, _) => set + 1,
            (true, 0) => self.end,
            // Gosper's: the lowest run of bits sends its highest one up, and the others down to the bottom.
            (true, _) => {
                let lowest = set & set.wrapping_neg();
                let risen = set + lowest;
                risen | ((set ^ risen) >> (lowest.trailing_zeros() + 2))
            }
        };
        Some(set)
    }
}

/// The members of a set, from the first on.
#[derive(Clone, Copy)]
struct Members(usize);

impl Iterator for Members {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let member = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(member)
    }
}

/// The sum of numbers, of runs of them first.
#[inline(always)]
fn sum_in_runs<N: Number>(values: &[N]) -> N {
    let zero = values[0].constant(0.0);
    let of = |run: &[N]| run.iter().fold(zero, |sum, &value| sum + value);
    values.chunks(RUN).fold(zero, |sum, run| sum + of(run))
}
