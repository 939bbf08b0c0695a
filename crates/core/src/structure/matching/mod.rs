//! Matchings: `market.rs` tells all kinds of them as one, `shortest_paths.rs` finds the best one but for rounding errors,
//! `reduced_utilities.rs` puts those right, `assignment.rs` does both; `feasibility.rs` says whether a mask leaves any.

mod assignment;
mod feasibility;
mod market;
mod reduced_utilities;
mod scans;
mod shortest_paths;

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
/// * [`Matching::partial`]: each row and each column is matched at most once.
///
/// A utility of -inf forbids its cell.
#[derive(Clone, Debug)]
pub struct Matching {
    rows: usize,
    columns: usize,
    kind: Kind,
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
        Self::of(size, size, Kind::Square)
    }

    /// Matchings of all of the shorter side.
    pub fn rectangular(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Rectangular)
    }

    /// Matchings of some rows with as many columns.
    pub fn partial(rows: usize, columns: usize) -> Self {
        Self::of(rows, columns, Kind::Partial)
    }

    fn of(rows: usize, columns: usize, kind: Kind) -> Self {
        assert!(rows >= 1 && columns >= 1, "there must be a row and a column");
        Self { rows, columns, kind }
    }

    /// The same as a market.
    pub(crate) fn market(&self) -> Market {
        Market {
            buyers: self.rows.min(self.columns),
            goods: self.rows.max(self.columns),
            open: self.kind == Kind::Partial,
        }
    }

    /// Whether the columns are the shorter side, and buy.
    fn columns_buy(&self) -> bool {
        self.columns < self.rows
    }

    /// Where a buyer's good stands in the matrix.
    #[inline(always)]
    pub(crate) fn cell(&self, buyer: usize, good: usize) -> usize {
        if self.columns_buy() { good * self.columns + buyer } else { buyer * self.columns + good }
    }

    /// The utilities as the market has them, [buyers x columns of the market]: a copy, where these are not the same.
    #[inline(always)]
    pub(crate) fn bids<'a>(&self, utility: &'a [f64], memory: &'a mut Vec<f64>) -> &'a [f64] {
        let market = self.market();
        if !market.open && !self.columns_buy() {
            return utility;
        }
        memory.clear();
        for buyer in 0..market.buyers {
            memory.extend((0..market.goods).map(|good| utility[self.cell(buyer, good)]));
            if market.open {
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
        Prefix::new(Self::of(size, columns, self.kind), places)
    }

    /// Of the relaxation: some ten eliminations of the shorter side, and as many exponentials of each cell.
    fn work(&self) -> usize {
        let Market { buyers, goods, .. } = self.market();
        10 * buyers * goods * (buyers + 20)
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
        Assignment::new(self.market())
    }

    /// Jonker and Volgenant's method, O(m^2 n) for m <= n. Where several matchings are best, which of them is returned
    /// is a function of the utility alone.
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Assignment) {
        let goods = self.market().goods;
        for (buyer, &good) in workspace.solve(self, utility).iter().enumerate() {
            if (good as usize) < goods {
                vertex[self.cell(buyer, good as usize)] = 1.0;
            }
        }
    }
}
