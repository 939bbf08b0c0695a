//! What the search for matchings asks of a row's columns, in registers. Answers are the largest, the smallest and the first
//! of numbers, so that they do not depend on how many of these a register holds.

use pulp::Simd;
use pulp::bytemuck::cast_slice;

/// The mark of what has no partner yet.
pub(super) const NONE: u32 = u32::MAX;
/// Registers that are filled side by side, lest one operation wait for the last.
const SIDE_BY_SIDE: usize = 4;
/// Places that are looked through at once.
const BLOCK: usize = 4;

/// Whole registers of a row, in runs and one by one, and what is left of it.
macro_rules! registers {
    ($simd:ident, $cells:expr) => {{
        let (registers, rest) = $simd::as_simd_f64s($cells);
        let (runs, registers) = registers.as_chunks::<SIDE_BY_SIDE>();
        (runs, registers, rest)
    }};
}

/// Offers a row's columns to the search; returns the smallest distance. That of a column whose price is infinite is so too.
#[inline(always)]
pub(super) fn relax<S: Simd>(
    simd: S,
    utility: &[f64],
    prices: &[f64],
    profit: f64,
    distances: &mut [f64],
) -> f64 {
    let (utility, utilities, utility_rest) = registers!(S, utility);
    let (price, prices, price_rest) = registers!(S, prices);
    let (registers, distance_rest) = S::as_mut_simd_f64s(distances);
    let (distance, distances) = registers.as_chunks_mut::<SIDE_BY_SIDE>();
    let profits = simd.splat_f64s(profit);
    let mut nearest = [simd.splat_f64s(f64::INFINITY); SIDE_BY_SIDE];
    macro_rules! offer {
        ($u:expr, $price:expr, $distance:expr, $nearest:expr) => {
            let offered = simd.sub_f64s(profits, simd.sub_f64s($u, $price));
            $distance = simd.min_f64s(offered, $distance);
            $nearest = simd.min_f64s($distance, $nearest);
        };
    }
    for ((u, price), distance) in utility.iter().zip(price).zip(distance) {
        for i in 0..SIDE_BY_SIDE {
            offer!(u[i], price[i], distance[i], nearest[i]);
        }
    }
    for ((&u, &price), distance) in utilities.iter().zip(prices).zip(distances) {
        offer!(u, price, *distance, nearest[0]);
    }
    let halves = [simd.min_f64s(nearest[0], nearest[1]), simd.min_f64s(nearest[2], nearest[3])];
    let mut nearest = simd.reduce_min_f64s(simd.min_f64s(halves[0], halves[1]));
    for ((&u, &price), distance) in utility_rest.iter().zip(price_rest).zip(distance_rest) {
        let offered = profit - (u - price);
        *distance = if offered < *distance { offered } else { *distance };
        nearest = if *distance < nearest { *distance } else { nearest };
    }
    nearest
}

/// A column at this distance: the first without a row if there is one, since there the path ends, else the first.
#[inline(always)]
pub(super) fn nearest_column<S: Simd>(simd: S, distances: &[f64], nearest: f64, rows: &[u32]) -> usize {
    let first = next_at(simd, distances, nearest, 0);
    let mut column = first;
    while column < distances.len() {
        if rows[column] == NONE {
            return column;
        }
        column = next_at(simd, distances, nearest, column + 1);
    }
    first
}

#[inline(always)]
fn next_at<S: Simd>(simd: S, distances: &[f64], distance: f64, start: usize) -> usize {
    let (registers, all) = (S::as_simd_f64s(distances).0, simd.splat_f64s(distance));
    first_where(
        simd,
        distances.len(),
        start,
        #[inline(always)]
        |register| simd.equal_f64s(registers[register], all),
        #[inline(always)]
        |column| distances[column] == distance,
    )
}

