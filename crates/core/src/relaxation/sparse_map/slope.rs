//! The gradient of the objective, to twice the precision of doubles.

use super::vector::Vector;
use crate::number::DoubleDouble;

/// A value is rounded by no more than this part of what it is summed from, in sums of up to some thousand terms.
const ROUNDING: f64 = 1.0 / (1u128 << 92) as f64;

/// `g = U - t x`, with a bound of its rounding. Forbidden coordinates, in which vertices do not differ, are 0.
#[derive(Default)]
pub(super) struct Slope {
    pub(super) cells: Vector,
    /// `|U| + t |x|`, where the second may be more: the sizes that g is the difference of.
    terms: Vec<f64>,
}

/// A difference of two values of a linear function, and what its rounding is measured by.
pub(super) struct Change {
    /// `g . (b - a)`.
    pub(super) value: DoubleDouble,
    /// `sum |g_i (b_i - a_i)|`.
    pub(super) magnitude: f64,
    /// `sum |b_i - a_i|`.
    pub(super) distance: f64,
    /// `max |b_i - a_i|`.
    pub(super) reach: f64,
}

/// A value along a step.
pub(super) struct Along {
    pub(super) value: f64,
    /// `sum |g_i step_i|`.
    pub(super) magnitude: f64,
    /// By how much the value may be wrong.
    pub(super) rounding: f64,
}

impl Slope {
    /// At the point x, of vertices whose coordinates have these sizes.
    #[inline(always)]
    pub(super) fn set(&mut self, utility: &[f64], temperature: f64, x: &Vector, sizes: &[f64]) {
        self.cells.clear();
        self.terms.clear();
        for (index, (&u, &size)) in utility.iter().zip(sizes).enumerate() {
            let x = x.at(index);
            let forbidden = u == f64::NEG_INFINITY;
            let product = DoubleDouble::product(temperature, x.high);
            let difference = DoubleDouble::sum(u, -product.high);
            let rest = temperature.mul_add(x.low, product.low);
            let g = DoubleDouble::normal(difference.high, difference.low - rest);
            self.cells.push(if forbidden { DoubleDouble::ZERO } else { g });
            self.terms.push(if forbidden { 0.0 } else { temperature.mul_add(size, u.abs()) });
        }
    }

    /// The largest magnitude of a coordinate.
    #[inline(always)]
    pub(super) fn largest(&self) -> f64 {
        self.cells.high.iter().fold(0.0, |most, x| x.abs().max(most))
    }

    /// From one vertex to another: values that are equal in exact arithmetic give 0, or next to nothing.
    #[inline(always)]
    pub(super) fn change(&self, from: &[f64], to: &[f64]) -> Change {
        let (mut sum, mut rest) = (0.0, 0.0);
        let (mut magnitude, mut distance, mut reach) = (0.0, 0.0, 0.0_f64);
        let steps = from.iter().zip(to).zip(self.cells.high.iter().zip(&self.cells.low));
        for ((&a, &b), (&high, &low)) in steps {
            if a == b {
                continue;
            }
            let step = DoubleDouble::sum(b, -a);
            let product = DoubleDouble::product(high, step.high);
            let total = DoubleDouble::sum(sum, product.high);
            rest += product.low + total.low + low.mul_add(step.high, high * step.low);
            sum = total.high;
            magnitude += product.high.abs();
            distance += step.high.abs();
            reach = reach.max(step.high.abs());
        }
        Change { value: DoubleDouble::normal(sum, rest), magnitude, distance, reach }
    }

    /// `g . step` for a step that is what remains of one of this size.
    #[inline(always)]
    pub(super) fn along(&self, step: &Vector, size: f64) -> Along {
        let (mut magnitude, mut terms) = (0.0, 0.0);
        for ((&g, &all), &step) in self.cells.high.iter().zip(&self.terms).zip(&step.high) {
            magnitude += (g * step).abs();
            // Coordinates that no difference of vertices has had are exactly 0.
            let rounded = if step == 0.0 { 0.0 } else { g.abs() * size };
            terms += all.mul_add(step.abs(), rounded);
        }
        Along { value: self.cells.whole().dot(step.whole()).high, magnitude, rounding: ROUNDING * terms }
    }
}
