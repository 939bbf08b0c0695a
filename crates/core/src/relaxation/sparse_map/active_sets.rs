//! The rows of a batch, for those who answer for all of them at once.

use ndarray::{ArrayView2, ArrayViewMut2};

use super::active_set::ActiveSet;
use crate::check::{
    check_cotangents, check_numbers, check_rows, check_temperature, check_width, contiguous, finite,
    not_contiguous,
};
use crate::error::{Error, ErrorKind};

/// Coordinates above this would make sums of products overflow.
const LARGEST_COORDINATE: f64 = 1e12;

/// An [`ActiveSet`] for each row of a batch: what rows want to know is asked, and told, for all of them together.
pub struct ActiveSets {
    dimension: usize,
    rows: Vec<ActiveSet>,
    /// The rows that have not finished.
    pending: Vec<usize>,
}

impl ActiveSets {
    /// Begins every row, each at its own temperature.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` (a temperature), `INVALID_SHAPE`, `NOT_FINITE` (a NaN or +inf utility).
    pub fn new(utilities: ArrayView2<f64>, temperatures: &[f64]) -> Result<Self, Error> {
        check_rows("temperature", utilities.nrows(), temperatures.len())?;
        let dimension = utilities.ncols();
        let mut rows = Vec::with_capacity(utilities.nrows());
        for (index, (row, &temperature)) in utilities.rows().into_iter().zip(temperatures).enumerate() {
            let row = contiguous(row)?;
            check_temperature(temperature).map_err(|error| error.at_row(index))?;
            check_numbers("utility", row, true).map_err(|error| error.at_row(index))?;
            let mut solver = ActiveSet::new(dimension);
            solver.start(row, temperature);
            rows.push(solver);
        }
        let pending = (0..rows.len()).collect();
        Ok(Self { dimension, rows, pending })
    }

    /// The rows that want to know something, in ascending order.
    pub fn pending(&self) -> &[usize] {
        &self.pending
    }

    /// The row's solver.
    pub fn row(&self, row: usize) -> Option<&ActiveSet> {
        self.rows.get(row)
    }

    /// [`ActiveSet::query`] of the pending rows, one after the other.
    ///
    /// # Errors
    /// `INVALID_SHAPE`.
    pub fn queries(&self, out: ArrayViewMut2<f64>) -> Result<(), Error> {
        let queries = self.pending.iter().map(|&row| self.rows[row].query().unwrap_or_default());
        self.fill(self.pending.len(), queries, out)
    }

    /// [`ActiveSet::answer`] to the pending rows.
    ///
    /// # Errors
    /// `INVALID_SHAPE`; `INVALID_ARGUMENT` if a vertex is not of moderate numbers, or not a maximiser; `INFEASIBLE` if it is
    /// not 0 at a forbidden coordinate; `DID_NOT_CONVERGE`.
    pub fn answer(&mut self, vertices: ArrayView2<f64>) -> Result<(), Error> {
        check_width("argmax", self.dimension, vertices.ncols())?;
        check_rows("argmax", self.pending.len(), vertices.nrows())?;
        for (&row, vertex) in self.pending.iter().zip(vertices.rows()) {
            let solver = &mut self.rows[row];
            let answered = contiguous(vertex).and_then(|vertex| {
                check_vertex(vertex, solver.query().unwrap_or_default())?;
                solver.answer(vertex);
                solver.outcome()
            });
            answered.map_err(|error| error.at_row(row))?;
        }
        self.forget_finished();
        Ok(())
    }

    /// [`ActiveSet::differentiate`] of every row, once none is pending.
    ///
    /// # Errors
    /// `INVALID_SHAPE`, `NOT_FINITE`.
    pub fn differentiate(&mut self, cotangents: ArrayView2<f64>) -> Result<(), Error> {
        check_cotangents(cotangents, self.rows.len(), self.dimension)?;
        for (solver, cotangent) in self.rows.iter_mut().zip(cotangents.rows()) {
            solver.differentiate(contiguous(cotangent)?);
        }
        self.pending = (0..self.rows.len()).collect();
        self.forget_finished();
        Ok(())
    }

    /// [`ActiveSet::soft`] of every row.
    ///
    /// # Errors
    /// `INVALID_SHAPE`.
    pub fn soft(&self, out: ArrayViewMut2<f64>) -> Result<(), Error> {
        self.fill(self.rows.len(), self.rows.iter().map(ActiveSet::soft), out)
    }

    /// [`ActiveSet::gradient`] of every row.
    ///
    /// # Errors
    /// `INVALID_SHAPE`; `NOT_FINITE` beyond the range of doubles.
    pub fn gradients(&self, mut out: ArrayViewMut2<f64>) -> Result<(), Error> {
        check_rows("out", self.rows.len(), out.nrows())?;
        check_width("out", self.dimension, out.ncols())?;
        for (solver, mut out) in self.rows.iter().zip(out.rows_mut()) {
            out.iter_mut().zip(solver.gradient()).for_each(|(out, x)| *out = x);
        }
        finite("cotangent", "gradient", out.as_slice().ok_or_else(not_contiguous)?, self.dimension)
    }

    fn forget_finished(&mut self) {
        let Self { pending, rows, .. } = self;
        pending.retain(|&row| rows[row].query().is_some());
    }

    fn fill<'a>(
        &self,
        rows: usize,
        values: impl Iterator<Item = &'a [f64]>,
        mut out: ArrayViewMut2<f64>,
    ) -> Result<(), Error> {
        check_rows("out", rows, out.nrows())?;
        check_width("out", self.dimension, out.ncols())?;
        for (mut out, values) in out.rows_mut().into_iter().zip(values) {
            out.iter_mut().zip(values).for_each(|(out, &x)| *out = x);
        }
        Ok(())
    }
}

fn check_vertex(vertex: &[f64], query: &[f64]) -> Result<(), Error> {
    for (coordinate, (&x, &u)) in vertex.iter().zip(query).enumerate() {
        if x.is_nan() || x.abs() > LARGEST_COORDINATE {
            let message =
                format!("argmax: expected numbers of magnitude at most {LARGEST_COORDINATE:e}, got {x}");
            return Err(Error::new(ErrorKind::InvalidArgument, message).at_coordinate(coordinate));
        }
        if u == f64::NEG_INFINITY && x != 0.0 {
            let message = format!(
                "utility: expected argmax to find a vertex that is 0 where the utility is -Infinity, got {x}"
            );
            return Err(Error::new(ErrorKind::Infeasible, message).at_coordinate(coordinate));
        }
    }
    Ok(())
}
