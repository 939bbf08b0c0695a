//! What is asked of a trick, as flat slices: the way of every call, whichever thread it runs on.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};
use sst::{AnyOperator, Error, ErrorKind, Ragged};

/// The method; the temperature where there is one.
#[derive(Clone, Copy)]
pub(crate) enum Method<'a> {
    Argmax,
    Softmax(f64),
    SoftmaxVjp(f64, &'a [f64]),
    LogPartition(f64),
}

/// A method with its arguments. `lengths`: how many things each row is over; none for all of them.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operator: &'a AnyOperator,
    pub(crate) method: Method<'a>,
    pub(crate) utility: &'a [f64],
    pub(crate) lengths: Option<&'a [u32]>,
    pub(crate) threads: usize,
}

impl Call<'_> {
    /// How many rows of utilities there are; of width 0 there is one, empty.
    pub(crate) fn rows(&self) -> usize {
        rows(self.utility.len(), self.operator.utility_dimension())
    }

    /// How many numbers the result has for each row.
    pub(crate) fn result_width(&self) -> usize {
        match self.method {
            Method::Argmax | Method::Softmax(_) => self.operator.dimension(),
            Method::SoftmaxVjp(..) => self.operator.utility_dimension(),
            Method::LogPartition(_) => 1,
        }
    }

    fn utilities(&self) -> Result<ArrayView2<'_, f64>, Error> {
        read("utility", self.utility, self.operator.utility_dimension())
    }

    /// Looks at every row of utilities.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.lengths {
            None => self.operator.check(self.utilities()?),
            Some(lengths) => Ragged::new(&**self.operator, lengths)?.check(self.utilities()?),
        }
    }

    pub(crate) fn run(&self, out: &mut [f64]) -> Result<(), Error> {
        let Self { operator, lengths, threads, .. } = *self;
        let utilities = self.utilities()?;
        let ragged = lengths.map(|lengths| Ragged::new(&**operator, lengths)).transpose()?;
        match self.method {
            Method::Argmax => {
                let hard = write(out, self.result_width())?;
                match ragged {
                    None => operator.argmax(utilities, hard, threads),
                    Some(rows) => rows.argmax(utilities, hard, threads),
                }
            }
            Method::Softmax(temperature) => {
                let soft = write(out, self.result_width())?;
                match ragged {
                    None => operator.softmax(utilities, temperature, soft, threads),
                    Some(rows) => rows.softmax(utilities, temperature, soft, threads),
                }
            }
            Method::SoftmaxVjp(temperature, cotangent) => {
                let gradients = write(out, self.result_width())?;
                let cotangents = read("cotangent", cotangent, operator.dimension())?;
                match ragged {
                    None => operator.softmax_vjp(utilities, temperature, cotangents, gradients, threads),
                    Some(rows) => rows.softmax_vjp(utilities, temperature, cotangents, gradients, threads),
                }
            }
            Method::LogPartition(temperature) => {
                let family = operator.as_family().ok_or_else(no_family)?;
                let logs = ArrayViewMut1::from(out);
                match lengths {
                    None => family.log_partition(utilities, temperature, logs, threads),
                    Some(lengths) => Ragged::of_family(family, lengths)?.log_partition(
                        utilities,
                        temperature,
                        logs,
                        threads,
                    ),
                }
            }
        }
    }

    /// The same call on some of the rows, into their part of the result.
    pub(crate) fn run_rows(&self, rows: Range<usize>, out: &mut [f64]) -> Result<(), Error> {
        let cells = |width: usize| rows.start * width..rows.end * width;
        let part = Call {
            method: match self.method {
                Method::SoftmaxVjp(temperature, cotangent) => {
                    Method::SoftmaxVjp(temperature, &cotangent[cells(self.operator.dimension())])
                }
                method => method,
            },
            utility: &self.utility[cells(self.operator.utility_dimension())],
            lengths: self.lengths.map(|lengths| &lengths[rows.clone()]),
            ..*self
        };
        let result = part.run(&mut out[cells(self.result_width())]);
        result.map_err(|error| error.renamed(|row| rows.start + row, |coordinate| coordinate))
    }
}

pub(crate) fn rows(cells: usize, width: usize) -> usize {
    cells.checked_div(width).unwrap_or(1)
}

pub(crate) fn read<'a>(name: &str, cells: &'a [f64], width: usize) -> Result<ArrayView2<'a, f64>, Error> {
    ArrayView2::from_shape((rows(cells.len(), width), width), cells)
        .map_err(|_| wrong_length(name, width, cells.len()))
}

pub(crate) fn write(cells: &mut [f64], width: usize) -> Result<ArrayViewMut2<'_, f64>, Error> {
    let length = cells.len();
    ArrayViewMut2::from_shape((rows(length, width), width), cells)
        .map_err(|_| wrong_length("out", width, length))
}

fn wrong_length(name: &str, width: usize, got: usize) -> Error {
    let message = format!("{name}: expected rows of {width} numbers, got {got} numbers in all");
    Error::new(ErrorKind::InvalidShape, message)
}

pub(crate) fn no_family() -> Error {
    Error::new(ErrorKind::InvalidArgument, "relaxation: expected the exponential family's")
}
