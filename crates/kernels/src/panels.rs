//! Products whose every sum is one chain of fused multiply-adds, in the order of the inner index: a row has the same bits
//! among whichever others, on every instruction set. Made for few rows and a right factor that many products share.

use pulp::{Arch, Simd, WithSimd};

use crate::rows::{Rows, RowsMut};
use crate::threads::for_parts;

/// Vectors side by side in a tile.
const ACROSS: usize = 4;
/// A tile's steps after which the next tile is begun, so that what is read stays in the first two caches.
const DEPTH: usize = 256;
/// A multiple of every tile's rows.
const TILE_ROWS: usize = 6;
/// No instruction set has longer vectors.
const MOST_LANES: usize = 16;

/// What a product is added to.
#[derive(Clone, Copy)]
pub(crate) enum Start<'a> {
    /// Nothing.
    Zero,
    /// What stands in the result.
    Result,
    /// The same for each row.
    Row(&'a [f32]),
}

/// A right factor [inner, columns], laid out in panels of a few vectors' width.
#[derive(Clone, Copy)]
pub(crate) struct Panels<'a> {
    packed: &'a [f32],
    inner: usize,
    columns: usize,
}

/// How many numbers the panels of a factor take at most.
pub(crate) fn packed_length(inner: usize, columns: usize) -> usize {
    inner * columns.next_multiple_of(MOST_LANES)
}

impl<'a> Panels<'a> {
    /// Lays out a factor in memory of [`packed_length`]; `line(k, j, cells)` writes a part of row k, from column j on.
    #[inline]
    pub(crate) fn pack(
        line: impl Fn(usize, usize, &mut [f32]),
        [inner, columns]: [usize; 2],
        into: &'a mut [f32],
    ) -> Self {
        let lanes = Arch::new().dispatch(Lanes);
        let mut rest = &mut *into;
        let mut from = 0;
        while from < columns {
            let width = (columns - from).next_multiple_of(lanes).min(ACROSS * lanes);
            let (panel, others) = rest.split_at_mut(inner * width);
            for (k, cells) in panel.chunks_exact_mut(width).enumerate() {
                let (cells, padding) = cells.split_at_mut(width.min(columns - from));
                line(k, from, cells);
                padding.fill(0.0);
            }
            rest = others;
            from += width;
        }
        Self { packed: into, inner, columns }
    }

    /// Writes `start + a B` for so many rows. O(rows x inner x columns).
    pub(crate) fn multiply(&self, a: Rows<'_>, rows: usize, start: Start<'_>, out: RowsMut<'_>) {
        let multiply = |a, rows, out| Arch::new().dispatch(Multiply { factor: *self, a, rows, start, out });
        if out.in_order() {
            for_parts(rows, self.inner * self.columns, TILE_ROWS, out, |range, out| {
                multiply(a.behind(range.start), range.len(), out);
            });
        } else {
            multiply(a, rows, out);
        }
    }
}

struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// Calls with the number of rows and of vectors of a tile as constants.
macro_rules! sized {
    ($rows:expr, $across:expr, $call:ident, $($argument:expr),*) => {
        match ($rows, $across) {
            (6, 4) => $call::<S, 6, 4>($($argument),*),
            (5, 4) => $call::<S, 5, 4>($($argument),*),
            (4, 4) => $call::<S, 4, 4>($($argument),*),
            (3, 4) => $call::<S, 3, 4>($($argument),*),
            (2, 4) => $call::<S, 2, 4>($($argument),*),
            (1, 4) => $call::<S, 1, 4>($($argument),*),
            (6, 3) => $call::<S, 6, 3>($($argument),*),
            (5, 3) => $call::<S, 5, 3>($($argument),*),
            (4, 3) => $call::<S, 4, 3>($($argument),*),
            (3, 3) => $call::<S, 3, 3>($($argument),*),
            (2, 3) => $call::<S, 2, 3>($($argument),*),
            (1, 3) => $call::<S, 1, 3>($($argument),*),
            (6, 2) => $call::<S, 6, 2>($($argument),*),
            (5, 2) => $call::<S, 5, 2>($($argument),*),
            (4, 2) => $call::<S, 4, 2>($($argument),*),
            (3, 2) => $call::<S, 3, 2>($($argument),*),
            (2, 2) => $call::<S, 2, 2>($($argument),*),
            (1, 2) => $call::<S, 1, 2>($($argument),*),
            (6, _) => $call::<S, 6, 1>($($argument),*),
            (5, _) => $call::<S, 5, 1>($($argument),*),
            (4, _) => $call::<S, 4, 1>($($argument),*),
            (3, _) => $call::<S, 3, 1>($($argument),*),
            (2, _) => $call::<S, 2, 1>($($argument),*),
            (_, _) => $call::<S, 1, 1>($($argument),*),
        }
    };
}

