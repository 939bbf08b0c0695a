//! SoftSub on its weights `exp(w / t)`, of which the largest is 1 at first.
//!
//! A round takes `a = w / S`, S the sum of the weights, and leaves `w (1 - a)^m`, `m = 1 / t`: no exponential where m is 1.
//! In `1 - a` only an entry of more than half of the sum would cancel. That one, the leader, is taken apart, with the sum of
//! the others for its `1 - a`.

use crate::elementary::{exp, ln, ln_of_one_minus};
use crate::number::{Eight, eights, larger, largest, largest_of, sum_of, total};
use crate::relaxation::row_by_row::Row;

/// The least sum of weights that a round may begin with. Any weight that is lost below the range of doubles is far
/// below it, and any that matters has the digits of its utility.
const LEAST_TOTAL: f64 = 1.0 / (1_u128 << 100) as f64;

/// A gradient grows by no more than a factor `1 + m` in a round: by no more than this logarithm in all, so that what is
/// lost below the range stays lost.
const MOST_GROWTH: f64 = 200.0;

/// The logarithm of the least weight.
const LEAST_LOG_WEIGHT: f64 = -700.0;

/// The largest entry of a round, where it is more than half.
#[derive(Clone, Copy)]
struct Leader {
    place: usize,
    /// Its entry a.
    share: f64,
    /// `1 - a`.
    left: f64,
    /// `(1 - a)^(m - 1)`.
    power: f64,
}

#[derive(Clone, Copy, Default)]
struct Round {
    /// `1 / S`.
    inverse: f64,
    /// `sum_i a_i g_i`.
    mean: f64,
    leader: Option<Leader>,
}

/// What rows of one length are computed in. Their ends are filled up with elements of weight 0.
pub(super) struct Weights {
    k: usize,
    temperature: f64,
    /// m.
    inverse_temperature: f64,
    start: Vec<Eight>,
    weights: Vec<Eight>,
    soft: Vec<Eight>,
    cotangent: Vec<Eight>,
    /// `dL/dw`, by weights.
    slopes: Vec<Eight>,
    /// All rounds, if they are needed for the way back, else one at a time: the entries but the leader's, and, where m is
    /// not 1, `(1 - a)^(m - 1)`.
    rounds: Vec<Round>,
    shares: Vec<Eight>,
    powers: Vec<Eight>,
}

impl Weights {
    /// None where the temperature is so low that gradients might grow beyond measure.
    pub(super) fn new(elements: usize, k: usize, temperature: f64, products: bool) -> Option<Self> {
        let inverse_temperature = 1.0 / temperature;
        if k as f64 * ln(1.0 + inverse_temperature) > MOST_GROWTH {
            return None;
        }
        let (blocks, kept) = (eights(elements), if products { k } else { 1 });
        let zeros = |count: usize| vec![[0.0; 8]; count];
        Some(Self {
            k,
            temperature,
            inverse_temperature,
            start: zeros(blocks),
            weights: zeros(blocks),
            soft: zeros(blocks),
            cotangent: zeros(blocks),
            slopes: zeros(blocks),
            rounds: vec![Round::default(); kept],
            shares: zeros(kept * blocks),
            powers: zeros(if inverse_temperature == 1.0 { 0 } else { kept * blocks }),
        })
    }

    /// Whether the row's weights stay in the range; if not, nothing is computed.
    #[inline(always)]
    pub(super) fn relax(&mut self, row: &mut Row<'_>) -> bool {
        if self.powers.is_empty() { self.relax_by::<true>(row) } else { self.relax_by::<false>(row) }
    }

    /// `UNIT`: at temperature 1.
    #[inline(always)]
    fn relax_by<const UNIT: bool>(&mut self, row: &mut Row<'_>) -> bool {
        let (mut sum, mut most) = self.load(row);
        let kept = self.rounds.len();
        for index in 0..self.k {
            if sum < LEAST_TOTAL {
                return false;
            }
            (sum, most) = self.take::<UNIT>(index % kept, sum, most);
        }
        if !row.soft.is_empty() {
            row.soft.copy_from_slice(&self.soft.as_flattened()[..row.soft.len()]);
        }
        if !row.gradient.is_empty() {
            self.pull_back::<UNIT>(row.gradient);
        }
        true
    }

