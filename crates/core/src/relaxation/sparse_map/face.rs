//! The vector-Jacobian product: projection onto the directions of the face that the gradient exposes.

mod binary;

use std::mem;

use super::atoms::{Atoms, UNEVEN};
use super::slope::Slope;
use super::vector::{NOTHING, Vector};
use crate::elementary::power_of_two;
use crate::number::DoubleDouble;
use crate::random::fill_uniform;

/// By how much of the temperature a query is first tilted, in coordinates of size 1: where the answers say that it is too much,
/// they say by how much.
const FIRST_TILT: f64 = 1.0 / 1024.0;
/// At least this part of the gradient: of the 53 bits of a query, h has 23.
const LEAST_TILT: f64 = 1.0 / (1u64 << 30) as f64;
/// A vertex that is worse than the face by more than this part of what its value is summed from can be told from it by
/// whoever adds up a query in doubles, and so can the face's own vertices beside it: 2^9 roundings of a double.
const DISTINCT: f64 = 1.0 / (1u64 << 44) as f64;
/// What remains of a cotangent below this is less than a double holds of the product, 2^-53, and more than rounding, 2^-100.
const REST: f64 = 1.0 / (1u64 << 60) as f64;
/// A smaller excess over the face does not say that a tilt is too large: a vertex that has limited it comes out equal, but
/// for the rounding, 2^-50 or so, of its gain.
const EXCESS: f64 = 1e-6;

/// The smallest face on which the linear function g, the gradient `U - t X_t`, is largest, found by asking.
///
/// The Jacobian is `M / t`, where M projects onto the directions of the smallest face that holds `X_t` (Niculae et al.,
/// 2018, section 3), which is the exposed one unless utilities lie at a kink. The atoms span its directions, unless `X_t` is
/// a mean of fewer vertices than the face has dimensions, as equal utilities bring about. Therefore maximisers of `g + s h`
/// are asked for, where h is a random direction beside those known. If a vertex of the face rises along h, the maximiser
/// for a small enough s is one, and its direction joins; and if directions are missing, one rises along h or -h with
/// probability 1, and by far more than rounding. How small s has to be the answers tell: a maximiser v that is not on the
/// face says that s has to be below `slack / gain`, its loss by g over its gain by h (Dinkelbach, 1967).
///
/// Whether a vertex is on the face is decided in double-double arithmetic, by what it has beside the directions known. Only
/// if the face cannot be asked for because a vertex comes closer to it than doubles can tell does that vertex count as on
/// it: the product is then that for utilities which differ by rounding.
#[derive(Default)]
pub(super) struct Face {
    /// The cotangent times a power of two, for which products neither overflow nor vanish, and that power's inverse.
    cotangent: Vec<f64>,
    inverse_scale: f64,
    /// Its part along the directions that are known, as unevaluated sums and rounded.
    exact: Vec<DoubleDouble>,
    along: Vec<f64>,
    /// The h that is looked along.
    direction: Vector,
    sign: f64,
    tilt: f64,
    /// How many directions have been drawn.
    draws: u32,
    /// The largest magnitudes of the coordinates of vertices, as far as they have been seen.
    sizes: Vec<f64>,
    allowed: Vec<bool>,
    /// Random numbers for the coordinates that are allowed, in their order.
    drawn: Vec<f64>,
    /// A vertex that has limited the tilt and is not distinct from the face; empty if there is none.
    closest: Vec<f64>,
    /// Of vertices of zeros and ones: the parts of the cotangent along and beside the directions that are known.
    along_exactly: Vector,
    rest: Vector,
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| x.abs().max(most))
}

impl Face {
    /// Takes a cotangent. Until it is projected, the product is 0.
    #[inline(always)]
    pub(super) fn begin(&mut self, cotangent: &[f64], utility: &[f64], sizes: impl Iterator<Item = f64>) {
        let size = largest(cotangent);
        let scale = if size > 1e200 {
            power_of_two(-664.0)
        } else if size < 1e-200 {
            power_of_two(664.0)
        } else {
            1.0
        };
        self.inverse_scale = 1.0 / scale;
        self.cotangent.clear();
        self.cotangent.extend(cotangent.iter().map(|c| c * scale));
        self.draws = 0;
        self.sizes.clear();
        self.sizes.extend(sizes);
        self.allowed.clear();
        self.allowed.extend(utility.iter().map(|&u| u != f64::NEG_INFINITY));
        self.along.clear();
        self.along.resize(cotangent.len(), 0.0);
    }

    /// Forgets what has been drawn.
    pub(super) fn restart(&mut self) {
        self.draws = 0;
    }

    /// Splits the cotangent by the directions that are known. True if there is nothing of it beside them.
    #[inline(always)]
    pub(super) fn project(&mut self, atoms: &mut Atoms) -> bool {
        atoms.basis.split(&self.cotangent);
        let rest = &atoms.basis.rest;
        let parts = self.cotangent.iter().zip(rest.high.iter().zip(&rest.low));
        self.exact.clear();
        self.exact
            .extend(parts.map(|(&c, (&high, &low))| DoubleDouble::from(c) - DoubleDouble { high, low }));
        let nothing_beside = largest(&rest.high) <= REST * largest(&self.cotangent);
        self.round();
        nothing_beside
    }