/// The first place from `start` on where `utility - price` is `value`.
#[inline(always)]
pub(super) fn position<S: Simd>(simd: S, utility: &[f64], prices: &[f64], value: f64, start: usize) -> usize {
    let at = simd.splat_f64s(value);
    let (utilities, all_prices) = (S::as_simd_f64s(utility).0, S::as_simd_f64s(prices).0);
    first_where(
        simd,
        utility.len(),
        start,
        #[inline(always)]
        |register| simd.equal_f64s(simd.sub_f64s(utilities[register], all_prices[register]), at),
        #[inline(always)]
        |column| utility[column] - prices[column] == value,
    )
}

/// The first of n places from `start` on where something holds, else n.
#[inline(always)]
fn first_where<S: Simd>(
    simd: S,
    n: usize,
    start: usize,
    in_register: impl Fn(usize) -> S::m64s,
    at: impl Fn(usize) -> bool,
) -> usize {
    let registers = n / S::F64_LANES;
    let mut register = start.div_ceil(S::F64_LANES);
    if let Some(place) = (start..n.min(register * S::F64_LANES)).find(|&place| at(place)) {
        return place;
    }
    let none = S::F64_LANES;
    while register + BLOCK <= registers {
        let halves = [
            simd.or_m64s(in_register(register), in_register(register + 1)),
            simd.or_m64s(in_register(register + 2), in_register(register + 3)),
        ];
        if simd.first_true_m64s(simd.or_m64s(halves[0], halves[1])) < none {
            break;
        }
        register += BLOCK;
    }
    while register < registers {
        let first = simd.first_true_m64s(in_register(register));
        if first < none {
            return register * S::F64_LANES + first;
        }
        register += 1;
    }
    (start.max(registers * S::F64_LANES)..n).find(|&place| at(place)).unwrap_or(n)
}

/// The largest and the second largest of `utility - price`.
#[inline(always)]
pub(super) fn two_largest<S: Simd>(simd: S, utility: &[f64], prices: &[f64]) -> (f64, f64) {
    let (utility, utilities, utility_rest) = registers!(S, utility);
    let (price, prices, price_rest) = registers!(S, prices);
    let lowest = simd.splat_f64s(f64::NEG_INFINITY);
    let (mut best, mut second) = ([lowest; SIDE_BY_SIDE], [lowest; SIDE_BY_SIDE]);
    macro_rules! see {
        ($value:expr, $i:expr) => {
            let value = $value;
            second[$i] = simd.max_f64s(simd.min_f64s(value, best[$i]), second[$i]);
            best[$i] = simd.max_f64s(value, best[$i]);
        };
    }
    for (u, price) in utility.iter().zip(price) {
        for i in 0..SIDE_BY_SIDE {
            see!(simd.sub_f64s(u[i], price[i]), i);
        }
    }
    for (&u, &price) in utilities.iter().zip(prices) {
        see!(simd.sub_f64s(u, price), 0);
    }
    let (front, front_second) = join(simd, best[0], second[0], best[1], second[1]);
    let (back, back_second) = join(simd, best[2], second[2], best[3], second[3]);
    let (mut best, mut second) = join(simd, front, front_second, back, back_second);
    let mut half = S::F64_LANES / 2;
    while half > 0 {
        let turned = (simd.rotate_right_f64s(best, half), simd.rotate_right_f64s(second, half));
        (best, second) = join(simd, best, second, turned.0, turned.1);
        half /= 2;
    }
    let (mut best, mut second) = (first_of::<S>(best), first_of::<S>(second));
    for (u, price) in utility_rest.iter().zip(price_rest) {
        let value = u - price;
        let worse = if value < best { value } else { best };
        second = if worse > second { worse } else { second };
        best = if value > best { value } else { best };
    }
    (best, second)
}

