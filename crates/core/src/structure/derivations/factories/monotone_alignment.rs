use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Alignments of each column with one row.
#[derive(Clone, Copy, Debug)]
struct MonotoneAlignment {
    rows: usize,
    columns: usize,
}

impl Derivations {
    /// The ways to share out `columns` in a row among `1 <= rows <= columns` rows, such that each takes a run of at least one
    /// and no row precedes an earlier one: indicators of the cells, row by row.
    ///
    /// `C(columns - 1, rows - 1)` ways; `2 rows columns` edges. A prefix has fewer columns. Of equal ways the one is taken in
    /// which earlier rows have longer runs.
    pub fn monotone_alignment(rows: usize, columns: usize) -> Self {
        assert!(0 < rows && rows <= columns, "every row takes a column");
        let mut grower = Grower::default();
        // Of the column after, the rows from the last to the first.
        let mut after: Option<u32> = None;
        for column in (0..columns).rev() {
            let nodes = grower.nodes(rows);
            for row in (0..rows).rev() {
                let (place, cell) = ((rows - 1 - row) as u32, Some(row * columns + column));
                match after {
                    None if row + 1 == rows => grower.edge(nodes + place, &[], cell),
                    None => {}
                    Some(first) => {
                        grower.edge(nodes + place, &[first + place], cell);
                        if row + 1 < rows {
                            grower.edge(nodes + place, &[first + place - 1], cell);
                        }
                    }
                }
            }
            after = Some(nodes);
        }
        grower.finish(rows * columns, MonotoneAlignment { rows, columns })
    }
}

impl Family for MonotoneAlignment {
    fn noun(&self) -> &'static str {
        "an alignment"
    }

    fn size(&self) -> usize {
        self.columns
    }

    fn least_size(&self) -> usize {
        self.rows
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let cells = (0..self.rows).flat_map(|row| (0..size).map(move |column| row * self.columns + column));
        (Derivations::monotone_alignment(self.rows, size), cells.collect())
    }

    /// A cell, column by column.
    fn identity(&self, coordinate: usize) -> usize {
        coordinate % self.columns * self.rows + coordinate / self.columns
    }
}
