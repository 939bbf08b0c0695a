use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};

use crate::check::{check_rows, check_width};
use crate::error::Error;
use crate::operator::{AnyOperator, ExponentialFamilyOperator, Operator};
use crate::places::Within;
use crate::sampling::FamilyDraws;
use crate::structure::Prefix;

/// An operator whose coordinates stand at certain places of longer rows, such as the edges of a graph in an adjacency
/// matrix. What stands elsewhere is ignored on the way in, whatever it is, and 0 on the way out.
struct Embedded<O: ?Sized> {
    inner: Prefix<Box<O>>,
    dimension: usize,
}

impl AnyOperator {
    /// The operator with coordinate i at `places[i] < dimension`.
    pub fn embedded(self, places: Vec<usize>, dimension: usize) -> Self {
        match self {
            Self::Relaxed(operator) => {
                let inner = Prefix::new(operator, places);
                Self::Relaxed(Box::new(Embedded { inner, dimension }))
            }
            Self::ExponentialFamily(operator) => {
                let inner = Prefix::new(operator, places);
                Self::ExponentialFamily(Box::new(Embedded { inner, dimension }))
            }
        }
    }
}

/// The places of a prefix of a prefix.
fn composed<T>(outer: &Prefix<impl Sized>, inner: Prefix<T>) -> Prefix<T> {
    Prefix {
        structure: inner.structure,
        utility_places: inner.utility_places.iter().map(|&place| outer.utility_places[place]).collect(),
        places: inner.places.iter().map(|&place| outer.places[place]).collect(),
    }
}

impl<O: Operator + ?Sized> Embedded<O> {
    /// Checks the shape of the utilities and calls with all rows.
    fn within<T>(
        &self,
        utilities: ArrayView2<f64>,
        call: impl FnOnce(Within<O>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        check_width("utility", self.dimension, utilities.ncols())?;
        let rows: Vec<usize> = (0..utilities.nrows()).collect();
        call(Within { prefix: &self.inner, rows: &rows })
            .map_err(|error| error.renamed(|row| row, |coordinate| self.inner.places[coordinate]))
    }

    fn check_out(&self, rows: usize, out: &ArrayViewMut2<f64>) -> Result<(), Error> {
        check_width("out", self.dimension, out.ncols())?;
        check_rows("out", rows, out.nrows())
    }
}

impl<O: Operator + ?Sized> Operator for Embedded<O> {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn utility_dimension(&self) -> usize {
        self.dimension
    }

    fn symmetric(&self) -> bool {
        self.inner.structure.symmetric()
    }

    fn work(&self) -> usize {
        self.inner.structure.work()
    }

    fn size(&self) -> usize {
        self.inner.structure.size()
    }

    fn least_size(&self) -> usize {
        self.inner.structure.least_size()
    }

    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>> {
        composed(&self.inner, self.inner.structure.prefix(size))
    }

    fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error> {
        self.within(utilities, |rows| rows.check(utilities))
    }

    fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        mut hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            self.check_out(utilities.nrows(), &hard)?;
            let x = rows.argmax(utilities, threads)?;
            hard.fill(0.0);
            rows.put_embeddings(&x, &mut hard);
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
        self.within(utilities, |rows| {
            self.check_out(utilities.nrows(), &soft)?;
            let x = rows.softmax(utilities, temperature, threads)?;
            soft.fill(0.0);
            rows.put_embeddings(&x, &mut soft);
            Ok(())
        })
    }

    fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        mut gradients: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            check_width("cotangent", self.dimension, cotangents.ncols())?;
            check_rows("cotangent", utilities.nrows(), cotangents.nrows())?;
            self.check_out(utilities.nrows(), &gradients)?;
            let gradient = rows.softmax_vjp(utilities, temperature, cotangents, threads)?;
            gradients.fill(0.0);
            rows.put_utilities(&gradient, &mut gradients);
            Ok(())
        })
    }
}

impl ExponentialFamilyOperator for Embedded<dyn ExponentialFamilyOperator> {
    fn log_partition(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            rows.operator().log_partition(rows.utilities(utilities).view(), temperature, logs, threads)
        })
    }

    fn entropy(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        entropies: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            rows.operator().entropy(rows.utilities(utilities).view(), temperature, entropies, threads)
        })
    }

    fn log_probability(
        &self,
        utilities: ArrayView2<f64>,
        embeddings: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            check_width("embedding", self.dimension, embeddings.ncols())?;
            check_rows("embedding", utilities.nrows(), embeddings.nrows())?;
            let (u, x) = (rows.utilities(utilities), rows.embeddings(embeddings));
            rows.operator().log_probability(u.view(), x.view(), temperature, logs, threads)
        })
    }

    fn sample(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        draws: FamilyDraws,
        mut vertices: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error> {
        self.within(utilities, |rows| {
            self.check_out(utilities.nrows() * draws.samples, &vertices)?;
            let x = rows.sample(utilities, temperature, draws, threads)?;
            vertices.fill(0.0);
            rows.put_draws(&x, draws.samples, &mut vertices);
            Ok(())
        })
    }

    fn family_prefix(&self, size: usize) -> Prefix<Box<dyn ExponentialFamilyOperator>> {
        composed(&self.inner, self.inner.structure.family_prefix(size))
    }
}
