//! What can be asked of an operator, as data: names, the shapes of what a question needs and of its answer. Everything that
//! is the same for all questions (shapes, rows of different lengths, layouts, threads, parts of a batch) is written once
//! over this table, here and in the layers above.

use Count::{Draw, Rank, Row, Sample};
use Space::{Both, Embedding, Number, Parameter, Utility, Valued};

/// What the numbers of a row are; each space has its own width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// Parameters theta of random utilities.
    Parameter,
    /// Utilities U.
    Utility,
    /// Embeddings x, hard or soft.
    Embedding,
    /// A single number.
    Number,
    /// An embedding, and after it a number.
    Valued,
    /// An embedding, and after it what is in the coordinates of a utility.
    Both,
}

impl Space {
    /// The name that other layers know it by.
    pub fn name(self) -> &'static str {
        match self {
            Parameter => "parameter",
            Utility => "utility",
            Embedding => "embedding",
            Number => "number",
            Valued => "valued",
            Both => "both",
        }
    }
}

/// How many rows an array has for each row of the batch. All draws of a row are next to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// One.
    Row,
    /// As many as the caller brings, the same number for all.
    Draw,
    /// As many as the call makes for each of those.
    Sample,
    /// As many as the call asks for, in their order.
    Rank,
}

impl Count {
    /// The name that other layers know it by.
    pub fn name(self) -> &'static str {
        match self {
            Row => "row",
            Draw => "draw",
            Sample => "sample",
            Rank => "rank",
        }
    }
}

/// The shape of an array, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// As errors name it.
    pub name: &'static str,
    /// What its numbers are.
    pub space: Space,
    /// How many rows it has.
    pub count: Count,
}

impl Shape {
    const fn new(name: &'static str, space: Space, count: Count) -> Self {
        Self { name, space, count }
    }

    /// Whether it may hold negative infinities, which forbid their coordinates.
    pub fn forbids(self) -> bool {
        !matches!(self.name, "cotangent" | "embedding")
    }

    /// Fills an array with rows of which there is nothing to say: 0, but an embedding that there is not is of value negative
    /// infinity. `width`: of a row.
    pub fn blank(self, width: usize, cells: &mut [f64]) {
        cells.fill(0.0);
        if self.space == Valued {
            cells.iter_mut().skip(width - 1).step_by(width).for_each(|value| *value = f64::NEG_INFINITY);
        }
    }
}

/// Who answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A structure with a relaxation.
    Relaxation,
    /// A relaxation that is the mean of a law over the vertices.
    Family,
    /// The random utilities.
    Utilities,
    /// The races by which an argmax is found.
    Traces,
    /// The order of the embeddings by their values.
    Order,
}

/// What other layers need to know of a question.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// As methods are called.
    pub name: &'static str,
    /// Who answers it.
    pub topic: Topic,
    /// Whether it has a temperature.
    pub tempered: bool,
    /// Whether it draws.
    pub draws: bool,
    /// The arrays that it needs; the first says how many rows there are.
    pub inputs: &'static [Shape],
    /// The array that it gives.
    pub result: Shape,
}

/// At most so many arrays belong to a question.
pub(crate) const MOST_INPUTS: usize = 3;

macro_rules! questions {
    ($(
        $(#[$doc:meta])*
        $question:ident, $name:literal, $topic:ident, $tempered:literal, $draws:literal,
        [$($input:literal: $space:ident $count:ident),*] => $result:ident $per:ident;
    )*) => {
        /// A question.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Question {
            $($(#[$doc])* $question,)*
        }

        impl Question {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$question),*];

            /// Its shapes and names.
            pub fn description(self) -> &'static Description {
                match self {
                    $(Self::$question => const { &Description {
                        name: $name,
                        topic: Topic::$topic,
                        tempered: $tempered,
                        draws: $draws,
                        inputs: &[$(Shape::new($input, $space, $count)),*],
                        result: Shape::new("out", $result, $per),
                    } },)*
                }
            }
        }
    };
}

