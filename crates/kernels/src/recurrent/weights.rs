use crate::panels::{Panels, Start, multiply_down, packed_length};
use crate::rows::{Rows, RowsMut};

use super::steps::Steps;

/// The sizes of a layer: inputs, units, and its gates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) inputs: usize,
    pub(crate) units: usize,
    pub(crate) gates: usize,
}

impl Sizes {
    /// Columns of the weights.
    pub(crate) fn width(&self) -> usize {
        self.units * self.gates
    }
}

/// A matrix row by row, packed as a right factor, from a column on.
pub(crate) fn packed<'a>(
    data: &[f32],
    stride: usize,
    columns: std::ops::Range<usize>,
    into: &'a mut [f32],
) -> Panels<'a> {
    let inner = data.len().checked_div(stride).unwrap_or(0);
    Panels::pack(|k, j| data[k * stride + columns.start + j], [inner, columns.len()], into)
}

/// The transpose of some columns of a matrix, packed as a right factor.
pub(crate) fn packed_transposed<'a>(
    data: &[f32],
    stride: usize,
    columns: std::ops::Range<usize>,
    into: &'a mut [f32],
) -> Panels<'a> {
    let rows = data.len().checked_div(stride).unwrap_or(0);
    Panels::pack(|k, j| data[j * stride + columns.start + k], [columns.len(), rows], into)
}

/// The inputs of all steps times the kernel, and the bias: one product.
pub(crate) fn project(
    x: &[f32],
    [kernel, bias]: [&[f32]; 2],
    sizes: Sizes,
    steps: &Steps,
    workspace: &mut [f32],
    gates: &mut [f32],
) {
    let panels = packed(kernel, sizes.width(), 0..sizes.width(), workspace);
    let x = Rows::new(x, sizes.inputs).ordered(&steps.places);
    let start = if bias.is_empty() { Start::Zero } else { Start::Row(bias) };
    panels.multiply(x, steps.total, start, RowsMut::new(gates, sizes.width()));
}

/// Numbers that the packed input weights take, either way.
pub(crate) fn packed_kernel_length(sizes: Sizes) -> usize {
    packed_length(sizes.inputs, sizes.width()).max(packed_length(sizes.width(), sizes.inputs))
}

/// Numbers that the packed recurrent weights take, either way, in parts of whole gates.
pub(crate) fn packed_recurrent_length(sizes: Sizes) -> usize {
    packed_length(sizes.units, sizes.units) * sizes.gates
}

/// The gradient of the inputs, 0 in the padding, from that of the gates.
pub(crate) fn input_gradient(
    gates: &[f32],
    kernel: &[f32],
    sizes: Sizes,
    steps: &Steps,
    workspace: &mut [f32],
    out: &mut [f32],
) {
    steps.clear_padding(sizes.inputs, out);
    let panels = packed_transposed(kernel, sizes.width(), 0..sizes.width(), workspace);
    let out = RowsMut::new(out, sizes.inputs).ordered(&steps.places);
    panels.multiply(Rows::new(gates, sizes.width()), steps.total, Start::Zero, out);
}

/// The gradient of the input weights from that of the gates: one product over all steps.
pub(crate) fn kernel_gradient(gates: &[f32], x: &[f32], sizes: Sizes, steps: &Steps, out: &mut [f32]) {
    let x = Rows::new(x, sizes.inputs).ordered(&steps.places);
    multiply_down(x, Rows::new(gates, sizes.width()), steps.total, out);
}