/// The smallest and the largest size of the utilities; but for those of size 0 and infinity, where these do not count.
#[inline(always)]
pub(super) fn extremes<S: Simd>(simd: S, utility: &[f64], all_count: bool) -> (f64, f64) {
    let (runs, registers, rest) = registers!(S, utility);
    let (zero, infinity) = (simd.splat_f64s(0.0), simd.splat_f64s(f64::INFINITY));
    let (mut smallest, mut largest) = ([infinity; SIDE_BY_SIDE], [zero; SIDE_BY_SIDE]);
    macro_rules! see {
        ($u:expr, $i:expr) => {
            let size = simd.abs_f64s($u);
            let (mut small, mut large) = (size, size);
            if !all_count {
                small = simd.select_f64s(simd.greater_than_f64s(size, zero), size, infinity);
                large = simd.select_f64s(simd.less_than_f64s(size, infinity), size, zero);
            }
            smallest[$i] = simd.min_f64s(small, smallest[$i]);
            largest[$i] = simd.max_f64s(large, largest[$i]);
        };
    }
    for run in runs {
        for i in 0..SIDE_BY_SIDE {
            see!(run[i], i);
        }
    }
    for &register in registers {
        see!(register, 0);
    }
    if !rest.is_empty() {
        let (mut small, mut large) = (f64::INFINITY, 0.0);
        for size in rest.iter().map(|u| u.abs()) {
            small = if size < small && (all_count || size > 0.0) { size } else { small };
            large = if size > large && (all_count || size < f64::INFINITY) { size } else { large };
        }
        smallest[1] = simd.min_f64s(smallest[1], simd.splat_f64s(small));
        largest[1] = simd.max_f64s(largest[1], simd.splat_f64s(large));
    }
    let (front, back) = (simd.min_f64s(smallest[0], smallest[1]), simd.min_f64s(smallest[2], smallest[3]));
    let least = simd.reduce_min_f64s(simd.min_f64s(front, back));
    let (front, back) = (simd.max_f64s(largest[0], largest[1]), simd.max_f64s(largest[2], largest[3]));
    (least, simd.reduce_max_f64s(simd.max_f64s(front, back)))
}

/// The largest utility of each column.
#[inline(always)]
pub(super) fn largest_of_columns<S: Simd>(simd: S, utility: &[f64], largest: &mut [f64]) {
    const ROWS: usize = 4;
    let n = largest.len();
    largest.copy_from_slice(&utility[..n]);
    let (registers, rest) = S::as_mut_simd_f64s(largest);
    let mut blocks = utility[n..].chunks_exact(ROWS * n);
    for block in &mut blocks {
        let rows: [_; ROWS] = std::array::from_fn(|row| S::as_simd_f64s(&block[row * n..(row + 1) * n]));
        for (column, largest) in registers.iter_mut().enumerate() {
            for row in &rows {
                *largest = simd.max_f64s(row.0[column], *largest);
            }
        }
        for (column, largest) in rest.iter_mut().enumerate() {
            for row in &rows {
                *largest = if row.1[column] > *largest { row.1[column] } else { *largest };
            }
        }
    }
    for row in blocks.remainder().chunks_exact(n) {
        let (row, row_rest) = S::as_simd_f64s(row);
        for (&u, largest) in row.iter().zip(&mut *registers) {
            *largest = simd.max_f64s(u, *largest);
        }
        for (&u, largest) in row_rest.iter().zip(&mut *rest) {
            *largest = if u > *largest { u } else { *largest };
        }
    }
}

/// The largest and the second largest of two: this is the larger of the second ones, or the smaller of the largest.
#[inline(always)]
fn join<S: Simd>(
    simd: S,
    best: S::f64s,
    second: S::f64s,
    other: S::f64s,
    second_other: S::f64s,
) -> (S::f64s, S::f64s) {
    let seconds = simd.max_f64s(second, second_other);
    (simd.max_f64s(best, other), simd.max_f64s(simd.min_f64s(best, other), seconds))
}

#[inline(always)]
fn first_of<S: Simd>(register: S::f64s) -> f64 {
    cast_slice::<S::f64s, f64>(std::slice::from_ref(&register))[0]
}
