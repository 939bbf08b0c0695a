//! Calls off the main thread: copies in, copies out, a few rows at a time, so that they can be called off.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::Float64Array;
use napi::{Env, Task};
use napi_derive::napi;
use sst::{AnyOperator, Call, Error, ErrorKind, Question, Terms};

/// A flag that calls work off.
#[napi]
#[derive(Default)]
pub struct Cancellation {
    flag: Arc<AtomicBool>,
}

#[napi]
impl Cancellation {
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}

impl Cancellation {
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        self.flag.clone()
    }
}

/// What came of a call: values, an error, or neither if it was called off.
#[napi(object)]
pub struct Outcome {
    pub values: Option<Float64Array>,
    pub code: Option<String>,
    pub message: Option<String>,
}

/// A call on its way, with arguments of its own.
pub struct Solve {
    pub(crate) operator: Arc<AnyOperator>,
    pub(crate) question: Question,
    pub(crate) rows: usize,
    pub(crate) inputs: Vec<Vec<f64>>,
    pub(crate) lengths: Option<Vec<u32>>,
    pub(crate) temperatures: Option<Vec<f64>>,
    pub(crate) terms: Terms,
    pub(crate) threads: usize,
    pub(crate) cancelled: Arc<AtomicBool>,
}

/// Multiply-adds between two looks at the flag: some tens of milliseconds.
const WORK_BETWEEN_LOOKS: usize = 20_000_000;

impl Solve {
    /// The values, or nothing if it was called off.
    fn run(&self) -> Result<Option<Vec<f64>>, Error> {
        let inputs: Vec<&[f64]> = self.inputs.iter().map(Vec::as_slice).collect();
        let call = Call::with_temperatures(
            &self.operator,
            self.question,
            &inputs,
            self.lengths.as_deref(),
            self.temperatures.as_deref(),
            self.terms,
            self.rows,
        )?;
        let mut values = Vec::new();
        values.try_reserve_exact(call.len()).map_err(|_| {
            let message = format!("out: expected what fits memory, got {} numbers", call.len());
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        values.resize(call.len(), 0.0);
        let go_on = || !self.cancelled.load(Ordering::Relaxed);
        let finished = call.run_while(&mut values, self.threads, WORK_BETWEEN_LOOKS, go_on)?;
        Ok(finished.then_some(values))
    }
}

impl Task for Solve {
    type Output = Result<Option<Vec<f64>>, Error>;
    type JsValue = Outcome;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        // Nothing else stands between a panic here and the process.
        let guarded = catch_unwind(AssertUnwindSafe(|| self.run()));
        Ok(guarded.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a panic in the background"))))
    }

    fn resolve(&mut self, _env: Env, output: Self::Output) -> napi::Result<Outcome> {
        Ok(match output {
            Ok(values) => Outcome { values: values.map(Float64Array::new), code: None, message: None },
            Err(error) => Outcome {
                values: None,
                code: Some(error.kind.code().to_owned()),
                message: Some(error.to_string()),
            },
        })
    }
}
