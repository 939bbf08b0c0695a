use super::gate::{Gate, GateFunction, Hard, Soft};
use super::projection::Projection;
use super::steps::{Sequences, Steps};
use super::weights::{Weights, packed, packed_recurrent_length, packed_transposed};
use crate::functions::tanh;
use crate::lanes::in_lanes;
use crate::panels::{Start, multiply_down};
use crate::rows::{Rows, RowsMut};
use crate::{Mismatch, expect};

/// A gated recurrent unit (Cho et al., 2014) over a batch of sequences. Of inputs x and states h, the weights' columns in
/// three parts,
///
/// ```text
/// (z, r) = gate(x_t W_zr + h_(t-1) R_zr + b_zr)
/// g = tanh(x_t W_g + b_g + (r h_(t-1)) R_g),  reset before the product
/// g = tanh(x_t W_g + b_g + r (h_(t-1) R_g + c_g)),  reset after it, with a recurrent bias c
/// h_t = z h_(t-1) + (1 - z) g
/// ```
///
/// A row has the same bits among whichever others, with whichever padding. O(steps x 3 units x (inputs + units)) for the
/// steps that there are.
#[derive(Clone, Copy, Debug)]
pub struct Gru<'a> {
    /// The batch.
    pub sequences: Sequences<'a>,
    /// Features of a step.
    pub inputs: usize,
    /// Length of a state.
    pub units: usize,
    /// What z and r are.
    pub gate: Gate,
    /// Whether the state is reset after its product.
    pub reset_after: bool,
}

/// What a call of a [`Gru`] gives.
#[derive(Debug)]
pub struct GruResults<'a> {
    /// States of all steps, [batch, steps, units].
    pub states: &'a mut [f32],
    /// The last state of each row, [batch, units].
    pub last: &'a mut [f32],
    /// What the gradient needs.
    pub trace: &'a mut [f32],
}

/// Parts of the trace: of each step the gates (3) and what stands between reset and product, `r h` or `h R_g + c_g`; the
/// states, the initial ones by rank first.
struct Trace<S> {
    gates: S,
    inner: S,
    states: S,
}

const GATES: usize = 3;

