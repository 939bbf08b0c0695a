use std::sync::{Mutex, PoisonError};

use crate::gemm::{Matrix, multiply};
use crate::lanes::in_lanes;
use crate::threads::{ELEMENT, FUNCTION, Wide, for_parts};
use crate::{Mismatch, Nest, Unary, expect};

/// What is done to a result row by row: a bias added, then a function applied.
#[derive(Clone, Copy, Debug, Default)]
pub struct Epilogue<'a> {
    /// One number a column, or none at all.
    pub bias: &'a [f32],
    /// The function and its parameters.
    pub activation: Option<(Unary, [f64; 2])>,
}

/// Elements that are finished at a time: they stay in the first cache between the two steps.
const BLOCK: usize = 1024;

impl Epilogue<'_> {
    pub(crate) fn check(&self, columns: usize) -> Result<(), Mismatch> {
        expect(
            self.bias.is_empty() || self.bias.len() == columns,
            "bias: expected an element for each column",
        )
    }

    /// Finishes whole rows.
    pub(crate) fn apply(&self, out: &mut [f32]) {
        if self.bias.is_empty() {
            self.activate(out);
            return;
        }
        // A bias of a few columns is repeated: short rows cost more than their additions.
        let repeated = self.bias.repeat(BLOCK.div_ceil(self.bias.len()));
        let work = if self.activation.is_some() { FUNCTION } else { ELEMENT };
        for_parts(out.len(), work, repeated.len(), out, |_, out| {
            for block in out.chunks_mut(repeated.len()) {
                add(&repeated, block);
                self.activate(block);
            }
        });
    }

    fn activate(&self, out: &mut [f32]) {
        if let Some((function, parameters)) = self.activation {
            function.apply_in_place(parameters, out);
        }
    }
}

fn add(x: &[f32], out: &mut [f32]) {
    in_lanes(
        #[inline(always)]
        || {
            for (out, &x) in out.iter_mut().zip(x) {
                *out += x;
            }
        },
    );
}

/// Products of matrices [rows, inner] and [inner, columns], each operand possibly stored transposed.
#[derive(Clone, Copy, Debug)]
pub struct Product {
    /// Rows of the result.
    pub rows: usize,
    /// Length of the sums.
    pub inner: usize,
    /// Columns of the result.
    pub columns: usize,
    /// Whether each operand is stored column by column.
    pub transposed: [bool; 2],
}

impl Product {
    /// The products of a batch: `batch` broadcasts the operands' matrices, counted in matrices, over the result's.
    ///
    /// O(batch x rows x inner x columns), in single precision.
    pub fn apply(
        &self,
        a: &[f32],
        b: &[f32],
        batch: &Nest,
        epilogue: Epilogue<'_>,
        out: &mut [f32],
    ) -> Result<(), Mismatch> {
        let [size_a, size_b, size] =
            [(self.rows, self.inner), (self.inner, self.columns), (self.rows, self.columns)].map(product);
        let (size_a, size_b, size) = (size_a?, size_b?, size?);
        expect(covers(batch, 0, size_a, a.len()), "a: expected the elements that the shape says")?;
        expect(covers(batch, 1, size_b, b.len()), "b: expected the elements that the shape says")?;
        expect(
            batch.size().checked_mul(size) == Some(out.len()),
            "out: expected the elements that the shape says",
        )?;
        epilogue.check(self.columns)?;
        if out.is_empty() {
            return Ok(());
        }
        if let (1, [1, 0], [false, _]) = (batch.rank(), batch.inner().strides, self.transposed) {
            // One right factor for all: a single product with all rows.
            let folded = Self { rows: self.rows * batch.size(), ..*self };
            folded.one(&a[..batch.size() * size_a], &b[..size_b], out)?;
        } else {
            self.many([a, b], batch, out)?;
        }
        epilogue.apply(out);
        Ok(())
    }

