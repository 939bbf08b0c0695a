//! The one place where memory is handed over as pointers: everything unsafe of this crate is here.

use gemm::Parallelism;

use crate::threads::{Wide, for_parts};
use crate::{Mismatch, expect};

/// A matrix in a slice, by strides.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// A matrix row by row.
    pub(crate) fn new(data: &'a [f32], rows: usize, columns: usize) -> Result<Self, Mismatch> {
        expect(
            rows.checked_mul(columns) == Some(data.len()),
            "matrix: expected the elements that its shape says",
        )?;
        Ok(Self { data, rows, columns, strides: [columns, 1] })
    }

    /// The same elements, rows for columns.
    pub(crate) fn transposed(self) -> Self {
        let [row, column] = self.strides;
        Self { data: self.data, rows: self.columns, columns: self.rows, strides: [column, row] }
    }
}

/// Where both sides of a product are at most this, long sums are cut at other places than in larger ones.
const SMALL: usize = 64;
/// Products of at most so many elements are summed in another order, if both factors are stored along the sums.
const FEW: usize = 256;

/// The rows that a part has at least: then it is as small as the whole product or as large, and has its bits.
fn grain(rows: usize, columns: usize) -> usize {
    let cuts = if rows > SMALL && columns <= SMALL { SMALL + 1 } else { 1 };
    let order = if rows * columns > FEW { FEW / columns + 1 } else { 1 };
    // Neither is a single row summed as several are; and tiles, which are up to so high, stay whole.
    cuts.max(order).next_multiple_of(24)
}

/// Writes A B into `out`, row by row, or adds it. O(rows x inner x columns).
pub(crate) fn multiply(a: Matrix<'_>, b: Matrix<'_>, out: &mut [f32], add: bool) -> Result<(), Mismatch> {
    expect(a.columns == b.rows, "b: expected as many rows as a has columns")?;
    expect(
        a.rows.checked_mul(b.columns) == Some(out.len()),
        "out: expected the elements that the product has",
    )?;
    if out.is_empty() {
        return Ok(());
    }
    if a.columns == 0 {
        if !add {
            out.fill(0.0);
        }
        return Ok(());
    }
    let (grain, width) = (grain(a.rows, b.columns), b.columns);
    for_parts(a.rows, a.columns * width, grain, Wide { data: out, width }, |range, out| {
        let a = Matrix { data: &a.data[range.start * a.strides[0]..], rows: range.len(), ..a };
        multiply_part(a, b, out.data, add);
    });
    Ok(())
}

/// The product of some rows, those from the first element of `a` on, on this thread.
fn multiply_part(a: Matrix<'_>, b: Matrix<'_>, out: &mut [f32], add: bool) {
    assert!(
        a.columns == b.rows && out.len() == a.rows * b.columns && !a.data.is_empty() && !b.data.is_empty()
    );
    // SAFETY: none of the three matrices is empty here. A `Matrix` that `new` gave holds rows x columns elements without
    // gaps in either order, and `a` is the end of one from a row on, with no more rows than there are from there, so
    // that all positions they name are inside their slices; `out` holds rows x columns of the product; and as the only
    // mutable reference it overlaps neither input.
    unsafe {
        gemm::gemm(
            a.rows,
            b.columns,
            a.columns,
            out.as_mut_ptr(),
            1,
            b.columns as isize,
            add,
            a.data.as_ptr(),
            a.strides[1] as isize,
            a.strides[0] as isize,
            b.data.as_ptr(),
            b.strides[1] as isize,
            b.strides[0] as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(
            rows in prop_oneof![1usize..8, 1usize..400], inner in prop_oneof![1usize..5, 1usize..1600],
            columns in prop_oneof![1usize..5, 1usize..140], mask in 0u8..4, add: bool, seed: u64,
        ) {
            let (a, b) = (numbers(rows * inner, seed), numbers(inner * columns, seed ^ 1));
            let a = if mask & 1 == 0 { Matrix::new(&a, rows, inner) } else { Matrix::new(&a, inner, rows).map(Matrix::transposed) };
            let b = if mask & 2 == 0 { Matrix::new(&b, inner, columns) } else { Matrix::new(&b, columns, inner).map(Matrix::transposed) };
            let (a, b) = (a.unwrap(), b.unwrap());
            same_on_all(|| {
                let mut out = numbers(rows * columns, seed ^ 2);
                multiply(a, b, &mut out, add).unwrap();
                out
            });
        }
    }
}
