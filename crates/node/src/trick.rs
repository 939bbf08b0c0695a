use std::sync::Arc;

use napi::bindgen_prelude::{AsyncTask, BigInt, Either, Float32ArraySlice, Float64ArraySlice};
use napi_derive::napi;
use sst::utility::{Gaussian, Noise};
use sst::{AnyOperator, Call, Question, Terms};

use crate::background::{Cancellation, Solve};
use crate::precision::{NONE, answered, apart_from, doubles, owned_doubles};
use crate::{Result, from_core, refuse};

/// A structure with a relaxation and random utilities, ready for batches.
#[napi]
pub struct NativeTrick {
    operator: Arc<AnyOperator>,
}

impl From<AnyOperator> for NativeTrick {
    fn from(operator: AnyOperator) -> Self {
        Self { operator: Arc::new(operator) }
    }
}

fn question_at(place: u32) -> Result<Question> {
    let question = Question::ALL.get(place as usize).copied();
    question.ok_or_else(|| refuse("INTERNAL", format!("there is no question {place}")))
}

fn terms(temperature: f64, seed: Option<BigInt>, samples: u32, first_row: f64) -> Terms {
    let seed = seed.map_or(0, |seed| seed.get_u64().1);
    Terms { temperature, seed, samples: samples as usize, first_row: first_row as u64 }
}

#[napi]
impl NativeTrick {
    /// The length of a row of parameters.
    #[napi(getter, catch_unwind)]
    pub fn parameter_dimension(&self) -> u32 {
        self.operator.widths().parameter as u32
    }

    /// The length of a utility.
    #[napi(getter, catch_unwind)]
    pub fn utility_dimension(&self) -> u32 {
        self.operator.widths().utility as u32
    }

    /// The length of an embedding.
    #[napi(getter, catch_unwind)]
    pub fn dimension(&self) -> u32 {
        self.operator.widths().embedding as u32
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

    /// The same with random utilities of a family; `scale` is that of a Gaussian; `everywhere`: coordinates that the structure
    /// has deterministic are random too.
    #[napi(catch_unwind)]
    pub fn with_utility(&self, family: String, scale: f64, everywhere: bool) -> Result<NativeTrick> {
        let noise = match family.as_str() {
            "gumbel" => Noise::Gumbel,
            "logistic" => Noise::Logistic,
            "gaussian" => Noise::Gaussian(Gaussian::new(scale)),
            "negative-exponential" => Noise::NegativeExponential,
            _ => return Err(refuse("INTERNAL", format!("there is no family {family}"))),
        };
        let operator = (*self.operator).clone().with_noise(noise);
        Ok(if everywhere { operator.random_everywhere() } else { operator }.into())
    }

    /// Answers a question about some rows into `out`; `temperatures`, one for each row, stand in the place of the one.
    #[allow(clippy::too_many_arguments)]
    #[napi(catch_unwind)]
    pub fn ask(
        &self,
        question: u32,
        rows: u32,
        first: Either<&[f64], &[f32]>,
        second: Option<Either<&[f64], &[f32]>>,
        third: Option<Either<&[f64], &[f32]>>,
        lengths: Option<&[u32]>,
        temperature: f64,
        temperatures: Option<&[f64]>,
        seed: Option<BigInt>,
        samples: u32,
        first_row: f64,
        out: Either<Float64ArraySlice, Float32ArraySlice>,
        threads: u32,
    ) -> Result<()> {
        apart_from(&out, lengths.unwrap_or(&[]))?;
        let count = 1 + usize::from(second.is_some()) + usize::from(third.is_some());
        let inputs = [first, second.unwrap_or(NONE), third.unwrap_or(NONE)];
        let [a, b, c] = inputs.map(doubles);
        let (a, b, c) = (a?, b?, c?);
        let terms = terms(temperature, seed, samples, first_row);
        let (question, rows) = (question_at(question)?, rows as usize);
        let each = Either::A(temperatures.unwrap_or(&[]));
        answered(out, [inputs[0], inputs[1], inputs[2], each], rows, |out| {
            let inputs = &[&*a, &*b, &*c][..count];
            Call::with_temperatures(&self.operator, question, inputs, lengths, temperatures, terms, rows)
                .and_then(|call| call.run(out, threads as usize))
                .map_err(from_core)
        })
    }

    /// The same on another thread, from copies of the arrays.
    #[allow(clippy::too_many_arguments)]
    #[napi(catch_unwind, ts_return_type = "Promise<Outcome>")]
    pub fn ask_async(
        &self,
        question: u32,
        rows: u32,
        first: Either<&[f64], &[f32]>,
        second: Option<Either<&[f64], &[f32]>>,
        third: Option<Either<&[f64], &[f32]>>,
        lengths: Option<&[u32]>,
        temperature: f64,
        temperatures: Option<&[f64]>,
        seed: Option<BigInt>,
        samples: u32,
        first_row: f64,
        threads: u32,
        cancellation: &Cancellation,
    ) -> Result<AsyncTask<Solve>> {
        Ok(AsyncTask::new(Solve {
            operator: self.operator.clone(),
            question: question_at(question)?,
            rows: rows as usize,
            inputs: [Some(first), second, third]
                .into_iter()
                .flatten()
                .map(owned_doubles)
                .collect::<Result<_>>()?,
            lengths: lengths.map(<[u32]>::to_vec),
            temperatures: temperatures.map(<[f64]>::to_vec),
            terms: terms(temperature, seed, samples, first_row),
            threads: threads as usize,
            cancelled: cancellation.flag(),
        }))
    }
}
