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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relaxation::row_by_row::Row;

    /// Two derivations of one thing, from elements far apart to elements that are equal.
    #[test]
    fn weights_agree_with_their_logarithms() {
        let (n, k) = (19, 4);
        let cotangent: Vec<f64> = (0..n).map(|i| (2.3 * (i * i) as f64).cos()).collect();
        for spread in [0.0, 0.01, 1.0, 5.0] {
            for temperature in [30.0, 1.7, 1.0, 0.5, 0.2] {
                let mut utility: Vec<f64> = (0..n).map(|i| spread * (1.7 * (i * i) as f64).sin()).collect();
                utility[7] = f64::NEG_INFINITY;
                let (mut soft, mut gradient) = ([[0.0; 19]; 2], [[0.0; 19]; 2]);
                let mut weights = Weights::new(n, k, temperature, true).expect("no low temperature");
                let mut logarithms = Logarithms::new(n, k, temperature, true);
                for (way, (soft, gradient)) in soft.iter_mut().zip(&mut gradient).enumerate() {
                    let mut row = Row { utility: &utility, soft, cotangent: &cotangent, gradient };
                    if way == 0 {
                        assert!(weights.relax(&mut row), "spread {spread} at {temperature}");
                    } else {
                        logarithms.relax(&mut row);
                    }
                }
                for i in 0..n {
                    assert!((soft[0][i] - soft[1][i]).abs() <= 1e-13, "{spread}, {temperature}: X_{i}");
                    let off = (gradient[0][i] - gradient[1][i]).abs() * temperature;
                    assert!(off <= 1e-12, "{spread}, {temperature}: gradient {i} off by {off:e}");
                }
            }
        }
    }

    #[test]
    fn weights_out_of_range_are_told() {
        let utility = [100.0, 0.0, -1.0];
        let mut soft = [0.0; 3];
        let mut weights = Weights::new(3, 2, 1.0, false).expect("no low temperature");
        let mut row = Row { utility: &utility, soft: &mut soft, cotangent: &[], gradient: &mut [] };
        assert!(!weights.relax(&mut row));
        assert!(Weights::new(3, 2, 1e-50, false).is_none());
    }
}
