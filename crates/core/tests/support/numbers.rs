//! Rows of numbers.

/// Numbers in [-1, 1]: the finaliser of SplitMix64.
pub(crate) fn noise(cells: usize, seed: u64) -> Vec<f64> {
    let cell = |i: u64| {
        let mut x = (i + (seed << 32) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ x >> 31) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..cells as u64).map(cell).collect()
}

/// Multiples of 1/4 in [-3, 3].
pub(crate) fn quarters(cells: usize, seed: u64) -> Vec<f64> {
    noise(cells, seed).iter().map(|x| (12.0 * x).round() / 4.0).collect()
}

/// The largest difference; NaN where there is one.
pub(crate) fn distance(a: &[f64], b: &[f64]) -> f64 {
    let differences = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    differences.fold(0.0, |most, off| if off <= most || most.is_nan() { most } else { off })
}