    /// From utilities to weights, their sum and their largest.
    #[inline(always)]
    fn load(&mut self, row: &Row<'_>) -> (f64, f64) {
        let Self { start, weights, soft, cotangent, temperature, .. } = self;
        let reference = largest_of(row.utility);
        for (weight, &u) in start.as_flattened_mut().iter_mut().zip(row.utility) {
            // Halves, since the difference itself may overflow.
            let log = 2.0 * ((0.5 * u - 0.5 * reference) / *temperature);
            *weight = if log < LEAST_LOG_WEIGHT { 0.0 } else { exp(log) };
        }
        weights.copy_from_slice(start);
        soft.fill([0.0; 8]);
        if !row.cotangent.is_empty() {
            cotangent.as_flattened_mut()[..row.cotangent.len()].copy_from_slice(row.cotangent);
        }
        (sum_of(weights), 1.0)
    }

    /// One round; returns the sum and the largest of the weights that it leaves.
    #[inline(always)]
    fn take<const UNIT: bool>(&mut self, index: usize, sum: f64, most: f64) -> (f64, f64) {
        let blocks = self.weights.len();
        let m = self.inverse_temperature;
        let mut leader = None;
        let mut inverse = 1.0 / sum;
        if most > 0.5 * sum {
            let cells = self.weights.as_flattened_mut();
            let place = cells.iter().position(|&weight| weight == most).unwrap_or(0);
            cells[place] = 0.0;
            let odds = sum_of(&self.weights) / most;
            let share = 1.0 / (1.0 + odds);
            let left = odds * share;
            inverse = share / most;
            // Nothing may be left: then there is no other round.
            let power = if UNIT || left == 0.0 { 1.0 } else { exp((m - 1.0) * ln(left)) };
            leader = Some(Leader { place, share, left, power });
        }
        let shares = &mut self.shares[index * blocks..][..blocks];
        let powers = if UNIT { &mut [][..] } else { &mut self.powers[index * blocks..][..blocks] };
        let columns = (&mut self.weights[..], shares, powers, &mut self.soft[..], &self.cotangent[..]);
        let (mut mean, mut sum, mut largest) = take_all::<UNIT>(columns, inverse, m);
        if let Some(Leader { place, share, left, power }) = leader {
            let rest = most * left * power;
            self.weights.as_flattened_mut()[place] = rest;
            self.soft.as_flattened_mut()[place] += share;
            mean = share.mul_add(self.cotangent.as_flattened()[place], mean);
            sum += rest;
            largest = larger(largest, rest);
        }
        self.rounds[index] = Round { inverse, mean, leader };
        (sum, largest)
    }

    /// From the gradient in the weights after a round, `W`, to that in those before it: with `f = (1 - a)^(m - 1)`,
    /// `W_j f_j (1 - (1 + m) a_j) + m sum_i W_i a_i^2 f_i + (g_j - a.g) / S`.
    #[inline(always)]
    fn pull_back<const UNIT: bool>(&mut self, gradient: &mut [f64]) {
        let Self { start, cotangent, slopes, rounds, shares, powers, temperature, .. } = self;
        let (blocks, m) = (start.len(), self.inverse_temperature);
        slopes.fill([0.0; 8]);
        // `sum_i W_i a_i^2 f_i`, over the leader apart.
        let mut squares = 0.0;
        for index in (0..rounds.len()).rev() {
            let Round { inverse, mean, leader } = rounds[index];
            let of = |index: usize| {
                let range = index * blocks..(index + 1) * blocks;
                (&shares[range.clone()], if UNIT { &[][..] } else { &powers[range] })
            };
            let (own, earlier) = (of(index), of(index.saturating_sub(1)));
            let mut common = m * squares - mean * inverse;
            let mut led = None;
            if let Some(Leader { place, share, left, power }) = leader {
                let slope = slopes.as_flattened()[place] * power;
                let g = cotangent.as_flattened()[place];
                // `1 - m a` is `1 - a + (1 - m) a`.
                let kept = slope * left * (left + (1.0 - m) * share);
                led = Some((place, kept + (m * squares + (g - mean) * inverse)));
                common += m * slope * share * share;
            }
            squares = pull_all::<UNIT>(slopes, own, earlier, cotangent, (inverse, common, m));
            if let Some((place, slope)) = led {
                slopes.as_flattened_mut()[place] = slope;
                squares = squares_of::<UNIT>(slopes, earlier);
            }
        }
        let cells = slopes.as_flattened().iter().zip(start.as_flattened());
        for (gradient, (slope, weight)) in gradient.iter_mut().zip(cells) {
            *gradient = slope * weight / *temperature + 0.0; // Of zeros the positive one.
        }
    }
}

