use napi::bindgen_prelude::{BigInt, Float64ArraySlice};
use napi_derive::napi;
use ndarray::ArrayViewMut1;
use sst::sampling::FamilyDraws;
use sst::{ExponentialFamilyOperator, Ragged};

use crate::buffers::writable;
use crate::call::{no_family, read, rows, write};
use crate::trick::NativeTrick;
use crate::{Result, from_core};

impl NativeTrick {
    fn family(&self) -> Result<&(dyn ExponentialFamilyOperator + 'static)> {
        self.operator.as_family().ok_or_else(|| from_core(no_family()))
    }
}

/// What exponential families have beside their relaxation.
#[napi]
impl NativeTrick {
    #[napi(catch_unwind)]
    pub fn entropy(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let (family, threads) = (self.family()?, threads as usize);
        let out = ArrayViewMut1::from(writable(&mut out, &[utility])?);
        let utility = read("utility", utility, family.utility_dimension()).map_err(from_core)?;
        match lengths {
            None => family.entropy(utility, temperature, out, threads),
            Some(lengths) => Ragged::of_family(family, lengths)
                .and_then(|rows| rows.entropy(utility, temperature, out, threads)),
        }
        .map_err(from_core)
    }

    /// One embedding, or mean of embeddings, for each row of utilities.
    #[napi(catch_unwind)]
    pub fn log_probability(
        &self,
        utility: &[f64],
        embedding: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let (family, threads) = (self.family()?, threads as usize);
        let out = ArrayViewMut1::from(writable(&mut out, &[utility, embedding])?);
        let utility = read("utility", utility, family.utility_dimension()).map_err(from_core)?;
        let embedding = read("embedding", embedding, family.dimension()).map_err(from_core)?;
        match lengths {
            None => family.log_probability(utility, embedding, temperature, out, threads),
            Some(lengths) => Ragged::of_family(family, lengths)
                .and_then(|rows| rows.log_probability(utility, embedding, temperature, out, threads)),
        }
        .map_err(from_core)
    }

    #[allow(clippy::too_many_arguments)]
    #[napi(catch_unwind)]
    pub fn family_sample(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        seed: BigInt,
        samples: u32,
        first_row: f64,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let (family, threads) = (self.family()?, threads as usize);
        let out = writable(&mut out, &[utility])?;
        let width = family.utility_dimension();
        let numbers: Vec<u64> =
            (0..rows(utility.len(), width) as u64).map(|row| first_row as u64 + row).collect();
        let draws = FamilyDraws { seed: seed.get_u64().1, samples: samples as usize, rows: &numbers };
        if family.dimension() == 0 {
            return Ok(()); // The empty embedding has nothing to be drawn.
        }
        let utility = read("utility", utility, width).map_err(from_core)?;
        let vertices = write(out, family.dimension()).map_err(from_core)?;
        match lengths {
            None => family.sample(utility, temperature, draws, vertices, threads),
            Some(lengths) => Ragged::of_family(family, lengths)
                .and_then(|rows| rows.sample(utility, temperature, draws, vertices, threads)),
        }
        .map_err(from_core)
    }
}
