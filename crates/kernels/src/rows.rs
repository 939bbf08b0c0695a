/// Rows of a matrix in a slice, in an order of their own.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    data: &'a [f32],
    stride: usize,
    columns: [usize; 2],
    order: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    /// All rows, of this width.
    pub(crate) fn new(data: &'a [f32], width: usize) -> Self {
        Self { data, stride: width, columns: [0, width], order: None }
    }

    /// The rows of these numbers, one after another.
    pub(crate) fn ordered(self, order: &'a [u32]) -> Self {
        Self { order: Some(order), ..self }
    }

    /// Of each row the columns from one on up to another.
    pub(crate) fn columns(self, columns: std::ops::Range<usize>) -> Self {
        Self { columns: [columns.start, columns.end], ..self }
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.columns[1] - self.columns[0]
    }

    #[inline(always)]
    pub(crate) fn row(&self, row: usize) -> &'a [f32] {
        let at = place(self.order, row) * self.stride;
        &self.data[at + self.columns[0]..at + self.columns[1]]
    }
}

/// Rows of a matrix that are written, as [`Rows`] are read.
pub(crate) struct RowsMut<'a> {
    data: &'a mut [f32],
    stride: usize,
    columns: [usize; 2],
    order: Option<&'a [u32]>,
}

impl<'a> RowsMut<'a> {
    /// All rows, of this width.
    pub(crate) fn new(data: &'a mut [f32], width: usize) -> Self {
        Self { data, stride: width, columns: [0, width], order: None }
    }

    /// The rows of these numbers, one after another.
    pub(crate) fn ordered(self, order: &'a [u32]) -> Self {
        Self { order: Some(order), ..self }
    }

    /// Of each row the columns from one on up to another.
    pub(crate) fn columns(self, columns: std::ops::Range<usize>) -> Self {
        Self { columns: [columns.start, columns.end], ..self }
    }

    #[inline(always)]
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        let at = place(self.order, row) * self.stride;
        &mut self.data[at + self.columns[0]..at + self.columns[1]]
    }
}

#[inline(always)]
fn place(order: Option<&[u32]>, row: usize) -> usize {
    order.map_or(row, |order| order[row] as usize)
}
