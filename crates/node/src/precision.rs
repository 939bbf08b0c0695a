//! Numbers of either precision: the core computes in doubles, whatever JavaScript has.

use std::borrow::Cow;

use napi::bindgen_prelude::{Either, Float32ArraySlice, Float64ArraySlice};

use crate::buffers::{apart, filled};
use crate::{Result, refuse};

/// An input.
pub(crate) type Numbers<'a> = Either<&'a [f64], &'a [f32]>;

/// An output.
pub(crate) type NumbersOut<'a> = Either<Float64ArraySlice<'a>, Float32ArraySlice<'a>>;

/// An input that a question does not have.
pub(crate) const NONE: Numbers = Either::A(&[]);

/// Room for so many doubles, or word that there is no memory for them.
fn room(length: usize) -> Result<Vec<f64>> {
    let mut cells = Vec::new();
    cells.try_reserve_exact(length).map_err(|_| {
        refuse("INVALID_ARGUMENT", format!("expected what fits memory, got arrays of {length} numbers"))
    })?;
    Ok(cells)
}

/// An input as doubles.
pub(crate) fn doubles(numbers: Numbers<'_>) -> Result<Cow<'_, [f64]>> {
    Ok(match numbers {
        Either::A(doubles) => Cow::Borrowed(doubles),
        Either::B(singles) => {
            let mut cells = room(singles.len())?;
            cells.extend(singles.iter().map(|&x| f64::from(x)));
            Cow::Owned(cells)
        }
    })
}

/// The same in memory of their own.
pub(crate) fn owned_doubles(numbers: Numbers) -> Result<Vec<f64>> {
    Ok(match doubles(numbers)? {
        Cow::Owned(cells) => cells,
        Cow::Borrowed(doubles) => {
            let mut cells = room(doubles.len())?;
            cells.extend_from_slice(doubles);
            cells
        }
    })
}

/// Refuses an output that shares memory with something else that is read.
pub(crate) fn apart_from<I>(out: &NumbersOut, other: &[I]) -> Result<()> {
    match out {
        Either::A(out) => apart(out, &[other]),
        Either::B(out) => apart(out, &[other]),
    }
}

/// Lets `write` fill an output with the doubles of so many rows; it shares memory with no input.
///
/// # Errors
/// Those of `write`; numbers that double precision alone can hold. Either leaves singles as they were.
pub(crate) fn answered<const COUNT: usize>(
    out: NumbersOut,
    inputs: [Numbers; COUNT],
    rows: usize,
    write: impl FnOnce(&mut [f64]) -> Result<()>,
) -> Result<()> {
    let of_doubles = inputs.map(|input| if let Either::A(cells) = input { cells } else { &[] });
    let of_singles = inputs.map(|input| if let Either::B(cells) = input { cells } else { &[] });
    match out {
        Either::A(out) => {
            apart(&out, &of_singles)?;
            filled(out, &of_doubles, write)
        }
        Either::B(out) => {
            apart(&out, &of_doubles)?;
            filled(out, &of_singles, |singles| {
                let mut cells = room(singles.len())?;
                cells.resize(singles.len(), 0.0);
                write(&mut cells)?;
                check_range(&cells, rows)?;
                for (single, &double) in singles.iter_mut().zip(&cells) {
                    *single = double as f32;
                }
                Ok(())
            })
        }
    }
}

/// Refuses finite numbers that single precision has no room for.
fn check_range(cells: &[f64], rows: usize) -> Result<()> {
    let is_lost = |x: f64| x.is_finite() && !(x as f32).is_finite();
    // Without a branch for each number: there hardly ever is one.
    if !cells.iter().fold(false, |lost, &x| lost | is_lost(x)) {
        return Ok(());
    }
    let Some(place) = cells.iter().position(|&x| is_lost(x)) else { return Ok(()) };
    let row = place / (cells.len() / rows.max(1)).max(1);
    Err(refuse(
        "NOT_FINITE",
        format!(
            "out: expected results in the range of single precision, got {:e} (batch row {row}); double precision holds it",
            cells[place]
        ),
    ))
}
