use std::ops::Range;

/// Rows of a matrix in a slice, or a part of their columns, in an order of its own.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    data: &'a [f32],
    stride: usize,
    columns: (usize, usize),
    order: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    /// All rows, of this width.
    pub(crate) fn new(data: &'a [f32], width: usize) -> Self {
        Self { data, stride: width, columns: (0, width), order: None }
    }

    /// The same rows, of which some columns are looked at.
    pub(crate) fn columns(self, Range { start, end }: Range<usize>) -> Self {
        Self { columns: (start, end), ..self }
    }

    /// The rows of these numbers, one after another.
    pub(crate) fn ordered(self, order: &'a [u32]) -> Self {
        Self { order: Some(order), ..self }
    }

    /// How many columns are looked at.
    pub(crate) fn width(&self) -> usize {
        self.columns.1 - self.columns.0
    }

    #[inline(always)]
    pub(crate) fn row(&self, row: usize) -> &'a [f32] {
        let at = place(self.order, row) * self.stride;
        &self.data[at + self.columns.0..at + self.columns.1]
    }
}

/// Rows of a matrix that are written, as [`Rows`] are read.
pub(crate) struct RowsMut<'a> {
    data: &'a mut [f32],
    stride: usize,
    order: Option<&'a [u32]>,
}

impl<'a> RowsMut<'a> {
    /// All rows, of this width.
    pub(crate) fn new(data: &'a mut [f32], width: usize) -> Self {
        Self { data, stride: width, order: None }
    }

    /// The rows of these numbers, one after another.
    pub(crate) fn ordered(self, order: &'a [u32]) -> Self {
        Self { order: Some(order), ..self }
    }

    #[inline(always)]
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        let at = place(self.order, row) * self.stride;
        &mut self.data[at..at + self.stride]
    }
}

#[inline(always)]
fn place(order: Option<&[u32]>, row: usize) -> usize {
    order.map_or(row, |order| order[row] as usize)
}
