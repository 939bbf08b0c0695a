use super::{Traced, Tracer};
use crate::operator::Answers;

/// Answers questions about traces: every row of parameters has the same number of draws of utilities, each of which is
/// looked at for the trace it leads to only. A coordinate is forbidden in its parameter and in its utilities or in neither.
///
/// Refuses with `INFEASIBLE`, and `INVALID_ARGUMENT`: parameters beyond 1e15, of negative exponentials beyond 700;
/// utilities whose sums do not race.
pub trait Tracing: Answers {
    /// The same over the first `size` things.
    fn prefix(&self, size: usize) -> Box<dyn Tracing>;
}

impl<S: Traced> Tracing for Tracer<S> {
    fn prefix(&self, size: usize) -> Box<dyn Tracing> {
        Box::new(Self::new(self.structure.prefix(size).structure))
    }
}
