//! What the search for matchings asks of a row's columns, told in SIMD lanes.

/// The mark of what has no partner yet.
pub(super) const NONE: u32 = u32::MAX;
const LANES: usize = 8;

/// Offers a row's columns to the search; returns the smallest distance that is not settled.
#[inline(always)]
pub(super) fn relax(
    utility: &[f64],
    prices: &[f64],
    profit: f64,
    row: u64,
    distances: &mut [f64],
    previous: &mut [u64],
) -> f64 {
    let mut nearest = [f64::INFINITY; LANES];
    let offer = |u: f64, price: f64, best: &mut f64, previous: &mut u64, nearest: &mut f64| {
        let distance = profit - (u - price);
        let nearer = distance < *best;
        *best = if nearer { distance } else { *best };
        *previous = if nearer { row } else { *previous };
        let open = if *best == f64::NEG_INFINITY { f64::INFINITY } else { *best };
        *nearest = if open < *nearest { open } else { *nearest };
    };
    let (utility, utility_rest) = utility.as_chunks::<LANES>();
    let (prices, prices_rest) = prices.as_chunks::<LANES>();
    let (distances, distances_rest) = distances.as_chunks_mut::<LANES>();
    let (previous, previous_rest) = previous.as_chunks_mut::<LANES>();
    for (((utility, prices), distances), previous) in utility.iter().zip(prices).zip(distances).zip(previous)
    {
        for lane in 0..LANES {
            offer(utility[lane], prices[lane], &mut distances[lane], &mut previous[lane], &mut nearest[lane]);
        }
    }
    for (lane, (((u, price), distance), previous)) in
        utility_rest.iter().zip(prices_rest).zip(distances_rest).zip(previous_rest).enumerate()
    {
        offer(*u, *price, distance, previous, &mut nearest[lane]);
    }
    for half in [4, 2, 1] {
        for lane in 0..half {
            let other = nearest[lane + half];
            nearest[lane] = if other < nearest[lane] { other } else { nearest[lane] };
        }
    }
    nearest[0]
}

/// A column at this distance: the first without a row if there is one, since there the path ends, else the first.
#[inline(always)]
pub(super) fn nearest_column(distances: &[f64], nearest: f64, rows: &[u32]) -> usize {
    let at = |column: usize| distances[column] == nearest;
    let first = first_where(distances.len(), 0, at);
    let mut column = first;
    while column < distances.len() {
        if rows[column] == NONE {
            return column;
        }
        column = first_where(distances.len(), column + 1, at);
    }
    first
}

/// The first place from `start` on where `utility - price` is `value`.
#[inline(always)]
pub(super) fn position(utility: &[f64], prices: &[f64], value: f64, start: usize) -> usize {
    first_where(utility.len(), start, |column| utility[column] - prices[column] == value)
}

/// The first of n places from `start` on where something holds, else n. Blocks are looked at as a whole.
#[inline(always)]
fn first_where(n: usize, mut start: usize, holds: impl Fn(usize) -> bool) -> usize {
    const BLOCK: usize = 2 * LANES;
    while start + BLOCK <= n && !(start..start + BLOCK).fold(false, |any, place| any | holds(place)) {
        start += BLOCK;
    }
    (start..n).find(|&place| holds(place)).unwrap_or(n)
}

/// The largest and the second largest of `utility - price`.
#[inline(always)]
pub(super) fn two_largest(utility: &[f64], prices: &[f64]) -> (f64, f64) {
    let mut best = [f64::NEG_INFINITY; LANES];
    let mut second = [f64::NEG_INFINITY; LANES];
    let see = |value: f64, best: &mut f64, second: &mut f64| {
        let worse = if value < *best { value } else { *best };
        *second = if worse > *second { worse } else { *second };
        *best = if value > *best { value } else { *best };
    };
    let (utility, utility_rest) = utility.as_chunks::<LANES>();
    let (prices, prices_rest) = prices.as_chunks::<LANES>();
    for (utility, prices) in utility.iter().zip(prices) {
        for lane in 0..LANES {
            see(utility[lane] - prices[lane], &mut best[lane], &mut second[lane]);
        }
    }
    for (lane, (u, price)) in utility_rest.iter().zip(prices_rest).enumerate() {
        see(u - price, &mut best[lane], &mut second[lane]);
    }
    for half in [4, 2, 1] {
        for lane in 0..half {
            see(best[lane + half], &mut best[lane], &mut second[lane]);
            see(second[lane + half], &mut best[lane], &mut second[lane]);
        }
    }
    (best[0], second[0])
}

/// The smallest and the largest size of those utilities whose size counts.
#[inline(always)]
pub(super) fn extremes(utility: &[f64], counts: impl Fn(f64) -> bool) -> (f64, f64) {
    let (mut smallest, mut largest) = ([f64::INFINITY; LANES], [0.0; LANES]);
    let see = |u: f64, smallest: &mut f64, largest: &mut f64| {
        let (size, counts) = (u.abs(), counts(u.abs()));
        *smallest = if counts & (size < *smallest) { size } else { *smallest };
        *largest = if counts & (size > *largest) { size } else { *largest };
    };
    let (blocks, rest) = utility.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            see(block[lane], &mut smallest[lane], &mut largest[lane]);
        }
    }
    for (lane, &u) in rest.iter().enumerate() {
        see(u, &mut smallest[lane], &mut largest[lane]);
    }
    (smallest.into_iter().fold(f64::INFINITY, f64::min), largest.into_iter().fold(0.0, f64::max))
}
