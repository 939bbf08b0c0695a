use crate::functions::{choose, sigmoid};

/// The function of a gate, from any number to [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// 0.2 x + 0.5, cut off at 0 and 1.
    HardSigmoid,
}

/// A gate's function as a type, so that a loop is compiled for each.
pub(crate) trait GateFunction {
    fn value(x: f32) -> f32;
    /// The derivative, of the value.
    fn slope(y: f32) -> f32;
}

pub(crate) struct Soft;

impl GateFunction for Soft {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        sigmoid(x) as f32
    }

    #[inline(always)]
    fn slope(y: f32) -> f32 {
        y * (1.0 - y)
    }
}

pub(crate) struct Hard;

impl GateFunction for Hard {
    #[inline(always)]
    fn value(x: f32) -> f32 {
        let line = 0.2 * x + 0.5;
        choose(line > 1.0, 1.0, choose(line < 0.0, 0.0, line))
    }

    #[inline(always)]
    fn slope(y: f32) -> f32 {
        choose(y > 0.0 && y < 1.0, 0.2, 0.0)
    }
}
