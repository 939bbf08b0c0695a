//! Rows of a smaller operator within the rows of a larger one.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use crate::error::Error;
use crate::operator::{ExponentialFamilyOperator, Operator};
use crate::sampling::FamilyDraws;
use crate::structure::Prefix;

/// Some rows of a batch, in which an operator has its coordinates at certain places.
pub(crate) struct Within<'a, O: ?Sized> {
    pub(crate) prefix: &'a Prefix<Box<O>>,
    pub(crate) rows: &'a [usize],
}

impl<O: ?Sized> Within<'_, O> {
    pub(crate) fn operator(&self) -> &O {
        &self.prefix.structure
    }

    /// The operator's utilities.
    pub(crate) fn utilities(&self, utilities: ArrayView2<f64>) -> Array2<f64> {
        self.gather(utilities, &self.prefix.utility_places)
    }

    /// The operator's embeddings, or cotangents of them.
    pub(crate) fn embeddings(&self, embeddings: ArrayView2<f64>) -> Array2<f64> {
        self.gather(embeddings, &self.prefix.places)
    }

    /// Writes the operator's utilities, or gradients in them.
    pub(crate) fn put_utilities(&self, utilities: &Array2<f64>, out: &mut ArrayViewMut2<f64>) {
        self.scatter(utilities, &self.prefix.utility_places, out);
    }

    /// Writes the operator's embeddings.
    pub(crate) fn put_embeddings(&self, embeddings: &Array2<f64>, out: &mut ArrayViewMut2<f64>) {
        self.scatter(embeddings, &self.prefix.places, out);
    }

    /// Writes so many draws of each row.
    pub(crate) fn put_draws(&self, draws: &Array2<f64>, samples: usize, out: &mut ArrayViewMut2<f64>) {
        for ((draw, i), &x) in draws.indexed_iter() {
            let row = self.rows[draw / samples] * samples + draw % samples;
            out[(row, self.prefix.places[i])] = x;
        }
    }

    fn gather(&self, cells: ArrayView2<f64>, places: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((self.rows.len(), places.len()), |(row, i)| cells[(self.rows[row], places[i])])
    }

    fn scatter(&self, part: &Array2<f64>, places: &[usize], out: &mut ArrayViewMut2<f64>) {
        for ((row, i), &x) in part.indexed_iter() {
            out[(self.rows[row], places[i])] = x;
        }
    }
}

/// What the operator makes of these rows, at its own places; errors name its own rows and coordinates.
impl<O: Operator + ?Sized> Within<'_, O> {
    pub(crate) fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error> {
        self.operator().check(self.utilities(utilities).view())
    }

    pub(crate) fn argmax(&self, utilities: ArrayView2<f64>, threads: usize) -> Result<Array2<f64>, Error> {
        let mut hard = Array2::zeros((self.rows.len(), self.operator().dimension()));
        self.operator().argmax(self.utilities(utilities).view(), hard.view_mut(), threads)?;
        Ok(hard)
    }

    pub(crate) fn softmax(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        threads: usize,
    ) -> Result<Array2<f64>, Error> {
        let mut soft = Array2::zeros((self.rows.len(), self.operator().dimension()));
        self.operator().softmax(self.utilities(utilities).view(), temperature, soft.view_mut(), threads)?;
        Ok(soft)
    }

    pub(crate) fn softmax_vjp(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        threads: usize,
    ) -> Result<Array2<f64>, Error> {
        let (u, g) = (self.utilities(utilities), self.embeddings(cotangents));
        let mut gradients = Array2::zeros(u.dim());
        self.operator().softmax_vjp(u.view(), temperature, g.view(), gradients.view_mut(), threads)?;
        Ok(gradients)
    }
}

impl<O: ExponentialFamilyOperator + ?Sized> Within<'_, O> {
    /// `draws` are of these rows.
    pub(crate) fn sample(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        draws: FamilyDraws,
        threads: usize,
    ) -> Result<Array2<f64>, Error> {
        let mut vertices = Array2::zeros((self.rows.len() * draws.samples, self.operator().dimension()));
        let u = self.utilities(utilities);
        self.operator().sample(u.view(), temperature, draws, vertices.view_mut(), threads)?;
        Ok(vertices)
    }
}
