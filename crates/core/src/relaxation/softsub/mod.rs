mod logarithms;
mod weights;

use self::logarithms::Logarithms;
use self::weights::Weights;
use super::Relaxation;
use super::row_by_row::{RowByRow, Run, row_by_row};
use crate::structure::Hypersimplex;

/// k softmaxes in turn, added up, each of which lowers what it has taken: `a = softmax(w / t)`, `w += log(1 - a)`, from
/// `w = u` (Xie and Ermon, 2019, "Reparameterizable Subset Sampling"; paper, section 6, "SoftSub").
///
/// Bespoke: the entries add up to k, but each may exceed 1, and the Jacobian is no symmetric matrix. O(n k) a row. A
/// rounding error is divided by t in every round, as the true function divides a change of its utilities.
#[derive(Clone, Copy, Debug, Default)]
pub struct SoftSub;

impl<S: Hypersimplex> RowByRow<S> for SoftSub {
    /// On weights where these stay in the range of doubles, else on their logarithms: each row as it would be alone.
    #[inline(always)]
    fn relax(&self, structure: &S, run: &mut Run<'_>) {
        let (n, k, temperature) = (structure.dimension(), structure.chosen(), run.temperature);
        if k == 0 {
            return run.out.fill(0.0);
        }
        let mut weights = Weights::new(n, k, temperature, run.wants_products());
        let mut logarithms = None;
        let products = run.wants_products();
        for mut row in run.rows(structure) {
            if !weights.as_mut().is_some_and(|weights| weights.relax(&mut row)) {
                logarithms
                    .get_or_insert_with(|| Logarithms::new(n, k, temperature, products))
                    .relax(&mut row);
            }
        }
    }
}

impl<S: Hypersimplex> Relaxation<S> for SoftSub {
    const SYMMETRIC: bool = false;

    row_by_row!(S);
}
