use super::separable::{Separable, sums};
use crate::elementary::exp;

/// `f(x) = sum_i x_i log x_i`.
///
/// On the hypersimplex `X_t = min(1, c exp(u/t))`; for one-hot this is the softmax, the exponential-family relaxation too.
/// O(n + k log k) a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct CategoricalEntropy;

impl Separable for CategoricalEntropy {
    type Memory = ();

    /// c. The largest m elements are full, for the least m at which the next is not overfull:
    /// `c = (k - m) / (sum of the other weights)`. From `m = k - 1` on downwards, elements join from the smallest to
    /// the largest as long as `c` times their weight is at most 1: sums of positive terms only.
    #[inline(always)]
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64 {
        top.sort_unstable_by(f64::total_cmp);
        let [mut total] = sums(rest, |v| [exp(v)]);
        let mut joined = 0.0;
        for &position in &*top {
            let weight = exp(position);
            if joined * weight > total {
                break;
            }
            joined += 1.0;
            total += weight;
        }
        joined / total
    }

    #[inline(always)]
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64) {
        let x = multiplier * exp(position);
        if x < 1.0 { (x, x) } else { (1.0, 0.0) }
    }
}