questions! {
    /// `X = argmax_x U.x` over the embeddings x; equal utilities are decided for the lowest index.
    Argmax, "argmax", Relaxation, false, false, ["utility": Utility Row] => Embedding Row;
    /// The k embeddings of the largest `U.x`, best first, each with this value; where there are fewer, the others are 0, of value
    /// negative infinity.
    KBest, "kBest", Order, false, false, ["utility": Utility Row] => Valued Rank;
    /// `X_t`, the relaxed argmax at a temperature; at 0, the argmax itself.
    Softmax, "softmax", Relaxation, true, false, ["utility": Utility Row] => Embedding Row;
    /// `dL/dU` for a cotangent `dL/dX_t`, exactly; at temperature 0, zero.
    SoftmaxVjp, "softmaxVjp", Relaxation, true, false,
        ["utility": Utility Row, "cotangent": Embedding Row] => Utility Row;
    /// `X_t`, and after it `dL/dU`, with the very bits of each alone.
    SoftmaxWithVjp, "softmaxWithVjp", Relaxation, true, false,
        ["utility": Utility Row, "cotangent": Embedding Row] => Both Row;
    /// A cotangent where it counts, and 0 elsewhere.
    Masked, "masked", Relaxation, false, false, ["cotangent": Embedding Row] => Embedding Row;
    /// Utilities where they count, and 0 elsewhere.
    MaskedUtility, "maskedUtility", Relaxation, false, false, ["utility": Utility Row] => Utility Row;
    /// `log Z = log sum_x exp(U.x / t)`.
    LogPartition, "logPartition", Family, true, false, ["utility": Utility Row] => Number Row;
    /// `H = -sum_x p(x) log p(x)` of `p(x) ~ exp(U.x / t)`.
    Entropy, "entropy", Family, true, false, ["utility": Utility Row] => Number Row;
    /// `dL/dU` for a cotangent `dL/dH`.
    EntropyVjp, "entropyVjp", Family, true, false,
        ["utility": Utility Row, "cotangent": Number Row] => Utility Row;
    /// `log p(x) = U.x / t - log Z` of embeddings x.
    LogProbability, "logProbability", Family, true, false,
        ["utility": Utility Row, "embedding": Embedding Draw] => Number Draw;
    /// `dL/dU` for cotangents `dL/dlog p(x)`.
    LogProbabilityVjp, "logProbabilityVjp", Family, true, false,
        ["utility": Utility Row, "embedding": Embedding Draw, "cotangent": Number Draw] => Utility Row;
    /// `KL(p_U || p_V)` of the laws of two utilities.
    Divergence, "divergence", Family, true, false, ["utility": Utility Row, "other": Utility Row] => Number Row;
    /// `dL/dU` for a cotangent `dL/dKL`.
    DivergenceVjp, "divergenceVjp", Family, true, false,
        ["utility": Utility Row, "other": Utility Row, "cotangent": Number Row] => Utility Row;
    /// `dL/dV` for a cotangent `dL/dKL`.
    DivergenceVjpOther, "divergenceVjpOther", Family, true, false,
        ["utility": Utility Row, "other": Utility Row, "cotangent": Number Row] => Utility Row;
    /// Exact, independent draws `x ~ p(x)`; at temperature 0, the argmax.
    FamilySample, "familySample", Family, true, true, ["utility": Utility Row] => Embedding Sample;
    /// Parameters where they count, and 0 elsewhere.
    MaskedTheta, "maskedTheta", Utilities, false, false, ["theta": Parameter Row] => Parameter Row;
    /// Random utilities `U(theta)`.
    Perturb, "perturb", Utilities, false, true, ["theta": Parameter Row] => Utility Sample;
    /// `dL/dtheta` from `dL/dU` with the noise held fixed, summed over draws.
    PerturbVjp, "perturbVjp", Utilities, false, false,
        ["theta": Parameter Row, "utility": Utility Draw, "cotangent": Utility Draw] => Parameter Row;
    /// `sum_s c_s d log p(U_s; theta) / dtheta`.
    ScoreVjp, "scoreVjp", Utilities, false, false,
        ["theta": Parameter Row, "utility": Utility Draw, "cotangent": Number Draw] => Parameter Row;
    /// `KL(U(theta) || U(0))`, summed over coordinates.
    Kl, "kl", Utilities, false, false, ["theta": Parameter Row] => Number Row;
    /// `dL/dtheta` for a cotangent `dL/dKL`.
    KlVjp, "klVjp", Utilities, false, false, ["theta": Parameter Row, "cotangent": Number Row] => Parameter Row;
    /// `log p(trace; theta)` of the traces that utilities lead to.
    TraceLogProbability, "traceLogProbability", Traces, false, false,
        ["theta": Parameter Row, "utility": Utility Draw] => Number Draw;
    /// `sum_s c_s d log p(trace_s; theta) / dtheta`.
    TraceScoreVjp, "traceScoreVjp", Traces, false, false,
        ["theta": Parameter Row, "utility": Utility Draw, "cotangent": Number Draw] => Parameter Row;
    /// Utilities drawn given their trace.
    ConditionalPerturb, "conditionalPerturb", Traces, false, true,
        ["theta": Parameter Row, "utility": Utility Draw] => Utility Sample;
    /// `dL/dtheta` from gradients in these, with noise and trace held fixed.
    ConditionalPerturbVjp, "conditionalPerturbVjp", Traces, false, true,
        ["theta": Parameter Row, "utility": Utility Draw, "cotangent": Utility Sample] => Parameter Row;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_consistent() {
        for (index, question) in Question::ALL.iter().enumerate() {
            let Description { name, inputs, draws, result, .. } = question.description();
            assert!((1..=MOST_INPUTS).contains(&inputs.len()), "{name}");
            assert_eq!(inputs[0].count, Row, "{name}: the first array says how many rows there are");
            let samples = inputs.iter().chain([result]).any(|shape| shape.count == Sample);
            assert_eq!(samples, *draws, "{name}");
            assert!(Question::ALL[..index].iter().all(|other| other.description().name != *name));
        }
    }
}
