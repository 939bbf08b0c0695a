//! The same calls off the main thread: copies in, copies out, a few rows at a time, so that they can be called off.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use napi::bindgen_prelude::{AsyncTask, Float64Array};
use napi::{Env, Task};
use napi_derive::napi;
use sst::{AnyOperator, Error, ErrorKind};

use crate::call::{Call, Method};
use crate::trick::NativeTrick;

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

/// What came of a call: values, an error, or neither if it was called off.
#[napi(object)]
pub struct Outcome {
    pub values: Option<Float64Array>,
    pub code: Option<String>,
    pub message: Option<String>,
}

/// A method that owns its arguments.
#[derive(Clone, Copy)]
enum Kind {
    Argmax,
    Softmax,
    SoftmaxVjp,
    LogPartition,
}

/// A call on its way.
pub struct Solve {
    operator: Arc<AnyOperator>,
    kind: Kind,
    temperature: f64,
    utility: Vec<f64>,
    cotangent: Vec<f64>,
    lengths: Option<Vec<u32>>,
    threads: usize,
    cancelled: Arc<AtomicBool>,
}

/// Multiply-adds between two looks at the flag: some tens of milliseconds.
const WORK_BETWEEN_LOOKS: usize = 20_000_000;

impl Solve {
    /// The values, or nothing if it was called off.
    fn run(&self) -> Result<Option<Vec<f64>>, Error> {
        let call = Call {
            operator: &self.operator,
            method: match self.kind {
                Kind::Argmax => Method::Argmax,
                Kind::Softmax => Method::Softmax(self.temperature),
                Kind::SoftmaxVjp => Method::SoftmaxVjp(self.temperature, &self.cotangent),
                Kind::LogPartition => Method::LogPartition(self.temperature),
            },
            utility: &self.utility,
            lengths: self.lengths.as_deref(),
            threads: self.threads,
        };
        call.check()?;
        let rows = call.rows();
        let mut values = vec![0.0; rows * call.result_width()];
        let rows_each = (WORK_BETWEEN_LOOKS / self.operator.work().max(1)).max(1);
        for start in (0..rows).step_by(rows_each) {
            if self.cancelled.load(Ordering::Relaxed) {
                return Ok(None);
            }
            call.run_rows(start..(start + rows_each).min(rows), &mut values)?;
        }
        Ok(Some(values))
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

impl NativeTrick {
    fn solve(
        &self,
        (kind, temperature): (Kind, f64),
        (utility, cotangent): (&[f64], &[f64]),
        lengths: Option<&[u32]>,
        threads: u32,
        cancellation: &Cancellation,
    ) -> AsyncTask<Solve> {
        AsyncTask::new(Solve {
            operator: self.operator.clone(),
            kind,
            temperature,
            utility: utility.to_vec(),
            cotangent: cotangent.to_vec(),
            lengths: lengths.map(<[u32]>::to_vec),
            threads: threads as usize,
            cancelled: cancellation.flag.clone(),
        })
    }
}

#[napi]
impl NativeTrick {
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn argmax_async(
        &self,
        utility: &[f64],
        lengths: Option<&[u32]>,
        threads: u32,
        cancellation: &Cancellation,
    ) -> AsyncTask<Solve> {
        self.solve((Kind::Argmax, 0.0), (utility, &[]), lengths, threads, cancellation)
    }

    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn softmax_async(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        threads: u32,
        cancellation: &Cancellation,
    ) -> AsyncTask<Solve> {
        self.solve((Kind::Softmax, temperature), (utility, &[]), lengths, threads, cancellation)
    }

    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn softmax_vjp_async(
        &self,
        utility: &[f64],
        temperature: f64,
        cotangent: &[f64],
        lengths: Option<&[u32]>,
        threads: u32,
        cancellation: &Cancellation,
    ) -> AsyncTask<Solve> {
        self.solve((Kind::SoftmaxVjp, temperature), (utility, cotangent), lengths, threads, cancellation)
    }

    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn log_partition_async(
        &self,
        utility: &[f64],
        temperature: f64,
        lengths: Option<&[u32]>,
        threads: u32,
        cancellation: &Cancellation,
    ) -> AsyncTask<Solve> {
        self.solve((Kind::LogPartition, temperature), (utility, &[]), lengths, threads, cancellation)
    }
}
