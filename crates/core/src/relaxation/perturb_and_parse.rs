use std::marker::PhantomData;

use pulp::{Simd, WithSimd};

use super::Relaxation;
use crate::elementary::{exp, power_of_two, split_exponent};
use crate::error::Error;
use crate::number::Arch;
use crate::structure::projective_tree::{Deductions, Derivatives, cells_of};
use crate::structure::{ProjectiveTree, Structure};

/// Eisner's algorithm with every maximum softened (Corro and Titov, 2019, "Differentiable Perturb-and-Parse").
///
/// Where the algorithm chooses the best of the scores s of some deductions, this takes `p = softmax(s/t)` and gives the
/// item the mean score `p.s` (not a log-sum-exp); the tree is then read off from the top down, every part with the
/// probability of the whole times p. That is a mean of trees, but not the gradient of a convex function: the Jacobian is
/// not symmetric.
///
/// The product with a cotangent g is a reverse pass through both. What an item has below it of `g.x` in the mean (its
/// reward) comes with its score; the derivative of `g.X_t` in the reward is its probability, and that in the score comes
/// with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerturbAndParse;

/// An unevaluated sum of two doubles, the second below the rounding of the first: so that differences of scores, which
/// are divided by the temperature, are right where the scores are much larger.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Score {
    high: f64,
    low: f64,
}

impl Score {
    const FORBIDDEN: Self = Self { high: f64::NEG_INFINITY, low: 0.0 };

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        let sum = self.high + other.high;
        let of_other = sum - self.high;
        let rest = (self.high - (sum - of_other)) + (other.high - of_other) + (self.low + other.low);
        let high = sum + rest;
        let forbidden = sum == f64::NEG_INFINITY;
        Self {
            high: if forbidden { sum } else { high },
            low: if forbidden { 0.0 } else { rest - (high - sum) },
        }
    }

    #[inline(always)]
    fn minus(self, other: Self) -> f64 {
        (self.high - other.high) + (self.low - other.low)
    }
}

#[derive(Clone, Copy)]
struct Item {
    score: Score,
    reward: f64,
}

/// What the reward of the whole depends on an item by.
#[derive(Clone, Copy)]
struct Share {
    /// Its derivative in the item's reward.
    probability: f64,
    /// Its derivative in the item's score over the temperature.
    slope: f64,
}

/// Choices among the deductions of an item, in memory for the longest list of them.
struct Choices {
    temperature: f64,
    scores: Vec<Score>,
    /// How much worse than the best, over the temperature.
    exponents: Vec<f64>,
    probabilities: Vec<f64>,
}

/// So far below the best nothing is left of a probability.
const LEAST_EXPONENT: f64 = -1000.0;

impl Choices {
    /// Fills in the exponents and the probabilities; returns the best score and the mean exponent, if anything is allowed.
    #[inline(always)]
    fn weigh(&mut self, firsts: &[Item], seconds: &[Item]) -> Option<(Score, f64)> {
        let count = firsts.len();
        let (scores, exponents, probabilities) =
            (&mut self.scores[..count], &mut self.exponents[..count], &mut self.probabilities[..count]);
        let mut best = Score::FORBIDDEN;
        for ((score, first), second) in scores.iter_mut().zip(firsts).zip(seconds) {
            *score = first.score.plus(second.score);
            best = if *score > best { *score } else { best };
        }
        if best == Score::FORBIDDEN {
            return None;
        }
        for ((exponent, probability), score) in exponents.iter_mut().zip(probabilities.iter_mut()).zip(scores)
        {
            let below = score.minus(best) / self.temperature;
            *exponent = if below > LEAST_EXPONENT { below } else { LEAST_EXPONENT };
            *probability = exp(*exponent);
        }
        let inverse = 1.0 / probabilities.iter().sum::<f64>();
        let mut mean = 0.0;
        for (probability, exponent) in probabilities.iter_mut().zip(exponents) {
            *probability *= inverse;
            mean += *probability * *exponent;
        }
        Some((best, mean))
    }
}

impl Deductions for Choices {
    type Item = Item;

    #[inline(always)]
    fn join(&mut self, firsts: &[Item], seconds: &[Item]) -> Item {
        match self.weigh(firsts, seconds) {
            None => Item { score: Score::FORBIDDEN, reward: 0.0 },
            Some((best, mean)) => {
                let rewards = firsts.iter().zip(seconds).map(|(first, second)| first.reward + second.reward);
                let reward = self.probabilities.iter().zip(rewards).map(|(p, reward)| p * reward).sum();
                Item { score: best.plus(Score { high: self.temperature * mean, low: 0.0 }), reward }
            }
        }
    }

    #[inline(always)]
    fn attach(&self, item: Item, edge: Item) -> Item {
        Item { score: item.score.plus(edge.score), reward: item.reward + edge.reward }
    }
}

impl Derivatives for Choices {
    type Share = Share;

