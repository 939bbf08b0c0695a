//! Recurrent layers on typed arrays. `shape` is `[batch, steps, inputs, units, reverse, hard gates]`, and of a gated
//! recurrent unit whether it resets after the product; `lengths` has a number for each row, or none.

use kernels::{Gate, Gru, GruResults, Lstm, LstmResults, Projection, Sequences, Weights};
use napi::bindgen_prelude::Float32ArraySlice;
use napi_derive::napi;

use crate::Result;
use crate::buffers::{apart, writable};
use crate::kernels::{mismatch, sizes};

fn gate(hard: usize) -> Gate {
    if hard != 0 { Gate::HardSigmoid } else { Gate::Sigmoid }
}

fn lstm<'a>(shape: &[i32], lengths: &'a [u32]) -> Result<Lstm<'a>> {
    let [batch, steps, inputs, units, reverse, hard] = sizes(shape)?;
    let sequences = Sequences { batch, steps, lengths, reverse: reverse != 0 };
    Ok(Lstm { sequences, inputs, units, gate: gate(hard) })
}

fn gru<'a>(shape: &[i32], lengths: &'a [u32]) -> Result<Gru<'a>> {
    let [batch, steps, inputs, units, reverse, hard, after] = sizes(shape)?;
    let sequences = Sequences { batch, steps, lengths, reverse: reverse != 0 };
    Ok(Gru { sequences, inputs, units, gate: gate(hard), reset_after: after != 0 })
}

/// Of `[batch, steps, inputs, sums of a step, reverse]`.
fn projection<'a>(shape: &[i32], lengths: &'a [u32]) -> Result<Projection<'a>> {
    let [batch, steps, inputs, width, reverse] = sizes(shape)?;
    let sequences = Sequences { batch, steps, lengths, reverse: reverse != 0 };
    Ok(Projection { sequences, inputs, width })
}

/// Refuses outputs that share memory with one another or with the lengths.
fn all_apart(outputs: &[&Float32ArraySlice<'_>], lengths: &[u32]) -> Result<()> {
    for (index, out) in outputs.iter().enumerate() {
        apart(*out, &[lengths])?;
        for other in &outputs[..index] {
            apart(*out, &[other.as_ref()])?;
        }
    }
    Ok(())
}

/// Numbers of workspace of [`recurrent_input_gradient`].
#[napi(catch_unwind)]
pub fn recurrent_workspace(shape: &[i32], lengths: &[u32]) -> Result<f64> {
    Ok(projection(shape, lengths)?.workspace() as f64)
}

#[napi(catch_unwind)]
pub fn recurrent_input_gradient(
    shape: &[i32],
    lengths: &[u32],
    d_gates: &[f32],
    kernel: &[f32],
    mut out: Float32ArraySlice,
    mut workspace: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&out, &workspace], lengths)?;
    let inputs = [d_gates, kernel];
    let (out, workspace) = (writable(&mut out, &inputs)?, writable(&mut workspace, &inputs)?);
    projection(shape, lengths)?.input_gradient(d_gates, kernel, out, workspace).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn recurrent_kernel_gradient(
    shape: &[i32],
    lengths: &[u32],
    d_gates: &[f32],
    x: &[f32],
    mut out: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&out], lengths)?;
    let out = writable(&mut out, &[d_gates, x])?;
    projection(shape, lengths)?.kernel_gradient(d_gates, x, out).map_err(mismatch)
}

/// `[numbers of the workspace, numbers of the trace]`.
#[napi(catch_unwind)]
pub fn lstm_memory(shape: &[i32], lengths: &[u32]) -> Result<Vec<f64>> {
    let lstm = lstm(shape, lengths)?;
    Ok(vec![lstm.workspace() as f64, lstm.trace().map_err(mismatch)? as f64])
}

#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn lstm_forwards(
    shape: &[i32],
    lengths: &[u32],
    x: &[f32],
    kernel: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    state: &[f32],
    cell: &[f32],
    mut states: Float32ArraySlice,
    mut last: Float32ArraySlice,
    mut last_cell: Float32ArraySlice,
    mut trace: Float32ArraySlice,
    mut workspace: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&states, &last, &last_cell, &trace, &workspace], lengths)?;
    let inputs = [x, kernel, recurrent, bias, state, cell];
    let results = LstmResults {
        states: writable(&mut states, &inputs)?,
        last: writable(&mut last, &inputs)?,
        cell: writable(&mut last_cell, &inputs)?,
        trace: writable(&mut trace, &inputs)?,
    };
    let workspace = writable(&mut workspace, &inputs)?;
    let weights = Weights { kernel, recurrent, bias };
    lstm(shape, lengths)?.forwards(x, weights, [state, cell], results, workspace).map_err(mismatch)
}

