use super::gate::{Gate, GateFunction, Hard, Soft};
use super::projection::Projection;
use super::steps::{Sequences, Steps};
use super::weights::{Weights, packed, packed_recurrent_length, packed_transposed};
use crate::functions::tanh;
use crate::lanes::in_lanes;
use crate::panels::{Start, multiply_down};
use crate::rows::{Rows, RowsMut};
use crate::threads::{FUNCTION, Wide, for_parts};
use crate::{Mismatch, expect};

/// A long short-term memory (Hochreiter and Schmidhuber, 1997) over a batch of sequences. Of inputs x, states h and cells c,
///
/// ```text
/// (i, f, g, o) = (gate, gate, tanh, gate)(x_t W + h_(t-1) R + b)
/// c_t = f c_(t-1) + i g,  h_t = o tanh(c_t)
/// ```
///
/// A row has the same bits among whichever others, with whichever padding. O(steps x 4 units x (inputs + units)) for the
/// steps that there are.
#[derive(Clone, Copy, Debug)]
pub struct Lstm<'a> {
    /// The batch.
    pub sequences: Sequences<'a>,
    /// Features of a step.
    pub inputs: usize,
    /// Length of a state.
    pub units: usize,
    /// What i, f and o are.
    pub gate: Gate,
}

/// What a call of an [`Lstm`] gives.
#[derive(Debug)]
pub struct LstmResults<'a> {
    /// States of all steps, [batch, steps, units].
    pub states: &'a mut [f32],
    /// The last state of each row, [batch, units].
    pub last: &'a mut [f32],
    /// The last cell of each row, [batch, units].
    pub cell: &'a mut [f32],
    /// What the gradient needs.
    pub trace: &'a mut [f32],
}

/// Parts of the trace: of each step gates (4) and tanh of the cell; states and cells, the initial ones by rank first.
struct Trace<S> {
    gates: S,
    squashed: S,
    states: S,
    cells: S,
}

const GATES: usize = 4;

