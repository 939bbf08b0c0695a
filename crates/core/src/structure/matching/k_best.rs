//! The k best matchings (Murty, "An algorithm for ranking all the assignments in order of increasing cost", 1968): what is
//! left when the best is found falls apart by the first buyer that buys another good. Each of these problems is the one before
//! but for a buyer, whose new good is found along one shortest augmenting path, O(m n) (Miller, Stone and Cox, 1997), and
//! only when a bound on it has come first.
//!
//! Numbers are sums of two doubles, so that prices decide as exact ones would. What is not sold is held by one more holder, to
//! whom all goods are worth 0: so every good always has all its holders, and what one buyer gives up is taken by one other.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::rc::Rc;

use super::Matching;
use crate::k_best::{Best, KBest, Queue, scale_of_sums};
use crate::number::DoubleDouble;
use crate::structure::{ArgmaxOracle, Structure};

/// The holder of what is not sold; in the place of the good of a buyer who has none.
const NOBODY: u32 = u32::MAX;

/// The best of a part: in it the buyers before one have the goods that they have here, and that one none of those that it has
/// had in others.
struct Part {
    /// The good of each buyer.
    goods: Vec<u32>,
    /// An optimal solution of the dual problem of what is not fixed: the price of each good, and what nobody pays.
    prices: Vec<DoubleDouble>,
    reserve: DoubleDouble,
    first_free: usize,
    had: Vec<u32>,
    loss: DoubleDouble,
}

/// A part in which a buyer has to have another good than in this one.
struct Open {
    /// It loses at least so much.
    bound: DoubleDouble,
    number: usize,
    part: Rc<Part>,
    buyer: usize,
}

/// The least bound is the largest, and of equal ones the first.
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let bounds = other.bound.partial_cmp(&self.bound).unwrap_or(Ordering::Equal);
        bounds.then(other.number.cmp(&self.number))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Open {}

/// What goods are worth to buyers, and a search for a shortest path.
struct Search<'a> {
    structure: &'a Matching,
    /// [buyers x goods].
    worth: Vec<f64>,
    goods: usize,
    distances: Vec<DoubleDouble>,
    /// Who would take each good.
    takers: Vec<u32>,
    /// Goods in the order in which their distances were final.
    settled: Vec<usize>,
    is_settled: Vec<bool>,
    /// The free holders of each good.
    holders: Vec<Vec<u32>>,
}

const FAR: DoubleDouble = DoubleDouble { high: f64::INFINITY, low: 0.0 };

impl<'a> Search<'a> {
    fn new(structure: &'a Matching, utility: &[f64]) -> Self {
        let (market, scale) = (structure.market(), scale_of_sums(utility));
        let goods = market.goods() + usize::from(market.open);
        let worth = (0..market.buyers)
            .flat_map(|buyer| (0..goods).map(move |good| (buyer, good)))
            .map(|(buyer, good)| match good == market.goods() {
                true => 0.0,
                false => utility[structure.cell(buyer, good)] * scale,
            })
            .collect();
        Self {
            structure,
            worth,
            goods,
            distances: vec![FAR; goods],
            takers: vec![NOBODY; goods],
            settled: Vec::with_capacity(goods),
            is_settled: vec![false; goods],
            holders: vec![Vec::new(); goods],
        }
    }

    fn worth(&self, buyer: usize, good: usize) -> f64 {
        self.worth[buyer * self.goods + good]
    }

    /// How much of a good nobody has.
    fn unsold(&self, goods: &[u32], good: usize) -> usize {
        let sold = goods.iter().filter(|&&of| of as usize == good).count();
        self.structure.market().capacity(good) as usize - sold
    }

    /// What a good is worth to a buyer above its price.
    fn profit(&self, prices: &[DoubleDouble], buyer: usize, good: usize) -> DoubleDouble {
        DoubleDouble::from(self.worth(buyer, good)) - prices[good]
    }

