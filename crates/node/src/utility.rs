use std::sync::Arc;

use napi::bindgen_prelude::{BigInt, Float64ArraySlice};
use napi_derive::napi;
use sst::utility::{
    Arrangement, Confined, Draws, Gaussian, Gumbel, Logistic, NegativeExponential, Perturbation,
};

use crate::Result;
use crate::buffers::writable;
use crate::from_core;

/// A family of random utilities.
#[napi]
pub struct NativeUtility {
    utility: Arc<dyn Perturbation>,
}

#[napi(catch_unwind)]
pub fn gumbel() -> NativeUtility {
    NativeUtility { utility: Arc::new(Gumbel) }
}

#[napi(catch_unwind)]
pub fn logistic() -> NativeUtility {
    NativeUtility { utility: Arc::new(Logistic) }
}

#[napi(catch_unwind)]
pub fn gaussian(scale: f64) -> NativeUtility {
    NativeUtility { utility: Arc::new(Gaussian::new(scale)) }
}

#[napi(catch_unwind)]
pub fn negative_exponential() -> NativeUtility {
    NativeUtility { utility: Arc::new(NegativeExponential) }
}

#[napi]
impl NativeUtility {
    /// Of `dimension` coordinates only the first `random` are drawn.
    #[napi(catch_unwind)]
    pub fn leading(&self, dimension: u32, random: u32) -> NativeUtility {
        let utility = Arrangement::leading(self.utility.clone(), dimension as usize, random as usize);
        NativeUtility { utility: Arc::new(utility) }
    }

    /// Of `dimension` coordinates only those at these places count.
    #[napi(catch_unwind)]
    pub fn confined(&self, dimension: u32, places: &[u32]) -> NativeUtility {
        let utility = Confined::new(self.utility.clone(), dimension as usize, places);
        NativeUtility { utility: Arc::new(utility) }
    }

    /// Several independent rows of draws from one row of parameters.
    #[napi(catch_unwind)]
    pub fn repeated(&self, parameters: u32, copies: u32) -> NativeUtility {
        let utility = Arrangement::repeated(self.utility.clone(), parameters as usize, copies as usize);
        NativeUtility { utility: Arc::new(utility) }
    }

    #[allow(clippy::too_many_arguments)]
    #[napi(catch_unwind)]
    pub fn perturb(
        &self,
        dimension: u32,
        theta: &[f64],
        seed: BigInt,
        samples: u32,
        first_row: f64,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let draws = Draws { seed: seed.get_u64().1, samples: samples as usize, first_row: first_row as u64 };
        let out = writable(&mut out, &[theta])?;
        self.utility.perturb(dimension as usize, theta, draws, out, threads as usize).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn perturb_vjp(
        &self,
        dimension: u32,
        theta: &[f64],
        utility: &[f64],
        cotangent: &[f64],
        mut out: Float64ArraySlice,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility, cotangent])?;
        self.utility.perturb_vjp(dimension as usize, theta, utility, cotangent, out).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn score_vjp(
        &self,
        dimension: u32,
        theta: &[f64],
        utility: &[f64],
        cotangent: &[f64],
        mut out: Float64ArraySlice,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility, cotangent])?;
        self.utility.score_vjp(dimension as usize, theta, utility, cotangent, out).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn kl(&self, dimension: u32, theta: &[f64], mut out: Float64ArraySlice) -> Result<()> {
        let out = writable(&mut out, &[theta])?;
        self.utility.kl(dimension as usize, theta, out).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn kl_vjp(
        &self,
        dimension: u32,
        theta: &[f64],
        cotangent: &[f64],
        mut out: Float64ArraySlice,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, cotangent])?;
        self.utility.kl_vjp(dimension as usize, theta, cotangent, out).map_err(from_core)
    }
}
