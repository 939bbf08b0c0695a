//! What a trick can be asked beyond its relaxation where that is the mean of a law over the vertices.

use std::ops::Range;

use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis};

use crate::batch::for_rows;
use crate::check::{
    check_numbers, check_rows, check_temperature, check_width, contiguous, finite, not_contiguous,
};
use crate::error::{Error, ErrorKind};
use crate::number::DoubleDouble;
use crate::operator::{ExponentialFamilyOperator, Operator};
use crate::relaxation::ExponentialFamilyRelaxation;
use crate::sampling::FamilyDraws;
use crate::structure::{ArgmaxOracle, Prefix};
use crate::trick::{Trick, part};

impl<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>> Trick<S, R> {
    /// One number for each row, from a kernel on some of the rows.
    fn numbers(
        &self,
        name: &str,
        utilities: ArrayView2<f64>,
        temperature: f64,
        mut out: ArrayViewMut1<f64>,
        threads: usize,
        kernel: impl Fn(Range<usize>, &[f64], &mut [f64]) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        check_temperature(temperature)?;
        self.check(utilities)?;
        if temperature == 0.0 {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("temperature: expected a number > 0 for the {name}, got 0"),
            ));
        }
        check_rows("out", utilities.nrows(), out.len())?;
        out.fill(0.0);
        if self.structure.dimension() == 0 {
            return Ok(()); // One embedding, the empty one.
        }
        let width = self.utility_dimension();
        let cells = utilities.to_slice().ok_or_else(not_contiguous)?;
        let out = out.as_slice_mut().ok_or_else(not_contiguous)?;
        for_rows(utilities.nrows(), self.structure.work(), threads, out, |rows, out| {
            kernel(rows.clone(), part(cells, rows, width), out)
        })
    }
}

impl<S: ArgmaxOracle, R: ExponentialFamilyRelaxation<S>> ExponentialFamilyOperator for Trick<S, R> {
    fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        mut logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let name = "log-partition function";
        self.numbers(name, utilities, temperature, logs.view_mut(), threads, |_, utilities, out| {
            self.relaxation.log_partition(&self.structure, utilities, temperature, out)
        })?;
        finite("utility", name, logs.as_slice().unwrap_or(&[]), 1)
    }

    fn entropy(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        entropies: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.numbers("entropy", utilities, temperature, entropies, threads, |_, utilities, out| {
            self.relaxation.entropy(&self.structure, utilities, temperature, out)
        })
    }

    /// From the best embedding y: `log p(x) = log p(y) + (x - y).U / t`, so that what they share is not there to cancel.
    fn log_probability(
        &self,
        utilities: ArrayView2<f64>,
        embeddings: ArrayView2<f64>,
        temperature: f64,
        mut logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        let n = self.dimension();
        check_width("embedding", n, embeddings.ncols())?;
        check_rows("embedding", utilities.nrows(), embeddings.nrows())?;
        for (index, row) in embeddings.rows().into_iter().enumerate() {
            check_numbers("embedding", contiguous(row)?, false).map_err(|error| error.at_row(index))?;
        }
        let mut best = Array2::zeros(embeddings.dim());
        self.argmax(utilities, best.view_mut(), threads)?;
        let best_cells = best.as_slice().unwrap_or(&[]);
        let name = "log-probability";
        self.numbers(name, utilities, temperature, logs.view_mut(), threads, |rows, utilities, out| {
            let best = part(best_cells, rows, n);
            self.relaxation.excess(&self.structure, utilities, temperature, best, out)
        })?;
        for (index, log) in logs.iter_mut().enumerate() {
            // Only a forbidden embedding has a logarithm that is not finite.
            match gain(utilities.row(index), embeddings.row(index), best.row(index), temperature) {
                None => *log = f64::NEG_INFINITY,
                Some(gain) => {
                    *log = gain - *log;
                    finite("utility", name, &[*log], 1).map_err(|error| error.at_row(index))?;
                }
            }
        }
        Ok(())
    }

    fn sample(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        draws: FamilyDraws,
        mut vertices: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        check_temperature(temperature)?;
        self.check(utilities)?;
        check_rows("rows", utilities.nrows(), draws.rows.len())?;
        let (width, samples) = (self.dimension(), draws.samples);
        check_width("out", width, vertices.ncols())?;
        check_rows("out", utilities.nrows() * samples, vertices.nrows())?;
        if temperature == 0.0 {
            let mut best = Array2::zeros((utilities.nrows(), width));
            self.argmax(utilities, best.view_mut(), threads)?;
            for (index, mut vertex) in vertices.axis_iter_mut(Axis(0)).enumerate() {
                vertex.assign(&best.row(index / samples));
            }
            return Ok(());
        }
        let cells = utilities.to_slice().ok_or_else(not_contiguous)?;
        self.for_rows(utilities.nrows() * samples, width, threads, vertices, |range, out| {
            self.relaxation.draw(&self.structure, cells, temperature, draws, range, out)
        })
        .map_err(|error| error.renamed(|draw| draw / samples, |coordinate| coordinate))
    }

    fn family_prefix(&self, size: usize) -> Prefix<Box<dyn ExponentialFamilyOperator>> {
        self.prefixed(size).map(|trick| Box::new(trick) as Box<dyn ExponentialFamilyOperator>)
    }
}

/// `(x - y).u / t`, for a y that is not forbidden; none for an x that is. Summed with its rounding errors, for a sum that may
/// be smaller than its terms by more than the digits of a double.
fn gain(utility: ArrayView1<f64>, x: ArrayView1<f64>, y: ArrayView1<f64>, temperature: f64) -> Option<f64> {
    // Of the largest numbers a sum may overflow.
    const SCALE: f64 = 1.0 / 1_073_741_824.0;
    let scale = if utility.iter().any(|u| u.is_finite() && u.abs() > 1e298) { SCALE } else { 1.0 };
    let mut sum = DoubleDouble::ZERO;
    for ((&u, x), y) in utility.iter().zip(x).zip(y) {
        let factor = x - y;
        if factor == 0.0 {
            continue;
        }
        if u == f64::NEG_INFINITY {
            return None;
        }
        sum = sum + DoubleDouble::product(factor, u * scale);
    }
    Some(sum.to_f64() / temperature / scale)
}
