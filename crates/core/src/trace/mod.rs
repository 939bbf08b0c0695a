//! Execution traces: structures that are found by races of exponential variables (Struminsky, Gadetsky, Rakitin,
//! Karpushkin and Vetrov, "Leveraging recursive Gumbel-max trick for approximate inference in combinatorial spaces", 2021).
//!
//! Give every coordinate a time E, exponential of rate `exp(theta)`, and let the algorithm look for the earliest of some
//! candidates, then of some others that have not happened yet, and so on: top k by k choices without replacement, trees by
//! Kruskal's algorithm, arborescences by Edmonds'. By memorylessness each step is a softmax choice among its candidates,
//! whatever came before, and takes a time that is independent of the choice. So the sequence of the choices, the *trace*,
//! has a probability in closed form, where that of the structure is a sum over many traces; and the times given the trace
//! can be drawn.
//!
//! * [`Trace`]: the steps and who takes part in which;
//! * [`Traced`]: structures that have one, each in its own file under `structure/`;
//! * [`Tracing`], of [`Tracer`]s: probabilities, scores and conditional draws, over batches.

mod batch;
mod race;
mod steps;
mod tracing;

pub use batch::Tracer;
pub use race::Race;
pub use steps::{NONE, Trace};
pub use tracing::Tracing;

use crate::structure::Structure;

/// A structure whose argmax is found by races.
pub trait Traced: Structure {
    /// Whether the choices depend on the order of utilities only, one step following the other. If not, they depend on
    /// sums of times, so that utilities must be times.
    const ORDERED: bool = true;

    /// What the algorithm needs beside its input and output.
    type Workspace: Send;

    /// A fresh workspace.
    fn trace_workspace(&self) -> Self::Workspace;

    /// The steps that lead from this utility to its argmax, with the argmax's choice among equal utilities. The row has
    /// passed [`Structure::check`].
    fn trace(&self, utility: &[f64], trace: &mut Trace, workspace: &mut Self::Workspace);
}