    /// Rounds what is along the directions that are known.
    #[inline(always)]
    fn round(&mut self) {
        let grain = NOTHING * self.exact.iter().fold(0.0_f64, |most, x| most.max(x.high.abs()));
        self.along.clear();
        self.along.extend(self.exact.iter().map(|x| x.rounded(grain)));
    }

    /// The product for a temperature.
    pub(super) fn gradient(&self, temperature: f64) -> impl Iterator<Item = f64> {
        self.along.iter().map(move |&x| x / temperature * self.inverse_scale)
    }

    /// Draws a vector of coordinates that are allowed.
    #[inline(always)]
    fn draw(&mut self) {
        let most = largest(&self.sizes);
        let most = if most > 0.0 { most } else { 1.0 };
        self.direction.zeros(self.sizes.len());
        let mut drawn = mem::take(&mut self.drawn);
        drawn.resize(self.sizes.len(), 0.0);
        fill_uniform(0, 0, self.draws, &mut drawn);
        self.draws += 1;
        // In the order of the coordinates that are allowed: the smaller problem without the others draws the same.
        let allowed = self
            .direction
            .high
            .iter_mut()
            .zip(&self.sizes)
            .zip(&self.allowed)
            .filter(|(_, allowed)| **allowed);
        for (((h, &size), _), x) in allowed.zip(&drawn) {
            *h = (2.0 * x - 1.0) * if size > 0.0 { size } else { most };
        }
        self.drawn = drawn;
    }

    /// Draws a new direction. False if there is none.
    #[inline(always)]
    pub(super) fn look(&mut self, atoms: &mut Atoms, slope: &Slope, temperature: f64) -> bool {
        self.draw();
        if !atoms.basis.split(&self.direction.high) {
            return false;
        }
        self.direction.clear();
        self.direction.extend(atoms.basis.rest.whole());
        self.sign = 1.0;
        self.reset_tilt(slope, temperature);
        true
    }

    #[inline(always)]
    fn reset_tilt(&mut self, slope: &Slope, temperature: f64) {
        let steepest = LEAST_TILT * slope.largest() / largest(&self.direction.high);
        self.tilt = (FIRST_TILT * temperature).max(steepest);
        self.closest.clear();
    }

    /// Writes the question.
    #[inline(always)]
    pub(super) fn tilt(&self, slope: &Slope, utility: &[f64], query: &mut [f64]) {
        let directions = self.direction.high.iter().zip(&slope.cells.high).zip(utility);
        for (query, ((&h, &g), &u)) in query.iter_mut().zip(directions) {
            *query = if u == f64::NEG_INFINITY { u } else { (self.sign * self.tilt).mul_add(h, g) };
        }
    }

    /// Whether a coordinate turns out to be much smaller than had to be supposed: then it is looked along once more.
    #[inline(always)]
    fn learn_sizes(&mut self, vertex: &[f64]) -> bool {
        let supposed = largest(&self.sizes);
        let mut misjudged = false;
        for (size, x) in self.sizes.iter_mut().zip(vertex) {
            misjudged |= *size == 0.0 && *x != 0.0 && x.abs() < UNEVEN * supposed;
            *size = size.max(x.abs());
        }
        misjudged
    }

    /// Takes the answer. False if there is nothing more to ask.
    #[inline(always)]
    pub(super) fn take(
        &mut self,
        vertex: &[f64],
        atoms: &mut Atoms,
        slope: &mut Slope,
        temperature: f64,
    ) -> bool {
        let misjudged = self.learn_sizes(vertex);
        if atoms.split(vertex) {
            let along = slope.along(&atoms.basis.rest, atoms.basis.size);
            let slack = -along.value;
            if slack <= along.rounding {
                return self.join(vertex, atoms, slope, temperature);
            }
            if misjudged {
                return self.look_again(atoms, slope, temperature);
            }
            let steps = self.direction.high.iter().zip(&atoms.basis.rest.high);
            let gain = self.sign * steps.fold(0.0, |sum, (h, step)| h.mul_add(*step, sum));
            let distinct = slack > DISTINCT * along.magnitude;
            if gain * self.tilt > (1.0 + EXCESS) * slack {
                self.tilt = slack / gain;
                self.closest.clear();
                if !distinct {
                    self.closest.extend_from_slice(vertex);
                }
                return true;
            }
            if !distinct {
                return self.join(vertex, atoms, slope, temperature);
            }
        }
        // No vertex of the face rises.
        let closest = std::mem::take(&mut self.closest);
        if !closest.is_empty() && atoms.split(&closest) {
            return self.join(&closest, atoms, slope, temperature);
        }
        if self.sign > 0.0 {
            self.sign = -1.0;
            self.reset_tilt(slope, temperature);
            return true;
        }
        self.project(atoms);
        false
    }

    /// Adds the direction of the vertex that was split last.
    #[inline(always)]
    fn join(&mut self, vertex: &[f64], atoms: &mut Atoms, slope: &mut Slope, temperature: f64) -> bool {
        atoms.push(vertex);
        // On the face g is constant; but for vertices closer than doubles can tell it already is.
        let last = atoms.basis.order() - 1;
        atoms.basis.clean(&mut slope.cells, last);
        self.look_again(atoms, slope, temperature)
    }

    /// Draws a new direction, or ends if there is none.
    #[inline(always)]
    fn look_again(&mut self, atoms: &mut Atoms, slope: &Slope, temperature: f64) -> bool {
        let looks = self.look(atoms, slope, temperature);
        if !looks {
            self.project(atoms);
        }
        looks
    }
}