impl Gru<'_> {
    fn width(&self) -> usize {
        GATES * self.units
    }

    /// The product of the inputs.
    pub fn projection(&self) -> Projection<'_> {
        Projection { sequences: self.sequences, inputs: self.inputs, width: self.width() }
    }

    /// Numbers of workspace that every call needs.
    pub fn workspace(&self) -> usize {
        let recurrent = packed_recurrent_length(self.units, GATES);
        self.projection().workspace().max(recurrent + self.sequences.batch * self.units)
    }

    /// Numbers of the trace.
    pub fn trace(&self) -> Result<usize, Mismatch> {
        Ok(self.parts(Steps::new(&self.sequences)?.total).iter().sum())
    }

    fn parts(&self, total: usize) -> [usize; 3] {
        [total * self.width(), total * self.units, (self.sequences.batch + total) * self.units]
    }

    fn check_recurrent(&self, recurrent: &[f32]) -> Result<(), Mismatch> {
        expect(recurrent.len() == self.units * self.width(), "recurrent kernel: expected [units, 3 units]")
    }

    fn check_states(&self, arrays: [&[f32]; 2]) -> Result<(), Mismatch> {
        let rows = self.sequences.batch * self.units;
        expect(arrays.iter().all(|array| array.len() == rows), "state: expected [batch, units]")
    }

    fn check_gradients(&self, steps: &Steps, d_gates: &[f32], d_inner: &[f32]) -> Result<(), Mismatch> {
        expect(d_gates.len() == steps.total * self.width(), "gates: expected those of all steps")?;
        expect(d_inner.len() == steps.total * self.units, "inner: expected that of all steps")
    }

    /// The bias of all sums: that of the inputs, and of z and r the recurrent one.
    fn bias(&self, inputs: &[f32], recurrent: &[f32]) -> Vec<f32> {
        let own = |bias: &[f32], column: usize| bias.get(column).copied().unwrap_or(0.0);
        let recurrent = &recurrent[..recurrent.len().min(2 * self.units)];
        (0..self.width()).map(|column| own(inputs, column) + own(recurrent, column)).collect()
    }

    /// All states from inputs, [batch, steps, inputs], and the initial states, [batch, units]. The recurrent bias,
    /// [3 units] or nothing, is for a reset after the product.
    pub fn forwards(
        &self,
        x: &[f32],
        weights: Weights<'_>,
        recurrent_bias: &[f32],
        initial: &[f32],
        results: GruResults<'_>,
        workspace: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let Sequences { batch, steps: length, .. } = self.sequences;
        let (units, width) = (self.units, self.width());
        let Weights { kernel, recurrent, bias } = weights;
        self.check_recurrent(recurrent)?;
        self.check_states([initial, &*results.last])?;
        expect(bias.is_empty() || bias.len() == width, "bias: expected [3 units]")?;
        expect(
            recurrent_bias.is_empty() || (self.reset_after && recurrent_bias.len() == width),
            "recurrent bias: expected [3 units], and a reset after the product",
        )?;
        expect(results.states.len() == batch * length * units, "states: expected [batch, steps, units]")?;
        let parts = self.parts(steps.total);
        expect(results.trace.len() == parts.iter().sum(), "trace: expected the numbers that it has")?;
        expect(workspace.len() >= self.workspace(), "workspace: expected as much as is needed")?;
        if units == 0 {
            return Ok(());
        }
        let trace = Trace::split_mut(results.trace, parts);
        let bias = self.bias(bias, recurrent_bias);
        self.projection().apply(&steps, x, [kernel, &bias], workspace, trace.gates)?;
        steps.enter(initial, units, trace.states);
        let (of_gates, of_candidate) = workspace.split_at_mut(packed_recurrent_length(units, 2));
        let of_gates = packed(recurrent, width, 0..2 * units, of_gates);
        let of_candidate = packed(recurrent, width, 2 * units..width, of_candidate);
        let inner_start =
            if recurrent_bias.is_empty() { Start::Zero } else { Start::Row(&recurrent_bias[2 * units..]) };
        for span in steps.at_times() {
            let own = (batch + span.start) * units;
            let (states, new_states) = trace.states.split_at_mut(own);
            let states = &states[steps.previous[span.start] as usize * units..];
            let gates = &mut trace.gates[span.start * width..span.end * width];
            let inner = &mut trace.inner[span.start * units..span.end * units];
            let sums = RowsMut::new(gates, width).columns(0..2 * units);
            of_gates.multiply(Rows::new(states, units), span.len(), Start::Result, sums);
            match self.gate {
                Gate::Sigmoid => open::<Soft>(gates, units),
                Gate::HardSigmoid => open::<Hard>(gates, units),
            }
            if self.reset_after {
                let out = RowsMut::new(inner, units);
                of_candidate.multiply(Rows::new(states, units), span.len(), inner_start, out);
                add_reset(inner, gates, units);
            } else {
                reset(states, gates, inner, units);
                let sums = RowsMut::new(gates, width).columns(2 * units..width);
                of_candidate.multiply(Rows::new(inner, units), span.len(), Start::Result, sums);
            }
            advance(states, gates, new_states, units);
        }
        steps.scatter(trace.states, units, results.states);
        steps.leave(trace.states, units, results.last);
        Ok(())
    }

    /// From the gradients of what [`Gru::forwards`] gave those of the gates before their functions and of what stands
    /// between reset and product, step by step as the trace has them, and those of the initial states.
    pub fn backwards(
        &self,
        trace: &[f32],
        recurrent: &[f32],
        [d_states, d_last]: [&[f32]; 2],
        [d_gates, d_inner, initial]: [&mut [f32]; 3],
        workspace: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let Sequences { batch, steps: length, .. } = self.sequences;
        let (units, width) = (self.units, self.width());
        self.check_states([d_last, &*initial])?;
        self.check_recurrent(recurrent)?;
        self.check_gradients(&steps, d_gates, d_inner)?;
        expect(d_states.len() == batch * length * units, "dy: expected [batch, steps, units]")?;
        expect(workspace.len() >= self.workspace(), "workspace: expected as much as is needed")?;
        let trace = self.read_trace(trace, &steps)?;
        if units == 0 {
            return Ok(());
        }
        let (d_state, rest) = workspace.split_at_mut(batch * units);
        steps.gather_last(d_states, d_last, units, d_state);
        let (of_gates, of_candidate) = rest.split_at_mut(packed_recurrent_length(units, 2));
        let of_gates = packed_transposed(recurrent, width, 0..2 * units, of_gates);
        let of_candidate = packed_transposed(recurrent, width, 2 * units..width, of_candidate);
        for span in steps.at_times().rev() {
            let count = span.len();
            let states = &trace.states[steps.previous[span.start] as usize * units..];
            let now = Trace {
                gates: &trace.gates[span.start * width..span.end * width],
                inner: &trace.inner[span.start * units..span.end * units],
                states,
            };
            let d_gates = &mut d_gates[span.start * width..span.end * width];
            let d_inner = &mut d_inner[span.start * units..span.end * units];
            let places = &steps.places[span];
            match self.gate {
                Gate::Sigmoid => retreat::<Soft>(&now, places, d_states, d_state, d_gates, units),
                Gate::HardSigmoid => retreat::<Hard>(&now, places, d_states, d_state, d_gates, units),
            }
            if !self.reset_after {
                let candidate = Rows::new(d_gates, width).columns(2 * units..width);
                of_candidate.multiply(candidate, count, Start::Zero, RowsMut::new(d_inner, units));
            }
            match (self.gate, self.reset_after) {
                (Gate::Sigmoid, false) => unset::<Soft>(&now, d_inner, d_state, d_gates, units),
                (Gate::HardSigmoid, false) => unset::<Hard>(&now, d_inner, d_state, d_gates, units),
                (Gate::Sigmoid, true) => unset_after::<Soft>(&now, d_inner, d_gates, units),
                (Gate::HardSigmoid, true) => unset_after::<Hard>(&now, d_inner, d_gates, units),
            }
            if self.reset_after {
                let out = RowsMut::new(d_state, units);
                of_candidate.multiply(Rows::new(d_inner, units), count, Start::Result, out);
            }
            let gates = Rows::new(d_gates, width).columns(0..2 * units);
            of_gates.multiply(gates, count, Start::Result, RowsMut::new(d_state, units));
        }
        for (rank, &row) in steps.ranks.iter().enumerate() {
            initial[row * units..][..units].copy_from_slice(&d_state[rank * units..][..units]);
        }
        Ok(())
    }

    /// The gradient of the recurrent weights, from what [`Gru::backwards`] gave.
    pub fn recurrent_gradient(
        &self,
        d_gates: &[f32],
        d_inner: &[f32],
        trace: &[f32],
        out: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let (units, width) = (self.units, self.width());
        let trace = self.read_trace(trace, &steps)?;
        self.check_gradients(&steps, d_gates, d_inner)?;
        self.check_recurrent(out)?;
        let before = Rows::new(trace.states, units).ordered(&steps.previous);
        let d_gates = Rows::new(d_gates, width);
        let of_gates = RowsMut::new(out, width).columns(0..2 * units);
        multiply_down(before, d_gates.columns(0..2 * units), steps.total, of_gates);
        let (factor, d_product) = if self.reset_after {
            (before, Rows::new(d_inner, units))
        } else {
            (Rows::new(trace.inner, units), d_gates.columns(2 * units..width))
        };
        let of_candidate = RowsMut::new(out, width).columns(2 * units..width);
        multiply_down(factor, d_product, steps.total, of_candidate);
        Ok(())
    }

    fn read_trace<'a>(&self, trace: &'a [f32], steps: &Steps) -> Result<Trace<&'a [f32]>, Mismatch> {
        let parts = self.parts(steps.total);
        expect(trace.len() == parts.iter().sum(), "trace: expected that of the call")?;
        let (gates, rest) = trace.split_at(parts[0]);
        let (inner, states) = rest.split_at(parts[1]);
        Ok(Trace { gates, inner, states })
    }
}

