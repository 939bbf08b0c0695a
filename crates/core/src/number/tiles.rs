//! Eliminations and what undoes them, several rows at a time, so that what is loaded once serves them all.
//!
//! Both compute the rows of a matrix one after the other, each from those before it: a row is the sum of them, times
//! factors, and is then finished, which the next one waits for. What a few rows owe to all that are finished can be
//! summed for them together. A *tile* is a few rows and a block of columns whose sums stay in registers while the terms
//! pass; a *panel* is the rows for which lone doubles of a large matrix are read once. Every sum takes its terms in the
//! order in which a row alone would, fused, and unrounded in between: all sizes of tiles and panels give the same bits.

use std::ops::Range;

use super::{MOST_BLOCK, Number};

/// The most rows of a [tile](Number::TILE).
pub(crate) const MOST_TILE: usize = 4;

/// The rows that are read once in large matrices of lone doubles.
const PANEL: usize = 32;

/// Smaller matrices stay in the nearest cache: their rows go one by one.
const SMALLEST: usize = 16;

/// What is to be done next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Adds products to some tiles of rows.
    Tiles(Products),
    /// Adds products to a row.
    Row(Products),
    /// Finishes a row.
    Finish(usize),
}

/// `matrix[r][j] += sum_t factor_rt matrix[t][j]`.
#[derive(Clone, Debug)]
pub(crate) struct Products {
    /// The rows r.
    rows: Range<usize>,
    /// The blocks of columns.
    blocks: Range<usize>,
    /// The rows t.
    terms: Range<usize>,
    /// Whether the sums begin here, at 0.
    begins: bool,
}

/// How far apart the rows of a matrix of n columns are: whole blocks, and of large matrices an odd number of them, lest all
/// rows of a column share a few lines of the cache.
pub(crate) fn stride<N: Number>(n: usize) -> usize {
    let blocks = n.div_ceil(N::BLOCK);
    N::BLOCK * if blocks >= 8 { blocks | 1 } else { blocks }
}

/// How many numbers a matrix of n rows and columns has: its rows are whole tiles.
pub(crate) fn cells<N: Number>(n: usize) -> usize {
    n.next_multiple_of(N::TILE) * stride::<N>(n)
}

/// At least [`cells`] of any numbers.
pub(crate) fn most_cells(n: usize) -> usize {
    n.next_multiple_of(MOST_TILE) * (n.next_multiple_of(MOST_BLOCK) + MOST_BLOCK)
}

/// The elimination of the rows n-1, ..., 1, of which row k has the columns below k: every row owes to all rows after it.
pub(crate) fn elimination<N: Number>(n: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let (tile_rows, panel) = sizes::<N>(n);
    for start in (0..n).step_by(panel).rev() {
        let end = n.min(start + panel);
        add::<N>(&mut steps, start..end, end..n);
        for tile in (start..end).step_by(tile_rows).rev() {
            let tile_end = end.min(tile + tile_rows);
            add::<N>(&mut steps, tile..tile_end, tile_end..end);
            for row in (tile.max(1)..tile_end).rev() {
                add::<N>(&mut steps, row..row + 1, row + 1..tile_end);
                steps.push(Step::Finish(row));
            }
        }
    }
    return steps;

    fn add<N: Number>(steps: &mut Vec<Step>, rows: Range<usize>, terms: Range<usize>) {
        let blocks = 0..(rows.end - 1).div_ceil(N::BLOCK);
        push(steps, Products { rows, blocks, terms, begins: false });
    }
}

/// The opposite: row k, of the columns below k, owes to all rows before it, of which the columns below k are known when k
/// is finished.
pub(crate) fn growth<N: Number>(n: usize) -> Vec<Step> {
    let mut steps = Vec::new();
    let (tile_rows, panel) = sizes::<N>(n);
    for start in (0..n).step_by(panel) {
        let end = n.min(start + panel);
        let known = start / N::BLOCK;
        push(&mut steps, Products { rows: start..end, blocks: 0..known, terms: 0..start, begins: true });
        for tile in (start..end).step_by(tile_rows) {
            let rows = tile..end.min(tile + tile_rows);
            let known_later = tile / N::BLOCK;
            let late = Products { rows: rows.clone(), blocks: 0..known, terms: start..tile, begins: false };
            push(&mut steps, late);
            let new =
                Products { rows: rows.clone(), blocks: known..known_later, terms: 0..tile, begins: true };
            push(&mut steps, new);
            for row in rows.start.max(1)..rows.end {
                let (rows, last) = (row..row + 1, row.div_ceil(N::BLOCK));
                let late =
                    Products { rows: rows.clone(), blocks: 0..known_later, terms: tile..row, begins: false };
                push(&mut steps, late);
                push(&mut steps, Products { rows, blocks: known_later..last, terms: 0..row, begins: true });
                steps.push(Step::Finish(row));
            }
        }
    }
    steps
}

