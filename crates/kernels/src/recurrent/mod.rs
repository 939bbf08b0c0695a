//! Recurrent layers, all steps in one call: forwards with what the gradient needs kept, and backwards.

mod gate;
mod gru;
mod lstm;
mod projection;
mod steps;
mod weights;

pub use gate::Gate;
pub use gru::{Gru, GruResults};
pub use lstm::{Lstm, LstmResults};
pub use projection::Projection;
pub use steps::Sequences;
pub use weights::Weights;
