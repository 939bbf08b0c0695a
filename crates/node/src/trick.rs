use std::sync::Arc;

use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use sst::trace::Tracing;
use sst::{AnyOperator, Ragged};

use crate::buffers::writable;
use crate::call::{Call, Method, read, write};
use crate::{Result, from_core};

/// A structure with a relaxation, ready for batches.
#[napi]
pub struct NativeTrick {
    pub(crate) operator: Arc<AnyOperator>,
    pub(crate) tracer: Option<Box<dyn Tracing>>,
}

impl From<AnyOperator> for NativeTrick {
    fn from(operator: AnyOperator) -> Self {
        Self { operator: Arc::new(operator), tracer: None }
    }
}

impl NativeTrick {
    fn call<'a>(
        &'a self,
        method: Method<'a>,
        utility: &'a [f64],
        lengths: Option<&'a [u32]>,
        threads: u32,
    ) -> Call<'a> {
        Call { operator: &self.operator, method, utility, lengths, threads: threads as usize }
    }
}

#[napi]
impl NativeTrick {
    /// The length of an embedding.
    #[napi(getter, catch_unwind)]
    pub fn dimension(&self) -> u32 {
        self.operator.dimension() as u32
    }

    /// The length of a utility.
    #[napi(getter, catch_unwind)]
    pub fn utility_dimension(&self) -> u32 {
        self.operator.utility_dimension() as u32
    }

    /// How many things (elements, vertices, words) the structure is over.
    #[napi(getter, catch_unwind)]
    pub fn size(&self) -> u32 {
        self.operator.size() as u32
    }

    /// Whether the Jacobian of the relaxation is symmetric, as a finite difference requires.
    #[napi(getter, catch_unwind)]
    pub fn symmetric(&self) -> bool {
        self.operator.symmetric()
    }

    #[napi(catch_unwind)]
    pub fn argmax(
        &self,
        utility: &[f64],
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[utility])?;
        self.call(Method::Argmax, utility, lengths, threads).run(out).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn softmax(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[utility])?;
        self.call(Method::Softmax(temperature), utility, lengths, threads).run(out).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn softmax_vjp(
        &self,
        utility: &[f64],
        temperature: f64,
        cotangent: &[f64],
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[utility, cotangent])?;
        let method = Method::SoftmaxVjp(temperature, cotangent);
        self.call(method, utility, lengths, threads).run(out).map_err(from_core)
    }

    /// A cotangent where it counts, and 0 elsewhere.
    #[napi(catch_unwind)]
    pub fn masked(
        &self,
        cotangent: &[f64],
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
    ) -> Result<()> {
        let width = self.operator.dimension();
        let out = write(writable(&mut out, &[cotangent])?, width).map_err(from_core)?;
        let cotangent = read("cotangent", cotangent, width).map_err(from_core)?;
        let all;
        let lengths = match lengths {
            Some(lengths) => lengths,
            None => {
                all = vec![self.operator.size() as u32; cotangent.nrows()];
                &all
            }
        };
        Ragged::new(&**self.operator, lengths).and_then(|rows| rows.masked(cotangent, out)).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn log_partition(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let out = writable(&mut out, &[utility])?;
        self.call(Method::LogPartition(temperature), utility, lengths, threads).run(out).map_err(from_core)
    }
}