    /// The goods that a buyer may have, but some.
    fn allowed(&self, buyer: usize, had: &[u32]) -> impl Iterator<Item = usize> {
        let worth = &self.worth[buyer * self.goods..(buyer + 1) * self.goods];
        let allowed = |&good: &usize| worth[good] != f64::NEG_INFINITY && !had.contains(&(good as u32));
        (0..self.goods).filter(allowed)
    }

    /// A best matching with prices for which every buyer has what is worth most above its price: found along shortest paths
    /// from the empty matching, but for the matching itself, since such prices are the same for all that are best.
    fn priced(&mut self, goods: Vec<u32>) -> Part {
        let buyers = goods.len();
        let mut part = Part {
            goods: vec![NOBODY; buyers],
            prices: vec![DoubleDouble::ZERO; self.goods],
            reserve: DoubleDouble::ZERO,
            first_free: 0,
            had: Vec::new(),
            loss: DoubleDouble::ZERO,
        };
        for buyer in 0..buyers {
            let profits = self.allowed(buyer, &[]).map(|good| self.profit(&part.prices, buyer, good));
            let most = profits.reduce(|most, profit| if profit > most { profit } else { most });
            self.augment(&mut part, buyer, most.unwrap_or_default(), 0..buyer, None);
        }
        Part { goods, ..part }
    }

    /// What a buyer has had where it may not have the good of this part.
    fn had(part: &Part, buyer: usize) -> Vec<u32> {
        let inherited: &[u32] = if buyer == part.first_free { &part.had } else { &[] };
        inherited.iter().copied().chain([part.goods[buyer]]).collect()
    }

    /// At least how much less than this part the one is worth in which a buyer has another good: that which its next one is
    /// worth less to it, and its own to the next one who may have that. None if there is no such part.
    fn bound(&self, part: &Part, buyer: usize) -> Option<DoubleDouble> {
        let good = part.goods[buyer] as usize;
        let least = |a: DoubleDouble, b: DoubleDouble| if b < a { b } else { a };
        let own = self.profit(&part.prices, buyer, good);
        let had = Self::had(part, buyer);
        let others = self.allowed(buyer, &had).map(|other| own - self.profit(&part.prices, buyer, other));
        let next = others.reduce(least)?;
        let nobody = (self.structure.market().unsold() > 0).then(|| part.prices[good] - part.reserve);
        let takers = (buyer + 1..part.goods.len())
            .filter(|&taker| {
                part.goods[taker] as usize != good && self.worth(taker, good) != f64::NEG_INFINITY
            })
            .map(|taker| {
                self.profit(&part.prices, taker, part.goods[taker] as usize)
                    - self.profit(&part.prices, taker, good)
            });
        Some(next + takers.chain(nobody).reduce(least)?)
    }

    /// The part in which a buyer has another good.
    fn other(&mut self, part: &Part, buyer: usize) -> Option<Part> {
        let target = part.goods[buyer] as usize;
        let profit = self.profit(&part.prices, buyer, target);
        let mut other = Part {
            goods: part.goods.clone(),
            prices: part.prices.clone(),
            first_free: buyer,
            had: Self::had(part, buyer),
            ..*part
        };
        let more = self.augment(&mut other, buyer, profit, buyer + 1..part.goods.len(), Some(target))?;
        other.loss = part.loss + more;
        Some(other)
    }

