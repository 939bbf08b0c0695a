//! The gradient of the objective, to twice the precision of doubles.

use crate::elementary::two_sum;

/// `g = U - t x` as an unevaluated sum: where utilities are much larger than the temperature, most digits of `t x` stand
/// in the low part.
#[derive(Default)]
pub(super) struct Slope {
    pub(super) high: Vec<f64>,
    low: Vec<f64>,
}

/// A difference of two values of a linear function, and what its rounding is measured by.
pub(super) struct Change {
    /// `g . (b - a)`.
    pub(super) value: f64,
    /// `sum |g_i (b_i - a_i)|`.
    pub(super) magnitude: f64,
    /// `sum |b_i - a_i|`.
    pub(super) distance: f64,
    /// `max |b_i - a_i|`.
    pub(super) reach: f64,
}

impl Slope {
    /// At the point x. A forbidden coordinate stays `-inf`.
    #[inline(always)]
    pub(super) fn set(&mut self, utility: &[f64], temperature: f64, x: &[f64]) {
        self.high.clear();
        self.low.clear();
        for (&u, &x) in utility.iter().zip(x) {
            let product = temperature * x;
            let rest = temperature.mul_add(x, -product);
            let (high, low) = two_sum(u, -product);
            self.high.push(high);
            self.low.push(if u == f64::NEG_INFINITY { 0.0 } else { low - rest });
        }
    }

    /// The difference of two vectors instead; 0 where the utility is forbidden.
    #[inline(always)]
    pub(super) fn set_difference(&mut self, a: &[f64], b: &[f64], utility: &[f64]) {
        self.high.clear();
        self.low.clear();
        for ((&a, &b), &u) in a.iter().zip(b).zip(utility) {
            let (high, low) = if u == f64::NEG_INFINITY { (0.0, 0.0) } else { two_sum(a, -b) };
            self.high.push(high);
            self.low.push(low);
        }
    }

    /// Divides by a number, roughly.
    #[inline(always)]
    pub(super) fn divide(&mut self, divisor: f64) {
        self.high.iter_mut().for_each(|x| *x /= divisor);
        self.low.fill(0.0);
    }

    /// From one vertex to another, in doubled precision (Ogita, Rump and Oishi, 2005, algorithm 5.3): values that are
    /// equal in exact arithmetic give 0, or next to nothing. Coordinates in which the two agree do not count.
    #[inline(always)]
    pub(super) fn change(&self, from: &[f64], to: &[f64]) -> Change {
        let (mut sum, mut rest) = (0.0, 0.0);
        let (mut magnitude, mut distance, mut reach) = (0.0, 0.0, 0.0_f64);
        for (((&a, &b), &high), &low) in from.iter().zip(to).zip(&self.high).zip(&self.low) {
            if a == b {
                continue;
            }
            let (step, error) = two_sum(b, -a);
            let product = high * step;
            let (total, lost) = two_sum(sum, product);
            rest += high.mul_add(step, -product) + lost + low.mul_add(step, high * error);
            sum = total;
            magnitude += product.abs();
            distance += step.abs();
            reach = reach.max(step.abs());
        }
        Change { value: sum + rest, magnitude, distance, reach }
    }
}
