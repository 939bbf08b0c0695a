//! A structure whose rows are computed as one says, not as their size suggests.

use std::collections::TryReserveError;

use sst::number::{DoubleDouble, Number, Scalar};
use sst::sampling::{Scratch, Uniforms};
use sst::structure::{ExponentialFamily, Prefix, Structure};
use sst::{Reach, Room};

/// Rows side by side in the lanes of registers, or one by one. Either way the loops are compiled for the widest registers
/// of the machine, which those of one row fill as far as they can.
#[derive(Clone)]
pub(crate) struct Beside<S> {
    pub(crate) structure: S,
    pub(crate) lanes: bool,
}

impl<S: Structure> Structure for Beside<S> {
    fn dimension(&self) -> usize {
        self.structure.dimension()
    }
    fn utility_dimension(&self) -> usize {
        self.structure.utility_dimension()
    }
    fn size(&self) -> usize {
        self.structure.size()
    }
    fn prefix(&self, size: usize) -> Prefix<Self> {
        self.structure.prefix(size).map(|structure| Self { structure, lanes: self.lanes })
    }
    /// What decides between lanes and rows.
    fn work(&self) -> usize {
        if self.lanes { 0 } else { usize::MAX }
    }
    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        self.structure.check(utility, forbids, scratch)
    }
}

impl<S: ExponentialFamily> ExponentialFamily for Beside<S> {
    type Workspace<N: Number> = S::Workspace<N>;
    type Narrowing = S::Narrowing;

    fn reach(&self) -> Reach {
        self.structure.reach()
    }
    fn workspace<N: Number>(&self, zero: N) -> Result<S::Workspace<N>, TryReserveError> {
        self.structure.workspace(zero)
    }
    fn balanced(&self) -> usize {
        self.structure.balanced()
    }
    fn forced(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>, mark: impl FnMut(usize)) {
        self.structure.forced(utility, forbids, scratch, mark);
    }
    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        memory: &mut S::Narrowing,
    ) {
        self.structure.narrow(utility, temperature, narrowed, memory);
    }
    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        extremes: (f64, f64),
        temperature: f64,
        room: Room,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        self.structure.plain_shift(utility, extremes, temperature, room, scratch)
    }
    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], workspace: &mut S::Workspace<N>) -> N {
        self.structure.partition(weights, workspace)
    }
    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], workspace: &mut S::Workspace<N>) {
        self.structure.marginals(weights, marginals, workspace);
    }
    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        workspace: &mut S::Workspace<N>,
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        self.structure.draw(weights, workspace, uniforms, scratch, vertex);
    }
}
