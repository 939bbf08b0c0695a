//! Draws follow their distribution, each on its own and together.

use crate::registry::REGISTRY;

/// The rate at which these tests would reject draws that are right, had their seeds not been fixed.
const FALSE_ALARMS: f64 = 1e-6;

/// The largest distance between the empirical and the true distribution function (Kolmogorov, Smirnov).
fn distance(draws: &mut [f64], cumulative: impl Fn(f64) -> f64) -> f64 {
    draws.sort_by(f64::total_cmp);
    let n = draws.len() as f64;
    let steps = draws.iter().enumerate().map(|(i, &x)| {
        let p = cumulative(x);
        (p - i as f64 / n).max((i + 1) as f64 / n - p)
    });
    steps.fold(0.0, f64::max)
}

/// `P(sqrt(n) D > c) <= 2 exp(-2 c^2)` for every n (Dvoretzky, Kiefer and Wolfowitz, 1956; Massart, 1990).
fn critical(n: usize) -> f64 {
    ((2.0 / FALSE_ALARMS).ln() / 2.0 / n as f64).sqrt()
}

/// Over samples, over coordinates, and over rows: the three ways in which cells differ.
#[test]
fn draws_follow_their_distribution() {
    const COUNT: usize = 200_000;
    for family in REGISTRY.iter() {
        for (theta, seed) in [(0.0, 1), (1.7, 2), (-40.0, u64::MAX)] {
            let over_samples = family.draw(&[theta], seed, COUNT);
            let over_coordinates = family.draw(&vec![theta; COUNT], seed, 1);
            for mut draws in [over_samples, over_coordinates] {
                let off = distance(&mut draws, |x| (family.cumulative)(theta, x));
                assert!(off <= critical(COUNT), "{}, theta = {theta}, seed {seed}: {off}", family.name);
            }
        }
    }
}

/// Neighbouring cells, and the same cell of neighbouring seeds, know nothing of each other: transformed to uniforms,
/// the fractional part of their sum is uniform too, which it is not if they are dependent in most ways.
#[test]
fn neighbours_are_independent() {
    const COUNT: usize = 100_000;
    for family in REGISTRY.iter() {
        let uniform = |draws: Vec<f64>| -> Vec<f64> {
            draws.into_iter().map(|x| (family.cumulative)(0.0, x)).collect()
        };
        let pairs = uniform(family.draw(&[0.0, 0.0], 7, COUNT));
        let (first, second) =
            (uniform(family.draw(&[0.0], 8, COUNT)), uniform(family.draw(&[0.0], 9, COUNT)));
        let within: Vec<f64> = pairs.as_chunks::<2>().0.iter().map(|[a, b]| (a + b).fract()).collect();
        let across: Vec<f64> = first.iter().zip(&second).map(|(a, b)| (a + b).fract()).collect();
        let successive: Vec<f64> = first.windows(2).map(|pair| (pair[0] + pair[1]).fract()).collect();
        for mut sums in [within, across, successive] {
            let off = distance(&mut sums, |x| x);
            assert!(off <= critical(sums.len()), "{}: {off}", family.name);
        }
    }
}

/// Draws come from a uniform that is an odd multiple of 2^-53, so no draw is infinite.
#[test]
fn the_most_extreme_noise_is_finite() {
    for family in REGISTRY.iter() {
        let draws = family.draw(&[0.0; 64], 3, 20_000);
        assert!(draws.iter().all(|u| u.abs() < 37.0), "{}", family.name);
    }
}
