use crate::threads::Parted;

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

    /// Some of the columns that there are.
    pub(crate) fn some_columns(self, columns: std::ops::Range<usize>) -> Self {
        self.columns(self.columns[0] + columns.start..self.columns[0] + columns.end)
    }

    /// How many columns there are.
    pub(crate) fn width(&self) -> usize {
        self.columns[1] - self.columns[0]
    }

    /// The rows behind so many.
    pub(crate) fn behind(self, rows: usize) -> Self {
        match self.order {
            Some(order) => Self { order: Some(&order[rows..]), ..self },
            None => Self { data: &self.data[rows * self.stride..], ..self },
        }
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

    /// Whether the rows follow one another, so that they can be parted.
    pub(crate) fn in_order(&self) -> bool {
        self.order.is_none()
    }

    #[inline(always)]
    pub(crate) fn row(&mut self, row: usize) -> &mut [f32] {
        let at = place(self.order, row) * self.stride;
        &mut self.data[at + self.columns[0]..at + self.columns[1]]
    }
}

impl Parted for RowsMut<'_> {
    fn part(self, items: usize) -> (Self, Self) {
        let Self { data, stride, columns, order } = self;
        let (first, rest) = data.split_at_mut(items * stride);
        (Self { data: first, stride, columns, order }, Self { data: rest, stride, columns, order })
    }
}

#[inline(always)]
fn place(order: Option<&[u32]>, row: usize) -> usize {
    order.map_or(row, |order| order[row] as usize)
}