    /// All products of a batch, one by one; on several threads by the first axis of the batch.
    fn many(&self, [a, b]: [&[f32]; 2], batch: &Nest, out: &mut [f32]) -> Result<(), Mismatch> {
        let [size_a, size_b, size] =
            [self.rows * self.inner, self.inner * self.columns, self.rows * self.columns];
        let items = batch.first();
        let width = out.len() / items;
        let outcome = Mutex::new(Ok(()));
        for_parts(items, width * self.inner.max(ELEMENT), 1, Wide { data: out, width }, |range, out| {
            let (batch, starts) = batch.part(range);
            let mut results = out.data.chunks_exact_mut(size);
            let mut own = Ok(());
            batch.walk(0, starts.map(|start| start as usize), |[at_a, at_b]| {
                let Some(result) = results.next() else { return };
                let (a, b) = (&a[at_a * size_a..][..size_a], &b[at_b * size_b..][..size_b]);
                own = own.and_then(|()| self.one(a, b, result));
            });
            if own.is_err() {
                *outcome.lock().unwrap_or_else(PoisonError::into_inner) = own;
            }
        });
        outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn one(&self, a: &[f32], b: &[f32], out: &mut [f32]) -> Result<(), Mismatch> {
        let [transposed_a, transposed_b] = self.transposed;
        let read = |data, rows, columns, transposed: bool| {
            if transposed {
                Matrix::new(data, columns, rows).map(Matrix::transposed)
            } else {
                Matrix::new(data, rows, columns)
            }
        };
        let a = read(a, self.rows, self.inner, transposed_a)?;
        let b = read(b, self.inner, self.columns, transposed_b)?;
        multiply(a, b, out, false)
    }
}

fn product((rows, columns): (usize, usize)) -> Result<usize, Mismatch> {
    rows.checked_mul(columns).ok_or(Mismatch("shape: expected matrices that fit into memory"))
}

/// Whether an operand's matrices are all inside an array.
fn covers(batch: &Nest, operand: usize, size: usize, length: usize) -> bool {
    size == 0 || batch.fits(operand, 0, length / size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(
            rows in 1usize..60, inner in 0usize..40, columns in 1usize..60, batch in [1i32..4, 1i32..9],
            shared in [0u8..4, 0u8..4], mask in 0u8..4, seed: u64,
        ) {
            let strides = |operand: u8| {
                [batch[1], 1].into_iter().zip(shared).map(move |(stride, shared)| {
                    if shared >> operand & 1 == 1 { 0 } else { stride }
                })
            };
            let nest: Vec<i32> = batch.into_iter().chain(strides(0)).chain(strides(1)).collect();
            let nest = Nest::parse(&nest).unwrap();
            let (a, b) = (numbers(27 * rows * inner, seed), numbers(27 * inner * columns, seed ^ 1));
            let bias = numbers(columns, seed ^ 2);
            let product = Product { rows, inner, columns, transposed: [mask & 1 == 1, mask & 2 == 2] };
            same_on_all(|| {
                let mut out = vec![0.0; nest.size() * rows * columns];
                let epilogue = Epilogue { bias: &bias, activation: Some((Unary::Elu, [0.0; 2])) };
                product.apply(&a, &b, &nest, epilogue, &mut out).unwrap();
                out
            });
        }

        #[test]
        fn products_agree_with_plain_sums(
            rows in 0usize..40, inner in 0usize..40, columns in 0usize..40, mask in 0u8..4, batch in 0i32..4,
            shared in 0u8..3, biased: bool, seed: u64,
        ) {
            let transposed = [mask & 1 == 1, mask & 2 == 2];
            let mut state = seed;
            let mut number = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) as f32 / (1 << 23) as f32 - 1.0
            };
            let strides = [i32::from(shared != 0), i32::from(shared != 1)];
            let matrices = strides.map(|stride| if stride == 0 { 1 } else { batch as usize });
            let a: Vec<f32> = (0..matrices[0] * rows * inner).map(|_| number()).collect();
            let b: Vec<f32> = (0..matrices[1] * inner * columns).map(|_| number()).collect();
            let bias: Vec<f32> = (0..if biased { columns } else { 0 }).map(|_| number()).collect();
            let nest = Nest::parse(&[batch, strides[0], strides[1]]).unwrap();
            let mut out = vec![f32::NAN; batch as usize * rows * columns];
            let epilogue = Epilogue { bias: &bias, activation: Some((Unary::Relu, [0.0; 2])) };
            Product { rows, inner, columns, transposed }.apply(&a, &b, &nest, epilogue, &mut out).unwrap();
            for (index, &got) in out.iter().enumerate() {
                let (matrix, row, column) = (index / (rows * columns), index / columns % rows, index % columns);
                let [in_a, in_b] = [0, 1].map(|operand| if strides[operand] == 0 { 0 } else { matrix });
                let sum: f64 = (0..inner).map(|k| {
                    let at_a = if transposed[0] { k * rows + row } else { row * inner + k };
                    let at_b = if transposed[1] { column * inner + k } else { k * columns + column };
                    f64::from(a[in_a * rows * inner + at_a]) * f64::from(b[in_b * inner * columns + at_b])
                }).sum();
                let expected = (sum + f64::from(bias.get(column).copied().unwrap_or(0.0))).max(0.0);
                prop_assert!((f64::from(got) - expected).abs() <= 1e-5, "{} {}", got, expected);
            }
        }
    }

    #[test]
    fn a_nan_or_an_infinity_spreads_to_its_row_and_column_alone() {
        let product = Product { rows: 3, inner: 2, columns: 3, transposed: [false; 2] };
        let a = [1.0, 1.0, f32::NAN, 1.0, 1.0, 1.0];
        let b = [0.0, f32::INFINITY, 1.0, 1.0, 1.0, 1.0];
        let mut out = [0.0; 9];
        product.apply(&a, &b, &Nest::flat(1), Epilogue::default(), &mut out).unwrap();
        assert!(out[3..6].iter().all(|x| x.is_nan()));
        assert_eq!((out[0], out[1], out[2]), (1.0, f32::INFINITY, 2.0));
        assert_eq!((out[6], out[7], out[8]), (1.0, f32::INFINITY, 2.0));
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let product = Product { rows: 2, inner: 2, columns: 2, transposed: [false; 2] };
        let run = |a: usize, b: usize, bias: usize, out: usize| {
            let (a, b, bias) = (vec![1.0; a], vec![1.0; b], vec![1.0; bias]);
            let epilogue = Epilogue { bias: &bias, activation: None };
            product.apply(&a, &b, &Nest::flat(1), epilogue, &mut vec![0.0; out])
        };
        assert!(run(4, 4, 2, 4).is_ok() && run(4, 4, 0, 4).is_ok());
        for sizes in [(3, 4, 2, 4), (4, 3, 2, 4), (4, 4, 1, 4), (4, 4, 2, 5)] {
            assert!(run(sizes.0, sizes.1, sizes.2, sizes.3).is_err(), "{sizes:?}");
        }
    }
}
