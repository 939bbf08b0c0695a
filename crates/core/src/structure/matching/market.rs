//! Matchings told as a market: the rows, or the shorter side, buy from the other one.

use std::ops::Range;

/// Who buys, and what.
#[derive(Debug)]
pub(crate) struct Market {
    /// Things each of which needs a good.
    pub(crate) buyers: usize,
    /// Whether buyers may stay alone: they take one more good then, the last one, that never runs out.
    pub(crate) open: bool,
    /// How many buyers each good may have.
    capacities: Vec<u32>,
    /// A good is sold in as many places as it may have buyers, and there are: the good of each place, without the open one.
    goods: Vec<u32>,
    /// Where the places of each good begin.
    starts: Vec<usize>,
}

impl Market {
    pub(super) fn new(buyers: usize, capacities: Vec<u32>, open: bool) -> Self {
        let mut market = Self { buyers, open, capacities, goods: Vec::new(), starts: vec![0] };
        for (good, &capacity) in market.capacities.iter().enumerate() {
            let places = (capacity as usize).min(buyers);
            market.goods.extend((0..places).map(|_| good as u32));
            market.starts.push(market.goods.len());
        }
        market
    }

    /// How many different goods there are, without the open one.
    pub(crate) fn goods(&self) -> usize {
        self.capacities.len()
    }

    /// How many places there are, with the open one.
    pub(crate) fn places(&self) -> usize {
        self.goods.len() + usize::from(self.open)
    }

    /// The good that is sold at a place; the number of goods at the open one.
    #[inline(always)]
    pub(super) fn good_at(&self, place: usize) -> usize {
        self.goods.get(place).map_or(self.goods(), |&good| good as usize)
    }

    /// The places of a good; of the open one, too.
    pub(super) fn places_of(&self, good: usize) -> Range<usize> {
        let start = self.starts[good];
        start..self.starts.get(good + 1).copied().unwrap_or(start + 1)
    }

    /// The open place.
    pub(super) fn open_place(&self) -> Option<usize> {
        self.open.then_some(self.goods.len())
    }

    /// Whether every place must have a buyer.
    pub(super) fn is_full(&self) -> bool {
        self.unsold() == 0
    }

    /// Whether it is that of a square: each good must have one buyer.
    pub(crate) fn is_square(&self) -> bool {
        self.is_full() && self.goods() == self.buyers
    }

    /// How many more buyers all goods together may have than there are.
    pub(crate) fn unsold(&self) -> u64 {
        let all: u64 = self.capacities.iter().map(|&capacity| u64::from(capacity)).sum();
        if self.open { all } else { all - self.buyers as u64 }
    }

    /// How many buyers a good may have; the open one, as many as there are.
    pub(crate) fn capacity(&self, good: usize) -> u32 {
        self.capacities.get(good).copied().unwrap_or(self.buyers as u32)
    }
}
