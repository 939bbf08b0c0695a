use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use ndarray::{ArrayView2, ArrayViewMut2};
use sst::relaxation::{ActiveSet, ActiveSets};
use sst::{Error, ErrorKind};

use crate::buffers::filled;
use crate::{Result, from_core, refuse};

/// The results come from the solver itself.
const NO_INPUTS: &[&[f64]] = &[];

/// The SparseMAP solvers of a batch, which ask for maximisers and are told them: see `ts/trick/sparse-map.ts`.
#[napi]
pub struct NativeSparseMap {
    /// None once they have been freed.
    rows: Option<ActiveSets>,
    width: usize,
}

/// Begins every row of the utility, each at its own temperature.
#[napi(catch_unwind)]
pub fn sparse_map(utility: &[f64], dimension: u32, temperatures: &[f64]) -> Result<NativeSparseMap> {
    let width = dimension as usize;
    let rows = read("utility", utility, width)
        .and_then(|utilities| ActiveSets::new(utilities, temperatures))
        .map_err(from_core)?;
    Ok(NativeSparseMap { rows: Some(rows), width })
}

fn freed() -> napi::Error<String> {
    refuse("INTERNAL", "the solvers of this batch have been freed")
}

impl NativeSparseMap {
    fn rows(&self) -> Result<&ActiveSets> {
        self.rows.as_ref().ok_or_else(freed)
    }

    fn rows_mut(&mut self) -> Result<&mut ActiveSets> {
        self.rows.as_mut().ok_or_else(freed)
    }

    fn row(&self, row: u32) -> Result<&ActiveSet> {
        self.rows()?.row(row as usize).ok_or_else(|| refuse("INTERNAL", format!("there is no row {row}")))
    }
}

#[napi]
impl NativeSparseMap {
    /// Gives the memory back at once, rather than when the garbage collector comes by: it does not know how much there is.
    /// Every other method is an error from then on.
    #[napi(catch_unwind)]
    pub fn free(&mut self) {
        self.rows = None;
    }

    /// The rows that want to know something, in ascending order.
    #[napi(getter, catch_unwind)]
    pub fn pending(&self) -> Result<Vec<u32>> {
        Ok(self.rows()?.pending().iter().map(|&row| row as u32).collect())
    }

    /// The utilities whose maximisers the pending rows want to know.
    #[napi(catch_unwind)]
    pub fn queries(&self, out: Float64ArraySlice) -> Result<()> {
        let rows = self.rows()?;
        filled(out, NO_INPUTS, |out| {
            write(out, self.width).and_then(|out| rows.queries(out)).map_err(from_core)
        })
    }

    /// Tells the pending rows their maximisers.
    #[napi(catch_unwind)]
    pub fn answer(&mut self, vertices: &[f64]) -> Result<()> {
        let width = self.width;
        let rows = self.rows_mut()?;
        read("argmax", vertices, width).and_then(|vertices| rows.answer(vertices)).map_err(from_core)
    }

    /// Asks on, for the gradients of these cotangents.
    #[napi(catch_unwind)]
    pub fn differentiate(&mut self, cotangent: &[f64]) -> Result<()> {
        let width = self.width;
        let rows = self.rows_mut()?;
        let cotangents = read("cotangent", cotangent, width);
        cotangents.and_then(|cotangents| rows.differentiate(cotangents)).map_err(from_core)
    }

    #[napi(catch_unwind)]
    pub fn soft(&self, out: Float64ArraySlice) -> Result<()> {
        let rows = self.rows()?;
        filled(out, NO_INPUTS, |out| write(out, self.width).and_then(|out| rows.soft(out)).map_err(from_core))
    }

    #[napi(catch_unwind)]
    pub fn gradients(&self, out: Float64ArraySlice) -> Result<()> {
        let rows = self.rows()?;
        filled(out, NO_INPUTS, |out| {
            write(out, self.width).and_then(|out| rows.gradients(out)).map_err(from_core)
        })
    }

    /// The duality gap of a row.
    #[napi(catch_unwind)]
    pub fn gap(&self, row: u32) -> Result<f64> {
        Ok(self.row(row)?.gap())
    }

    /// The weights of the vertices that a row's solution is the mean of.
    #[napi(catch_unwind)]
    pub fn weights(&self, row: u32) -> Result<Vec<f64>> {
        Ok(self.row(row)?.atoms().map(|(_, weight)| weight).collect())
    }

    /// Those vertices, one after the other.
    #[napi(catch_unwind)]
    pub fn atoms(&self, row: u32, out: Float64ArraySlice) -> Result<()> {
        let atoms = self.row(row)?.atoms();
        filled(out, NO_INPUTS, |out| {
            for (out, (vertex, _)) in out.chunks_exact_mut(self.width.max(1)).zip(atoms) {
                out.copy_from_slice(vertex);
            }
            Ok(())
        })
    }
}

fn rows(cells: usize, width: usize) -> usize {
    cells.checked_div(width).unwrap_or(1)
}

fn read<'a>(name: &str, cells: &'a [f64], width: usize) -> std::result::Result<ArrayView2<'a, f64>, Error> {
    ArrayView2::from_shape((rows(cells.len(), width), width), cells)
        .map_err(|_| wrong_length(name, width, cells.len()))
}

fn write(cells: &mut [f64], width: usize) -> std::result::Result<ArrayViewMut2<'_, f64>, Error> {
    let length = cells.len();
    ArrayViewMut2::from_shape((rows(length, width), width), cells)
        .map_err(|_| wrong_length("out", width, length))
}

fn wrong_length(name: &str, width: usize, got: usize) -> Error {
    let message = format!("{name}: expected rows of {width} numbers, got {got} numbers in all");
    Error::new(ErrorKind::InvalidShape, message)
}
