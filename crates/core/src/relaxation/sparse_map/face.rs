//! The vector-Jacobian product: projection onto the directions of the face that holds the solution.

use super::active_set::{ActiveSet, FIRST_RUNG, Stage};
use super::slope::Slope;

/// By how much of the temperature a query is first tilted, and at least: below what tells a vertex from one of the face.
const FIRST_TILT: f64 = 1.0 / 1024.0;
const LEAST_TILT: f64 = 1e-15;
/// How much less than would do a query is tilted after too much: little, so that no vertex of the face is passed over.
const SHRINKAGE: f64 = 0.875;
/// A vertex is on the face if the gradient finds it worse by no more than this part of the temperature, which is rounding.
const ON_FACE: f64 = 4e-15;
/// What remains of a cotangent below this, relatively, is rounding, and so is a rise along it.
const REST: f64 = 1e-12;
const RISE: f64 = 1e-9;

/// What is known of the face along one cotangent.
#[derive(Default)]
pub(super) struct Face {
    /// The utilities themselves as a linear function.
    pub(super) utility: Slope,
    cotangent: Vec<f64>,
    /// The cotangent's part along the face, as far as it is known.
    along: Vec<f64>,
    /// The rest of the cotangent as a linear function, its largest coordinate 1.
    rest: Slope,
    /// How much of the rest is added to the gradient, and the least that makes sense.
    tilt: f64,
    least_tilt: f64,
    sign: f64,
}

impl ActiveSet {
    /// Asks on, until [`ActiveSet::gradient`] is the product of this cotangent with the Jacobian; of a row whose solution
    /// has been found, and once only.
    ///
    /// The Jacobian is `M / t`, where M projects onto the directions of the smallest face that holds `X_t` (Niculae et al.,
    /// 2018, section 3). The atoms span those directions, unless `X_t` happens to lie in the hull of fewer vertices than
    /// its face has dimensions, as equal utilities bring about. Therefore what the atoms leave of the cotangent is added
    /// to the gradient, a little of it, with either sign: if the maximiser still is on the face and rises along the rest,
    /// its direction has been missing, and joins; if neither rises, none is missing that matters.
    /// (One sign would do but at kinks, where the product is thus linear in the cotangent.)
    pub fn differentiate(&mut self, cotangent: &[f64]) {
        self.face.cotangent.clear();
        self.face.cotangent.extend_from_slice(cotangent);
        self.face.along.clear();
        self.face.along.resize(cotangent.len(), 0.0);
        if self.unscaled_temperature > 0.0 && self.stage == Stage::Done {
            self.look();
        }
    }

    /// `dL/dU` for the cotangent, once there is nothing more to ask.
    pub fn gradient(&self) -> impl Iterator<Item = f64> {
        let temperature = self.unscaled_temperature;
        self.face.along.iter().map(move |x| if *x == 0.0 { 0.0 } else { x / temperature })
    }

    /// Projects the cotangent on what is known of the face, and asks whether there is more.
    #[inline(always)]
    fn look(&mut self) {
        let Self { face, corral, utility, .. } = self;
        face.along.fill(0.0);
        // The second time for what rounding left.
        for _ in 0..2 {
            face.rest.set_difference(&face.cotangent, &face.along, utility);
            corral.ascend(&face.rest);
            corral.combine(&corral.direction, &mut face.along);
        }
        face.rest.set_difference(&face.cotangent, &face.along, utility);
        let (all, rest) = (largest(&face.cotangent), largest(&face.rest.high));
        if rest <= REST * all {
            self.stage = Stage::Done;
            return;
        }
        face.rest.divide(rest);
        self.tilt_by(1.0);
    }

    #[inline(always)]
    fn tilt_by(&mut self, sign: f64) {
        self.face.sign = sign;
        let finite = self.slope.high.iter().filter(|g| g.is_finite());
        let steepest = finite.fold(0.0_f64, |most, g| most.max(g.abs()));
        // A tilt that the gradient's rounding does not swallow.
        self.face.tilt = FIRST_TILT * self.rung.max(FIRST_RUNG * steepest);
        self.face.least_tilt = LEAST_TILT * self.rung;
        self.ask_tilted();
    }

    #[inline(always)]
    fn ask_tilted(&mut self) {
        let Self { face, slope, query, .. } = self;
        for ((query, &g), &rest) in query.iter_mut().zip(&slope.high).zip(&face.rest.high) {
            *query = (face.sign * face.tilt).mul_add(rest, g);
        }
        self.stage = Stage::Explore;
    }

    #[inline(always)]
    pub(super) fn explore(&mut self, vertex: &[f64]) {
        let reference = self.corral.atom(self.corral.heaviest());
        let fall = self.slope.change(vertex, reference);
        let rise = self.face.rest.change(reference, vertex);
        let (slack, gain) = (fall.value.max(0.0), self.face.sign * rise.value);
        let rises = gain > RISE * rise.distance;
        if rises && slack > ON_FACE * self.rung * fall.reach * fall.reach {
            // Too much: tilt so little that this vertex is not preferred to the face.
            self.face.tilt = SHRINKAGE * (slack / gain).min(self.face.tilt);
            if self.face.tilt > self.face.least_tilt {
                return self.ask_tilted();
            }
        } else if rises && self.corral.push(vertex) {
            return self.look();
        }
        if self.face.sign > 0.0 { self.tilt_by(-1.0) } else { self.stage = Stage::Done }
    }
}

#[inline(always)]
fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, x| most.max(x.abs()))
}