/// Rows of a tile: as many as there are registers for.
#[inline(always)]
fn most_rows<S: Simd>() -> usize {
    if S::REGISTER_COUNT >= 32 { 6 } else { 3 }
}

#[inline(always)]
fn load<S: Simd>(simd: S, cells: &[f32]) -> S::f32s {
    match S::as_simd_f32s(cells).0.first() {
        Some(&whole) => whole,
        None => simd.partial_load_f32s(cells),
    }
}

#[inline(always)]
fn store<S: Simd>(simd: S, cells: &mut [f32], value: S::f32s) {
    match S::as_mut_simd_f32s(cells).0.first_mut() {
        Some(whole) => *whole = value,
        None => simd.partial_store_f32s(cells, value),
    }
}

/// The cells of the v-th vector from a column on: fewer at the end of a row, or none.
#[inline(always)]
fn part<S: Simd>(columns: usize, from: usize, v: usize) -> std::ops::Range<usize> {
    let start = (from + v * S::F32_LANES).min(columns);
    start..(start + S::F32_LANES).min(columns)
}

/// Adds to a tile's sums a step's products. Factors are spread before the vectors of the line are read one by one: that takes
/// a register for each row and one more, and 3 x 4 sums leave no other in 16.
#[inline(always)]
fn add_products<S: Simd, const ROWS: usize, const ACROSS: usize>(
    simd: S,
    sums: &mut [[S::f32s; ACROSS]; ROWS],
    factors: [f32; ROWS],
    line: impl Fn(usize) -> S::f32s,
) {
    let factors = factors.map(
        #[inline(always)]
        |factor| simd.splat_f32s(factor),
    );
    for v in 0..ACROSS {
        let cells = line(v);
        for (sums, &factor) in sums.iter_mut().zip(&factors) {
            sums[v] = simd.mul_add_f32s(factor, cells, sums[v]);
        }
    }
}

struct Multiply<'a> {
    factor: Panels<'a>,
    a: Rows<'a>,
    rows: usize,
    start: Start<'a>,
    out: RowsMut<'a>,
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Panels { packed, inner, columns } = self.factor;
        let mut rest = packed;
        let mut from = 0;
        while from < columns {
            let across = (columns - from).div_ceil(S::F32_LANES).min(ACROSS);
            let (panel, others) = rest.split_at(inner * across * S::F32_LANES);
            let mut row = 0;
            while row < self.rows {
                let count = (self.rows - row).min(most_rows::<S>());
                sized!(count, across, multiply_tile, simd, &mut self, panel, row, from);
                row += count;
            }
            rest = others;
            from += across * S::F32_LANES;
        }
    }
}

