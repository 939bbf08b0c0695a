//! Matchings: `market.rs` tells all kinds of them as one, `shortest_paths.rs` finds the best one but for rounding errors,
//! `reduced_utilities.rs` puts those right, `assignment.rs` does both; `feasibility.rs` says whether a mask leaves any;
//! `family.rs` is the exponential family, by the sums of `permanents.rs`.

mod assignment;
mod family;
mod feasibility;
mod k_best;
mod market;
mod narrowing;
mod permanents;
mod reduced_utilities;
mod scans;
mod shortest_paths;

use std::sync::Arc;

use super::{ArgmaxOracle, Prefix, Structure, ordered_pair};
use assignment::Assignment;
pub(crate) use market::Market;
pub(crate) use reduced_utilities::{Pair, ReducedUtilities};
pub(crate) use shortest_paths::ShortestPaths;

/// The matchings of rows with columns, as matrices in row-major order.
///
/// * [`Matching::new`]: perfect matchings of n rows with n columns, the permutation matrices, corners of the Birkhoff
///   polytope (Mena, Belanger, Linderman and Snoek, 2018; paper, section 6);
/// * [`Matching::rectangular`]: all of the shorter side are matched, each of the longer one at most once;
/// * [`Matching::partial`]: each row and each column is matched at most once;
/// * [`Matching::with_capacities`]: all rows are matched, or some, each column at most so many times.
///
/// A utility of -inf forbids its cell.
#[derive(Clone, Debug)]
pub struct Matching {
    rows: usize,
    columns: usize,
    kind: Kind,
    capacities: Option<Arc<[u32]>>,
    market: Arc<Market>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Square,
    Rectangular,
    Partial,
}

impl Matching {
    /// Perfect matchings of `size >= 1` rows and columns.
    pub fn new(size: usize) -> Self {
        Self::of(size, size, Kind::Square, None)
    }

    /// Matchings of all of the shorter side.
    pub fn rectangular(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Rectangular, None)
    }

    /// Matchings of some rows with as many columns.
    pub fn partial(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Partial, None)
    }

    /// Matchings of all rows, or where they are `partial` of some, with columns that may have as many rows as they have
    /// capacity, at least 1; where all rows are matched, there must be enough.
    pub fn with_capacities(rows: usize, capacities: &[u32], partial: bool) -> Self {
        let kind = if partial { Kind::Partial } else { Kind::Rectangular };
        Self::of(rows, capacities.len(), kind, Some(capacities.into()))
    }

    fn of(rows: usize, columns: usize, kind: Kind, capacities: Option<Arc<[u32]>>) -> Self {
        assert!(rows >= 1 && columns >= 1, "there must be a row and a column");
        let market = match &capacities {
            Some(capacities) => Market::new(rows, capacities.to_vec(), kind == Kind::Partial),
            None => Market::new(rows.min(columns), vec![1; rows.max(columns)], kind == Kind::Partial),
        };
        assert!(market.open || market.buyers <= market.places(), "there must be a place for each row");
        Self { rows, columns, kind, capacities, market: Arc::new(market) }
    }

    /// The same as a market.
    pub(crate) fn market(&self) -> &Arc<Market> {
        &self.market
    }

    /// Whether the columns are the shorter side, and buy.
    fn columns_buy(&self) -> bool {
        self.capacities.is_none() && self.columns < self.rows
    }

    /// How far the cells of the next buyer, and of the next good, are in the matrix.
    pub(crate) fn strides(&self) -> (usize, usize) {
        if self.columns_buy() { (1, self.columns) } else { (self.columns, 1) }
    }

    /// Where a buyer's good stands in the matrix.
    fn cell(&self, buyer: usize, good: usize) -> usize {
        let (of_buyer, of_good) = self.strides();
        buyer * of_buyer + good * of_good
    }

    /// The utilities as the market has them, [buyers x places]: a copy, where these are not the same.
    #[inline(always)]
    pub(crate) fn bids<'a>(&self, utility: &'a [f64], memory: &'a mut Vec<f64>) -> &'a [f64] {
        let Market { buyers, open, .. } = *self.market;
        if !open && !self.columns_buy() && self.capacities.is_none() {
            return utility;
        }
        memory.clear();
        for buyer in 0..buyers {
            let closed = 0..self.market.places() - usize::from(open);
            memory.extend(closed.map(|place| utility[self.cell(buyer, self.market.good_at(place))]));
            if open {
                memory.push(0.0);
            }
        }
        memory
    }
}

impl Structure for Matching {
    fn dimension(&self) -> usize {
        self.rows * self.columns
    }

    fn identity(&self, coordinate: usize) -> usize {
        ordered_pair(coordinate / self.columns, coordinate % self.columns)
    }

    /// Rows; of a square columns too.
    fn size(&self) -> usize {
        self.rows
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let columns = if self.kind == Kind::Square { size } else { self.columns };
        let places = (0..size).flat_map(|i| (0..columns).map(move |j| i * self.columns + j));
        Prefix::new(Self::of(size, columns, self.kind, self.capacities.clone()), places)
    }

    /// Of the relaxation: some ten eliminations of the shorter side, and as many exponentials of each cell.
    fn work(&self) -> usize {
        10 * self.dimension() * (self.market.buyers + 20)
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids && self.kind != Kind::Partial {
            feasibility::check(self, utility, scratch)
        } else {
            Ok(())
        }
    }
}

impl ArgmaxOracle for Matching {
    type Workspace = Assignment;

    fn argmax_workspace(&self) -> Assignment {
        Assignment::new(&self.market)
    }

    /// Jonker and Volgenant's method, O(m^2 n) for m <= n places. Where several matchings are best, which of them is returned
    /// is a function of the utility alone.
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Assignment) {
        for (buyer, &place) in workspace.solve(self, utility).iter().enumerate() {
            if Some(place as usize) != self.market.open_place() {
                vertex[self.cell(buyer, self.market.good_at(place as usize))] = 1.0;
            }
        }
    }
}