/// The rows of a tile and of a panel.
fn sizes<N: Number>(n: usize) -> (usize, usize) {
    match N::BLOCK {
        _ if n < SMALLEST => (1, 1),
        MOST_BLOCK => (N::TILE, PANEL),
        _ => (N::TILE, N::TILE),
    }
}

fn push(steps: &mut Vec<Step>, products: Products) {
    if !products.terms.is_empty() && !products.blocks.is_empty() {
        steps.push(if products.rows.len() == 1 { Step::Row(products) } else { Step::Tiles(products) });
    }
}

/// Adds what rows owe to those after them, from the last on: row t with the factor `factors[t][r]`.
#[inline(always)]
pub(crate) fn add_from_after<N: Number>(matrix: &mut [N], factors: &[N], stride: usize, step: &Step) {
    match (step, N::TILE) {
        (Step::Row(products), _) => from_after::<N, 1>(matrix, factors, stride, products),
        (Step::Tiles(products), 2) => from_after::<N, 2>(matrix, factors, stride, products),
        (Step::Tiles(products), 4) => from_after::<N, 4>(matrix, factors, stride, products),
        _ => {}
    }
}

/// Adds what rows owe to those before them, from the first on: row t with the factor `factors[r][t]`.
#[inline(always)]
pub(crate) fn add_from_before<N: Number>(matrix: &mut [N], factors: &[N], stride: usize, step: &Step) {
    match (step, N::TILE) {
        (Step::Row(products), _) => from_before::<N, 1>(matrix, factors, stride, products),
        (Step::Tiles(products), 2) => from_before::<N, 2>(matrix, factors, stride, products),
        (Step::Tiles(products), 4) => from_before::<N, 4>(matrix, factors, stride, products),
        _ => {}
    }
}

/// Takes from rows the rows t of another matrix after them, with the factors `matrix[t][r]`.
#[inline(always)]
pub(crate) fn add_crosswise<N: Number>(matrix: &mut [N], other: &[N], stride: usize, step: &Step) {
    let (Step::Tiles(products) | Step::Row(products)) = step else { return };
    let Products { terms, .. } = products;
    let (targets, factors) = matrix.split_at_mut(terms.start * stride);
    let rows = &other[terms.start * stride..];
    let minus = targets[0].constant(-1.0);
    match (step, N::TILE) {
        (Step::Row(_), _) => add_rows::<N, 1>(targets, (rows, factors), stride, products, |x| minus * x),
        (_, 2) => add_rows::<N, 2>(targets, (rows, factors), stride, products, |x| minus * x),
        _ => add_rows::<N, 4>(targets, (rows, factors), stride, products, |x| minus * x),
    }
}

#[inline(always)]
fn from_after<N: Number, const ROWS: usize>(
    matrix: &mut [N],
    factors: &[N],
    stride: usize,
    products: &Products,
) {
    let Products { terms, .. } = products;
    let (targets, rows) = matrix.split_at_mut(terms.start * stride);
    let factors = &factors[terms.start * stride..];
    add_rows::<N, ROWS>(targets, (rows, factors), stride, products, |x| x);
}

/// `targets[r][j] += sum_t change(factors[t][r]) rows[t][j]`, from the last t on.
#[inline(always)]
fn add_rows<N: Number, const ROWS: usize>(
    targets: &mut [N],
    (rows_after, factors_after): (&[N], &[N]),
    stride: usize,
    products: &Products,
    change: impl Fn(N) -> N,
) {
    let Products { rows, blocks, terms, begins } = products;
    let terms = terms.len() * stride;
    let terms = rows_after[..terms].chunks_exact(stride).zip(factors_after[..terms].chunks_exact(stride));
    for block in blocks.clone() {
        for first in rows.clone().step_by(ROWS) {
            // Columns beyond the last row of a tile are of no use to it.
            if block * N::BLOCK < first + ROWS {
                let terms = terms.clone().rev().map(
                    #[inline(always)]
                    |(row, factors)| {
                        let mut own: [N; ROWS] =
                            *factors[first..].first_chunk().expect("a column for every row");
                        own.iter_mut().for_each(|factor| *factor = change(*factor));
                        (own, row)
                    },
                );
                add_tile::<N, ROWS>(&mut targets[first * stride..], stride, block, *begins, terms);
            }
        }
    }
}

