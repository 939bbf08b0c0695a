use napi::bindgen_prelude::{BigInt, Float64ArraySlice};
use napi_derive::napi;
use sst::trace::{Race, Tracing};
use sst::utility::Draws;

use crate::buffers::writable;
use crate::trick::NativeTrick;
use crate::{Result, from_core, refuse};

impl NativeTrick {
    pub(crate) fn traced(self, tracer: impl Tracing + 'static) -> Self {
        Self { tracer: Some(Box::new(tracer)), ..self }
    }

    fn tracer(&self) -> Result<&dyn Tracing> {
        let expected = "expected a trick whose argmax is found by races of its utilities";
        self.tracer.as_deref().ok_or_else(|| refuse("INVALID_ARGUMENT", format!("trick: {expected}")))
    }
}

fn race(times: bool) -> Race {
    if times { Race::NegativeExponential } else { Race::Gumbel }
}

fn draws(seed: BigInt, samples: u32, first_row: f64) -> Draws {
    Draws { seed: seed.get_u64().1, samples: samples as usize, first_row: first_row as u64 }
}

/// Execution traces. `times`: whether utilities are negative exponential; Gumbel, if not.
#[allow(clippy::too_many_arguments)]
#[napi]
impl NativeTrick {
    #[napi(catch_unwind)]
    pub fn trace_log_probability(
        &self,
        times: bool,
        theta: &[f64],
        utility: &[f64],
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility])?;
        self.tracer()?.log_probability(race(times), theta, utility, out, threads as usize).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn trace_score_vjp(
        &self,
        times: bool,
        theta: &[f64],
        utility: &[f64],
        cotangent: &[f64],
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility, cotangent])?;
        self.tracer()?
            .score_vjp(race(times), theta, utility, cotangent, out, threads as usize)
            .map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn conditional_perturb(
        &self,
        times: bool,
        theta: &[f64],
        utility: &[f64],
        seed: BigInt,
        samples: u32,
        first_row: f64,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility])?;
        let draws = draws(seed, samples, first_row);
        self.tracer()?
            .conditional_perturb(race(times), theta, utility, draws, out, threads as usize)
            .map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn conditional_perturb_vjp(
        &self,
        times: bool,
        theta: &[f64],
        utility: &[f64],
        seed: BigInt,
        samples: u32,
        first_row: f64,
        cotangent: &[f64],
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[theta, utility, cotangent])?;
        let draws = draws(seed, samples, first_row);
        self.tracer()?
            .conditional_perturb_vjp(race(times), theta, utility, draws, cotangent, out, threads as usize)
            .map_err(from_core)
    }
}