    /// Gives a buyer a good along the shortest path over those that others may give up, to the target, or without one to
    /// the nearest that is not sold out; how much less this is worth than such a profit. Nothing changes if there is no path.
    fn augment(
        &mut self,
        part: &mut Part,
        buyer: usize,
        profit: DoubleDouble,
        free: Range<usize>,
        target: Option<usize>,
    ) -> Option<DoubleDouble> {
        self.distances.fill(FAR);
        self.is_settled.fill(false);
        self.settled.clear();
        self.holders.iter_mut().for_each(Vec::clear);
        free.for_each(|holder| self.holders[part.goods[holder] as usize].push(holder as u32));
        self.relax(part, buyer, profit);
        let mut of_nobody = None;
        let end = loop {
            let near = (0..self.goods)
                .filter(|&good| !self.is_settled[good] && self.distances[good].high < f64::INFINITY);
            let nearest = near.reduce(|a, b| if self.distances[b] < self.distances[a] { b } else { a })?;
            let distance = self.distances[nearest];
            let unsold = self.unsold(&part.goods, nearest) > 0;
            if target == Some(nearest) || target.is_none() && unsold {
                break nearest;
            }
            self.is_settled[nearest] = true;
            self.settled.push(nearest);
            for holder in std::mem::take(&mut self.holders[nearest]) {
                let holder = holder as usize;
                self.relax(part, holder, distance + self.profit(&part.prices, holder, nearest));
            }
            if unsold && of_nobody.is_none() {
                of_nobody = Some(nearest);
                for good in (0..self.goods).filter(|&good| !self.is_settled[good]) {
                    let length = distance + (part.prices[good] - part.reserve);
                    if length < self.distances[good] {
                        (self.distances[good], self.takers[good]) = (length, NOBODY);
                    }
                }
            }
        };
        let length = self.distances[end];
        for &good in &self.settled {
            part.prices[good] = part.prices[good] + (length - self.distances[good]);
        }
        if let Some(source) = of_nobody {
            part.reserve = part.reserve + (length - self.distances[source]);
        }
        let mut good = end;
        loop {
            let taker = self.takers[good] as usize;
            if self.takers[good] == NOBODY {
                good = of_nobody?;
                continue;
            }
            let before = std::mem::replace(&mut part.goods[taker], good as u32);
            if taker == buyer {
                return Some(length);
            }
            good = before as usize;
        }
    }

    /// Offers a buyer the goods that it may have, which are worth so much less to it, above their prices, than this.
    fn relax(&mut self, part: &Part, buyer: usize, profit: DoubleDouble) {
        let had: &[u32] = if buyer == part.first_free { &part.had } else { &[] };
        for good in 0..self.goods {
            let worth = self.worth(buyer, good);
            if self.is_settled[good] || worth == f64::NEG_INFINITY || had.contains(&(good as u32)) {
                continue;
            }
            let length = profit - self.profit(&part.prices, buyer, good);
            if length < self.distances[good] {
                (self.distances[good], self.takers[good]) = (length, buyer as u32);
            }
        }
    }
}

/// O(m^2 n) for the first of m <= n columns, and as much for each of the others at most.
impl KBest for Matching {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        let market = self.market();
        k.saturating_mul(10 * market.buyers * market.buyers * (market.goods() + 1))
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        let market = self.market();
        let mut vertex = vec![0.0; self.dimension()];
        self.argmax(utility, &mut vertex, &mut self.argmax_workspace());
        let good_of = |buyer: usize| (0..market.goods()).find(|&good| vertex[self.cell(buyer, good)] != 0.0);
        let goods = (0..market.buyers).map(|buyer| good_of(buyer).unwrap_or(market.goods()) as u32).collect();
        let mut search = Search::new(self, utility);
        let (mut solved, mut open, mut number) = (Queue::new(best.room()), BinaryHeap::new(), 0);
        solved.push(DoubleDouble::ZERO, number, Rc::new(search.priced(goods)));
        loop {
            let first = solved.first();
            // What may come first is solved first.
            if open.peek().is_some_and(|open: &Open| first.is_none_or(|loss| open.bound < loss)) {
                let other = open.pop().and_then(|Open { part, buyer, .. }| search.other(&part, buyer));
                if let Some(part) = other {
                    number += 1;
                    solved.push(part.loss, number, Rc::new(part));
                }
                continue;
            }
            let Some((_, _, part)) = solved.pop() else { return };
            let sold = part.goods.iter().enumerate().filter(|&(_, &good)| (good as usize) < market.goods());
            best.take(sold.map(|(buyer, &good)| self.cell(buyer, good as usize)));
            if best.room() == 0 {
                return;
            }
            for buyer in part.first_free..market.buyers {
                let Some(more) = search.bound(&part, buyer) else { continue };
                let bound = part.loss + more;
                if !solved.is_late(bound) {
                    number += 1;
                    open.push(Open { bound, number, part: Rc::clone(&part), buyer });
                }
            }
        }
    }
}
