use crate::panels::{Panels, packed_length};

/// Weights of a layer, matrices row by row, with the gates beside one another.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// [inputs, gates x units].
    pub kernel: &'a [f32],
    /// [units, gates x units].
    pub recurrent: &'a [f32],
    /// [gates x units], or nothing.
    pub bias: &'a [f32],
}

/// A matrix row by row, packed as a right factor, from a column on.
pub(crate) fn packed<'a>(
    data: &[f32],
    stride: usize,
    columns: std::ops::Range<usize>,
    into: &'a mut [f32],
) -> Panels<'a> {
    let inner = data.len().checked_div(stride).unwrap_or(0);
    let line = |k: usize, from: usize, cells: &mut [f32]| {
        let at = k * stride + columns.start + from;
        cells.copy_from_slice(&data[at..at + cells.len()]);
    };
    Panels::pack(line, [inner, columns.len()], into)
}

/// The transpose of some columns of a matrix, packed as a right factor.
pub(crate) fn packed_transposed<'a>(
    data: &[f32],
    stride: usize,
    columns: std::ops::Range<usize>,
    into: &'a mut [f32],
) -> Panels<'a> {
    let rows = data.len().checked_div(stride).unwrap_or(0);
    let line = |k: usize, from: usize, cells: &mut [f32]| {
        let column = data[from * stride + columns.start + k..].iter().step_by(stride);
        for (cell, &value) in cells.iter_mut().zip(column) {
            *cell = value;
        }
    };
    Panels::pack(line, [columns.len(), rows], into)
}

/// Numbers that recurrent weights of so many gates take when they are packed, either way.
pub(crate) fn packed_recurrent_length(units: usize, gates: usize) -> usize {
    packed_length(units, units) * gates
}
