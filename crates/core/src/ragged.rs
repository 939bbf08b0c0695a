use std::collections::BTreeMap;

use ndarray::{Array1, ArrayView2, ArrayViewMut1, ArrayViewMut2};

use crate::check::{check_cotangents, check_rows, check_width};
use crate::error::{Error, ErrorKind};
use crate::operator::{ExponentialFamilyOperator, Operator};
use crate::places::Within;
use crate::sampling::FamilyDraws;
use crate::structure::Prefix;

/// An operator on rows of different lengths: row r is over the first `lengths[r]` things only. What stands at the places
/// of the others is ignored on the way in, whatever it is, and 0 on the way out. Each row gives the very bits of the
/// operator on its own number of things: rows of one length are computed together, as rows of a smaller operator.
pub struct Ragged<O: ?Sized> {
    utility_dimension: usize,
    dimension: usize,
    rows: usize,
    groups: Vec<Group<O>>,
}

/// The rows of one length.
struct Group<O: ?Sized> {
    rows: Vec<usize>,
    prefix: Prefix<Box<O>>,
}

impl Ragged<dyn Operator> {
    /// # Errors
    /// `INVALID_ARGUMENT` on a length below [`Operator::least_size`] or above [`Operator::size`].
    pub fn new(operator: &(dyn Operator + 'static), lengths: &[u32]) -> Result<Self, Error> {
        Self::grouped(operator, lengths, |size| operator.prefix(size))
    }
}

impl Ragged<dyn ExponentialFamilyOperator> {
    /// [`Ragged::new`] with the log-partition function.
    ///
    /// # Errors
    /// As there.
    pub fn of_family(
        operator: &(dyn ExponentialFamilyOperator + 'static),
        lengths: &[u32],
    ) -> Result<Self, Error> {
        Self::grouped(operator, lengths, |size| operator.family_prefix(size))
    }
}

impl<O: Operator + ?Sized> Ragged<O> {
    fn grouped(
        operator: &O,
        lengths: &[u32],
        prefix: impl Fn(usize) -> Prefix<Box<O>>,
    ) -> Result<Self, Error> {
        let (least, most) = (operator.least_size(), operator.size());
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (row, &length) in lengths.iter().enumerate() {
            if !(least..=most).contains(&(length as usize)) {
                let message = format!("lengths: expected integers from {least} to {most}, got {length}");
                return Err(Error::new(ErrorKind::InvalidArgument, message).at_row(row));
            }
            groups.entry(length as usize).or_default().push(row);
        }
        Ok(Self {
            utility_dimension: operator.utility_dimension(),
            dimension: operator.dimension(),
            rows: lengths.len(),
            groups: groups.into_iter().map(|(length, rows)| Group { rows, prefix: prefix(length) }).collect(),
        })
    }

    /// Calls on every group; of the errors that of the first row is returned.
    fn for_groups(&self, mut call: impl FnMut(Within<O>) -> Result<(), Error>) -> Result<(), Error> {
        let mut first: Option<Error> = None;
        for Group { rows, prefix } in &self.groups {
            if let Err(error) = call(Within { prefix, rows }) {
                let error = error.renamed(|row| rows[row], |coordinate| coordinate);
                if first.as_ref().is_none_or(|first| error.row < first.row) {
                    first = Some(error);
                }
            }
        }
        first.map_or(Ok(()), Err)
    }

    /// [`Operator::check`].
    ///
    /// # Errors
    /// As there; `INVALID_SHAPE` where there is not one length for each row.
    pub fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error> {
        check_width("utility", self.utility_dimension, utilities.ncols())?;
        if utilities.nrows() != self.rows {
            let message = format!(
                "lengths: expected one for each of the {} rows, got {}",
                utilities.nrows(),
                self.rows
            );
            return Err(Error::new(ErrorKind::InvalidShape, message));
        }
        self.for_groups(|rows| {
            let places = &rows.prefix.utility_places;
            let checked = rows.check(utilities);
            checked.map_err(|error| error.renamed(|row| row, |coordinate| places[coordinate]))
        })
    }

    fn check_out(&self, width: usize, out: &ArrayViewMut2<f64>) -> Result<(), Error> {
        check_width("out", width, out.ncols())?;
        check_rows("out", self.rows, out.nrows())
    }

    /// Cotangents where they count, and 0 elsewhere.
    ///
    /// # Errors
    /// `INVALID_SHAPE`.
    pub fn masked(&self, cotangents: ArrayView2<f64>, mut out: ArrayViewMut2<f64>) -> Result<(), Error> {
        check_width("cotangent", self.dimension, cotangents.ncols())?;
        check_rows("cotangent", self.rows, cotangents.nrows())?;
        self.check_out(self.dimension, &out)?;
        out.fill(0.0);
        self.for_groups(|rows| {
            rows.put_embeddings(&rows.embeddings(cotangents), &mut out);
            Ok(())
        })
    }

