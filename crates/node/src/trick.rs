use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use ndarray::{ArrayView2, ArrayViewMut1, ArrayViewMut2};
use sst::relaxation::{BinaryEntropy, ExponentialFamilyEntropy};
use sst::structure::{OneHot, SpanningTree, Subset, TopK};
use sst::{Operator, Trick};

use crate::buffers::writable;
use crate::{Result, from_core, refuse};

/// A structure with a relaxation, ready for batches.
#[napi]
pub struct NativeTrick {
    operator: Box<dyn Operator>,
}

impl NativeTrick {
    fn new(operator: impl Operator + 'static) -> Self {
        Self { operator: Box::new(operator) }
    }

    /// Rows of this trick's dimension; of dimension 0 there is one, empty.
    fn rows(&self, cells: usize) -> usize {
        match self.operator.dimension() {
            0 => 1,
            dimension => cells / dimension,
        }
    }

    fn read<'a>(&self, name: &str, cells: &'a [f64]) -> Result<ArrayView2<'a, f64>> {
        let shape = (self.rows(cells.len()), self.operator.dimension());
        ArrayView2::from_shape(shape, cells).map_err(|_| self.wrong_length(name, cells.len()))
    }

    fn write<'a>(&self, cells: &'a mut [f64]) -> Result<ArrayViewMut2<'a, f64>> {
        let (length, shape) = (cells.len(), (self.rows(cells.len()), self.operator.dimension()));
        ArrayViewMut2::from_shape(shape, cells).map_err(|_| self.wrong_length("out", length))
    }

    fn wrong_length(&self, name: &str, got: usize) -> napi::Error<String> {
        let dimension = self.operator.dimension();
        refuse(
            "INVALID_SHAPE",
            format!("{name}: expected rows of {dimension} numbers, got {got} numbers in all"),
        )
    }
}

#[napi(catch_unwind)]
pub fn one_hot(categories: u32) -> NativeTrick {
    NativeTrick::new(Trick::new(OneHot::new(categories as usize), ExponentialFamilyEntropy))
}

#[napi(catch_unwind)]
pub fn subset(elements: u32) -> NativeTrick {
    NativeTrick::new(Trick::new(Subset::new(elements as usize), BinaryEntropy))
}

#[napi(catch_unwind)]
pub fn top_k(elements: u32, k: u32) -> NativeTrick {
    NativeTrick::new(Trick::new(TopK::new(elements as usize, k as usize), ExponentialFamilyEntropy))
}

/// `edges`: the endpoints one after the other; none for the complete graph.
#[napi(catch_unwind)]
pub fn spanning_tree(vertices: u32, edges: Option<&[u32]>) -> NativeTrick {
    let structure = match edges {
        None => SpanningTree::complete(vertices as usize),
        Some(ends) => {
            let edges = ends.chunks_exact(2).map(|ends| (ends[0], ends[1]));
            SpanningTree::with_edges(vertices as usize, edges)
        }
    };
    NativeTrick::new(Trick::new(structure, ExponentialFamilyEntropy))
}

#[napi]
impl NativeTrick {
    #[napi(catch_unwind)]
    pub fn argmax(&self, utility: &[f64], mut out: Float64ArraySlice, threads: u32) -> Result<()> {
        let hard = self.write(writable(&mut out, &[utility])?)?;
        self.operator.argmax(self.read("utility", utility)?, hard, threads as usize).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn softmax(
        &self,
        utility: &[f64],
        temperature: f64,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let soft = self.write(writable(&mut out, &[utility])?)?;
        let utility = self.read("utility", utility)?;
        self.operator.softmax(utility, temperature, soft, threads as usize).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn softmax_vjp(
        &self,
        utility: &[f64],
        temperature: f64,
        cotangent: &[f64],
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let gradient = self.write(writable(&mut out, &[utility, cotangent])?)?;
        let (utility, cotangent) = (self.read("utility", utility)?, self.read("cotangent", cotangent)?);
        self.operator
            .softmax_vjp(utility, temperature, cotangent, gradient, threads as usize)
            .map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn log_partition(
        &self,
        utility: &[f64],
        temperature: f64,
        mut out: Float64ArraySlice,
        threads: u32,
    ) -> Result<()> {
        let logs = ArrayViewMut1::from(writable(&mut out, &[utility])?);
        let utility = self.read("utility", utility)?;
        self.operator.log_partition(utility, temperature, logs, threads as usize).map_err(from_core)
    }
}
