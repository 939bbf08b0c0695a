//! The exponential family of matchings: `permanents.rs` has its sums, `narrowing.rs` what stands in the place of utilities whose
//! weights would leave the range of numbers.

use std::collections::TryReserveError;

use super::narrowing::Narrowing;
use super::permanents::{Lattice, SubsetSums};
use super::{Kind, Matching, feasibility};
use crate::elementary::ln;
use crate::number::{DoubleDouble, Number, Scalar, filled};
use crate::reach::{Reach, Room};
use crate::sampling::{Scratch, Uniforms};
use crate::structure::ExponentialFamily;

/// Beyond so many numbers nothing is affordable, wherever.
const TOO_MANY: u64 = u32::MAX as u64 / 2;

impl Matching {
    fn lattice(&self) -> Lattice {
        assert!(self.capacities.is_none(), "sums are over matchings in which a column has one row");
        let market = self.market();
        Lattice {
            buyers: market.buyers,
            goods: market.goods(),
            full: market.is_square(),
            open: market.open,
            strides: self.strides(),
        }
    }

    /// `log` of a bound on the number of matchings.
    pub(super) fn log_count(&self) -> f64 {
        self.market().buyers as f64 * ln(self.market().goods() as f64 + 1.0)
    }
}

/// Law `p(x) ~ exp(u.x / t)` of all matchings, whose marginals are ratios of permanents. With m of the shorter side and n of the
/// longer, O(m 2^m) time and 2^m numbers for the sums where m = n and all are matched, O(n m 2^m) and (n + 1) 2^m numbers
/// otherwise; of matchings with capacities there are no sums.
impl ExponentialFamily for Matching {
    type Workspace<N: Number> = SubsetSums<N>;

    type Narrowing = Narrowing;

    fn reach(&self) -> Reach {
        let lattice = self.lattice();
        let sums =
            lattice.sums().saturating_add(1_u64.checked_shl(lattice.buyers as u32).unwrap_or(u64::MAX));
        Reach { factors: lattice.buyers, cells: (sums.min(TOO_MANY) as usize) + lattice.buyers }
    }

    fn work_of_sums(&self) -> usize {
        self.lattice().steps().saturating_mul(4).min(usize::MAX as u64) as usize
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<SubsetSums<N>, TryReserveError> {
        let lattice = self.lattice();
        Ok(SubsetSums {
            forward: filled(zero, lattice.sums() as usize)?,
            backward: filled(zero, lattice.sets())?,
            recent: filled(zero, lattice.buyers)?,
        })
    }

    /// All cells, unless pairs may stay apart.
    fn balanced(&self) -> usize {
        if self.kind == Kind::Partial { 0 } else { self.rows * self.columns }
    }

    fn forced(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>, mut mark: impl FnMut(usize)) {
        if self.rows == 1 && self.columns == 1 && self.kind != Kind::Partial {
            mark(0);
        } else if forbids && self.kind != Kind::Partial {
            feasibility::mark_forced(self, utility, scratch, mark);
        }
    }

    /// A product has at most m weights, and one is divided by another: with all of them as far from 1 as the farthest.
    #[inline(always)]
    fn plain_shift(
        &self,
        _utility: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        room: Room,
        _scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        let middle = if self.kind == Kind::Partial { 0.0 } else { 0.5 * largest + 0.5 * smallest };
        let size = (largest - middle).abs().max((smallest - middle).abs()) / temperature;
        let most = 2.0 * self.market().buyers as f64 * size + self.log_count();
        (most <= room.span).then_some(middle)
    }

    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut Narrowing,
    ) {
        memory.narrow(self, utility, temperature, narrowed);
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], sums: &mut SubsetSums<N>) -> N {
        self.lattice().fill_forward(weights, &mut sums.forward)
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], sums: &mut SubsetSums<N>) {
        let inverse = weights[0].constant(1.0) / self.partition(weights, sums);
        self.lattice().fill_marginals(weights, marginals, sums, inverse);
    }

    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        sums: &mut SubsetSums<N>,
        uniforms: &mut Uniforms,
        _scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        self.lattice().draw(weights, &sums.forward, uniforms, |cell| vertex[cell] = 1.0);
    }
}
