//! What the scores of structures are added up in.

use crate::number::Fixed;

/// An ordered sum of utilities, of which one may be forbidden.
pub(super) trait Score: Copy + PartialOrd + Send {
    /// Below every other, and so is every sum with it.
    const FORBIDDEN: Self;
    /// The sum of nothing.
    const NOTHING: Self;
    /// Whether one of two scores was taken: as wide as a score that fits in a register, so that both are in its lanes.
    type Taken: Copy + Send;

    fn taken(is: bool) -> Self::Taken;

    fn is_taken(taken: Self::Taken) -> bool;

    fn of(utility: f64) -> Self;

    fn plus(self, other: Self) -> Self;
}

impl Score for f64 {
    const FORBIDDEN: Self = f64::NEG_INFINITY;
    const NOTHING: Self = 0.0;
    type Taken = u64;

    #[inline(always)]
    fn taken(is: bool) -> u64 {
        if is { u64::MAX } else { 0 }
    }
    #[inline(always)]
    fn is_taken(taken: u64) -> bool {
        taken != 0
    }
    #[inline(always)]
    fn of(utility: f64) -> Self {
        utility
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self + other
    }
}

/// Exact; in units of the smallest double.
impl Score for Option<Fixed> {
    const FORBIDDEN: Self = None;
    const NOTHING: Self = Some(Fixed::ZERO);
    type Taken = bool;

    fn taken(is: bool) -> bool {
        is
    }
    fn is_taken(taken: bool) -> bool {
        taken
    }
    fn of(utility: f64) -> Self {
        (utility != f64::NEG_INFINITY).then(|| Fixed::quotient(utility, f64::from_bits(1)))
    }
    fn plus(self, other: Self) -> Self {
        Some(self? + other?)
    }
}

/// Whether sums of doubles tell structures apart: they neither overflow, nor do large utilities swallow small ones. In
/// such rows two structures are only confused if their values differ by less than the rounding of a sum.
#[inline(always)]
pub(super) fn doubles_suffice(utility: &[f64]) -> bool {
    const LARGEST: f64 = 1e290;
    const LARGEST_RATIO: f64 = 1e12;
    // Sizes are ordered as their bits are; the largest of integers is found in lanes.
    let infinite = f64::INFINITY.to_bits() as i64;
    let (mut largest, mut smallest) = (0, infinite);
    for u in utility {
        let size = u.abs().to_bits() as i64;
        largest = largest.max(if size < infinite { size } else { 0 });
        smallest = smallest.min(if size > 0 { size } else { infinite });
    }
    let (largest, smallest) = (f64::from_bits(largest as u64), f64::from_bits(smallest as u64));
    largest <= LARGEST && largest / LARGEST_RATIO <= smallest
}
