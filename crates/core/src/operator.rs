use std::ops::Deref;

use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};

use crate::error::Error;
use crate::sampling::FamilyDraws;
use crate::structure::Prefix;

/// What can be asked of a trick, over whole batches: arrays are rows by coordinates in standard layout. `threads` is
/// the most threads to use, 0 for one on each processor; it never changes a bit of the result.
pub trait Operator: Send + Sync {
    /// The length of an embedding.
    fn dimension(&self) -> usize;

    /// The length of a utility.
    fn utility_dimension(&self) -> usize;

    /// Whether the Jacobian of the relaxation is symmetric.
    fn symmetric(&self) -> bool;

    /// Roughly how many multiply-adds the marginals of one row take.
    fn work(&self) -> usize;

    /// How many things (elements, vertices, words) the structure is over.
    fn size(&self) -> usize;

    /// The fewest of them that a prefix may keep.
    fn least_size(&self) -> usize;

    /// The same operator over the first `size` things.
    fn prefix(&self, size: usize) -> Prefix<Box<dyn Operator>>;

    /// Looks at every row before any is computed.
    ///
    /// # Errors
    /// `INVALID_SHAPE`, `NOT_FINITE` (a NaN or +inf utility), `INFEASIBLE` (the forbidden coordinates leave nothing).
    fn check(&self, utilities: ArrayView2<f64>) -> Result<(), Error>;

    /// `X = argmax_x U.x` over the embeddings x. Equal utilities are decided for the lowest index.
    ///
    /// # Errors
    /// Those of [`Operator::check`].
    fn argmax(
        &self,
        utilities: ArrayView2<f64>,
        hard: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// `X_t`, the relaxed argmax at a temperature; at 0, the argmax itself.
    ///
    /// # Errors
    /// Those of [`Operator::check`]; `INVALID_ARGUMENT` (a negative or infinite temperature); `DID_NOT_CONVERGE`.
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
}

/// An operator whose relaxation is the exponential family's.
pub trait ExponentialFamilyOperator: Operator {
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

    /// `H = -sum_x p(x) log p(x)` of `p(x) ~ exp(U.x / t)`, of every row; to about 1e-15 times the largest `U/t`.
    ///
    /// # Errors
    /// As [`ExponentialFamilyOperator::log_partition`]; `INVALID_ARGUMENT` where utilities beyond 1e15 times the temperature
    /// leave nothing of it but rounding errors, which they do not over the bases of a matroid and arborescences.
    fn entropy(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        entropies: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// `log p(x) = U.x / t - log Z` of every row of embeddings x, to about 1e-15 times the larger of 1 and itself; negative
    /// infinity where x has a forbidden coordinate. Of a mean of embeddings it is the mean of their logarithms. Whether x
    /// is an embedding is not looked at.
    ///
    /// # Errors
    /// As [`ExponentialFamilyOperator::log_partition`]; `NOT_FINITE` of x.
    fn log_probability(
        &self,
        utilities: ArrayView2<f64>,
        embeddings: ArrayView2<f64>,
        temperature: f64,
        logs: ArrayViewMut1<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// Exact, independent draws `x ~ p(x)`, samples of a row next to one another; at temperature 0, the argmax.
    ///
    /// # Errors
    /// Those of [`Operator::softmax`].
    fn sample(
        &self,
        utilities: ArrayView2<f64>,
        temperature: f64,
        draws: FamilyDraws,
        vertices: ArrayViewMut2<f64>,
        threads: usize,
    ) -> Result<(), Error>;

    /// [`Operator::prefix`] with its log-partition function.
    fn family_prefix(&self, size: usize) -> Prefix<Box<dyn ExponentialFamilyOperator>>;
}

/// A trick of either kind.
pub enum AnyOperator {
    /// One that relaxes.
    Relaxed(Box<dyn Operator>),
    /// One that has a log-partition function too.
    ExponentialFamily(Box<dyn ExponentialFamilyOperator>),
}

impl AnyOperator {
    /// A trick without a log-partition function.
    pub fn relaxed(operator: impl Operator + 'static) -> Self {
        Self::Relaxed(Box::new(operator))
    }

    /// A trick with a log-partition function.
    pub fn family(operator: impl ExponentialFamilyOperator + 'static) -> Self {
        Self::ExponentialFamily(Box::new(operator))
    }

    /// The trick with its log-partition function, if it has one.
    pub fn as_family(&self) -> Option<&(dyn ExponentialFamilyOperator + 'static)> {
        match self {
            Self::Relaxed(_) => None,
            Self::ExponentialFamily(operator) => Some(&**operator),
        }
    }
}

impl Deref for AnyOperator {
    type Target = dyn Operator;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Relaxed(operator) => &**operator,
            Self::ExponentialFamily(operator) => &**operator,
        }
    }
}

/// Every method is that of the trick inside.
macro_rules! delegated {
    ($($method:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Operator for AnyOperator {
            $(fn $method(&self, $($argument: $type),*) -> $result {
                (**self).$method($($argument),*)
            })*
        }
    };
}

delegated! {
    dimension() -> usize;
    utility_dimension() -> usize;
    symmetric() -> bool;
    work() -> usize;
    size() -> usize;
    least_size() -> usize;
    prefix(size: usize) -> Prefix<Box<dyn Operator>>;
    check(utilities: ArrayView2<f64>) -> Result<(), Error>;
    argmax(utilities: ArrayView2<f64>, hard: ArrayViewMut2<f64>, threads: usize) -> Result<(), Error>;
    softmax(utilities: ArrayView2<f64>, temperature: f64, soft: ArrayViewMut2<f64>, threads: usize) -> Result<(), Error>;
    softmax_vjp(
        utilities: ArrayView2<f64>,
        temperature: f64,
        cotangents: ArrayView2<f64>,
        gradients: ArrayViewMut2<f64>,
        threads: usize
    ) -> Result<(), Error>;
}