impl<'a> Trace<&'a mut [f32]> {
    fn split_mut(trace: &'a mut [f32], parts: [usize; 3]) -> Self {
        let (gates, rest) = trace.split_at_mut(parts[0]);
        let (inner, states) = rest.split_at_mut(parts[1]);
        Self { gates, inner, states }
    }
}

/// z, r and g of a row of gates.
#[inline(always)]
fn parts(row: &[f32], units: usize) -> [&[f32]; 3] {
    let (z, rest) = row.split_at(units);
    let (r, g) = rest.split_at(units);
    [z, r, g]
}

#[inline(always)]
fn parts_mut(row: &mut [f32], units: usize) -> [&mut [f32]; 3] {
    let (z, rest) = row.split_at_mut(units);
    let (r, g) = rest.split_at_mut(units);
    [z, r, g]
}

/// Sums of z and r to their values.
fn open<G: GateFunction>(gates: &mut [f32], units: usize) {
    in_lanes(
        #[inline(always)]
        || {
            for row in gates.chunks_exact_mut(GATES * units) {
                for gate in &mut row[..2 * units] {
                    *gate = G::value(*gate);
                }
            }
        },
    );
}

/// States times r.
fn reset(states: &[f32], gates: &[f32], inner: &mut [f32], units: usize) {
    in_lanes(
        #[inline(always)]
        || {
            let rows = gates.chunks_exact(GATES * units).zip(states.chunks_exact(units));
            for ((gates, state), inner) in rows.zip(inner.chunks_exact_mut(units)) {
                let [_, r, _] = parts(gates, units);
                for ((inner, &r), &state) in inner.iter_mut().zip(r).zip(state) {
                    *inner = r * state;
                }
            }
        },
    );
}

