use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Alignments of two sequences.
#[derive(Clone, Copy, Debug)]
struct Alignment {
    rows: usize,
    columns: usize,
    band: usize,
}

impl Derivations {
    /// The monotone alignments of `rows >= 1` with `columns >= 1` things: paths from the first cell of the matrix to the last
    /// by steps to the right, down, and both, as indicators of the cells that they visit, row by row; no cell (i, j) with
    /// `|i - j| > band`, where the band is at least `|rows - columns|`.
    ///
    /// The Delannoy number D(rows - 1, columns - 1) of alignments without a band; `3 rows columns` edges. A prefix has fewer
    /// rows. Of equal steps the diagonal comes first, then that to the right.
    pub fn alignment(rows: usize, columns: usize, band: usize) -> Self {
        assert!(rows > 0 && columns > 0 && band >= rows.abs_diff(columns), "the last cell is in the band");
        let mut grower = Grower::default();
        let within =
            |row: usize| row.saturating_sub(band)..columns.min(row.saturating_add(band).saturating_add(1));
        // The nodes of the row below, and the column of the first.
        let mut below: Option<(u32, usize)> = None;
        for row in (0..rows).rev() {
            let range = within(row);
            let mut right = None;
            let nodes = grower.nodes(range.len());
            for column in range.clone().rev() {
                // The goal of a row is its last node.
                let head = nodes + (range.end - 1 - column) as u32;
                let under = |column: usize| {
                    let (first, end) = below?;
                    (within(row + 1).contains(&column)).then(|| first + (end - 1 - column) as u32)
                };
                let tails = [under(column + 1), right, under(column)];
                let cell = Some(row * columns + column);
                if row + 1 == rows && column + 1 == columns {
                    grower.edge(head, &[], cell);
                }
                tails.into_iter().flatten().for_each(|tail| grower.edge(head, &[tail], cell));
                right = Some(head);
            }
            below = Some((nodes, range.end));
        }
        grower.finish(rows * columns, Alignment { rows, columns, band })
    }
}

impl Family for Alignment {
    fn noun(&self) -> &'static str {
        "an alignment"
    }

    fn size(&self) -> usize {
        self.rows
    }

    fn least_size(&self) -> usize {
        self.columns.saturating_sub(self.band).max(1)
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let places = (0..size * self.columns).collect();
        (Derivations::alignment(size, self.columns, self.band), places)
    }
}
