//! Recurrent layers, all steps in one call: forwards with what the gradient needs kept, and backwards.

mod gate;
mod lstm;
mod steps;
mod weights;

pub use gate::Gate;
pub use lstm::{Lstm, Results, Weights};
pub use steps::Sequences;