#[inline(always)]
fn from_before<N: Number, const ROWS: usize>(
    matrix: &mut [N],
    factors: &[N],
    stride: usize,
    products: &Products,
) {
    let Products { rows, blocks, terms, begins } = products;
    let (before, targets) = matrix.split_at_mut(rows.start * stride);
    let before = before[terms.start * stride..terms.end * stride].chunks_exact(stride);
    for block in blocks.clone() {
        for first in rows.clone().step_by(ROWS) {
            let mut own = [&factors[..0]; ROWS];
            for (row, own) in own.iter_mut().enumerate() {
                *own = &factors[(first + row) * stride..][terms.start..terms.end];
            }
            let terms = before.clone().enumerate().map(
                #[inline(always)]
                |(t, row)| {
                    let mut at = [own[0][t]; ROWS];
                    for (factor, own) in at.iter_mut().zip(&own) {
                        *factor = own[t];
                    }
                    (at, row)
                },
            );
            add_tile::<N, ROWS>(&mut targets[(first - rows.start) * stride..], stride, block, *begins, terms);
        }
    }
}

/// `matrix[k][j] += sum_t left[t][k] right[t][j]` for j < k < n, over the terms in their order; a term has a factor of its
/// own, by which `left` is multiplied first. The rows are at least as long as those of the matrix.
#[inline(always)]
pub(crate) fn add_outer_products<'a, N: Number + 'a>(
    matrix: &mut [N],
    stride: usize,
    n: usize,
    terms: impl Iterator<Item = (N, &'a [N], &'a [N])> + Clone,
) {
    for panel in (0..n).step_by(PANEL) {
        let end = n.min(panel + PANEL);
        for block in 0..(end - 1).div_ceil(N::BLOCK) {
            for first in (panel..end).step_by(N::TILE) {
                if block * N::BLOCK < first + N::TILE {
                    let targets = &mut matrix[first * stride..];
                    match N::TILE {
                        4 => outer_tile::<N, 4>(targets, stride, block, first, terms.clone()),
                        2 => outer_tile::<N, 2>(targets, stride, block, first, terms.clone()),
                        _ => outer_tile::<N, 1>(targets, stride, block, first, terms.clone()),
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn outer_tile<'a, N: Number + 'a, const ROWS: usize>(
    targets: &mut [N],
    stride: usize,
    block: usize,
    first: usize,
    terms: impl Iterator<Item = (N, &'a [N], &'a [N])> + Clone,
) {
    let terms = terms.map(
        #[inline(always)]
        |(factor, left, right)| {
            let mut own: [N; ROWS] = *left[first..].first_chunk().expect("a column for every row");
            own.iter_mut().for_each(|x| *x = factor * *x);
            (own, right)
        },
    );
    add_tile::<N, ROWS>(targets, stride, block, false, terms);
}

/// `targets[r][j] += sum_t factors[t][r] rows[t][j]` over the rows r of a tile and the columns j of a block.
#[inline(always)]
fn add_tile<'a, N: Number + 'a, const ROWS: usize>(
    targets: &mut [N],
    stride: usize,
    block: usize,
    begins: bool,
    terms: impl Iterator<Item = ([N; ROWS], &'a [N])> + Clone,
) {
    // A row alone fills as many registers as several rows of fewer columns.
    let columns = if ROWS == 1 { N::BLOCK } else { N::TILE_COLUMNS };
    match columns {
        2 => add_pieces::<N, ROWS, 2>(targets, stride, block, begins, terms),
        4 => add_pieces::<N, ROWS, 4>(targets, stride, block, begins, terms),
        8 => add_pieces::<N, ROWS, 8>(targets, stride, block, begins, terms),
        _ => add_pieces::<N, ROWS, 16>(targets, stride, block, begins, terms),
    }
}

#[inline(always)]
fn add_pieces<'a, N: Number + 'a, const ROWS: usize, const COLUMNS: usize>(
    targets: &mut [N],
    stride: usize,
    block: usize,
    begins: bool,
    terms: impl Iterator<Item = ([N; ROWS], &'a [N])> + Clone,
) {
    let zero = targets[0].constant(0.0);
    let pieces = N::BLOCK / COLUMNS;
    for piece in block * pieces..(block + 1) * pieces {
        let mut sums = [[zero; COLUMNS]; ROWS];
        if !begins {
            for (row, sums) in sums.iter_mut().enumerate() {
                *sums = targets[row * stride..].as_chunks().0[piece];
            }
        }
        for (factors, row) in terms.clone() {
            let row = &row.as_chunks().0[piece];
            for (sums, factor) in sums.iter_mut().zip(factors) {
                N::add_scaled(sums, factor, row);
            }
        }
        for (row, sums) in sums.into_iter().enumerate() {
            targets[row * stride..].as_chunks_mut().0[piece] = sums;
        }
    }
}
