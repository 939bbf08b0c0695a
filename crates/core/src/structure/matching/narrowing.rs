//! Utilities of the same law that are smaller: less prices that make 0 the largest.

use super::{Kind, Market, Matching, ReducedUtilities, ShortestPaths};
use crate::number::{DoubleDouble, vectorised};
use crate::reach::gap;
use crate::structure::relative;

/// Reduced utilities above this, in units of the temperature, call for better prices.
const TOO_LARGE: f64 = 1.0;

/// Memory of narrowing; its solvers are made when they are first needed.
#[derive(Default)]
pub struct Narrowing {
    bids: Vec<f64>,
    solvers: Option<Box<(ShortestPaths, ReducedUtilities)>>,
}

impl Narrowing {
    /// Writes what may take the place of `u/t`.
    ///
    /// With prices that are as good as optimal, no matching with a cell is better than the best one by more than the cell's
    /// reduced utility: if that is below 0 by a gap, the cell is left out. Where everything is matched, the reduced utilities
    /// have the law of the utilities; where only buyers are, so have utilities less that of the buyer's best cell.
    pub(super) fn narrow(
        &mut self,
        structure: &Matching,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
    ) {
        let market = structure.market();
        let bids = structure.bids(utility, &mut self.bids);
        let solvers = self
            .solvers
            .get_or_insert_with(|| Box::new((ShortestPaths::new(market), ReducedUtilities::new(market))));
        let (paths, reduced) = &mut **solvers;
        paths.solve(bids);
        let (scale, _) = paths.prices();
        vectorised(
            #[inline(always)]
            || {
                reduced.compute(bids, paths);
                // What is left of an error of doubles only keeps cells that might have been left out.
                reduced.refine_until(|error| error / temperature / scale <= TOO_LARGE)
            },
        );
        let Market { buyers, open, .. } = **market;
        let goods = market.goods();
        let least = -(gap(structure.log_count(), temperature) + TOO_LARGE * (2 * buyers + 2) as f64);
        narrowed.clear();
        narrowed.resize(utility.len(), DoubleDouble::NEG_INFINITY);
        for buyer in 0..buyers {
            let place = reduced.places[buyer] as usize;
            let own = if structure.kind == Kind::Partial || Some(place) == market.open_place() {
                0.0
            } else {
                utility[structure.cell(buyer, market.good_at(place))]
            };
            debug_assert!(open || place < goods);
            for good in 0..goods {
                let cell = structure.cell(buyer, good);
                let entry = if market.is_square() {
                    buyer * reduced.width + good
                } else {
                    good * reduced.width + buyer
                };
                let value = DoubleDouble { high: reduced.high[entry], low: reduced.low[entry] };
                // Also where the quotient overflows.
                let near = value.high / temperature / scale >= least;
                if !near || utility[cell] == f64::NEG_INFINITY {
                    continue;
                }
                narrowed[cell] = if market.is_square() {
                    value / temperature * (1.0 / scale)
                } else {
                    relative(utility[cell] * 0.25, own * 0.25, temperature, 0.25)
                };
            }
        }
    }
}
