use crate::gemm::{Matrix, multiply};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::product::Epilogue;
use crate::threads::{ELEMENT, Wide, for_parts};
use crate::{Mismatch, expect};

/// A two-dimensional convolution, channels last: x [batch, height, width, channels], filter [height, width, channels,
/// outputs], y [batch, height, width, outputs].
///
/// All three directions are products with the matrix of patches [batch x height x width of y, height x width of the
/// filter x channels], made a block of rows at a time: O(elements of y x elements of a patch).
#[derive(Clone, Copy, Debug)]
pub struct Convolution {
    /// Images.
    pub batch: usize,
    /// Height and width of x.
    pub input: [usize; 2],
    /// Channels of x.
    pub channels: usize,
    /// Height and width of y.
    pub output: [usize; 2],
    /// Channels of y.
    pub outputs: usize,
    /// Height and width of the filter.
    pub filter: [usize; 2],
    /// Steps between patches.
    pub stride: [usize; 2],
    /// Steps between the elements of a patch.
    pub dilation: [usize; 2],
    /// Rows above and columns left of x that count as 0.
    pub padding: [usize; 2],
}

/// Elements of a block of patches: 256 KB, which stay in the second cache.
const BLOCK: usize = 1 << 16;

impl Convolution {
    /// y = x * filter, then bias and activation.
    ///
    /// False, with y as it was, if a zero of the padding would meet an infinity or a NaN of the filter.
    pub fn apply(
        &self,
        x: &[f32],
        filter: &[f32],
        epilogue: Epilogue<'_>,
        y: &mut [f32],
    ) -> Result<bool, Mismatch> {
        self.check(x.len(), filter.len(), y.len())?;
        epilogue.check(self.outputs)?;
        if y.is_empty() {
            return Ok(true);
        }
        if self.pads() && !finite(filter) {
            return Ok(false);
        }
        let filter = Matrix::new(filter, self.patch(), self.outputs)?;
        // Whole blocks, so that every product is the same on any number of threads.
        let (rows, grain) = (y.len() / self.outputs, self.block_rows());
        let outcome = Mutex::new(Ok(true));
        let y = Wide { data: y, width: self.outputs };
        for_parts(rows, self.work(), grain, y, |range, y| {
            if let Err(error) = self.apply_part(x, filter, &epilogue, range, y.data) {
                *outcome.lock().unwrap_or_else(PoisonError::into_inner) = Err(error);
            }
        });
        outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Some rows of y, block by block.
    fn apply_part(
        &self,
        x: &[f32],
        filter: Matrix<'_>,
        epilogue: &Epilogue<'_>,
        range: Range<usize>,
        y: &mut [f32],
    ) -> Result<(), Mismatch> {
        let mut patches = Vec::new();
        for (first, y) in self.blocks(range.start).zip(y.chunks_mut(self.block_rows() * self.outputs)) {
            let rows = y.len() / self.outputs;
            self.collect(x, first, rows, &mut patches);
            multiply(Matrix::new(&patches, rows, self.patch())?, filter, y, false)?;
            epilogue.apply(y);
        }
        Ok(())
    }

    /// The filter's gradient from x and the cotangent of y.
    ///
    /// False, with the filter as it was, if a zero of the padding would meet an infinity or a NaN of the cotangent.
    pub fn filter_gradient(&self, x: &[f32], dy: &[f32], filter: &mut [f32]) -> Result<bool, Mismatch> {
        self.check(x.len(), filter.len(), dy.len())?;
        if self.pads() && !finite(dy) {
            return Ok(false);
        }
        filter.fill(0.0);
        if dy.is_empty() {
            return Ok(true);
        }
        let mut patches = Vec::new();
        for (first, dy) in self.blocks(0).zip(dy.chunks(self.block_rows() * self.outputs)) {
            let rows = dy.len() / self.outputs;
            self.collect(x, first, rows, &mut patches);
            let patches = Matrix::new(&patches, rows, self.patch())?.transposed();
            multiply(patches, Matrix::new(dy, rows, self.outputs)?, filter, true)?;
        }
        Ok(true)
    }

    /// The gradient of x from the filter and the cotangent of y.
    pub fn input_gradient(&self, dy: &[f32], filter: &[f32], x: &mut [f32]) -> Result<(), Mismatch> {
        self.check(x.len(), filter.len(), dy.len())?;
        x.fill(0.0);
        if dy.is_empty() {
            return Ok(());
        }
        let filter = Matrix::new(filter, self.patch(), self.outputs)?.transposed();
        let mut patches = Vec::new();
        for (first, dy) in self.blocks(0).zip(dy.chunks(self.block_rows() * self.outputs)) {
            let rows = dy.len() / self.outputs;
            patches.resize(rows * self.patch(), 0.0);
            multiply(Matrix::new(dy, rows, self.outputs)?, filter, &mut patches, false)?;
            self.each_piece(first, rows, |piece, place| {
                for (x, &d) in x[place..][..self.channels].iter_mut().zip(&patches[piece..]) {
                    *x += d;
                }
            });
        }
        Ok(())
    }

    /// Elements of a patch.
    fn patch(&self) -> usize {
        self.filter[0] * self.filter[1] * self.channels
    }

    fn block_rows(&self) -> usize {
        (BLOCK / self.patch().max(1)).max(1)
    }

    /// Multiply-adds of a patch, with what it costs to make it.
    fn work(&self) -> usize {
        self.patch() * (self.outputs + ELEMENT / 4)
    }

    /// The first patch of each block from one on.
    fn blocks(&self, first: usize) -> impl Iterator<Item = usize> {
        (first..).step_by(self.block_rows())
    }

    /// A block of the matrix of patches.
    fn collect(&self, x: &[f32], first: usize, rows: usize, patches: &mut Vec<f32>) {
        patches.clear();
        patches.resize(rows * self.patch(), 0.0);
        self.each_piece(first, rows, |piece, place| {
            patches[piece..][..self.channels].copy_from_slice(&x[place..][..self.channels]);
        });
    }

    /// Calls `body` with where each pixel's channels are in a block of patches and in x, without the padding.
    #[inline(always)]
    fn each_piece(&self, first: usize, rows: usize, mut body: impl FnMut(usize, usize)) {
        let [height, width] = self.output;
        for row in 0..rows {
            let patch = first + row;
            let (image, corner) = (patch / (height * width), [patch / width % height, patch % width]);
            for y in 0..self.filter[0] {
                let Some(line) = self.place(0, corner[0], y) else { continue };
                for x in 0..self.filter[1] {
                    let Some(column) = self.place(1, corner[1], x) else { continue };
                    let piece = row * self.patch() + (y * self.filter[1] + x) * self.channels;
                    let pixel = (image * self.input[0] + line) * self.input[1] + column;
                    body(piece, pixel * self.channels);
                }
            }
        }
    }

    /// Where on an axis of x an element of a patch lies, if not in the padding.
    #[inline(always)]
    fn place(&self, axis: usize, patch: usize, element: usize) -> Option<usize> {
        let padded = patch * self.stride[axis] + element * self.dilation[axis];
        padded.checked_sub(self.padding[axis]).filter(|&place| place < self.input[axis])
    }

    /// Whether an element of a patch lies in the padding.
    fn pads(&self) -> bool {
        (0..2).any(|axis| {
            let last = [self.output[axis], self.filter[axis]].map(|size| size.saturating_sub(1));
            self.padding[axis] > 0 || self.place(axis, last[0], last[1]).is_none()
        })
    }

    fn check(&self, x: usize, filter: usize, y: usize) -> Result<(), Mismatch> {
        let product = |sizes: &[usize]| sizes.iter().try_fold(1usize, |size, &axis| size.checked_mul(axis));
        let [(height, width), (out_height, out_width)] =
            [self.input, self.output].map(<(usize, usize)>::from);
        expect(
            product(&[self.batch, height, width, self.channels]) == Some(x),
            "x: expected the shape's elements",
        )?;
        let sizes = [self.filter[0], self.filter[1], self.channels, self.outputs];
        expect(product(&sizes) == Some(filter), "filter: expected the shape's elements")?;
        let sizes = [self.batch, out_height, out_width, self.outputs];
        expect(product(&sizes) == Some(y), "y: expected the shape's elements")
    }
}

/// Whether none of the numbers is an infinity or a NaN. Without a branch, so that the loop becomes one over registers.
fn finite(numbers: &[f32]) -> bool {
    numbers.iter().fold(true, |all, number| all & number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unary;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    /// Calls `body` with the positions in x, filter and y of every product that a convolution sums.
    fn plain(c: &Convolution, mut body: impl FnMut(usize, usize, usize)) {
        let [height, width] = c.output;
        for y in 0..c.batch * height * width * c.outputs {
            let (patch, output) = (y / c.outputs, y % c.outputs);
            for f in 0..c.patch() {
                let (pixel, channel) = (f / c.channels, f % c.channels);
                let at = |axis: usize, corner: usize, element: usize| {
                    (corner * c.stride[axis] + element * c.dilation[axis]) as isize - c.padding[axis] as isize
                };
                let line = at(0, patch / width % height, pixel / c.filter[1]);
                let column = at(1, patch % width, pixel % c.filter[1]);
                let inside =
                    (0..c.input[0] as isize).contains(&line) && (0..c.input[1] as isize).contains(&column);
                if inside {
                    let row = patch / (height * width) * c.input[0] + line as usize;
                    let x = (row * c.input[1] + column as usize) * c.channels + channel;
                    body(x, f * c.outputs + output, y);
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn threads_leave_no_trace(
            batch in 1usize..4, input in [8usize..20, 8usize..20], channels in 1usize..40, outputs in 1usize..70,
            filter in [1usize..4, 1usize..4], padding in [0usize..3, 0usize..3], seed: u64,
        ) {
            let output = [0, 1].map(|axis| input[axis] + 2 * padding[axis] - filter[axis] + 1);
            let c = Convolution {
                batch, input, channels, output, outputs, filter, stride: [1; 2], dilation: [1; 2], padding,
            };
            let x = numbers(batch * input[0] * input[1] * channels, seed);
            let f = numbers(c.patch() * outputs, seed ^ 1);
            let dy = numbers(batch * output[0] * output[1] * outputs, seed ^ 2);
            let bias = numbers(outputs, seed ^ 3);
            same_on_all(|| {
                let mut y = vec![0.0; dy.len()];
                let epilogue = Epilogue { bias: &bias, activation: Some((Unary::Relu, [0.0; 2])) };
                c.apply(&x, &f, epilogue, &mut y).unwrap();
                y
            });
            same_on_all(|| {
                let mut gradient = vec![0.0; f.len()];
                c.filter_gradient(&x, &dy, &mut gradient).unwrap();
                gradient
            });
            same_on_all(|| {
                let mut gradient = vec![0.0; x.len()];
                c.input_gradient(&dy, &f, &mut gradient).unwrap();
                gradient
            });
        }

        #[test]
        fn all_directions_agree_with_plain_sums(
            batch in 1usize..3, input in [1usize..9, 1usize..9], channels in 1usize..4, outputs in 1usize..5,
            filter in [1usize..4, 1usize..4], stride in [1usize..4, 1usize..4], dilation in [1usize..3, 1usize..3],
            padding in [0usize..3, 0usize..3],
        ) {
            let output = [0, 1].map(|axis| {
                let reach = (filter[axis] - 1) * dilation[axis] + 1;
                (input[axis] + 2 * padding[axis]).checked_sub(reach).map_or(0, |rest| rest / stride[axis] + 1)
            });
            let c = Convolution { batch, input, channels, output, outputs, filter, stride, dilation, padding };
            let wave = |length: usize, phase: f32| -> Vec<f32> {
                (0..length).map(|i| ((i * i % 97) as f32 * 0.37 + phase).sin()).collect()
            };
            let x = wave(batch * input[0] * input[1] * channels, 0.0);
            let f = wave(c.patch() * outputs, 1.0);
            let dy = wave(batch * output[0] * output[1] * outputs, 2.0);
            let (mut y, mut df, mut dx) = (vec![0.0; dy.len()], vec![0.0; f.len()], vec![0.0; x.len()]);
            plain(&c, |at_x, at_f, at_y| {
                y[at_y] += x[at_x] * f[at_f];
                df[at_f] += x[at_x] * dy[at_y];
                dx[at_x] += f[at_f] * dy[at_y];
            });
            let (mut got_y, mut got_f, mut got_x) = (vec![9.0; dy.len()], vec![9.0; f.len()], vec![9.0; x.len()]);
            prop_assert!(c.apply(&x, &f, Epilogue::default(), &mut got_y).unwrap());
            prop_assert!(c.filter_gradient(&x, &dy, &mut got_f).unwrap());
            c.input_gradient(&dy, &f, &mut got_x).unwrap();
            for (got, expected) in [(got_y, y), (got_f, df), (got_x, dx)] {
                for (got, expected) in got.iter().zip(&expected) {
                    prop_assert!((got - expected).abs() < 1e-4, "{} {}", got, expected);
                }
            }
        }
    }

    #[test]
    fn what_is_not_finite_is_refused_where_it_would_meet_padding() {
        let plain = Convolution {
            batch: 1,
            input: [4, 4],
            channels: 1,
            output: [2, 2],
            outputs: 1,
            filter: [3, 3],
            stride: [1, 1],
            dilation: [1, 1],
            padding: [0, 0],
        };
        let padded = [
            Convolution { output: [3, 2], padding: [1, 0], ..plain },
            Convolution { output: [2, 3], padding: [0, 1], ..plain },
            Convolution { output: [3, 2], ..plain },
            Convolution { output: [2, 3], ..plain },
        ];
        let x = [f32::NAN; 16];
        for convolution in std::iter::once(plain).chain(padded) {
            let length = convolution.output.iter().product();
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut filter = [1.0; 9];
                let mut dy = vec![1.0; length];
                let both = |filter: &[f32], dy: &[f32]| {
                    let y = &mut vec![0.0; length];
                    let forward = convolution.apply(&x, filter, Epilogue::default(), y).unwrap();
                    (forward, convolution.filter_gradient(&x, dy, &mut [0.0; 9]).unwrap())
                };
                assert_eq!(both(&filter, &dy), (true, true));
                (filter[8], dy[0]) = (bad, bad);
                let expected = convolution.output == [2, 2];
                assert_eq!(both(&filter, &dy), (expected, expected), "{convolution:?}");
            }
        }
    }
}
