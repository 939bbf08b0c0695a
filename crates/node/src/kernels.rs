//! The tensor kernels on typed arrays. Operations are numbered as their lists of names are; `nest` is
//! `[shape..., strides of the first operand..., strides of the second...]`.

use kernels::{
    Adam, Binary, Comparison, Convolution, Epilogue, Mismatch, Moments, Nest, Product, Reduction, Unary,
};
use napi::bindgen_prelude::{Float32ArraySlice, Uint8ArraySlice};
use napi_derive::napi;

use crate::buffers::{apart, writable};
use crate::{Result, refuse};

pub(crate) fn mismatch(error: Mismatch) -> napi::Error<String> {
    refuse("INVALID_SHAPE", error.to_string())
}

/// An operation by its number.
fn find<T: Copy>(operations: &[(&str, T)], number: u32) -> Result<T> {
    let found = operations.get(number as usize).map(|&(_, operation)| operation);
    found.ok_or_else(|| {
        refuse("INVALID_ARGUMENT", format!("operation: expected a known number, got {number}"))
    })
}

fn names<T>(operations: &[(&str, T)]) -> Vec<String> {
    operations.iter().map(|&(name, _)| name.to_owned()).collect()
}

/// Sizes of a fixed number.
pub(crate) fn sizes<const N: usize>(given: &[i32]) -> Result<[usize; N]> {
    let sizes: Option<Vec<usize>> = given.iter().map(|&size| usize::try_from(size).ok()).collect();
    sizes.and_then(|sizes| sizes.try_into().ok()).ok_or_else(|| {
        refuse("INVALID_SHAPE", format!("sizes: expected {N} integers of at least 0, got {given:?}"))
    })
}

/// The most threads of the kernels that this thread calls; 0: one for each processor.
#[napi(catch_unwind)]
pub fn set_kernel_threads(count: u32) {
    kernels::set_threads(count as usize);
}

#[napi(catch_unwind)]
pub fn unary_names() -> Vec<String> {
    names(Unary::ALL)
}

#[napi(catch_unwind)]
pub fn binary_names() -> Vec<String> {
    names(Binary::ALL)
}

#[napi(catch_unwind)]
pub fn comparison_names() -> Vec<String> {
    names(Comparison::ALL)
}

#[napi(catch_unwind)]
pub fn reduction_names() -> Vec<String> {
    names(Reduction::ALL)
}

