//! The one place where memory is handed over as pointers: everything unsafe of this crate is here.

use gemm::Parallelism;

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

/// Writes A B into `out`, row by row, or adds it. O(rows x inner x columns); one thread.
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
    // SAFETY: none of the three matrices is empty here. A `Matrix` holds rows x columns elements without gaps in either
    // order, so that all positions it names are inside its slice; `out` holds rows x columns of the product; and as
    // the only mutable reference it overlaps neither input.
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
    Ok(())
}
