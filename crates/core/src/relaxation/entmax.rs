use super::separable::{Separable, sums};
use crate::elementary::{exp, ln, ln_of_one_minus};

/// `f(x) = sum_i (x_i^alpha - x_i) / (alpha (alpha - 1))`, the negative of Tsallis' entropy, for `1 < alpha <= 2`.
///
/// On the hypersimplex `X_t = clip(1 + (alpha - 1) (u/t - m), 0, 1)^(1 / (alpha - 1))`; for one-hot, alpha-entmax (Peters,
/// Niculae and Martins, 2019). Of alpha 2 it is [`Euclidean`](super::Euclidean), and for alpha to 1 the categorical
/// entropy. Sparse: entries may be 0. O(n) an evaluation of the sum, of which there are some ten.
///
/// For alpha above 2 an entry near 0 moves infinitely faster than u; there is no such one.
#[derive(Clone, Copy, Debug)]
pub struct Entmax {
    /// `alpha - 1`.
    order: f64,
}

/// Of alpha 1.5.
impl Default for Entmax {
    fn default() -> Self {
        Self::new(1.5)
    }
}

impl Entmax {
    /// `1 < alpha <= 2`.
    pub fn new(alpha: f64) -> Self {
        assert!(alpha > 1.0 && alpha <= 2.0, "alpha must be above 1, and at most 2");
        Self { order: alpha - 1.0 }
    }

    /// `log x`, and the slope `x^(2 - alpha)`, 0 where x is held at 0 or 1: for an entry by `below = m - v` below the place where
    /// it is 1.
    #[inline(always)]
    fn power(self, below: f64) -> [f64; 2] {
        let lost = self.order * below;
        if lost <= 0.0 {
            return [0.0, 0.0];
        }
        if lost >= 1.0 {
            return [f64::NEG_INFINITY, 0.0];
        }
        let log = (if lost <= 0.5 { ln_of_one_minus(lost) } else { ln(1.0 - lost) }) / self.order;
        [log, exp((1.0 - self.order) * log)]
    }
}

/// So many steps are enough by far; each halves the interval at least, where Newton's method would leave it.
const MOST_STEPS: usize = 200;

impl Separable for Entmax {
    type Memory = ();

    /// m, the root of `rest x(v) - top (1 - x(v))`, which falls in m. With the least of the top positions at 0, that one is 1 at
    /// m = 0, as all of the top are; and as the largest of the `n - k + 1` entries from it on that share out at least 1, it
    /// is at least `1 / (n - k + 1)`. Newton's method, within what is left of this interval.
    #[inline(always)]
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64 {
        let share = ln((rest.len() + 1) as f64) * self.order;
        // The bound itself is the root where all are equal.
        let (mut low, mut high) = (0.0, one_minus_exp(share) / self.order * (1.0 + 4.0 * f64::EPSILON));
        top.retain(|&v| v < high);
        rest.retain(|&v| self.order * -v < 1.0);
        let mut m = 0.0;
        for _ in 0..MOST_STEPS {
            let [given, given_slope] = sums(rest, |v| {
                let [log, slope] = self.power(m - v);
                [exp(log), slope]
            });
            let [lacking, lacking_slope] = sums(top, |v| {
                let [log, slope] = self.power(m - v);
                [one_minus_exp(-log), slope]
            });
            let excess = given - lacking;
            if excess == 0.0 {
                break;
            }
            if excess > 0.0 {
                low = m;
            } else {
                high = m;
            }
            // At 0 the least of the top is about to fall: on this side of its kink its slope is 1.
            let slope = given_slope + lacking_slope + if m == 0.0 { 1.0 } else { 0.0 };
            let step = m + excess / slope;
            if (step - m).abs() <= f64::EPSILON * m {
                break;
            }
            let next = if step > low && step < high { step } else { 0.5 * (low + high) };
            if next <= low || next >= high {
                break;
            }
            m = next;
        }
        m
    }

    #[inline(always)]
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64) {
        let [log, slope] = self.power(multiplier - position);
        (exp(log), slope)
    }
}

/// `1 - exp(-x)` for x from 0 on.
#[inline(always)]
fn one_minus_exp(x: f64) -> f64 {
    if x > 0.3 {
        return 1.0 - exp(-x);
    }
    // The series x - x^2/2 + x^3/6 - ..., of which 12 terms reach the last bit.
    let mut sum = 0.0;
    for i in (1..=12).rev() {
        sum = x / f64::from(i) * (1.0 - sum);
    }
    sum
}
