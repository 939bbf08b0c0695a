use std::collections::TryReserveError;

use super::{ArgmaxOracle, ExponentialFamily, Prefix, Structure, extremes, relative, scale_of};
use crate::number::{DoubleDouble, Number, Scalar, sum};
use crate::reach::{LOG_COORDINATES, Reach, Room, gap};
use crate::sampling::{Scratch, Uniforms, choose};
use crate::trace::{Trace, Traced};

/// One choice among n categories: the corners of the simplex (Gumbel-Max; paper, sections 3 and 4).
#[derive(Clone, Debug)]
pub struct OneHot {
    categories: usize,
}

impl OneHot {
    /// One of `categories >= 1`.
    pub fn new(categories: usize) -> Self {
        assert!(categories >= 1, "there must be a category");
        Self { categories }
    }
}

impl Structure for OneHot {
    fn dimension(&self) -> usize {
        self.categories
    }

    fn size(&self) -> usize {
        self.categories
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        Prefix::new(Self::new(size), 0..size)
    }

    fn work(&self) -> usize {
        4 * self.categories
    }

    fn check(&self, utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids && utility.iter().all(|&u| u == f64::NEG_INFINITY) {
            return Err("expected a category whose utility is not -Infinity, but all are".into());
        }
        Ok(())
    }
}

impl ArgmaxOracle for OneHot {
    type Workspace = ();

    fn argmax_workspace(&self) {}

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], _workspace: &mut ()) {
        let mut best = 0;
        for (index, &u) in utility.iter().enumerate() {
            if u > utility[best] {
                best = index;
            }
        }
        vertex[best] = 1.0;
    }
}

/// One step, in which every category races.
impl Traced for OneHot {
    type Workspace = Vec<f64>;

    fn trace_workspace(&self) -> Vec<f64> {
        vec![0.0; self.categories]
    }

    fn trace(&self, utility: &[f64], trace: &mut Trace, vertex: &mut Vec<f64>) {
        trace.reset(utility.len());
        vertex.fill(0.0);
        self.argmax(utility, vertex, &mut ());
        for (category, &u) in utility.iter().enumerate() {
            if vertex[category] != 0.0 {
                trace.follow(category as u32);
            } else if u != f64::NEG_INFINITY {
                trace.take_part(category, 0, 0);
            }
        }
    }
}

impl ExponentialFamily for OneHot {
    type Workspace<N: Number> = ();

    type Narrowing = ();

    fn reach(&self) -> Reach {
        Reach { factors: 1, cells: 0 }
    }

    fn workspace<N: Number>(&self, _zero: N) -> Result<(), TryReserveError> {
        Ok(())
    }

    fn balanced(&self) -> usize {
        self.categories
    }

    fn forced(&self, utility: &[f64], forbids: bool, _: &mut Vec<u32>, mark: impl FnMut(usize)) {
        let allowed = |&category: &usize| !forbids || utility[category] != f64::NEG_INFINITY;
        let mut first = (0..self.categories).filter(allowed);
        if let (Some(only), None) = (first.next(), first.next()) {
            Some(only).into_iter().for_each(mark);
        }
    }

    /// Relative to the largest.
    fn narrow(&self, utility: &[f64], temperature: f64, narrowed: &mut Vec<DoubleDouble>, _: &mut ()) {
        let scale = scale_of(utility);
        let (largest, _) = extremes(utility);
        let least = -gap(LOG_COORDINATES, temperature);
        narrowed.clear();
        narrowed.extend(utility.iter().map(|&u| {
            match relative(u * scale, largest * scale, temperature, scale) {
                below if below.high <= least => DoubleDouble::NEG_INFINITY,
                difference => difference,
            }
        }));
    }

    #[inline(always)]
    fn plain_shift(&self, _: &[f64], extremes: (f64, f64), _: f64, _: Room, _: &mut Vec<f64>) -> Option<f64> {
        // The largest weight is then 1; one that underflows has a marginal of 0 to 300 digits.
        Some(extremes.0)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], _workspace: &mut ()) -> N {
        sum(weights)
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], _workspace: &mut ()) {
        let total = sum(weights);
        let inverse = total.constant(1.0) / total;
        for (marginal, &weight) in marginals.iter_mut().zip(weights) {
            *marginal = weight * inverse;
        }
    }

    fn draw<N: Scalar>(
        &self,
        weights: &[N],
        _workspace: &mut (),
        uniforms: &mut Uniforms,
        _scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        if let Some(category) = choose(weights.iter().copied().enumerate(), uniforms) {
            vertex[category] = 1.0;
        }
    }
}