#[napi(catch_unwind)]
pub fn unary(operation: u32, x: &[f32], first: f64, second: f64, mut out: Float32ArraySlice) -> Result<()> {
    let out = writable(&mut out, &[x])?;
    find(Unary::ALL, operation)?.apply(x, [first, second], out).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn binary(operation: u32, a: &[f32], b: &[f32], nest: &[i32], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable(&mut out, &[a, b])?;
    let nest = Nest::parse(nest).map_err(mismatch)?;
    find(Binary::ALL, operation)?.apply(a, b, &nest, out).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn compare(operation: u32, a: &[f32], b: &[f32], nest: &[i32], mut out: Uint8ArraySlice) -> Result<()> {
    let out = writable(&mut out, &[a, b])?;
    let nest = Nest::parse(nest).map_err(mismatch)?;
    find(Comparison::ALL, operation)?.apply(a, b, &nest, out).map_err(mismatch)
}

/// Calls with a number as one operand, the first or the second: small arrays are costly to hand over.
fn with_number(
    x: &[f32],
    number: f64,
    number_first: bool,
    call: impl FnOnce(&[f32], &[f32], &Nest) -> std::result::Result<(), Mismatch>,
) -> Result<()> {
    let length = i32::try_from(x.len()).map_err(|_| refuse("INVALID_SHAPE", "x: expected fewer elements"))?;
    let number = &[number as f32];
    let (a, b, strides): (&[f32], &[f32], _) =
        if number_first { (number, x, [0, 1]) } else { (x, number, [1, 0]) };
    let nest = Nest::parse(&[length, strides[0], strides[1]]).map_err(mismatch)?;
    call(a, b, &nest).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn binary_with_number(
    operation: u32,
    x: &[f32],
    number: f64,
    number_first: bool,
    mut out: Float32ArraySlice,
) -> Result<()> {
    let out = writable(&mut out, &[x])?;
    let operation = find(Binary::ALL, operation)?;
    with_number(x, number, number_first, |a, b, nest| operation.apply(a, b, nest, out))
}

#[napi(catch_unwind)]
pub fn compare_with_number(
    operation: u32,
    x: &[f32],
    number: f64,
    number_first: bool,
    mut out: Uint8ArraySlice,
) -> Result<()> {
    let out = writable(&mut out, &[x])?;
    let operation = find(Comparison::ALL, operation)?;
    with_number(x, number, number_first, |a, b, nest| operation.apply(a, b, nest, out))
}

#[napi(catch_unwind)]
pub fn select(condition: &[u8], yes: &[f32], no: &[f32], mut out: Float32ArraySlice) -> Result<()> {
    apart(&out, &[condition])?;
    kernels::select(condition, yes, no, writable(&mut out, &[yes, no])?).map_err(mismatch)
}

/// `bases`: where the views start, in `x` and in `out`.
#[napi(catch_unwind)]
pub fn copy(x: &[f32], from: u32, to: u32, nest: &[i32], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable(&mut out, &[x])?;
    let nest = Nest::parse(nest).map_err(mismatch)?;
    kernels::copy(x, out, [from as usize, to as usize], &nest).map_err(mismatch)
}

/// `axes`: size and whether to reduce (1) or keep (0), axis by axis.
#[napi(catch_unwind)]
pub fn reduce(operation: u32, x: &[f32], axes: &[i32], mut out: Float32ArraySlice) -> Result<()> {
    let out = writable(&mut out, &[x])?;
    let (pairs, _) = axes.as_chunks::<2>();
    let axes: Option<Vec<_>> =
        pairs.iter().map(|&[size, reduced]| Some((usize::try_from(size).ok()?, reduced != 0))).collect();
    let axes = axes.ok_or_else(|| refuse("INVALID_SHAPE", "axes: expected sizes of at least 0"))?;
    find(Reduction::ALL, operation)?.apply(x, &axes, out).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn softmax_rows(x: &[f32], columns: u32, mut out: Float32ArraySlice) -> Result<()> {
    kernels::softmax(x, columns as usize, writable(&mut out, &[x])?).map_err(mismatch)
}

/// `activation`: a function of one number, or -1; `slope` is its parameter.
fn epilogue(bias: &[f32], activation: i32, slope: f64) -> Result<Epilogue<'_>> {
    let activation = match u32::try_from(activation) {
        Ok(number) => Some((find(Unary::ALL, number)?, [slope, 0.0])),
        Err(_) => None,
    };
    Ok(Epilogue { bias, activation })
}

/// `shape`: `[rows, inner, columns, a transposed, b transposed]`, then the nest of the batch, counted in matrices.
#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn product(
    a: &[f32],
    b: &[f32],
    bias: &[f32],
    activation: i32,
    slope: f64,
    shape: &[i32],
    mut out: Float32ArraySlice,
) -> Result<()> {
    let out = writable(&mut out, &[a, b, bias])?;
    let (shape, batch) = shape.split_at(shape.len().min(5));
    let [rows, inner, columns, transposed_a, transposed_b] = sizes(shape)?;
    let product = Product { rows, inner, columns, transposed: [transposed_a != 0, transposed_b != 0] };
    let batch = Nest::parse(batch).map_err(mismatch)?;
    product.apply(a, b, &batch, epilogue(bias, activation, slope)?, out).map_err(mismatch)
}

/// `[batch, height, width, channels, height of y, width of y, outputs, height and width of the filter, strides,
/// dilations, padding above, padding on the left]`.
fn convolution(shape: &[i32]) -> Result<Convolution> {
    let [batch, height, width, channels, out_height, out_width, outputs, rest @ ..] = sizes::<15>(shape)?;
    let [filter_height, filter_width, down, right, dilation_down, dilation_right, above, left] = rest;
    Ok(Convolution {
        batch,
        input: [height, width],
        channels,
        output: [out_height, out_width],
        outputs,
        filter: [filter_height, filter_width],
        stride: [down, right],
        dilation: [dilation_down, dilation_right],
        padding: [above, left],
    })
}

/// False if a zero of the padding would meet an infinity or a NaN.
#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn convolve(
    x: &[f32],
    filter: &[f32],
    bias: &[f32],
    activation: i32,
    slope: f64,
    shape: &[i32],
    mut out: Float32ArraySlice,
) -> Result<bool> {
    let out = writable(&mut out, &[x, filter, bias])?;
    convolution(shape)?.apply(x, filter, epilogue(bias, activation, slope)?, out).map_err(mismatch)
}

/// False if a zero of the padding would meet an infinity or a NaN.
#[napi(catch_unwind)]
pub fn convolve_filter_gradient(
    x: &[f32],
    dy: &[f32],
    shape: &[i32],
    mut out: Float32ArraySlice,
) -> Result<bool> {
    convolution(shape)?.filter_gradient(x, dy, writable(&mut out, &[x, dy])?).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn convolve_input_gradient(
    dy: &[f32],
    filter: &[f32],
    shape: &[i32],
    mut out: Float32ArraySlice,
) -> Result<()> {
    convolution(shape)?.input_gradient(dy, filter, writable(&mut out, &[dy, filter])?).map_err(mismatch)
}

/// `shape`: `[batch, outer, choices, width]`. False if an index is out of range.
#[napi(catch_unwind)]
pub fn gather(x: &[f32], indices: &[i32], shape: &[i32], mut out: Float32ArraySlice) -> Result<bool> {
    apart(&out, &[indices])?;
    kernels::gather(x, indices, sizes(shape)?, writable(&mut out, &[x])?).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn segment_sum(x: &[f32], ids: &[i32], width: u32, mut out: Float32ArraySlice) -> Result<()> {
    apart(&out, &[ids])?;
    kernels::segment_sum(x, ids, width as usize, writable(&mut out, &[x])?).map_err(mismatch)
}

/// `parameters`: `[decay rates..., weights of the new..., corrections..., minus the step size, epsilon]`.
#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn adam(
    values: &[f32],
    gradient: &[f32],
    mean: &[f32],
    square: &[f32],
    parameters: &[f32],
    mut new_mean: Float32ArraySlice,
    mut new_square: Float32ArraySlice,
    mut out: Float32ArraySlice,
) -> Result<()> {
    let &[decay, decay_square, fresh, fresh_square, correction, correction_square, rate, epsilon] =
        parameters
    else {
        return Err(refuse("INVALID_ARGUMENT", "parameters: expected 8 numbers"));
    };
    let adam = Adam {
        decay: [decay, decay_square],
        fresh: [fresh, fresh_square],
        correction: [correction, correction_square],
        rate,
        epsilon,
    };
    let inputs = [values, gradient, mean, square];
    let new_mean = writable(&mut new_mean, &inputs)?;
    apart(&new_square, &[&*new_mean])?;
    let new_square = writable(&mut new_square, &inputs)?;
    apart(&out, &[&*new_mean, &*new_square])?;
    let out = writable(&mut out, &inputs)?;
    let moments = Moments { mean, square };
    adam.step(values, gradient, moments, Moments { mean: new_mean, square: new_square }, out)
        .map_err(mismatch)
}
