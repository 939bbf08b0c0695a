//! How far numbers go, and how many of them there may be.
//!
//! The weight of a coordinate is `exp(u/t)`; an algorithm multiplies up to `factors` of them. What it runs on:
//!
//! * *Plain doubles* reach from `e^-708` to `e^709`. A structure knows what its intermediate results are made of, and so
//!   whether some common scale keeps them in there ([`Room`]); floats of single precision reach from `e^-87` to `e^88`.
//! * [`Wide`] has exponents of 64 bits. A weight is right to its last bit while `|u/t|` is below [`LARGEST_QUOTIENT`], where
//!   the quotient is still reduced without loss; and a product of weights stays in the range while their exponents add
//!   up to at most [`WIDE_SPAN`]. Products are multiplied and divided by one another, and a number that is 0 has an
//!   exponent below all of them: there are three more bits for that.
//! * Beyond, utilities are *narrowed*: others take their place that are smaller and have the same law. Of two vertices one
//!   of which is more than [`gap`] above the other, the lesser has no probability that a double holds, and so it does not
//!   matter how much lesser it is.
//! * Where that is not known to be possible, [`Vast`](crate::number::Vast) has exact exponents, at 304 bytes a number.
//!
//! Every number of a workspace costs as many bytes as its type has. A workspace of more than [`MOST_BYTES`] is refused
//! before it is made, and one that memory lacks room for when it is made: either way with an error, since a program that
//! runs out of memory otherwise ends.

use std::collections::TryReserveError;
use std::mem::size_of;

use crate::elementary::{LARGEST_QUOTIENT, ln};
use crate::error::{Error, ErrorKind};

/// How much room the exponents of a format leave for weights and what is made of them. All are natural logarithms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Of weights that, with their inverses and a few of their products, stay in the range.
    pub(crate) span: f64,
    /// Of the inverse of a sum of probabilities beside which those that underflow do not matter.
    pub(crate) loss: f64,
    /// Of a weight that may be far below another without an underflow that matters.
    pub(crate) depth: f64,
}

impl Room {
    /// Doubles, which reach from `e^-708` to `e^709`. Beside a loss of 340 what underflows is below `e^-368`; and 58 below
    /// 708 remain of a depth, so that what is lost with a weight is below `e^-58`.
    pub const DOUBLES: Self = Self { span: 500.0, loss: 340.0, depth: 650.0 };

    /// Single precision, from `e^-87` to `e^88`: what is lost is below `e^-25`, a thousandth of its rounding errors.
    /// Derivatives are of weights times cotangents of up to 2^16, and of up to 2^20 terms.
    pub const SINGLES: Self = Self { span: 55.0, loss: 55.0, depth: 62.0 };
}

/// A row whose largest exponent is below this is told apart from a forbidden coordinate by plain doubles.
pub(crate) const LARGEST_PLAIN: f64 = 0.1 * LARGEST_QUOTIENT;

/// The same of single precision: the exponent is right to 1e-10.
pub(crate) const LARGEST_SINGLE: f64 = 1e6;

/// The largest logarithm of a product of weights among [`Wide`](crate::number::Wide) numbers: `2^55 ln 2`.
pub(crate) const WIDE_SPAN: f64 = 2.497_325_907_266_143_6e16;

/// The most bytes of a workspace: room for the largest structures in `Wide` numbers and their derivatives.
pub(crate) const MOST_BYTES: u64 = 1 << 32;

/// `-log` of less than the smallest double.
const LEAST_LOGARITHM: f64 = 750.0;

/// `log` of more coordinates than any structure has: a count that does not depend on how many are left out.
pub(crate) const LOG_COORDINATES: f64 = 23.0;

/// By how much a vertex has to be below another, in `u/t`, not to matter: with `e^log_count` of them, neither their
/// probability nor that over t, as in derivatives, is a double other than 0.
pub(crate) fn gap(log_count: f64, temperature: f64) -> f64 {
    LEAST_LOGARITHM + log_count + (-ln(temperature.max(f64::MIN_POSITIVE))).max(0.0)
}

/// What decides how far the sums of a structure go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// How many weights the largest product has.
    pub factors: usize,
    /// How many numbers there are in a workspace.
    pub cells: usize,
}

impl Reach {
    /// Whether `Wide` numbers hold all products of weights whose logarithms are of at most this size.
    pub(crate) fn is_wide(self, largest: f64) -> bool {
        largest < LARGEST_QUOTIENT && largest * self.factors as f64 <= WIDE_SPAN
    }

    /// Refuses a workspace that takes too many bytes in numbers of a type; `make` makes it otherwise.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with the bytes, of these too that there is no memory for.
    #[inline(always)]
    pub(crate) fn make<N, T>(self, make: impl FnOnce() -> Result<T, TryReserveError>) -> Result<T, Error> {
        let bytes = (self.cells as u64).saturating_mul(size_of::<N>() as u64);
        if bytes > MOST_BYTES {
            return Err(unaffordable(bytes, "more than the 4294967296 that one may take"));
        }
        make().map_err(|_| unaffordable(bytes, "for which there is no memory"))
    }
}

#[cold]
#[inline(never)]
fn unaffordable(bytes: u64, why: &str) -> Error {
    let message = format!(
        "utility: expected numbers, relative to the temperature, whose weights fit into memory, but here a workspace takes {bytes} bytes, {why}"
    );
    Error::new(ErrorKind::InvalidArgument, message)
}