/// Adds r times the state's part to the candidate's sums.
fn add_reset(inner: &[f32], gates: &mut [f32], units: usize) {
    in_lanes(
        #[inline(always)]
        || {
            for (gates, inner) in gates.chunks_exact_mut(GATES * units).zip(inner.chunks_exact(units)) {
                let [_, r, g] = parts_mut(gates, units);
                for ((g, &mut r), &inner) in g.iter_mut().zip(r).zip(inner) {
                    *g = r.mul_add(inner, *g);
                }
            }
        },
    );
}

/// From the candidate's sums to its value and the new states.
fn advance(states: &[f32], gates: &mut [f32], new_states: &mut [f32], units: usize) {
    in_lanes(
        #[inline(always)]
        || {
            let rows = gates.chunks_exact_mut(GATES * units).zip(states.chunks_exact(units));
            for ((gates, state), new_state) in rows.zip(new_states.chunks_exact_mut(units)) {
                let [z, _, g] = parts_mut(gates, units);
                for (((&mut z, g), &state), new_state) in z.iter_mut().zip(g).zip(state).zip(new_state) {
                    *g = tanh(*g) as f32;
                    *new_state = z.mul_add(state, (1.0 - z) * *g);
                }
            }
        },
    );
}

/// Of the gradients of the states behind a step those of z's and the candidate's sums, and what the states before it have
/// directly. `d_states` has those of all states at their places.
fn retreat<G: GateFunction>(
    now: &Trace<&[f32]>,
    places: &[u32],
    d_states: &[f32],
    d_state: &mut [f32],
    d_gates: &mut [f32],
    units: usize,
) {
    in_lanes(
        #[inline(always)]
        || {
            let rows = now.gates.chunks_exact(GATES * units).zip(now.states.chunks_exact(units)).zip(places);
            let outputs = d_gates.chunks_exact_mut(GATES * units).zip(d_state.chunks_exact_mut(units));
            for (((gates, state), &place), (d_gates, d_state)) in rows.zip(outputs) {
                let d_own = &d_states[place as usize * units..][..units];
                let ([z, _, g], [d_z, _, d_g]) = (parts(gates, units), parts_mut(d_gates, units));
                let values = z.iter().zip(g).zip(state).zip(d_own);
                for ((((&z, &g), &state), &d_own), ((d_z, d_g), d_state)) in
                    values.zip(d_z.iter_mut().zip(d_g).zip(d_state))
                {
                    let d_h = *d_state + d_own;
                    *d_z = d_h * (state - g) * G::slope(z);
                    *d_g = d_h * (1.0 - z) * (1.0 - g * g);
                    *d_state = d_h * z;
                }
            }
        },
    );
}

/// The gradients of r's sums and, through the reset, of the states before, from that of the states that were reset.
fn unset<G: GateFunction>(
    now: &Trace<&[f32]>,
    d_inner: &[f32],
    d_state: &mut [f32],
    d_gates: &mut [f32],
    units: usize,
) {
    in_lanes(
        #[inline(always)]
        || {
            let rows = now.gates.chunks_exact(GATES * units).zip(now.states.chunks_exact(units));
            let rows = rows.zip(d_inner.chunks_exact(units));
            let outputs = d_gates.chunks_exact_mut(GATES * units).zip(d_state.chunks_exact_mut(units));
            for (((gates, state), d_inner), (d_gates, d_state)) in rows.zip(outputs) {
                let ([_, r, _], [_, d_r, _]) = (parts(gates, units), parts_mut(d_gates, units));
                let values = r.iter().zip(state).zip(d_inner);
                for (((&r, &state), &d_inner), (d_r, d_state)) in values.zip(d_r.iter_mut().zip(d_state)) {
                    *d_r = d_inner * state * G::slope(r);
                    *d_state = d_inner.mul_add(r, *d_state);
                }
            }
        },
    );
}

