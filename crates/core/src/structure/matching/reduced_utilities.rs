//! Reduced utilities (the negated reduced costs of linear programming): utilities less the prices of their columns, less
//! what their row gets for that in the best matching.
//!
//! They are 0 in the matching, and at most 0 elsewhere, if the prices are optimal; and the best matchings of the
//! reduced utilities are those of the utilities. Prices in doubles are optimal but for rounding errors, which are
//! those of the largest numbers around: of a mask of -1e32, say, that the matching cannot avoid. So the reduced utilities
//! are computed as unevaluated sums, which lose nothing, and where one is positive they are solved in their turn
//! (iterative refinement): what is near 0 there is no longer next to anything large.
//!
//! They are kept in a table as the relaxation wants them: of a square as it is; else with a row for each good and a column
//! for each buyer, and a last one for what is not sold, if anything is not.

use std::sync::Arc;

use super::scans::NONE;
use super::{Market, ShortestPaths};
use crate::number::DoubleDouble;

/// A row and a column of the table that the best matching has together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    pub(crate) row: u32,
    pub(crate) column: u32,
}

pub(crate) struct ReducedUtilities {
    market: Arc<Market>,
    /// Rows and columns of the table.
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// `reduced[i][j] = high + low`; -inf for forbidden cells.
    pub(crate) high: Vec<f64>,
    pub(crate) low: Vec<f64>,
    /// The place of each buyer in the best matching.
    pub(super) places: Vec<u32>,
    /// The same in the table, by rows.
    pub(crate) pairs: Vec<Pair>,
    /// Those that are not too small to be chosen, as the market has them, and what no place is sold below.
    near: Vec<f64>,
    reserved: Vec<f64>,
    finer: ShortestPaths,
    /// Of the table's columns.
    prices: Vec<f64>,
}

impl ReducedUtilities {
    pub(crate) fn new(market: &Arc<Market>) -> Self {
        let height = market.goods() + usize::from(market.open);
        let width = market.buyers + usize::from(market.unsold() > 0);
        Self {
            market: Arc::clone(market),
            height,
            width,
            high: vec![0.0; height * width],
            low: vec![0.0; height * width],
            places: vec![0; market.buyers],
            pairs: Vec::with_capacity(height + market.buyers + 1),
            near: Vec::with_capacity(market.buyers * market.places()),
            reserved: Vec::new(),
            finer: ShortestPaths::new(market),
            prices: vec![0.0; width],
        }
    }

    /// With a matching that was found for these bids, and in its scale.
    #[inline(always)]
    pub(crate) fn compute(&mut self, bids: &[f64], found: &ShortestPaths) {
        let (scale, prices) = found.prices();
        self.places.copy_from_slice(found.columns());
        pair_up(&self.market, &self.places, found.rows(), &mut self.pairs);
        if self.market.is_square() {
            self.prices.copy_from_slice(prices);
            return self
                .reduce(scale, |buyer, row| row.copy_from_slice(&bids[buyer * row.len()..][..row.len()]));
        }
        // What a buyer gets is what a good pays for it; what is not sold gets nothing.
        self.prices.fill(0.0);
        let rows = bids.chunks_exact(prices.len());
        for (profit, (bids, &place)) in self.prices.iter_mut().zip(rows.zip(&self.places)) {
            *profit = bids[place as usize] * scale - prices[place as usize];
        }
        let market = Arc::clone(&self.market);
        self.reduce(scale, |good, row| {
            row.fill(0.0);
            let place = market.places_of(good).start;
            for (u, bids) in row.iter_mut().zip(bids.chunks_exact(prices.len())) {
                *u = bids[place];
            }
        });
    }

    /// Utilities of the table's rows, written by a function, less the prices of their columns and what is left to the rows.
    #[inline(always)]
    fn reduce(&mut self, scale: f64, write: impl Fn(usize, &mut [f64])) {
        let Self { width, high, low, prices, .. } = self;
        for (row, (high, low)) in high.chunks_exact_mut(*width).zip(low.chunks_exact_mut(*width)).enumerate()
        {
            write(row, high);
            for ((high, low), &price) in high.iter_mut().zip(low.iter_mut()).zip(&*prices) {
                let u = *high;
                let allowed = u != f64::NEG_INFINITY;
                let value = DoubleDouble::sum(if allowed { u * scale } else { 0.0 }, -price);
                *high = if allowed { value.high } else { f64::NEG_INFINITY };
                *low = if allowed { value.low } else { 0.0 };
            }
        }
        self.subtract_own();
    }

    /// How far the prices are from optimal ones, 0: the largest of them, or how far below 0 one is in the matching.
    #[inline(always)]
    pub(crate) fn error(&self) -> f64 {
        let Self { width, high, pairs, .. } = self;
        let own = pairs.iter().map(|pair| -high[pair.row as usize * width + pair.column as usize]);
        high.iter().copied().chain(own).fold(0.0, |a, b| if b > a { b } else { a })
    }

