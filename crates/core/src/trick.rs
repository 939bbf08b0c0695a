use std::ops::Range;

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2};
use pulp::{Arch, Simd, WithSimd};

use crate::batch::for_rows;
use crate::error::{Error, ErrorKind};
use crate::relaxation::Relaxation;
use crate::structure::ArgmaxOracle;

/// A structure with one of its relaxations. The pairing is checked by the compiler.
#[derive(Clone, Debug)]
pub struct Trick<S, R> {
    structure: S,
    relaxation: R,
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Trick<S, R> {
    /// Pairs a structure with a relaxation.
    pub fn new(structure: S, relaxation: R) -> Self {
        Self { structure, relaxation }
    }

    /// Every row is looked at before any is computed.
    fn check(&self, utilities: ArrayView2<f64>, temperature: f64) -> Result<(), Error> {
        if !(temperature >= 0.0 && temperature.is_finite()) {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("temperature: expected a finite number >= 0, got {temperature}"),
            ));
        }
        self.check_width("utility", utilities.ncols())?;
        if all_finite(utilities.as_slice().ok_or_else(not_contiguous)?) && utilities.nrows() > 0 {
            // Where nothing is forbidden, all rows are alike.
            return self.check_row(0, contiguous(utilities.row(0))?, false, &mut Vec::new());
        }
        let mut scratch = Vec::new();
        for (index, row) in utilities.rows().into_iter().enumerate() {
            let row = contiguous(row)?;
            let forbids = check_numbers("utility", row, true).map_err(|error| error.at_row(index))?;
            self.check_row(index, row, forbids, &mut scratch)?;
        }
        Ok(())
    }

    fn check_row(
        &self,
        index: usize,
        row: &[f64],
        forbids: bool,
        scratch: &mut Vec<u32>,
    ) -> Result<(), Error> {
        self.structure
            .check(row, forbids, scratch)
            .map_err(|message| Error::new(ErrorKind::Infeasible, format!("utility: {message}")).at_row(index))
    }

    fn check_width(&self, name: &str, width: usize) -> Result<(), Error> {
        let dimension = self.structure.dimension();
        if width == dimension {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::InvalidShape,
            format!("{name}: expected rows of {dimension} numbers, got {width}"),
        ))
    }

    fn for_rows(
        &self,
        rows: usize,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
        kernel: impl Fn(Range<usize>, &mut [f64]) + Sync,
    ) -> Result<(), Error> {
        if self.structure.dimension() == 0 {
            return Ok(());
        }
        self.check_width("out", out.ncols())?;
        check_rows("out", rows, out.nrows())?;
        let out = out.as_slice_mut().ok_or_else(not_contiguous)?;
        for_rows(rows, self.structure.work(), threads, out, kernel);
        Ok(())
    }
}

/// What can be asked of a trick, over whole batches: arrays are rows by coordinates in standard layout. `threads` is
/// the most threads to use, 0 for one on each processor; it never changes a bit of the result.
pub trait Operator: Send + Sync {
    /// The length of an embedding.
    fn dimension(&self) -> usize;

    /// `X = argmax_x U.x` over the embeddings x. Equal utilities are decided for the lowest index.
    ///
    /// # Errors
    /// `INVALID_SHAPE`, `NOT_FINITE` (a NaN or +inf utility), `INFEASIBLE` (the forbidden coordinates leave nothing).
    fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// `X_t`, the relaxed argmax at a temperature; at 0, the argmax itself.
    ///
    /// # Errors
    /// Those of [`Operator::argmax`]; `INVALID_ARGUMENT` (a negative or infinite temperature).
    fn softmax(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        soft: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// `dL/dU` for `cotangents = dL/dX_t`, exactly; at temperature 0, zero, the derivative of the argmax almost
    /// everywhere.
    ///
    /// # Errors
    /// Those of [`Operator::softmax`].
    fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        gradients: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// `log sum_x exp(U.x / t)` of every row.
    ///
    /// # Errors
    /// Those of [`Operator::softmax`]; `INVALID_ARGUMENT` at temperature 0, where it diverges; `NOT_FINITE` where it
    /// exceeds the range of doubles.
    fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error>;
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Operator for Trick<S, R> {
    fn dimension(&self) -> usize {
        self.structure.dimension()
    }

    fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities, 0.0)?;
        self.for_rows(utilities.nrows(), threads, hard, |rows, hard| {
            let mut workspace = self.structure.argmax_workspace();
            hard.fill(0.0);
            for (row, vertex) in rows.zip(hard.chunks_exact_mut(self.structure.dimension())) {
                if let Some(utility) = utilities.row(row).as_slice() {
                    self.structure.argmax(utility, vertex, &mut workspace);
                }
            }
        })
    }