impl Lstm<'_> {
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
        self.projection().workspace().max(recurrent + 2 * self.sequences.batch * self.units)
    }

    /// Numbers of the trace.
    pub fn trace(&self) -> Result<usize, Mismatch> {
        Ok(self.parts(Steps::new(&self.sequences)?.total).iter().sum())
    }

    fn parts(&self, total: usize) -> [usize; 4] {
        let kept = (self.sequences.batch + total) * self.units;
        [total * self.width(), total * self.units, kept, kept]
    }

    fn check_recurrent(&self, recurrent: &[f32]) -> Result<(), Mismatch> {
        expect(recurrent.len() == self.units * self.width(), "recurrent kernel: expected [units, 4 units]")
    }

    fn check_states(&self, arrays: [&[f32]; 2]) -> Result<(), Mismatch> {
        let rows = self.sequences.batch * self.units;
        expect(arrays.iter().all(|array| array.len() == rows), "state: expected [batch, units]")
    }

    /// All states from inputs, [batch, steps, inputs], and the initial states and cells, [batch, units].
    pub fn forwards(
        &self,
        x: &[f32],
        weights: Weights<'_>,
        initial: [&[f32]; 2],
        results: LstmResults<'_>,
        workspace: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let Sequences { batch, steps: length, .. } = self.sequences;
        let (units, width) = (self.units, self.width());
        let Weights { kernel, recurrent, bias } = weights;
        self.check_recurrent(recurrent)?;
        self.check_states(initial)?;
        self.check_states([&*results.last, &*results.cell])?;
        expect(results.states.len() == batch * length * units, "states: expected [batch, steps, units]")?;
        let parts = self.parts(steps.total);
        expect(results.trace.len() == parts.iter().sum(), "trace: expected the numbers that it has")?;
        expect(workspace.len() >= self.workspace(), "workspace: expected as much as is needed")?;
        if units == 0 {
            return Ok(());
        }
        let trace = Trace::split_mut(results.trace, parts);
        self.projection().apply(&steps, x, [kernel, bias], workspace, trace.gates)?;
        steps.enter(initial[0], units, trace.states);
        steps.enter(initial[1], units, trace.cells);
        let recurrent = packed(recurrent, width, 0..width, workspace);
        for span in steps.at_times() {
            let own = (batch + span.start) * units;
            let before = steps.previous[span.start] as usize * units;
            let gates = &mut trace.gates[span.start * width..span.end * width];
            let (states, new_states) = trace.states.split_at_mut(own);
            recurrent.multiply(
                Rows::new(&states[before..], units),
                span.len(),
                Start::Result,
                RowsMut::new(gates, width),
            );
            let (cells, new_cells) = trace.cells.split_at_mut(own);
            let now = Trace {
                gates,
                squashed: &mut trace.squashed[span.start * units..span.end * units],
                states: new_states,
                cells: new_cells,
            };
            match self.gate {
                Gate::Sigmoid => advance::<Soft>(&cells[before..], now, units),
                Gate::HardSigmoid => advance::<Hard>(&cells[before..], now, units),
            }
        }
        steps.scatter(trace.states, units, results.states);
        steps.leave(trace.states, units, results.last);
        steps.leave(trace.cells, units, results.cell);
        Ok(())
    }

    /// The gradient of the gates before their functions, step by step as the trace has them, and those of the initial
    /// states, from the gradients of what [`Lstm::forwards`] gave.
    pub fn backwards(
        &self,
        trace: &[f32],
        recurrent: &[f32],
        [d_states, d_last, d_cell]: [&[f32]; 3],
        d_gates: &mut [f32],
        initial: [&mut [f32]; 2],
        workspace: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let Sequences { batch, steps: length, .. } = self.sequences;
        let (units, width) = (self.units, self.width());
        self.check_states([d_last, d_cell])?;
        self.check_states([&*initial[0], &*initial[1]])?;
        self.check_recurrent(recurrent)?;
        expect(d_states.len() == batch * length * units, "dy: expected [batch, steps, units]")?;
        expect(d_gates.len() == steps.total * width, "out: expected the gates of all steps")?;
        expect(workspace.len() >= self.workspace(), "workspace: expected as much as is needed")?;
        let trace = self.read_trace(trace, &steps)?;
        if units == 0 {
            return Ok(());
        }
        let (d_state, rest) = workspace.split_at_mut(batch * units);
        let (d_carry, rest) = rest.split_at_mut(batch * units);
        steps.gather_last(d_states, d_last, units, d_state);
        steps.enter(d_cell, units, d_carry);
        let recurrent = packed_transposed(recurrent, width, 0..width, rest);
        for span in steps.at_times().rev() {
            let now = Trace {
                gates: &trace.gates[span.start * width..span.end * width],
                squashed: &trace.squashed[span.start * units..],
                states: d_states,
                cells: &trace.cells[steps.previous[span.start] as usize * units..],
            };
            let d_gates = &mut d_gates[span.start * width..span.end * width];
            let places = &steps.places[span.clone()];
            match self.gate {
                Gate::Sigmoid => retreat::<Soft>(now, places, d_state, d_carry, d_gates, units),
                Gate::HardSigmoid => retreat::<Hard>(now, places, d_state, d_carry, d_gates, units),
            }
            let out = RowsMut::new(d_state, units);
            recurrent.multiply(Rows::new(d_gates, width), span.len(), Start::Zero, out);
        }
        let [state, cell] = initial;
        for (rank, &row) in steps.ranks.iter().enumerate() {
            state[row * units..][..units].copy_from_slice(&d_state[rank * units..][..units]);
            cell[row * units..][..units].copy_from_slice(&d_carry[rank * units..][..units]);
        }
        Ok(())
    }

    /// The gradient of the recurrent weights, from that of the gates.
    pub fn recurrent_gradient(
        &self,
        d_gates: &[f32],
        trace: &[f32],
        out: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        let width = self.width();
        let trace = self.read_trace(trace, &steps)?;
        expect(d_gates.len() == steps.total * width, "gates: expected those of all steps")?;
        self.check_recurrent(out)?;
        let before = Rows::new(trace.states, self.units).ordered(&steps.previous);
        multiply_down(before, Rows::new(d_gates, width), steps.total, RowsMut::new(out, width));
        Ok(())
    }

    fn read_trace<'a>(&self, trace: &'a [f32], steps: &Steps) -> Result<Trace<&'a [f32]>, Mismatch> {
        let parts = self.parts(steps.total);
        expect(trace.len() == parts.iter().sum(), "trace: expected that of the call")?;
        let (gates, rest) = trace.split_at(parts[0]);
        let (squashed, rest) = rest.split_at(parts[1]);
        let (states, cells) = rest.split_at(parts[2]);
        Ok(Trace { gates, squashed, states, cells })
    }
}