/// The weights, and for every one its entry, `(1 - a)^(m - 1)`, the sum of its entries, its cotangent.
type Columns<'a> = (&'a mut [Eight], &'a mut [Eight], &'a mut [Eight], &'a mut [Eight], &'a [Eight]);

/// Takes the entries of all weights; returns `sum_i a_i g_i`, the sum and the largest of the weights that are left.
#[inline(always)]
fn take_all<const UNIT: bool>(columns: Columns<'_>, inverse: f64, m: f64) -> (f64, f64, f64) {
    let (weights, shares, powers, soft, cotangent) = columns;
    let (mut mean, mut sum, mut most) = ([0.0; 8], [0.0; 8], [0.0; 8]);
    let cells = weights.iter_mut().zip(shares).zip(soft).zip(cotangent);
    for (block, (((weight, share), soft), g)) in cells.enumerate() {
        let mut power = [1.0; 8];
        if !UNIT {
            for lane in 0..8 {
                power[lane] = exp((m - 1.0) * ln_of_one_minus(weight[lane] * inverse));
            }
            powers[block] = power;
        }
        for lane in 0..8 {
            let a = weight[lane] * inverse;
            share[lane] = a;
            soft[lane] += a;
            mean[lane] = a.mul_add(g[lane], mean[lane]);
            let rest = (-a).mul_add(weight[lane], weight[lane]);
            let rest = if UNIT { rest } else { rest * power[lane] };
            weight[lane] = rest;
            sum[lane] += rest;
            most[lane] = larger(most[lane], rest);
        }
    }
    (total(mean), total(sum), largest(most))
}

/// One round back for all weights, by `(1 / S, what is common to all, m)`; returns the sum of squares of the round before.
#[inline(always)]
fn pull_all<const UNIT: bool>(
    slopes: &mut [Eight],
    (shares, powers): (&[Eight], &[Eight]),
    (earlier_shares, earlier_powers): (&[Eight], &[Eight]),
    cotangent: &[Eight],
    (inverse, common, m): (f64, f64, f64),
) -> f64 {
    let mut squares = [0.0; 8];
    let cells = slopes.iter_mut().zip(shares).zip(earlier_shares).zip(cotangent);
    for (block, (((slope, share), earlier), g)) in cells.enumerate() {
        let (power, earlier_power) =
            if UNIT { ([1.0; 8], [1.0; 8]) } else { (powers[block], earlier_powers[block]) };
        for lane in 0..8 {
            let kept = (-(1.0 + m)).mul_add(share[lane], 1.0);
            let kept = if UNIT { kept } else { kept * power[lane] };
            let pulled = kept.mul_add(slope[lane], g[lane].mul_add(inverse, common));
            slope[lane] = pulled;
            let square = earlier[lane] * earlier[lane];
            let square = if UNIT { square } else { square * earlier_power[lane] };
            squares[lane] = square.mul_add(pulled, squares[lane]);
        }
    }
    total(squares)
}

/// `sum_i W_i a_i^2 f_i`.
#[inline(always)]
fn squares_of<const UNIT: bool>(slopes: &[Eight], (shares, powers): (&[Eight], &[Eight])) -> f64 {
    let mut squares = [0.0; 8];
    for (block, (slope, share)) in slopes.iter().zip(shares).enumerate() {
        for lane in 0..8 {
            let square = share[lane] * share[lane];
            let square = if UNIT { square } else { square * powers[block][lane] };
            squares[lane] = square.mul_add(slope[lane], squares[lane]);
        }
    }
    total(squares)
}
