//! What is looked at before anything is computed, and after.

use ndarray::{ArrayView1, ArrayView2};
use pulp::{Simd, WithSimd};

use crate::error::{Error, ErrorKind};
use crate::number::Arch;

pub(crate) fn check_temperature(temperature: f64) -> Result<(), Error> {
    if temperature >= 0.0 && temperature.is_finite() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidArgument,
        format!("temperature: expected a finite number >= 0, got {temperature}"),
    ))
}

pub(crate) fn contiguous(row: ArrayView1<'_, f64>) -> Result<&[f64], Error> {
    row.to_slice().ok_or_else(not_contiguous)
}

pub(crate) fn not_contiguous() -> Error {
    Error::new(ErrorKind::InvalidShape, "expected arrays in standard (row-major, contiguous) layout")
}

pub(crate) fn check_width(name: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidShape,
        format!("{name}: expected rows of {expected} numbers, got {got}"),
    ))
}

pub(crate) fn check_rows(name: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidShape, format!("{name}: expected {expected} rows, got {got}")))
}

/// Refuses cotangents of the wrong shape or with a NaN or an infinity.
pub(crate) fn check_cotangents(
    cotangents: ArrayView2<f64>,
    rows: usize,
    dimension: usize,
) -> Result<(), Error> {
    check_width("cotangent", dimension, cotangents.ncols())?;
    check_rows("cotangent", rows, cotangents.nrows())?;
    if all_finite(cotangents.as_slice().ok_or_else(not_contiguous)?) {
        return Ok(());
    }
    for (index, row) in cotangents.rows().into_iter().enumerate() {
        check_numbers("cotangent", contiguous(row)?, false).map_err(|error| error.at_row(index))?;
    }
    Ok(())
}

/// Refuses a NaN or an infinity; with `forbiddable`, lets negative infinities pass and says whether there are any.
pub(crate) fn check_numbers(name: &str, row: &[f64], forbiddable: bool) -> Result<bool, Error> {
    if all_finite(row) {
        return Ok(false);
    }
    let bad = |x: &f64| !(x.is_finite() || (forbiddable && *x == f64::NEG_INFINITY));
    match row.iter().position(bad) {
        None => Ok(true),
        Some(index) => {
            let expected = if forbiddable { "finite numbers or -Infinity" } else { "finite numbers" };
            let got = match row[index] {
                x if x.is_nan() => "NaN",
                x if x > 0.0 => "Infinity",
                _ => "-Infinity",
            };
            let message = format!("{name}: expected {expected}, got {got}");
            Err(Error::new(ErrorKind::NotFinite, message).at_coordinate(index))
        }
    }
}

/// The last line of defence: no NaN leaves without an error.
pub(crate) fn no_nan(cells: &[f64], width: usize) -> Result<(), Error> {
    if all_finite(cells) {
        return Ok(());
    }
    match cells.iter().position(|x| x.is_nan()) {
        None => Ok(()),
        Some(cell) => {
            Err(Error::new(ErrorKind::Internal, "the result is not a number").at_row(cell / width.max(1)))
        }
    }
}

/// Refuses a result that overflowed on the way from an argument.
pub(crate) fn finite(argument: &str, result: &str, cells: &[f64], width: usize) -> Result<(), Error> {
    if all_finite(cells) {
        return Ok(());
    }
    let bad = cells.iter().position(|x| !x.is_finite()).unwrap_or(0);
    let message = format!("{argument}: expected numbers whose {result} is in the range of doubles");
    Err(Error::new(ErrorKind::NotFinite, message).at_row(bad / width.max(1)))
}

/// Whether there is neither NaN nor infinity among many numbers.
pub(crate) fn all_finite(cells: &[f64]) -> bool {
    struct AllFinite<'a>(&'a [f64]);

    impl WithSimd for AllFinite<'_> {
        type Output = bool;
        #[inline(always)]
        fn with_simd<A: Simd>(self, _simd: A) -> bool {
            let mut finite = true;
            for x in self.0 {
                // No early exit: so the loop runs in SIMD lanes.
                finite &= x.abs() < f64::INFINITY;
            }
            finite
        }
    }

    Arch::new().dispatch(AllFinite(cells))
}