    #[inline(always)]
    fn part(
        &mut self,
        share: Share,
        firsts: &[Item],
        seconds: &[Item],
        first_shares: &mut [Share],
        second_shares: &mut [Share],
    ) {
        let Some((_, mean)) = self.weigh(firsts, seconds) else { return };
        let rewards = firsts.iter().zip(seconds).map(|(first, second)| first.reward + second.reward);
        let mean_reward: f64 =
            self.probabilities.iter().zip(rewards.clone()).map(|(p, reward)| p * reward).sum();
        let choices = self.probabilities.iter().zip(&self.exponents).zip(rewards);
        let shares = first_shares.iter_mut().zip(second_shares);
        for ((first, second), ((&p, &exponent), reward)) in shares.zip(choices) {
            let of_reward = share.probability * (reward - mean_reward);
            let slope = p * share.slope.mul_add(1.0 + (exponent - mean), of_reward);
            let probability = share.probability * p;
            *first = Share { probability: first.probability + probability, slope: first.slope + slope };
            *second = Share { probability: second.probability + probability, slope: second.slope + slope };
        }
    }

    #[inline(always)]
    fn detach(&self, share: Share, _edge: Item) -> Share {
        share
    }

    #[inline(always)]
    fn add(&self, a: Share, b: Share) -> Share {
        Share { probability: a.probability + b.probability, slope: a.slope + b.slope }
    }
}

/// What is read off the share of an edge.
trait Reading {
    const DIRECTED: bool;
    fn read(share: Share, temperature: f64) -> f64;
}

struct Probabilities;

impl Reading for Probabilities {
    const DIRECTED: bool = false;
    #[inline(always)]
    fn read(share: Share, _temperature: f64) -> f64 {
        share.probability.min(1.0) // Rounding may have left the unit interval.
    }
}

struct Slopes;

impl Reading for Slopes {
    const DIRECTED: bool = true;
    #[inline(always)]
    fn read(share: Share, temperature: f64) -> f64 {
        share.slope / temperature
    }
}

/// A run of rows on one thread.
struct Rows<'a, M> {
    structure: &'a ProjectiveTree,
    utilities: &'a [f64],
    cotangents: &'a [f64],
    temperature: f64,
    out: &'a mut [f64],
    reading: PhantomData<M>,
}

/// A power of two that brings the larger of utilities and temperature to about 1. `X_t` depends on their ratio, and so
/// neither do sums overflow nor is there anything lost below the normal range.
fn scale_of(utility: &[f64], temperature: f64) -> f64 {
    let finite = utility.iter().filter(|u| u.is_finite());
    let largest = finite.fold(temperature, |largest, u| largest.max(u.abs()));
    power_of_two((-split_exponent(largest).1).clamp(-1000, 1000) as f64)
}

impl<M: Reading> WithSimd for Rows<'_, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let Self { structure, utilities, cotangents, temperature, out, .. } = self;
        let n = structure.vertices();
        let dimension = structure.dimension();
        let nothing = Share { probability: 0.0, slope: 0.0 };
        let absent = Item { score: Score::FORBIDDEN, reward: 0.0 };
        let single = Item { score: Score { high: 0.0, low: 0.0 }, reward: 0.0 };
        let mut edges = vec![absent; n * n];
        let (mut items, mut shares) = (vec![absent; cells_of(n)], vec![nothing; cells_of(n)]);
        let (mut items, mut shares) = (structure.chart(&mut items), structure.chart(&mut shares));
        let mut choices = Choices {
            temperature,
            scores: vec![Score::FORBIDDEN; n],
            exponents: vec![0.0; n],
            probabilities: vec![0.0; n],
        };
        let rows = utilities.chunks_exact(dimension).zip(cotangents.chunks_exact(dimension));
        for ((utility, cotangent), out) in rows.zip(out.chunks_exact_mut(dimension)) {
            let scale = scale_of(utility, temperature);
            choices.temperature = (temperature * scale).max(f64::from_bits(1));
            for (coordinates, places) in structure.runs() {
                let cells = utility[coordinates.clone()].iter().zip(&cotangent[coordinates]);
                for (edge, (&u, &g)) in edges[places].iter_mut().zip(cells) {
                    let score = Score { high: u * scale, low: 0.0 };
                    *edge = Item { score, reward: if M::DIRECTED { g } else { 0.0 } };
                }
            }
            items.fill(&edges, single, &mut choices);
            shares.fill_shares(
                &items,
                &edges,
                (Share { probability: 1.0, ..nothing }, nothing),
                &mut choices,
            );
            for (coordinates, places) in structure.runs() {
                for (out, &share) in out[coordinates].iter_mut().zip(&shares.arcs[places]) {
                    *out = M::read(share, temperature);
                }
            }
        }
    }
}

impl Relaxation<ProjectiveTree> for PerturbAndParse {
    const SYMMETRIC: bool = false;

    fn softmax(
        &self,
        structure: &ProjectiveTree,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let (cotangents, reading) = (utilities, PhantomData::<Probabilities>);
        Arch::new().dispatch(Rows { structure, utilities, cotangents, temperature, out: soft, reading });
        Ok(())
    }

    fn softmax_vjp(
        &self,
        structure: &ProjectiveTree,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let reading = PhantomData::<Slopes>;
        Arch::new().dispatch(Rows { structure, utilities, cotangents, temperature, out: gradients, reading });
        Ok(())
    }
}
