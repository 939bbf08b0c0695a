//! The gradient of the objective, to twice the precision of doubles.

use super::vector::{LANES, NOTHING, Sums, Vector};
use crate::number::DoubleDouble;

/// A value is rounded by no more than this part of what it is summed from, in sums of up to some thousand terms.
const ROUNDING: f64 = 16.0 * NOTHING;

/// `g = U - t x`, with a bound of its rounding. Forbidden coordinates, in which vertices do not differ, are 0.
#[derive(Default)]
pub(super) struct Slope {
    pub(super) cells: Vector,
    /// `|U| + t |x|`, where the second may be more: the sizes that g is the difference of.
    pub(super) terms: Vec<f64>,
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
        self.set_of_sizes(utility, temperature, x, sizes.iter().copied());
    }

    /// At the point x, of vertices of zeros and ones.
    #[inline(always)]
    pub(super) fn set_binary(&mut self, utility: &[f64], temperature: f64, x: &Vector) {
        self.set_of_sizes(utility, temperature, x, std::iter::repeat(1.0));
    }

    #[inline(always)]
    fn set_of_sizes(
        &mut self,
        utility: &[f64],
        temperature: f64,
        x: &Vector,
        sizes: impl Iterator<Item = f64>,
    ) {
        self.cells.zeros(utility.len());
        self.terms.resize(utility.len(), 0.0);
        let cells = self.cells.high.iter_mut().zip(&mut self.cells.low).zip(&mut self.terms);
        let point = x.high.iter().zip(&x.low);
        for (((high, low), term), ((&u, size), (&x, &x_low))) in
            cells.zip(utility.iter().zip(sizes).zip(point))
        {
            let product = DoubleDouble::product(temperature, x);
            let difference = DoubleDouble::sum(u, -product.high);
            let rest = temperature.mul_add(x_low, product.low);
            let g = DoubleDouble::normal(difference.high, difference.low - rest);
            let forbidden = u == f64::NEG_INFINITY;
            *high = if forbidden { 0.0 } else { g.high };
            *low = if forbidden { 0.0 } else { g.low };
            *term = if forbidden { 0.0 } else { temperature.mul_add(size, u.abs()) };
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
        let (mut magnitude, mut distance, mut reach) = (0.0, 0.0, 0.0_f64);
        for ((&a, &b), &high) in from.iter().zip(to).zip(&self.cells.high) {
            let step = b - a;
            magnitude += (high * step).abs();
            distance += step.abs();
            reach = reach.max(step.abs());
        }
        Change { value: self.difference(from, to), magnitude, distance, reach }
    }

    /// `g . (to - from)` alone.
    #[inline(always)]
    pub(super) fn difference(&self, from: &[f64], to: &[f64]) -> DoubleDouble {
        let mut sums = Sums::default();
        let (a, a_tail) = from.as_chunks::<LANES>();
        let (b, b_tail) = to.as_chunks::<LANES>();
        let (high, high_tail) = self.cells.high.as_chunks::<LANES>();
        let (low, low_tail) = self.cells.low.as_chunks::<LANES>();
        for ((a, b), (high, low)) in a.iter().zip(b).zip(high.iter().zip(low)) {
            for lane in 0..LANES {
                let step = DoubleDouble::sum(b[lane], -a[lane]);
                sums.add(lane, [step.high, step.low], [high[lane], low[lane]]);
            }
        }
        let tail = a_tail.iter().zip(b_tail).zip(high_tail.iter().zip(low_tail));
        for (lane, ((&a, &b), (&high, &low))) in tail.enumerate() {
            let step = DoubleDouble::sum(b, -a);
            sums.add(lane, [step.high, step.low], [high, low]);
        }
        sums.total()
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
