//! Eight doubles side by side: so many lanes are enough for every machine, and their sums are taken in an order that does
//! not depend on how many of them a register has.

/// Loops over the eight run in SIMD lanes.
pub(crate) type Eight = [f64; 8];

/// So many blocks of eight hold a row.
pub(crate) fn eights(length: usize) -> usize {
    length.div_ceil(8)
}

/// The sum of eight partial sums.
#[inline(always)]
pub(crate) fn total(parts: Eight) -> f64 {
    ((parts[0] + parts[4]) + (parts[1] + parts[5])) + ((parts[2] + parts[6]) + (parts[3] + parts[7]))
}

/// The largest of eight.
#[inline(always)]
pub(crate) fn largest(mut parts: Eight) -> f64 {
    for half in [4, 2, 1] {
        for lane in 0..half {
            parts[lane] = larger(parts[lane], parts[lane + half]);
        }
    }
    parts[0]
}

/// The larger of two numbers, as machines compute it in lanes.
#[inline(always)]
pub(crate) fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

/// The sum of all numbers of blocks.
#[inline(always)]
pub(crate) fn sum_of(blocks: &[Eight]) -> f64 {
    let mut sum = [0.0; 8];
    for block in blocks {
        for (sum, x) in sum.iter_mut().zip(block) {
            *sum += x;
        }
    }
    total(sum)
}

/// The largest number of a row.
#[inline(always)]
pub(crate) fn largest_of(row: &[f64]) -> f64 {
    let (blocks, rest) = row.as_chunks::<8>();
    let mut parts = [f64::NEG_INFINITY; 8];
    for block in blocks {
        for (part, &x) in parts.iter_mut().zip(block) {
            *part = larger(*part, x);
        }
    }
    rest.iter().fold(largest(parts), |most, &x| larger(most, x))
}
