//! Exact draws of vertices from `p(x) ~ prod_i w_i^{x_i}`.
//!
//! Structures draw backwards through the tables that their partition functions fill; what they share stands here.

mod regrowth;

pub(crate) use regrowth::{Eliminated, regrow};

use crate::number::Scalar;
use crate::random::Purpose;
pub use crate::random::Uniforms;

/// Which draws a call makes: `samples` of every row. A draw depends on the seed, the number of its row and its sample.
#[derive(Clone, Copy, Debug)]
pub struct FamilyDraws<'a> {
    /// The key of the generator.
    pub seed: u64,
    /// How many draws for each row of utilities.
    pub samples: usize,
    /// The number of each row.
    pub rows: &'a [u64],
}

impl FamilyDraws<'_> {
    /// The randomness of the draw at this place, counted over all samples of all rows.
    pub(crate) fn uniforms(&self, draw: usize) -> Uniforms {
        let (row, sample) = (self.rows[draw / self.samples], draw % self.samples);
        Uniforms::new(Purpose::Vertices, self.seed, row, sample as u32)
    }
}

/// Memory that draws may use as they like.
#[derive(Debug)]
pub struct Scratch<N> {
    /// For indices.
    pub indices: Vec<u32>,
    /// For numbers.
    pub numbers: Vec<N>,
}

impl<N> Scratch<N> {
    pub(crate) fn new() -> Self {
        Self { indices: Vec::new(), numbers: Vec::new() }
    }
}

/// An item in proportion to its weight, never one of weight 0; none if all are 0.
pub(crate) fn choose<T, N: Scalar>(
    items: impl Iterator<Item = (T, N)> + Clone,
    uniforms: &mut Uniforms,
) -> Option<T> {
    let total = items.clone().map(|(_, weight)| weight).reduce(|sum, weight| sum + weight)?;
    let threshold = total * total.constant(uniforms.uniform());
    let mut sum = total.constant(0.0);
    let mut items = items;
    items
        .find(|&(_, weight)| {
            sum = sum + weight;
            threshold.is_less_than(sum)
        })
        .map(|(item, _)| item)
}