    fn softmax(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        mut soft: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        if temperature == 0.0 {
            return self.argmax(utilities, soft, threads);
        }
        self.check(utilities, temperature)?;
        let cells = utilities.as_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows(), threads, soft.view_mut(), |rows, soft| {
            self.relaxation.softmax(&self.structure, self.part(cells, rows), temperature, soft);
        })?;
        no_nan(soft.view())
    }

    fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        mut gradients: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities, temperature)?;
        self.check_width("cotangent", cotangents.ncols())?;
        check_rows("cotangent", utilities.nrows(), cotangents.nrows())?;
        if !all_finite(cotangents.as_slice().ok_or_else(not_contiguous)?) {
            for (index, row) in cotangents.rows().into_iter().enumerate() {
                check_numbers("cotangent", contiguous(row)?, false).map_err(|error| error.at_row(index))?;
            }
        }
        if temperature == 0.0 {
            gradients.fill(0.0);
            return Ok(());
        }
        let cells = utilities.as_slice().ok_or_else(not_contiguous)?;
        let cotangents = cotangents.to_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows(), threads, gradients.view_mut(), |rows, gradients| {
            let (utilities, cotangents) = (self.part(cells, rows.clone()), self.part(cotangents, rows));
            self.relaxation.softmax_vjp(&self.structure, utilities, temperature, cotangents, gradients);
        })?;
        finite("cotangent", "gradient", gradients.as_slice().unwrap_or(&[]), self.structure.dimension())
    }

    fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        mut logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities, temperature)?;
        if temperature == 0.0 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "temperature: expected a number > 0, since the log-partition function diverges at 0, got 0",
            ));
        }
        check_rows("out", utilities.nrows(), logs.len())?;
        logs.fill(0.0);
        if self.structure.dimension() == 0 {
            return Ok(()); // One embedding, the empty one.
        }
        let cells = utilities.as_slice().ok_or_else(not_contiguous)?;
        let out = logs.as_slice_mut().ok_or_else(not_contiguous)?;
        for_rows(utilities.nrows(), self.structure.work(), threads, out, |rows, logs| {
            self.relaxation.log_partition(&self.structure, self.part(cells, rows), temperature, logs);
        });
        finite("utility", "log-partition function", out, 1)
    }
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Trick<S, R> {
    fn part<'a>(&self, cells: &'a [f64], rows: Range<usize>) -> &'a [f64] {
        let n = self.structure.dimension();
        &cells[rows.start * n..rows.end * n]
    }
}

fn contiguous(row: ArrayView1<'_, f64>) -> Result<&[f64], Error> {
    row.to_slice().ok_or_else(not_contiguous)
}

fn not_contiguous() -> Error {
    Error::new(ErrorKind::InvalidShape, "expected arrays in standard (row-major, contiguous) layout")
}

fn check_rows(name: &str, expected: usize, got: usize) -> Result<(), Error> {
    if expected == got {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidShape, format!("{name}: expected {expected} rows, got {got}")))
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
            Err(Error::new(
                ErrorKind::NotFinite,
                format!("{name}: expected {expected}, got {got} at coordinate {index}"),
            ))
        }
    }
}

/// The last line of defence: no NaN leaves without an error.
fn no_nan(out: ArrayView2<f64>) -> Result<(), Error> {
    if out.as_slice().is_some_and(all_finite) {
        return Ok(());
    }
    match out.rows().into_iter().position(|row| row.iter().any(|x| x.is_nan())) {
        None => Ok(()),
        Some(row) => Err(Error::new(ErrorKind::Internal, "the result is not a number").at_row(row)),
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
fn all_finite(cells: &[f64]) -> bool {
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
