//! The same over vertices of zeros and ones. What takes more than telling whether a vertex is on the face, which it is only at
//! kinks, is left to the general case.

use super::{DISTINCT, EXCESS, Face, LEAST_TILT, REST, largest};
use crate::number::DoubleDouble;
use crate::relaxation::sparse_map::corral::{Corral, UNCERTAIN, WITHIN};
use crate::relaxation::sparse_map::slope::Slope;
use crate::relaxation::sparse_map::vector::NOTHING;

/// By how much of the temperature a query is first tilted: seldom too much, and h has 33 bits of the query's 53.
const FIRST_TILT: f64 = 1.0 / (1u64 << 20) as f64;
/// Of a drawn vector less than this remains only where there is no direction beside those known.
const NO_DIRECTION: f64 = 1e-9;
/// A value is rounded by no more than this part of its terms.
const ROUNDING: f64 = 16.0 * NOTHING;

impl Face {
    /// Projects the cotangent: whether there is nothing of it beside the directions that are known. None if that does not
    /// settle.
    #[inline(always)]
    pub(in super::super) fn project_binary(&mut self, corral: &mut Corral) -> Option<bool> {
        let Self { along_exactly, rest, .. } = self;
        if !corral.project(&self.cotangent, along_exactly, rest) {
            return None;
        }
        let nothing_beside = largest(&rest.high) <= REST * largest(&self.cotangent);
        self.exact.clear();
        let parts = along_exactly.high.iter().zip(&along_exactly.low);
        self.exact.extend(parts.map(|(&high, &low)| DoubleDouble { high, low }));
        self.round();
        Some(nothing_beside)
    }

    /// Draws a direction. False if there is none.
    #[inline(always)]
    pub(in super::super) fn look_binary(
        &mut self,
        corral: &mut Corral,
        slope: &Slope,
        temperature: f64,
    ) -> bool {
        self.draw();
        let drawn = largest(&self.direction.high);
        corral.clean(&mut self.direction.high);
        // The part along the hull has forbidden coordinates of 0, as vertices have.
        if largest(&self.direction.high) <= NO_DIRECTION * drawn {
            return false;
        }
        self.sign = 1.0;
        self.reset_tilt_binary(slope, temperature);
        true
    }

    #[inline(always)]
    fn reset_tilt_binary(&mut self, slope: &Slope, temperature: f64) {
        let steepest = LEAST_TILT * slope.largest() / largest(&self.direction.high);
        self.tilt = (FIRST_TILT * temperature).max(steepest);
    }

    /// Takes the answer. False if there is nothing more to ask; none if it takes the general case.
    #[inline(always)]
    pub(in super::super) fn take_binary(
        &mut self,
        vertex: &[f64],
        corral: &mut Corral,
        slope: &Slope,
        temperature: f64,
    ) -> Option<bool> {
        if !corral.read(vertex) {
            return None;
        }
        let remains = corral.split();
        if remains > WITHIN {
            let rise = corral.rise(slope);
            let slack = -rise.value.high;
            let kink = slack <= ROUNDING * rise.terms || slack <= DISTINCT * rise.magnitude;
            if remains <= UNCERTAIN || kink {
                return None;
            }
            let gain = self.sign * corral.gain(&self.direction.high);
            if gain * self.tilt > (1.0 + EXCESS) * slack {
                self.tilt = slack / gain;
                return Some(true);
            }
        }
        // No vertex of the face rises.
        if self.sign > 0.0 {
            self.sign = -1.0;
            self.reset_tilt_binary(slope, temperature);
            return Some(true);
        }
        Some(false)
    }
}