impl<'a> Trace<&'a mut [f32]> {
    fn split_mut(trace: &'a mut [f32], parts: [usize; 4]) -> Self {
        let (gates, rest) = trace.split_at_mut(parts[0]);
        let (squashed, rest) = rest.split_at_mut(parts[1]);
        let (states, cells) = rest.split_at_mut(parts[2]);
        Self { gates, squashed, states, cells }
    }
}

/// From sums to gates, and to new cells and states; the gates' sums are replaced by their values.
fn advance<G: GateFunction>(cells: &[f32], now: Trace<&mut [f32]>, units: usize) {
    let rows = now.gates.len() / (GATES * units);
    let wide = |data, width| Wide { data, width };
    let results = (
        wide(now.gates, GATES * units),
        wide(now.squashed, units),
        wide(now.states, units),
        wide(now.cells, units),
    );
    for_parts(rows, (GATES + 1) * FUNCTION * units, 1, results, |range, (gates, squashed, states, cell)| {
        let now = Trace { gates: gates.data, squashed: squashed.data, states: states.data, cells: cell.data };
        advance_rows::<G>(&cells[range.start * units..], now, units);
    });
}

fn advance_rows<G: GateFunction>(cells: &[f32], now: Trace<&mut [f32]>, units: usize) {
    let Trace { gates, squashed, states, cells: new_cells } = now;
    in_lanes(
        #[inline(always)]
        || {
            let rows = gates.chunks_exact_mut(GATES * units).zip(cells.chunks_exact(units));
            let outputs = squashed
                .chunks_exact_mut(units)
                .zip(states.chunks_exact_mut(units))
                .zip(new_cells.chunks_exact_mut(units));
            for ((gates, cell), ((squashed, state), new_cell)) in rows.zip(outputs) {
                let (i, rest) = gates.split_at_mut(units);
                let (f, rest) = rest.split_at_mut(units);
                let (g, o) = rest.split_at_mut(units);
                let gates = i.iter_mut().zip(f).zip(g).zip(o);
                let results = squashed.iter_mut().zip(state).zip(new_cell);
                for (((((i, f), g), o), &cell), ((squashed, state), new_cell)) in gates.zip(cell).zip(results)
                {
                    (*i, *f, *g, *o) = (G::value(*i), G::value(*f), tanh(*g) as f32, G::value(*o));
                    *new_cell = f.mul_add(cell, *i * *g);
                    *squashed = tanh(*new_cell) as f32;
                    *state = *o * *squashed;
                }
            }
        },
    );
}