    /// [`Operator::argmax`].
    ///
    /// # Errors
    /// As there.
    pub fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        mut hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        self.check_out(self.dimension, &hard)?;
        hard.fill(0.0);
        self.for_groups(|rows| {
            let x = rows.argmax(utilities, threads)?;
            rows.put_embeddings(&x, &mut hard);
            Ok(())
        })
    }

    /// [`Operator::softmax`].
    ///
    /// # Errors
    /// As there.
    pub fn softmax(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        mut soft: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        self.check_out(self.dimension, &soft)?;
        soft.fill(0.0);
        self.for_groups(|rows| {
            let x = rows.softmax(utilities, temperature, threads)?;
            rows.put_embeddings(&x, &mut soft);
            Ok(())
        })
    }

    /// [`Operator::softmax_vjp`].
    ///
    /// # Errors
    /// As there.
    pub fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        mut gradients: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        check_width("cotangent", self.dimension, cotangents.ncols())?;
        check_rows("cotangent", self.rows, cotangents.nrows())?;
        self.for_groups(|rows| {
            let g = rows.embeddings(cotangents);
            let checked = check_cotangents(g.view(), g.nrows(), g.ncols());
            checked.map_err(|error| error.renamed(|row| row, |coordinate| rows.prefix.places[coordinate]))
        })?;
        self.check_out(self.utility_dimension, &gradients)?;
        gradients.fill(0.0);
        self.for_groups(|rows| {
            let gradient = rows.softmax_vjp(utilities, temperature, cotangents, threads)?;
            rows.put_utilities(&gradient, &mut gradients);
            Ok(())
        })
    }
}

impl Ragged<dyn ExponentialFamilyOperator> {
    /// One number for each row.
    fn numbers(
        &self,
        utilities: ArrayView2<f64>,
        mut out: ArrayViewMut1<f64>,
        call: impl Fn(&Within<dyn ExponentialFamilyOperator>, ArrayViewMut1<f64>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        check_rows("out", self.rows, out.len())?;
        self.for_groups(|rows| {
            let mut of_rows = Array1::zeros(rows.rows.len());
            call(&rows, of_rows.view_mut())?;
            rows.rows.iter().zip(of_rows).for_each(|(&row, number)| out[row] = number);
            Ok(())
        })
    }

    /// [`ExponentialFamilyOperator::log_partition`].
    ///
    /// # Errors
    /// As there.
    pub fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.numbers(utilities, logs, |rows, logs| {
            rows.operator().log_partition(rows.utilities(utilities).view(), temperature, logs, threads)
        })
    }

    /// [`ExponentialFamilyOperator::entropy`].
    ///
    /// # Errors
    /// As there.
    pub fn entropy(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        entropies: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.numbers(utilities, entropies, |rows, entropies| {
            rows.operator().entropy(rows.utilities(utilities).view(), temperature, entropies, threads)
        })
    }

    /// [`ExponentialFamilyOperator::log_probability`].
    ///
    /// # Errors
    /// As there.
    pub fn log_probability(
        &self,
        utilities: ArrayView2<f64>,
        embeddings: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        check_width("embedding", self.dimension, embeddings.ncols())?;
        check_rows("embedding", self.rows, embeddings.nrows())?;
        self.numbers(utilities, logs, |rows, logs| {
            let (u, x) = (rows.utilities(utilities), rows.embeddings(embeddings));
            rows.operator().log_probability(u.view(), x.view(), temperature, logs, threads)
        })
    }

    /// [`ExponentialFamilyOperator::sample`].
    ///
    /// # Errors
    /// As there.
    pub fn sample(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        draws: FamilyDraws,
        mut vertices: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.check(utilities)?;
        check_rows("rows", self.rows, draws.rows.len())?;
        check_width("out", self.dimension, vertices.ncols())?;
        check_rows("out", self.rows * draws.samples, vertices.nrows())?;
        vertices.fill(0.0);
        self.for_groups(|rows| {
            let numbers: Vec<u64> = rows.rows.iter().map(|&row| draws.rows[row]).collect();
            let draws = FamilyDraws { rows: &numbers, ..draws };
            let x = rows.sample(utilities, temperature, draws, threads)?;
            rows.put_draws(&x, draws.samples, &mut vertices);
            Ok(())
        })
    }
}