/// The gradients of r's sums and of the state's part, from that of the candidate's sums.
fn unset_after<G: GateFunction>(now: &Trace<&[f32]>, d_inner: &mut [f32], d_gates: &mut [f32], units: usize) {
    in_lanes(
        #[inline(always)]
        || {
            let rows = now.gates.chunks_exact(GATES * units).zip(now.inner.chunks_exact(units));
            let outputs = d_gates.chunks_exact_mut(GATES * units).zip(d_inner.chunks_exact_mut(units));
            for ((gates, inner), (d_gates, d_inner)) in rows.zip(outputs) {
                let ([_, r, _], [_, d_r, d_g]) = (parts(gates, units), parts_mut(d_gates, units));
                let values = r.iter().zip(inner).zip(&*d_g);
                for (((&r, &inner), &d_g), (d_r, d_inner)) in values.zip(d_r.iter_mut().zip(d_inner)) {
                    *d_r = d_g * inner * G::slope(r);
                    *d_inner = d_g * r;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: usize = 3;
    const INPUTS: usize = 2;

    fn numbers(count: usize, phase: f32) -> Vec<f32> {
        (0..count).map(|i| (1.7 * (i * i) as f32 + phase).sin() * 0.5).collect()
    }

    fn gru(lengths: &[u32], steps: usize, reverse: bool, reset_after: bool) -> Gru<'_> {
        let sequences = Sequences { batch: lengths.len(), steps, lengths, reverse };
        Gru { sequences, inputs: INPUTS, units: UNITS, gate: Gate::Sigmoid, reset_after }
    }

    /// States and last states, with a recurrent bias where there may be one.
    fn run(gru: &Gru<'_>, x: &[f32], recurrent_bias: &[f32]) -> Result<[Vec<f32>; 2], Mismatch> {
        let Sequences { batch, steps, .. } = gru.sequences;
        let width = GATES * UNITS;
        let (kernel, recurrent) = (numbers(INPUTS * width, 1.0), numbers(UNITS * width, 2.0));
        let (bias, initial) = (numbers(width, 3.0), vec![0.25; batch * UNITS]);
        let mut results = [batch * steps * UNITS, batch * UNITS].map(|size| vec![f32::NAN; size]);
        let (mut trace, mut workspace) = (vec![f32::NAN; gru.trace()?], vec![f32::NAN; gru.workspace()]);
        let [states, last] = &mut results;
        gru.forwards(
            x,
            Weights { kernel: &kernel, recurrent: &recurrent, bias: &bias },
            recurrent_bias,
            &initial,
            GruResults { states, last, trace: &mut trace },
            &mut workspace,
        )?;
        Ok(results)
    }

    #[test]
    fn a_row_in_a_batch_has_the_bits_of_the_row_alone() {
        let (lengths, steps) = ([2, 5, 0, 4], 5);
        for (reverse, reset_after) in [(false, false), (true, false), (false, true), (true, true)] {
            let recurrent_bias = numbers(if reset_after { GATES * UNITS } else { 0 }, 4.0);
            let mut x = numbers(lengths.len() * steps * INPUTS, 0.0);
            for (row, &length) in x.chunks_exact_mut(steps * INPUTS).zip(&lengths) {
                row[length as usize * INPUTS..].fill(f32::NAN);
            }
            let [states, last] =
                run(&gru(&lengths, steps, reverse, reset_after), &x, &recurrent_bias).unwrap();
            for (row, &length) in lengths.iter().enumerate() {
                let long = length as usize;
                let own = &x[row * steps * INPUTS..][..long * INPUTS];
                let alone = run(&gru(&[length], long, reverse, reset_after), own, &recurrent_bias).unwrap();
                assert_eq!(states[row * steps * UNITS..][..long * UNITS], alone[0]);
                assert_eq!(last[row * UNITS..][..UNITS], alone[1]);
                for padding in states[(row * steps + long) * UNITS..(row + 1) * steps * UNITS].chunks(UNITS) {
                    assert_eq!(padding, alone[1]);
                }
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let bias = [0.0; GATES * UNITS];
        assert!(run(&gru(&[1, 3], 3, false, true), &[0.0; 12], &bias).is_ok());
        assert!(run(&gru(&[1, 3], 3, false, true), &[0.0; 11], &bias).is_err());
        assert!(run(&gru(&[1, 4], 3, false, true), &[0.0; 12], &bias).is_err());
        assert!(run(&gru(&[1, 3], 3, false, true), &[0.0; 12], &bias[1..]).is_err());
        assert!(run(&gru(&[1, 3], 3, false, false), &[0.0; 12], &bias).is_err());
        assert!(run(&gru(&[1, 3], 3, false, false), &[0.0; 12], &[]).is_ok());
    }
}
