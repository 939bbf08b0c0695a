//! What the weights of a row are held in.

use std::f64::consts::LOG2_E;

use crate::elementary::{LARGEST_TEMPERATURE, LEAST_TEMPERATURE};
use crate::number::DoubleDouble;
use crate::reach::{LARGEST_PLAIN, LARGEST_SINGLE, Reach, Room, gap};
use crate::structure::{ExponentialFamily, extremes};

/// The numbers that the weights of a row need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Numbers {
    /// Doubles, times this power of two.
    Plain(f64),
    /// The same, of the row without the coordinates that are as good as forbidden.
    Trimmed(f64),
    /// Doubles in the structure's own algorithm.
    Relaxed,
    /// Those with 64-bit exponents.
    Wide,
    /// The same, of such a row.
    TrimmedWide,
    /// The same, of utilities that are narrowed.
    Narrowed,
    /// Those with exact exponents.
    Vast,
}

/// Looks at one row after the other.
pub(super) struct Survey<S: ExponentialFamily> {
    temperature: f64,
    reach: Reach,
    /// Beyond this spread coordinates may be as good as forbidden.
    gap: f64,
    scratch: Vec<f64>,
    memory: S::Narrowing,
    /// Of the last row what may take the place of `u/t`, if it was looked for.
    pub(super) narrowed: Vec<DoubleDouble>,
    /// The last row that was trimmed.
    pub(super) trimmed: Vec<f64>,
}

impl<S: ExponentialFamily> Survey<S> {
    pub(super) fn new(structure: &S, temperature: f64) -> Self {
        Self {
            temperature,
            reach: structure.reach(),
            gap: gap(0.0, temperature),
            scratch: Vec::new(),
            memory: S::Narrowing::default(),
            narrowed: Vec::new(),
            trimmed: Vec::new(),
        }
    }

    /// The cheapest numbers that are right for a row.
    #[inline(always)]
    pub(super) fn choose(&mut self, structure: &S, utility: &[f64]) -> Numbers {
        let extremes = extremes(utility);
        let relaxable =
            S::RELAXES && self.is_moderate() && structure.is_relaxable(extremes, self.temperature);
        if relaxable && structure.relaxes_alone() {
            return Numbers::Relaxed;
        }
        match self.plain_shift(structure, utility, extremes) {
            Some(shift) => Numbers::Plain(shift),
            None if relaxable => Numbers::Relaxed,
            None => self.choose_beyond(structure, utility, extremes),
        }
    }

    /// Those on whose values an algorithm may branch, of any size; narrowed, if that is possible, for `narrowed`.
    pub(super) fn choose_without_plain(&mut self, structure: &S, utility: &[f64], narrowed: bool) -> Numbers {
        if !narrowed && self.is_wide(extremes(utility)) {
            return Numbers::Wide;
        }
        self.narrow(structure, utility);
        self.choose_narrowed()
    }

    /// Of the row that was narrowed last.
    pub(super) fn choose_narrowed(&self) -> Numbers {
        if self.reach.is_wide(self.largest_narrowed()) { Numbers::Narrowed } else { Numbers::Vast }
    }

    #[inline(never)]
    fn choose_beyond(&mut self, structure: &S, utility: &[f64], (largest, smallest): (f64, f64)) -> Numbers {
        let mut is_narrowed = false;
        if self.is_moderate() && (largest - smallest) / self.temperature > self.gap {
            self.narrow(structure, utility);
            is_narrowed = true;
            if let Some(numbers) = self.choose_trimmed(structure, utility) {
                return numbers;
            }
        }
        if self.is_wide((largest, smallest)) {
            return Numbers::Wide;
        }
        if !is_narrowed {
            self.narrow(structure, utility);
        }
        self.choose_narrowed()
    }

    /// Finds what may take the place of `u/t`.
    pub(super) fn narrow(&mut self, structure: &S, utility: &[f64]) {
        structure.narrow(utility, self.temperature, &mut self.narrowed, &mut self.memory);
    }

    /// The largest magnitude of it.
    pub(super) fn largest_narrowed(&self) -> f64 {
        let sizes = self.narrowed.iter().map(|value| value.high.abs());
        let sizes = sizes.zip(&self.narrowed).filter(|(_, value)| **value != DoubleDouble::NEG_INFINITY);
        sizes.fold(0.0, |largest, (size, _)| if size <= largest { largest } else { size })
    }

    /// Whether the weights of a row are `Wide` as they are.
    fn is_wide(&self, (largest, smallest): (f64, f64)) -> bool {
        let size = largest.abs().max(smallest.abs()) / self.temperature;
        self.temperature >= LEAST_TEMPERATURE && self.reach.is_wide(size)
    }

    fn is_moderate(&self) -> bool {
        (LEAST_TEMPERATURE..=LARGEST_TEMPERATURE).contains(&self.temperature)
    }

    /// The power of two to scale a row's weights by, if plain doubles will do.
    #[inline(always)]
    fn plain_shift(&mut self, structure: &S, utility: &[f64], extremes: (f64, f64)) -> Option<f64> {
        self.shift(structure, utility, extremes, (Room::DOUBLES, LARGEST_PLAIN))
    }

    /// The same for a format of so much room, where exponents are below a bound.
    #[inline(always)]
    fn shift(
        &mut self,
        structure: &S,
        utility: &[f64],
        extremes: (f64, f64),
        (room, bound): (Room, f64),
    ) -> Option<f64> {
        if !self.is_moderate() || extremes.0.abs() / self.temperature >= bound {
            return None;
        }
        let shift = structure.plain_shift(utility, extremes, self.temperature, room, &mut self.scratch)?;
        // The shift may be far below the largest, where only some utilities are shifted.
        let plain = shift.abs() / self.temperature < bound;
        plain.then(|| (shift / self.temperature * LOG2_E).round())
    }

    /// The power of two to scale a row's weights by, if single precision will do.
    #[inline(always)]
    pub(super) fn single_shift(&mut self, structure: &S, utility: &[f64]) -> Option<f64> {
        self.shift(structure, utility, extremes(utility), (Room::SINGLES, LARGEST_SINGLE))
    }

    /// What will do for the row without the coordinates that are as good as forbidden, if there are any.
    fn choose_trimmed(&mut self, structure: &S, utility: &[f64]) -> Option<Numbers> {
        let mut trimmed = std::mem::take(&mut self.trimmed);
        trimmed.clear();
        trimmed.extend(
            utility
                .iter()
                .zip(&self.narrowed)
                .map(|(&u, &value)| if value == DoubleDouble::NEG_INFINITY { f64::NEG_INFINITY } else { u }),
        );
        let extremes = extremes(&trimmed);
        let numbers = if trimmed == utility {
            None
        } else if let Some(shift) = self.plain_shift(structure, &trimmed, extremes) {
            Some(Numbers::Trimmed(shift))
        } else {
            self.is_wide(extremes).then_some(Numbers::TrimmedWide)
        };
        self.trimmed = trimmed;
        numbers
    }
}
