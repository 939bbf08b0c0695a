use super::steps::{Sequences, Steps};
use super::weights::{packed, packed_transposed};
use crate::panels::{Start, multiply_down, packed_length};
use crate::rows::{Rows, RowsMut};
use crate::{Mismatch, expect};

/// The part of a recurrent layer that does not recur: the inputs of all steps times the kernel, one product, and its
/// gradients, one product each. A row has the same bits among whichever others, with whichever padding.
#[derive(Clone, Copy, Debug)]
pub struct Projection<'a> {
    /// The batch.
    pub sequences: Sequences<'a>,
    /// Features of a step.
    pub inputs: usize,
    /// Sums that a step has: of all gates and units.
    pub width: usize,
}

impl Projection<'_> {
    /// Numbers of workspace that a call needs.
    pub fn workspace(&self) -> usize {
        packed_length(self.inputs, self.width).max(packed_length(self.width, self.inputs))
    }

    fn check_kernel(&self, kernel: &[f32]) -> Result<(), Mismatch> {
        expect(kernel.len() == self.inputs * self.width, "kernel: expected [inputs, gates x units]")
    }

    fn check_inputs(&self, x: &[f32]) -> Result<(), Mismatch> {
        let Sequences { batch, steps, .. } = self.sequences;
        expect(x.len() == batch * steps * self.inputs, "x: expected [batch, steps, inputs]")
    }

    fn check_sums(&self, steps: &Steps, sums: &[f32]) -> Result<(), Mismatch> {
        expect(sums.len() == steps.total * self.width, "gates: expected those of all steps")
    }

    fn check_workspace(&self, workspace: &[f32]) -> Result<(), Mismatch> {
        expect(workspace.len() >= self.workspace(), "workspace: expected as much as is needed")
    }

    /// The sums of all steps, `x W + b`, in the order in which steps are computed.
    pub(crate) fn apply(
        &self,
        steps: &Steps,
        x: &[f32],
        [kernel, bias]: [&[f32]; 2],
        workspace: &mut [f32],
        sums: &mut [f32],
    ) -> Result<(), Mismatch> {
        self.check_kernel(kernel)?;
        self.check_inputs(x)?;
        self.check_sums(steps, sums)?;
        self.check_workspace(workspace)?;
        expect(bias.is_empty() || bias.len() == self.width, "bias: expected [gates x units]")?;
        let panels = packed(kernel, self.width, 0..self.width, workspace);
        let x = Rows::new(x, self.inputs).ordered(&steps.places);
        let start = if bias.is_empty() { Start::Zero } else { Start::Row(bias) };
        panels.multiply(x, steps.total, start, RowsMut::new(sums, self.width));
        Ok(())
    }

    /// The gradient of the inputs, [batch, steps, inputs], from that of the sums; 0 behind a row's length.
    pub fn input_gradient(
        &self,
        d_sums: &[f32],
        kernel: &[f32],
        out: &mut [f32],
        workspace: &mut [f32],
    ) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        self.check_kernel(kernel)?;
        self.check_inputs(out)?;
        self.check_sums(&steps, d_sums)?;
        self.check_workspace(workspace)?;
        steps.clear_padding(self.inputs, out);
        let panels = packed_transposed(kernel, self.width, 0..self.width, workspace);
        let out = RowsMut::new(out, self.inputs).ordered(&steps.places);
        panels.multiply(Rows::new(d_sums, self.width), steps.total, Start::Zero, out);
        Ok(())
    }

    /// The gradient of the kernel, [inputs, width], from that of the sums.
    pub fn kernel_gradient(&self, d_sums: &[f32], x: &[f32], out: &mut [f32]) -> Result<(), Mismatch> {
        let steps = Steps::new(&self.sequences)?;
        self.check_kernel(out)?;
        self.check_inputs(x)?;
        self.check_sums(&steps, d_sums)?;
        let x = Rows::new(x, self.inputs).ordered(&steps.places);
        multiply_down(x, Rows::new(d_sums, self.width), steps.total, RowsMut::new(out, self.width));
        Ok(())
    }
}
