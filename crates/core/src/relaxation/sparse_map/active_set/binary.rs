//! The iteration over vertices of zeros and ones.

use super::{ActiveSet, Kind, Stage, WORSE};
use crate::relaxation::sparse_map::corral::UNCERTAIN;
use crate::relaxation::sparse_map::vector::NOTHING;

/// Utilities up to this many temperatures.
const MOST_TEMPERATURES: f64 = (1u64 << 16) as f64;
/// Temperatures that leave room for squares on both sides.
const ORDINARY: std::ops::Range<f64> = 1e-150..1e150;
/// A vertex that is better by this part of the utilities and the temperature is better whatever doubles have rounded.
const PLAIN: f64 = 1.0 / (1u64 << 30) as f64;
/// What is better by no more than this part of its terms is not.
pub(super) const ROUNDING: f64 = 16.0 * NOTHING;

/// Until doubles say that no vertex improves on x, they are believed; then x is settled, and from there on every question and
/// every judgement is of twice the precision. Whatever does not go as it should, as a vertex of other coordinates or one that
/// comes close to the affine hull of others, is left to the general iteration, which begins anew.
impl ActiveSet {
    #[inline(always)]
    pub(super) fn suits_doubles(&self) -> bool {
        self.temperature == self.rung
            && ORDINARY.contains(&self.temperature)
            && self.largest <= MOST_TEMPERATURES * self.temperature
    }

    #[inline(always)]
    pub(super) fn begin_binary(&mut self) {
        self.kind = Kind::Binary { settled: false };
        self.ask_in_doubles();
    }

    #[inline(always)]
    fn ask_in_doubles(&mut self) {
        self.corral.ask(&self.utility, self.temperature, &mut self.query);
        self.stage = Stage::Improve;
    }

    #[inline(always)]
    fn start_over(&mut self) {
        self.answers = 0;
        self.begin_general();
    }

    #[inline(always)]
    pub(super) fn improve_binary(&mut self, vertex: &[f64], settled: bool) {
        self.answers += 1;
        if !self.corral.read(vertex) || self.answers > self.most_answers() {
            return self.start_over();
        }
        let mut asked = settled;
        if !settled {
            if self.corral.excess(&self.query) > PLAIN * (self.largest + self.temperature) {
                let balanced = self.join(vertex) && self.corral.balance(self.temperature);
                return if balanced { self.ask_in_doubles() } else { self.start_over() };
            }
            if !self.settle_binary(false) {
                return self.start_over();
            }
            self.kind = Kind::Binary { settled: true };
            asked = !self.ask_settled();
        }
        let rise = self.corral.rise(&self.slope);
        self.gap = rise.value.high;
        let slack = self.slack(rise.distance, f64::from(rise.distance > 0.0));
        if -self.gap > WORSE * rise.magnitude + slack {
            self.stage = Stage::Worse(-self.gap);
        } else if self.gap > ROUNDING * rise.terms {
            if !self.join(vertex) || !self.settle_binary(true) {
                return self.start_over();
            }
            self.ask_settled();
        } else if asked {
            self.x.round_binary();
            self.stage = Stage::Done;
        }
    }

    /// Lets the vertex in that has been read. False if it may depend on the others.
    #[inline(always)]
    fn join(&mut self, vertex: &[f64]) -> bool {
        let independent = self.corral.split() > UNCERTAIN;
        if independent {
            self.corral.push(vertex, &self.utility);
        }
        independent
    }

    #[inline(always)]
    fn settle_binary(&mut self, entered: bool) -> bool {
        let Self { corral, utility, temperature, x, slope, .. } = self;
        corral.settle(utility, *temperature, entered, x, slope)
    }

    /// Asks for the vertex that the gradient prefers. Whether the last question was another.
    #[inline(always)]
    fn ask_settled(&mut self) -> bool {
        let differs = self.write_query();
        self.stage = Stage::Improve;
        differs
    }

    /// See `face/binary.rs`.
    #[inline(always)]
    pub(super) fn differentiate_binary(&mut self, cotangent: &[f64], constant: bool) {
        self.face.begin(cotangent, &self.utility, cotangent.iter().map(|_| 1.0));
        if constant {
            return;
        }
        let Self { face, corral, slope, temperature, .. } = self;
        match face.project_binary(corral) {
            None => self.differentiate_generally(),
            Some(true) => (),
            Some(false) => {
                self.stage = Stage::Explore;
                let more = face.look_binary(corral, slope, *temperature);
                self.ask_on(more);
            }
        }
    }

    #[inline(always)]
    pub(super) fn explore_binary(&mut self, vertex: &[f64]) {
        let Self { face, corral, slope, temperature, .. } = self;
        match face.take_binary(vertex, corral, slope, *temperature) {
            None => self.differentiate_generally(),
            Some(more) => self.ask_on(more),
        }
    }

    /// Goes on from the solution with its vertices as atoms.
    #[inline(always)]
    fn differentiate_generally(&mut self) {
        self.kind = Kind::General;
        self.stage = Stage::Done;
        let Self { atoms, corral, .. } = self;
        atoms.reset(corral.vertex(0));
        for index in 1..corral.len() {
            if atoms.split(corral.vertex(index)) {
                atoms.push(corral.vertex(index));
            }
        }
        atoms.set_weights((0..corral.len()).map(|index| corral.weight(index)));
        self.face.restart();
        self.differentiate_on();
    }
}
