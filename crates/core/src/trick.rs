use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::batch::for_rows;
use crate::check::{
    all_finite, check_cotangents, check_numbers, check_rows, check_temperature, check_width, contiguous,
    finite, no_nan, not_contiguous,
};
use crate::error::{Error, ErrorKind};
use crate::operator::Operator;
use crate::relaxation::{Relaxation, cotangents as scaled};
use crate::structure::{ArgmaxOracle, Prefix};

/// A structure with one of its relaxations. The pairing is checked by the compiler.
#[derive(Clone, Debug)]
pub struct Trick<S, R> {
    pub(crate) structure: S,
    pub(crate) relaxation: R,
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Trick<S, R> {
    /// Pairs a structure with a relaxation.
    pub fn new(structure: S, relaxation: R) -> Self {
        Self { structure, relaxation }
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

    /// Fills rows of `width` numbers.
    pub(crate) fn for_rows(
        &self,
        rows: usize,
        width: usize,
        threads: usize,
        mut out: ArrayViewMut2<f64>,
        kernel: impl Fn(Range<usize>, &mut [f64]) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        if self.structure.dimension() == 0 {
            return Ok(());
        }
        check_width("out", width, out.ncols())?;
        check_rows("out", rows, out.nrows())?;
        let out = out.as_slice_mut().ok_or_else(not_contiguous)?;
        for_rows(rows, self.structure.work(), threads, out, kernel)
    }

    pub(crate) fn prefixed(&self, size: usize) -> Prefix<Self> {
        let relaxation = self.relaxation.clone();
        self.structure.prefix(size).map(|structure| Self { structure, relaxation })
    }
}

/// The cells of some rows of a given width.
pub(crate) fn part(cells: &[f64], rows: Range<usize>, width: usize) -> &[f64] {
    &cells[rows.start * width..rows.end * width]
}

impl<S: ArgmaxOracle, R: Relaxation<S>> Operator for Trick<S, R> {
    fn dimension(&self) -> usize {
        self.structure.dimension()
    }

    fn utility_dimension(&self) -> usize {
        self.structure.utility_dimension()
    }

    fn symmetric(&self) -> bool {
        R::SYMMETRIC
    }

    fn work(&self) -> usize {
        self.structure.work()
    }

    fn size(&self) -> usize {
        self.structure.size()
    }

    fn least_size(&self) -> usize {
        self.structure.least_size()
    }

    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>> {
        self.prefixed(size).map(|trick| Box::new(trick) as Box<dyn Operator>)
    }

    fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error> {
        check_width("utility", self.utility_dimension(), utilities.ncols())?;
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

    fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        let (width, dimension) = (self.utility_dimension(), self.dimension());
        let cells = utilities.to_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows(), dimension, threads, hard, |rows, hard| {
            let mut workspace = self.structure.argmax_workspace();
            hard.fill(0.0);
            let utilities = part(cells, rows, width).chunks_exact(width);
            for (utility, vertex) in utilities.zip(hard.chunks_exact_mut(dimension)) {
                self.structure.argmax(utility, vertex, &mut workspace);
            }
            Ok(())
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
        check_temperature(temperature)?;
        self.check(utilities)?;
        let (width, dimension) = (self.utility_dimension(), self.dimension());
        let cells = utilities.to_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows(), dimension, threads, soft.view_mut(), |rows, soft| {
            self.relaxation.softmax(&self.structure, part(cells, rows, width), temperature, soft)
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
        check_temperature(temperature)?;
        self.check(utilities)?;
        let (width, dimension) = (self.utility_dimension(), self.dimension());
        check_cotangents(cotangents, utilities.nrows(), dimension)?;
        if temperature == 0.0 {
            gradients.fill(0.0);
            return Ok(());
        }
        let cells = utilities.to_slice().ok_or_else(not_contiguous)?;
        let cotangents = cotangents.to_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows(), width, threads, gradients.view_mut(), |rows, gradients| {
            let utilities = part(cells, rows.clone(), width);
            let cotangents = part(cotangents, rows, dimension);
            scaled::softmax_vjp(
                &self.relaxation,
                &self.structure,
                utilities,
                temperature,
                cotangents,
                gradients,
            )
        })?;
        finite("cotangent", "gradient", gradients.as_slice().unwrap_or(&[]), width)
    }
}