#[inline(always)]
fn multiply_tile<S: Simd, const ROWS: usize, const ACROSS: usize>(
    simd: S,
    call: &mut Multiply<'_>,
    panel: &[f32],
    first: usize,
    from: usize,
) {
    let Panels { inner, columns, .. } = call.factor;
    let mut sums = [[simd.splat_f32s(0.0); ACROSS]; ROWS];
    for (r, sums) in sums.iter_mut().enumerate() {
        let initial = match call.start {
            Start::Zero => continue,
            Start::Result => &*call.out.row(first + r),
            Start::Row(row) => row,
        };
        for (v, sum) in sums.iter_mut().enumerate() {
            *sum = load(simd, &initial[part::<S>(columns, from, v)]);
        }
    }
    let mut a: [&[f32]; ROWS] = [&[]; ROWS];
    for (r, a) in a.iter_mut().enumerate() {
        *a = &call.a.row(first + r)[..inner];
    }
    let (lines, _) = S::as_simd_f32s(panel).0.as_chunks::<ACROSS>();
    let lines = &lines[..inner];
    for (k, line) in lines.iter().enumerate() {
        let factors = std::array::from_fn(
            #[inline(always)]
            |r| a[r][k],
        );
        add_products::<S, ROWS, ACROSS>(
            simd,
            &mut sums,
            factors,
            #[inline(always)]
            |v| line[v],
        );
    }
    for (r, sums) in sums.iter().enumerate() {
        let out = call.out.row(first + r);
        for (v, &sum) in sums.iter().enumerate() {
            store(simd, &mut out[part::<S>(columns, from, v)], sum);
        }
    }
}

/// Writes `A^T B` for so many rows of both, whose sums go down the rows. O(rows x columns of a x columns of b).
pub(crate) fn multiply_down(a: Rows<'_>, b: Rows<'_>, rows: usize, mut out: RowsMut<'_>) {
    for row in 0..a.width() {
        out.row(row).fill(0.0);
    }
    let down = |a, out| Arch::new().dispatch(Down { a, b, rows: 0..rows, out });
    if out.in_order() {
        for_parts(a.width(), rows * b.width(), TILE_ROWS, out, |range, out| down(a.some_columns(range), out));
    } else {
        down(a, out);
    }
}

struct Down<'a> {
    a: Rows<'a>,
    b: Rows<'a>,
    rows: std::ops::Range<usize>,
    out: RowsMut<'a>,
}

impl WithSimd for Down<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let end = self.rows.end;
        for start in (0..end).step_by(DEPTH) {
            self.rows = start..(start + DEPTH).min(end);
            let mut from = 0;
            while from < self.b.width() {
                let across = (self.b.width() - from).div_ceil(S::F32_LANES).min(ACROSS);
                let mut row = 0;
                while row < self.a.width() {
                    let count = (self.a.width() - row).min(most_rows::<S>());
                    sized!(count, across, down_tile, simd, &mut self, row, from);
                    row += count;
                }
                from += across * S::F32_LANES;
            }
        }
    }
}

