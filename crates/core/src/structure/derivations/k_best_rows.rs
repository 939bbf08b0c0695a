//! The k best derivations of the rows of a batch, in the layout of its users.

use std::collections::BTreeMap;

use super::{Derivations, KBestWorkspace};
use crate::check::{check_numbers, finite};
use crate::error::{Error, ErrorKind};
use crate::number::DoubleDouble;
use crate::structure::{Prefix, Structure};

/// Forests of which the k best derivations may be asked.
#[derive(Clone, Debug)]
pub struct KBest {
    structure: Derivations,
    places: Vec<usize>,
    width: usize,
}

/// A row in the coordinates of its own structure.
struct Row<'a> {
    part: &'a Prefix<Derivations>,
    utility: Vec<f64>,
}

impl KBest {
    /// Of rows that have the structure's coordinates.
    pub fn new(structure: Derivations) -> Self {
        let width = structure.dimension();
        Self { structure, places: (0..width).collect(), width }
    }

    /// Of rows of `width` numbers that have coordinate i at `places[i]`.
    pub fn embedded(structure: Derivations, places: Vec<usize>, width: usize) -> Self {
        Self { structure, places, width }
    }

    /// For each row of utilities, over its first `lengths[row]` things, the k derivations of the largest values `u.x` from the
    /// best on, into `structures` [rows x k x width], and these values into `values` [rows x k]. Where there are fewer than k, the
    /// others are 0, of value negative infinity. All rows are looked at before any is computed.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` of lengths, `NOT_FINITE`, `INFEASIBLE`, as of every method.
    pub fn run(
        &self,
        utilities: &[f64],
        lengths: Option<&[u32]>,
        k: usize,
        structures: &mut [f64],
        values: &mut [f64],
    ) -> Result<(), Error> {
        let rows = values.len() / k.max(1);
        let parts = self.parts(rows, lengths)?;
        let size = |row: usize| lengths.map_or(self.structure.size(), |lengths| lengths[row] as usize);
        let read = |row: usize| {
            let part = parts.get(&size(row))?;
            let cells = &utilities[row * self.width..(row + 1) * self.width];
            Some(Row { part, utility: part.places.iter().map(|&place| cells[self.places[place]]).collect() })
        };
        let mut scratch = Vec::new();
        for row in 0..rows {
            if let Some(Row { part, utility }) = read(row) {
                let forbids = check_numbers("utility", &utility, true)
                    .map_err(|error| {
                        error.renamed(|at| at, |coordinate| self.places[part.places[coordinate]])
                    })
                    .map_err(|error| error.at_row(row))?;
                part.structure.check(&utility, forbids, &mut scratch).map_err(|message| {
                    Error::new(ErrorKind::Infeasible, format!("utility: {message}")).at_row(row)
                })?;
            }
        }
        structures.fill(0.0);
        values.fill(f64::NEG_INFINITY);
        let (mut workspaces, mut own) = (BTreeMap::new(), Vec::new());
        for row in 0..rows {
            let Some(Row { part, utility }) = read(row) else { continue };
            let n = part.structure.dimension();
            let values = &mut values[row * k..(row + 1) * k];
            if n == 0 {
                values[0] = 0.0;
                continue;
            }
            own.clear();
            own.resize(k * n, 0.0);
            let workspace = workspaces.entry(size(row)).or_insert_with(KBestWorkspace::new);
            let count = part.structure.k_best(&utility, &mut own, workspace);
            for (rank, (structure, value)) in own.chunks_exact(n).zip(values).take(count).enumerate() {
                let cells = &mut structures[(row * k + rank) * self.width..(row * k + rank + 1) * self.width];
                let mut sum = DoubleDouble::ZERO;
                for (i, &x) in structure.iter().enumerate().filter(|&(_, &x)| x != 0.0) {
                    cells[self.places[part.places[i]]] = x;
                    sum = sum + DoubleDouble::from(utility[i]);
                }
                *value = sum.to_f64();
                finite("utility", "value", &[*value], 1).map_err(|error| error.at_row(row))?;
            }
        }
        Ok(())
    }

    /// The structures of all lengths that there are.
    fn parts(
        &self,
        rows: usize,
        lengths: Option<&[u32]>,
    ) -> Result<BTreeMap<usize, Prefix<Derivations>>, Error> {
        let (least, most) = (self.structure.least_size(), self.structure.size());
        let mut parts = BTreeMap::new();
        for row in 0..rows {
            let size = lengths.map_or(most, |lengths| lengths[row] as usize);
            if size == 0 {
                continue;
            }
            if !(least..=most).contains(&size) {
                let message = format!("lengths: expected integers from {least} to {most} or 0, got {size}");
                return Err(Error::new(ErrorKind::InvalidArgument, message).at_row(row));
            }
            parts.entry(size).or_insert_with(|| self.structure.prefix(size));
        }
        Ok(parts)
    }
}
