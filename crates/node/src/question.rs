//! What can be asked, told to TypeScript: there is one list, and it is the core's.

use napi_derive::napi;
use sst::Question;

/// The shape of an array.
#[napi(object)]
pub struct NativeShape {
    pub name: String,
    /// What its numbers are: 'parameter', 'utility', 'embedding' or 'number'.
    pub space: String,
    /// How many rows it has for each row of the batch: one for each 'row', 'draw' or 'sample'.
    pub count: String,
}

impl From<sst::Shape> for NativeShape {
    fn from(sst::Shape { name, space, count }: sst::Shape) -> Self {
        Self { name: name.to_owned(), space: space.name().to_owned(), count: count.name().to_owned() }
    }
}

/// A question.
#[napi(object)]
pub struct NativeQuestion {
    pub name: String,
    /// Whether it has a temperature.
    pub tempered: bool,
    /// Whether it draws.
    pub draws: bool,
    pub inputs: Vec<NativeShape>,
    pub result: NativeShape,
}

/// All questions; `ask` knows them by their places in this list.
#[napi(catch_unwind)]
pub fn questions() -> Vec<NativeQuestion> {
    let all = Question::ALL.iter().map(|question| question.description());
    all.map(|question| NativeQuestion {
        name: question.name.to_owned(),
        tempered: question.tempered,
        draws: question.draws,
        inputs: question.inputs.iter().copied().map(NativeShape::from).collect(),
        result: question.result.into(),
    })
    .collect()
}