#[inline(always)]
fn down_tile<S: Simd, const ROWS: usize, const ACROSS: usize>(
    simd: S,
    call: &mut Down<'_>,
    first: usize,
    from: usize,
) {
    let columns = call.b.width();
    let mut sums = [[simd.splat_f32s(0.0); ACROSS]; ROWS];
    for (r, sums) in sums.iter_mut().enumerate() {
        let out = call.out.row(first + r);
        for (v, sum) in sums.iter_mut().enumerate() {
            *sum = load(simd, &out[part::<S>(columns, from, v)]);
        }
    }
    let rows = call.rows.clone().map(
        #[inline(always)]
        |row| (call.a.row(row)[first..].first_chunk::<ROWS>(), &call.b.row(row)[from..]),
    );
    if columns - from >= ACROSS * S::F32_LANES {
        for (factors, cells) in rows {
            let line = S::as_simd_f32s(cells).0.first_chunk::<ACROSS>();
            let (Some(&factors), Some(line)) = (factors, line) else { return };
            add_products::<S, ROWS, ACROSS>(
                simd,
                &mut sums,
                factors,
                #[inline(always)]
                |v| line[v],
            );
        }
    } else {
        for (factors, cells) in rows {
            let Some(&factors) = factors else { return };
            add_products::<S, ROWS, ACROSS>(
                simd,
                &mut sums,
                factors,
                #[inline(always)]
                |v| load(simd, &cells[part::<S>(cells.len(), 0, v)]),
            );
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        let out = call.out.row(first + r);
        for (v, &sum) in sums.iter().enumerate() {
            store(simd, &mut out[part::<S>(columns, from, v)], sum);
        }
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
            rows in 0usize..60, inner in 1usize..40, columns in 1usize..90, start in 0u8..3, seed: u64,
        ) {
            let (a, b) = (numbers(rows * inner, seed), numbers(inner * columns, seed ^ 1));
            let bias = numbers(columns, seed ^ 2);
            let order: Vec<u32> = (0..rows as u32).rev().collect();
            let mut packed = vec![f32::NAN; packed_length(inner, columns)];
            let line = |k: usize, from: usize, cells: &mut [f32]| {
                cells.copy_from_slice(&b[k * columns + from..][..cells.len()]);
            };
            let panels = Panels::pack(line, [inner, columns], &mut packed);
            let start = [Start::Zero, Start::Result, Start::Row(&bias)][usize::from(start)];
            for a in [Rows::new(&a, inner), Rows::new(&a, inner).ordered(&order)] {
                same_on_all(|| {
                    let mut out = numbers(rows * columns, seed ^ 3);
                    panels.multiply(a, rows, start, RowsMut::new(&mut out, columns));
                    out
                });
                let down = Rows::new(&b[..], columns);
                let count = rows.min(inner);
                same_on_all(|| {
                    let mut out = vec![f32::NAN; inner * columns];
                    multiply_down(a, down, count, RowsMut::new(&mut out, columns));
                    out
                });
            }
        }

        #[test]
        fn every_sum_is_a_chain_of_fused_steps(
            rows in 0usize..20, inner in 0usize..20, columns in 0usize..90, start in 0u8..3, seed: u64,
        ) {
            let (a, b) = (numbers(rows * inner, seed), numbers(inner * columns, seed ^ 1));
            let (bias, before) = (numbers(columns, seed ^ 2), numbers(rows * columns, seed ^ 3));
            let order: Vec<u32> = (0..rows as u32).rev().collect();
            let mut packed = vec![f32::NAN; packed_length(inner, columns)];
            let panels = Panels::pack(
                |k, from, cells| cells.copy_from_slice(&b[k * columns + from..][..cells.len()]),
                [inner, columns],
                &mut packed,
            );
            let mut out = before.clone();
            let start = [Start::Zero, Start::Result, Start::Row(&bias)][usize::from(start)];
            panels.multiply(
                Rows::new(&a, inner).ordered(&order),
                rows,
                start,
                RowsMut::new(&mut out, columns),
            );
            for row in 0..rows {
                for column in 0..columns {
                    let first = match start {
                        Start::Zero => 0.0,
                        Start::Result => before[row * columns + column],
                        Start::Row(bias) => bias[column],
                    };
                    let expected = (0..inner).fold(first, |sum, k| {
                        a[(rows - 1 - row) * inner + k].mul_add(b[k * columns + column], sum)
                    });
                    prop_assert_eq!(out[row * columns + column].to_bits(), expected.to_bits());
                }
            }
        }

        #[test]
        fn sums_down_the_rows_are_chains_too(
            rows in 0usize..600, inner in 1usize..9, columns in 1usize..90, seed: u64,
        ) {
            let (a, b) = (numbers(rows * inner, seed), numbers(rows * columns, seed ^ 1));
            let mut out = vec![f32::NAN; inner * columns];
            let sums = RowsMut::new(&mut out, columns);
            multiply_down(Rows::new(&a, inner), Rows::new(&b, columns), rows, sums);
            for i in 0..inner {
                for column in 0..columns {
                    let expected = (0..rows).fold(0f32, |sum, row| {
                        a[row * inner + i].mul_add(b[row * columns + column], sum)
                    });
                    prop_assert_eq!(out[i * columns + column].to_bits(), expected.to_bits());
                }
            }
        }
    }
}