#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn lstm_backwards(
    shape: &[i32],
    lengths: &[u32],
    trace: &[f32],
    recurrent: &[f32],
    d_states: &[f32],
    d_last: &[f32],
    d_last_cell: &[f32],
    mut d_gates: Float32ArraySlice,
    mut d_state: Float32ArraySlice,
    mut d_cell: Float32ArraySlice,
    mut workspace: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&d_gates, &d_state, &d_cell, &workspace], lengths)?;
    let inputs = [trace, recurrent, d_states, d_last, d_last_cell];
    let gates = writable(&mut d_gates, &inputs)?;
    let initial = [writable(&mut d_state, &inputs)?, writable(&mut d_cell, &inputs)?];
    let workspace = writable(&mut workspace, &inputs)?;
    lstm(shape, lengths)?
        .backwards(trace, recurrent, [d_states, d_last, d_last_cell], gates, initial, workspace)
        .map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn lstm_recurrent_gradient(
    shape: &[i32],
    lengths: &[u32],
    d_gates: &[f32],
    trace: &[f32],
    mut out: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&out], lengths)?;
    let out = writable(&mut out, &[d_gates, trace])?;
    lstm(shape, lengths)?.recurrent_gradient(d_gates, trace, out).map_err(mismatch)
}

/// `[numbers of the workspace, numbers of the trace]`.
#[napi(catch_unwind)]
pub fn gru_memory(shape: &[i32], lengths: &[u32]) -> Result<Vec<f64>> {
    let gru = gru(shape, lengths)?;
    Ok(vec![gru.workspace() as f64, gru.trace().map_err(mismatch)? as f64])
}

#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn gru_forwards(
    shape: &[i32],
    lengths: &[u32],
    x: &[f32],
    kernel: &[f32],
    recurrent: &[f32],
    bias: &[f32],
    recurrent_bias: &[f32],
    state: &[f32],
    mut states: Float32ArraySlice,
    mut last: Float32ArraySlice,
    mut trace: Float32ArraySlice,
    mut workspace: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&states, &last, &trace, &workspace], lengths)?;
    let inputs = [x, kernel, recurrent, bias, recurrent_bias, state];
    let results = GruResults {
        states: writable(&mut states, &inputs)?,
        last: writable(&mut last, &inputs)?,
        trace: writable(&mut trace, &inputs)?,
    };
    let workspace = writable(&mut workspace, &inputs)?;
    let weights = Weights { kernel, recurrent, bias };
    gru(shape, lengths)?.forwards(x, weights, recurrent_bias, state, results, workspace).map_err(mismatch)
}

#[allow(clippy::too_many_arguments)]
#[napi(catch_unwind)]
pub fn gru_backwards(
    shape: &[i32],
    lengths: &[u32],
    trace: &[f32],
    recurrent: &[f32],
    d_states: &[f32],
    d_last: &[f32],
    mut d_gates: Float32ArraySlice,
    mut d_inner: Float32ArraySlice,
    mut d_state: Float32ArraySlice,
    mut workspace: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&d_gates, &d_inner, &d_state, &workspace], lengths)?;
    let inputs = [trace, recurrent, d_states, d_last];
    let results = [
        writable(&mut d_gates, &inputs)?,
        writable(&mut d_inner, &inputs)?,
        writable(&mut d_state, &inputs)?,
    ];
    let workspace = writable(&mut workspace, &inputs)?;
    gru(shape, lengths)?.backwards(trace, recurrent, [d_states, d_last], results, workspace).map_err(mismatch)
}

#[napi(catch_unwind)]
pub fn gru_recurrent_gradient(
    shape: &[i32],
    lengths: &[u32],
    d_gates: &[f32],
    d_inner: &[f32],
    trace: &[f32],
    mut out: Float32ArraySlice,
) -> Result<()> {
    all_apart(&[&out], lengths)?;
    let out = writable(&mut out, &[d_gates, d_inner, trace])?;
    gru(shape, lengths)?.recurrent_gradient(d_gates, d_inner, trace, out).map_err(mismatch)
}