/// Of the gradients of states and cells behind a step those of its gates' sums and of the cells before it. `now` has the
/// cells before the step, and the gradient of all states at their places.
fn retreat<G: GateFunction>(
    now: Trace<&[f32]>,
    places: &[u32],
    d_state: &[f32],
    d_carry: &mut [f32],
    d_gates: &mut [f32],
    units: usize,
) {
    let Trace { gates, squashed, states: d_states, cells } = now;
    in_lanes(
        #[inline(always)]
        || {
            let rows = gates.chunks_exact(GATES * units).zip(squashed.chunks_exact(units));
            let rows = rows.zip(cells.chunks_exact(units)).zip(places);
            let carried = d_state.chunks_exact(units).zip(d_carry.chunks_exact_mut(units));
            let outputs = d_gates.chunks_exact_mut(GATES * units);
            for (((((gates, squashed), cell), &place), (d_state, d_carry)), out) in
                rows.zip(carried).zip(outputs)
            {
                let d_own = &d_states[place as usize * units..][..units];
                let (i, rest) = gates.split_at(units);
                let (f, rest) = rest.split_at(units);
                let (g, o) = rest.split_at(units);
                let (d_i, rest) = out.split_at_mut(units);
                let (d_f, rest) = rest.split_at_mut(units);
                let (d_g, d_o) = rest.split_at_mut(units);
                let values = i.iter().zip(f).zip(g).zip(o).zip(squashed).zip(cell);
                let gradients = d_i.iter_mut().zip(d_f).zip(d_g).zip(d_o);
                let carried = d_state.iter().zip(d_own).zip(d_carry);
                for (
                    ((((((&i, &f), &g), &o), &squashed), &cell), (((d_i, d_f), d_g), d_o)),
                    ((&d_state, &d_own), d_carry),
                ) in values.zip(gradients).zip(carried)
                {
                    let d_h = d_state + d_own;
                    let d_c = (d_h * o).mul_add(1.0 - squashed * squashed, *d_carry);
                    *d_i = d_c * g * G::slope(i);
                    *d_f = d_c * cell * G::slope(f);
                    *d_g = d_c * i * (1.0 - g * g);
                    *d_o = d_h * squashed * G::slope(o);
                    *d_carry = d_c * f;
                }
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::same_on_all;

    const UNITS: usize = 3;
    const INPUTS: usize = 2;

    fn numbers(count: usize, phase: f32) -> Vec<f32> {
        (0..count).map(|i| (1.7 * (i * i) as f32 + phase).sin() * 0.5).collect()
    }

    fn lstm(lengths: &[u32], steps: usize, reverse: bool) -> Lstm<'_> {
        let sequences = Sequences { batch: lengths.len(), steps, lengths, reverse };
        Lstm { sequences, inputs: INPUTS, units: UNITS, gate: Gate::Sigmoid }
    }

    /// States, last states and last cells.
    fn run(lstm: &Lstm<'_>, x: &[f32]) -> Result<[Vec<f32>; 3], Mismatch> {
        let Sequences { batch, steps, .. } = lstm.sequences;
        let width = GATES * UNITS;
        let (kernel, recurrent) = (numbers(INPUTS * width, 1.0), numbers(UNITS * width, 2.0));
        let (bias, initial) = (numbers(width, 3.0), vec![0.25; batch * UNITS]);
        let mut results =
            [batch * steps * UNITS, batch * UNITS, batch * UNITS].map(|size| vec![f32::NAN; size]);
        let (mut trace, mut workspace) = (vec![f32::NAN; lstm.trace()?], vec![f32::NAN; lstm.workspace()]);
        let [states, last, cell] = &mut results;
        lstm.forwards(
            x,
            Weights { kernel: &kernel, recurrent: &recurrent, bias: &bias },
            [&initial, &initial],
            LstmResults { states, last, cell, trace: &mut trace },
            &mut workspace,
        )?;
        Ok(results)
    }

    #[test]
    fn a_row_in_a_batch_has_the_bits_of_the_row_alone() {
        let (lengths, steps) = ([2, 5, 0, 4], 5);
        for reverse in [false, true] {
            let mut x = numbers(lengths.len() * steps * INPUTS, 0.0);
            for (row, &length) in x.chunks_exact_mut(steps * INPUTS).zip(&lengths) {
                row[length as usize * INPUTS..].fill(f32::NAN);
            }
            let [states, last, cell] = run(&lstm(&lengths, steps, reverse), &x).unwrap();
            for (row, &length) in lengths.iter().enumerate() {
                let long = length as usize;
                let own = &x[row * steps * INPUTS..][..long * INPUTS];
                let alone = run(&lstm(&[length], long, reverse), own).unwrap();
                assert_eq!(states[row * steps * UNITS..][..long * UNITS], alone[0]);
                assert_eq!(last[row * UNITS..][..UNITS], alone[1]);
                assert_eq!(cell[row * UNITS..][..UNITS], alone[2]);
                for padding in states[(row * steps + long) * UNITS..(row + 1) * steps * UNITS].chunks(UNITS) {
                    assert_eq!(padding, alone[1]);
                }
            }
        }
    }

    #[test]
    fn threads_leave_no_trace() {
        for reverse in [false, true] {
            let lengths = [5, 3, 0, 4, 5, 5, 2];
            let x = numbers(lengths.len() * 5 * INPUTS, 0.0);
            same_on_all(|| run(&lstm(&lengths, 5, reverse), &x).unwrap().concat());
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        assert!(run(&lstm(&[1, 3], 3, false), &[0.0; 12]).is_ok());
        assert!(run(&lstm(&[1, 3], 3, false), &[0.0; 11]).is_err());
        assert!(run(&lstm(&[1, 4], 3, false), &[0.0; 12]).is_err());
    }
}