    /// Refines them until their error is small enough; tells whether it is, after at most so many rounds: each gains the
    /// digits of a double, of which some 600 lie between the largest and the smallest.
    #[inline(always)]
    pub(crate) fn refine_until(&mut self, enough: impl Fn(f64) -> bool) -> bool {
        const MOST_ROUNDS: usize = 50;
        for _ in 0..MOST_ROUNDS {
            if enough(self.error()) {
                return true;
            }
            self.refine();
        }
        enough(self.error())
    }

    /// Solves them in their turn. What is still positive then is so by the rounding errors of what was.
    #[inline(always)]
    pub(crate) fn refine(&mut self) {
        // A matching with a smaller one is no better than that of the zeros.
        let least = -(self.height.max(self.width) as f64) * self.error();
        let near = |x: f64| if x >= least { x } else { f64::NEG_INFINITY };
        let Self { market, width, high, places, pairs, near: bids, reserved, finer, .. } = self;
        bids.clear();
        if market.is_square() {
            bids.extend(high.iter().map(|&x| near(x)));
            finer.solve(bids);
        } else {
            let rows = || (0..market.places()).map(|place| &high[market.good_at(place) * *width..][..*width]);
            for buyer in 0..market.buyers {
                bids.extend(rows().map(|high| near(high[buyer])));
            }
            // A good that must be sold is as dear to keep as no matching can make good.
            let keep = |high: &[f64]| high.get(market.buyers).map_or(0.0, |x| x.max(2.0 * least));
            reserved.clear();
            reserved.extend(rows().map(keep));
            finer.solve_above(bids, Some(reserved));
        }
        places.copy_from_slice(finer.columns());
        pair_up(market, places, finer.rows(), pairs);
        self.subtract_own();
        self.rise();
        let Self { width, high, low, prices, .. } = self;
        for (high, low) in high.chunks_exact_mut(*width).zip(low.chunks_exact_mut(*width)) {
            for ((high, low), price) in high.iter_mut().zip(low.iter_mut()).zip(&*prices) {
                if *high != f64::NEG_INFINITY {
                    add(high, low, DoubleDouble::from(-price));
                }
            }
        }
        self.subtract_own();
    }

    /// The smallest prices from 0 up that leave no row another column than its own, as the longest paths between columns
    /// (Bellman-Ford). They are no larger than what is positive, times the width, however large the other numbers are.
    #[inline(always)]
    fn rise(&mut self) {
        let Self { width, high, pairs, prices, .. } = self;
        prices.fill(0.0);
        for _ in 0..*width {
            let mut risen = false;
            for &Pair { row, column } in &*pairs {
                let high = &high[row as usize * *width..][..*width];
                let start = prices[column as usize] - high[column as usize];
                for (price, &x) in prices.iter_mut().zip(high) {
                    risen |= start + x > *price;
                    *price = if start + x > *price { start + x } else { *price };
                }
            }
            if !risen {
                return;
            }
        }
    }

    /// Makes the sum of each row's (first) pair 0 by subtracting it from all of the row.
    #[inline(always)]
    fn subtract_own(&mut self) {
        let Self { width, high, low, pairs, .. } = self;
        let mut rows = high.chunks_exact_mut(*width).zip(low.chunks_exact_mut(*width));
        for pairs in pairs.chunk_by(|a, b| a.row == b.row) {
            let own = pairs[0].column as usize;
            let (high, low) = rows.next().expect("a row of the table");
            let own = -DoubleDouble { high: high[own], low: low[own] };
            for (high, low) in high.iter_mut().zip(low) {
                if *high != f64::NEG_INFINITY {
                    add(high, low, own);
                }
            }
        }
    }
}

/// Tells a matching of the market in the table, given the place of each buyer and the buyer of each place.
#[inline(always)]
fn pair_up(market: &Market, places: &[u32], buyers: &[u32], pairs: &mut Vec<Pair>) {
    let pair = |row: usize, column: usize| Pair { row: row as u32, column: column as u32 };
    pairs.clear();
    if market.is_square() {
        pairs.extend(places.iter().enumerate().map(|(buyer, &place)| pair(buyer, place as usize)));
        return;
    }
    for good in 0..market.goods() {
        let sold = pairs.len();
        let own = buyers[market.places_of(good)].iter().filter(|&&buyer| buyer != NONE);
        pairs.extend(own.map(|&buyer| pair(good, buyer as usize)));
        if pairs.len() - sold < market.capacity(good) as usize {
            pairs.push(pair(good, market.buyers));
        }
    }
    if let Some(open) = market.open_place() {
        let lone = |&buyer: &usize| places[buyer] as usize == open;
        pairs.extend((0..market.buyers).filter(lone).map(|buyer| pair(market.goods(), buyer)));
        if !(0..market.buyers).all(|buyer| lone(&buyer)) {
            pairs.push(pair(market.goods(), market.buyers));
        }
    }
}

#[inline(always)]
fn add(high: &mut f64, low: &mut f64, term: DoubleDouble) {
    DoubleDouble { high: *high, low: *low } = DoubleDouble { high: *high, low: *low } + term;
}
