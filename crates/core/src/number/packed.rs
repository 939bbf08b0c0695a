use std::slice::from_ref;

use pulp::bytemuck::cast_slice;
use pulp::{Simd, cast_lossy};

use super::elementary::Exponent;
use super::transpose::Transposer;
use super::{Alignment, Dual, Lanes, MOST_LANES, Number, Real, Vast, Wide};

/// How rows of doubles enter and leave a number, which stands for one row of a batch or for several.
pub(crate) trait Packed: Number {
    /// How many rows.
    const ROWS: usize;
    /// One double for each of the rows.
    type Column: Real;

    /// A column of the first rows, of the make of `self`.
    fn column<const L: usize>(self, cells: [f64; L]) -> Self::Column;
    /// The doubles of a column.
    fn cells(column: &Self::Column) -> &[f64];

    /// `exp(u / t) / 2^shift`; numbers that need no shift may ignore it.
    fn weight(utility: Self::Column, exponent: Exponent, shift: Self::Column) -> Self;
    /// One factor per row.
    fn scale(self, factors: Self::Column) -> Self;
    /// The values of the rows.
    fn values(self) -> Self::Column;
}

/// `exp(u / t) / 2^shift` for numbers that hold their rows in doubles.
#[inline(always)]
fn plain_weight<R: Real>(utility: R, exponent: Exponent, shift: R) -> R {
    let (mantissa, n) = exponent.exp(utility);
    mantissa * (n - shift).at_least(-1023.0).power_of_two()
}

/// The parts that all numbers of one row share.
macro_rules! one_row {
    () => {
        const ROWS: usize = 1;
        type Column = f64;

        #[inline(always)]
        fn column<const L: usize>(self, cells: [f64; L]) -> f64 {
            cells[0]
        }
        #[inline(always)]
        fn cells(column: &f64) -> &[f64] {
            from_ref(column)
        }
    };
}

impl Packed for f64 {
    one_row!();

    #[inline(always)]
    fn weight(utility: f64, exponent: Exponent, shift: f64) -> f64 {
        plain_weight(utility, exponent, shift)
    }
    #[inline(always)]
    fn scale(self, factors: f64) -> f64 {
        self * factors
    }
    #[inline(always)]
    fn values(self) -> f64 {
        self
    }
}

impl Packed for Wide {
    one_row!();

    #[inline(always)]
    fn weight(utility: f64, exponent: Exponent, shift: f64) -> Self {
        if utility == f64::NEG_INFINITY {
            return Self::ZERO;
        }
        let (mantissa, n) = exponent.exp(utility);
        Self::new(mantissa, (n - shift) as i64)
    }
    #[inline(always)]
    fn scale(self, factors: f64) -> Self {
        self * Self::from_f64(factors)
    }
    #[inline(always)]
    fn values(self) -> f64 {
        self.to_f64()
    }
}

impl Packed for Vast {
    one_row!();

    fn weight(utility: f64, exponent: Exponent, _shift: f64) -> Self {
        Self::exp(utility, exponent.temperature())
    }
    #[inline(always)]
    fn scale(self, factors: f64) -> Self {
        self.scaled(factors)
    }
    #[inline(always)]
    fn values(self) -> f64 {
        self.to_f64()
    }
}

impl<A: Simd, L: Alignment> Packed for Lanes<A, L> {
    const ROWS: usize = A::F64_LANES;
    type Column = Self;

    #[inline(always)]
    fn column<const ROWS: usize>(self, cells: [f64; ROWS]) -> Self {
        let mut first = [0.0; MOST_LANES];
        for (x, cell) in first.iter_mut().zip(cells) {
            *x = cell;
        }
        Self { values: cast_lossy(first), ..self }
    }
    #[inline(always)]
    fn cells(column: &Self) -> &[f64] {
        cast_slice(from_ref(&column.values))
    }
    #[inline(always)]
    fn weight(utility: Self, exponent: Exponent, shift: Self) -> Self {
        plain_weight(utility, exponent, shift)
    }
    #[inline(always)]
    fn scale(self, factors: Self) -> Self {
        self * factors
    }
    #[inline(always)]
    fn values(self) -> Self {
        self
    }
}

/// The weight `exp(u/t)` with the derivative that a unit step of `u/t` along the direction gives it.
#[inline(always)]
pub(crate) fn along<P: Packed>(weight: P, direction: P::Column) -> Dual<P> {
    Dual { value: weight, tangent: weight.scale(direction) }
}

/// The columns of some rows, all as long as `columns`.
#[inline(always)]
pub(crate) fn gather<P: Packed, const L: usize>(zero: P, rows: &[&[f64]; L], columns: &mut [P::Column]) {
    let mut done = 0;
    if let (8, Some(transposer)) = (P::ROWS, Transposer::new()) {
        let (blocks, _) = columns.as_chunks_mut::<8>();
        for block in blocks {
            let mut cells = [[0.0; 8]; 8];
            for (cells, row) in cells.iter_mut().zip(rows) {
                cells.copy_from_slice(&row[done..done + 8]);
            }
            for (column, cells) in block.iter_mut().zip(transposer.transpose(cells)) {
                *column = zero.column(cells);
            }
            done += 8;
        }
    }
    for (index, column) in columns.iter_mut().enumerate().skip(done) {
        *column = zero.column(rows.map(|row| row[index]));
    }
}

/// Writes columns to the rows that begin at `starts`; surplus lanes are dropped.
#[inline(always)]
pub(crate) fn scatter<P: Packed>(columns: &[P::Column], starts: &[usize], out: &mut [f64]) {
    let mut done = 0;
    if let (8, Some(transposer)) = (P::ROWS, Transposer::new()) {
        let (blocks, _) = columns.as_chunks::<8>();
        for block in blocks {
            let mut cells = [[0.0; 8]; 8];
            for (cells, column) in cells.iter_mut().zip(block) {
                cells.copy_from_slice(P::cells(column));
            }
            for (row, &start) in transposer.transpose(cells).iter().zip(starts) {
                out[start + done..start + done + 8].copy_from_slice(row);
            }
            done += 8;
        }
    }
    for (index, column) in columns.iter().enumerate().skip(done) {
        for (&x, &start) in P::cells(column).iter().zip(starts) {
            out[start + index] = x;
        }
    }
}
