use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};
use sst::{AnyOperator, ExponentialFamilyOperator, Ragged};

use crate::buffers::writable;
use crate::{Result, from_core, refuse};

/// A structure with a relaxation, ready for batches.
#[napi]
pub struct NativeTrick {
    operator: AnyOperator,
}

impl From<AnyOperator> for NativeTrick {
    fn from(operator: AnyOperator) -> Self {
        Self { operator }
    }
}

/// Rows of `width` numbers; of width 0 there is one, empty.
fn shape(cells: usize, width: usize) -> (usize, usize) {
    (cells.checked_div(width).unwrap_or(1), width)
}

pub(crate) fn read<'a>(name: &str, cells: &'a [f64], width: usize) -> Result<ArrayView2<'a, f64>> {
    ArrayView2::from_shape(shape(cells.len(), width), cells)
        .map_err(|_| wrong_length(name, width, cells.len()))
}

pub(crate) fn write(cells: &mut [f64], width: usize) -> Result<ArrayViewMut2<'_, f64>> {
    let length = cells.len();
    ArrayViewMut2::from_shape(shape(length, width), cells).map_err(|_| wrong_length("out", width, length))
}

fn wrong_length(name: &str, width: usize, got: usize) -> napi::Error<String> {
    refuse("INVALID_SHAPE", format!("{name}: expected rows of {width} numbers, got {got} numbers in all"))
}

impl NativeTrick {
    fn family(&self) -> Result<&(dyn ExponentialFamilyOperator + 'static)> {
        self.operator
            .as_family()
            .ok_or_else(|| refuse("INVALID_ARGUMENT", "relaxation: expected the exponential family's"))
    }
}

/// `lengths`: how many things each row is over; none for all of them.
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
        let hard = write(writable(&mut out, &[utility])?, self.operator.dimension())?;
        let utility = read("utility", utility, self.operator.utility_dimension())?;
        match lengths {
            None => self.operator.argmax(utility, hard, threads as usize),
            Some(lengths) => Ragged::new(&*self.operator, lengths)
                .and_then(|rows| rows.argmax(utility, hard, threads as usize)),
        }
        .map_err(from_core)
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
        let soft = write(writable(&mut out, &[utility])?, self.operator.dimension())?;
        let utility = read("utility", utility, self.operator.utility_dimension())?;
        match lengths {
            None => self.operator.softmax(utility, temperature, soft, threads as usize),
            Some(lengths) => Ragged::new(&*self.operator, lengths)
                .and_then(|rows| rows.softmax(utility, temperature, soft, threads as usize)),
        }
        .map_err(from_core)
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
        let width = self.operator.utility_dimension();
        let gradient = write(writable(&mut out, &[utility, cotangent])?, width)?;
        let utility = read("utility", utility, width)?;
        let cotangent = read("cotangent", cotangent, self.operator.dimension())?;
        match lengths {
            None => self.operator.softmax_vjp(utility, temperature, cotangent, gradient, threads as usize),
            Some(lengths) => Ragged::new(&*self.operator, lengths).and_then(|rows| {
                rows.softmax_vjp(utility, temperature, cotangent, gradient, threads as usize)
            }),
        }
        .map_err(from_core)
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
        let out = write(writable(&mut out, &[cotangent])?, width)?;
        let cotangent = read("cotangent", cotangent, width)?;
        let all;
        let lengths = match lengths {
            Some(lengths) => lengths,
            None => {
                all = vec![self.operator.size() as u32; cotangent.nrows()];
                &all
            }
        };
        Ragged::new(&*self.operator, lengths).and_then(|rows| rows.masked(cotangent, out)).map_err(from_core)
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
        let family = self.family()?;
        let logs = ArrayViewMut1::from(writable(&mut out, &[utility])?);
        let utility = read("utility", utility, family.utility_dimension())?;
        match lengths {
            None => family.log_partition(utility, temperature, logs, threads as usize),
            Some(lengths) => Ragged::of_family(family, lengths)
                .and_then(|rows| rows.log_partition(utility, temperature, logs, threads as usize)),
        }
        .map_err(from_core)
    }
}
