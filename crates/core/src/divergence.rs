//! Divergences of laws that are close to one another.

use crate::error::Error;

/// Abscissas and weights of Gauss and Legendre with eight nodes, of the four on the right of the interval [-1, 1].
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];

/// Up to this sum of `|V - U| / t` a divergence is small.
const SMALL: f64 = 1.0;

/// Replaces the divergences of rows in which V is close to U, where entropies cancel, by
///
/// ```text
/// KL(p_U || p_V) = int_0^1 (1 - s) d.Cov(x) d ds,   d = (V - U) / t,   Cov at U + s (V - U),
/// ```
///
/// Taylor's remainder of the log-partition function: nothing cancels, since the integrand is not negative. It is analytic
/// within a distance of `pi / sum |d|` of the interval, so that eight nodes of Gauss are exact to rounding.
///
/// `along(utilities, directions, products)` computes `Cov(x) d / t` of rows.
pub(crate) fn replace_small(
    n: usize,
    u: &[f64],
    v: &[f64],
    t: f64,
    divergences: &mut [f64],
    along: impl Fn(&[f64], &[f64], &mut [f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let difference = |(&u, &v): (&f64, &f64)| if u == v { 0.0 } else { (v - u) / t };
    let small = |row: &usize| {
        let cells = row * n..(row + 1) * n;
        let size: f64 = u[cells.clone()].iter().zip(&v[cells]).map(|pair| difference(pair).abs()).sum();
        size <= SMALL
    };
    let rows: Vec<usize> = (0..divergences.len()).filter(small).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let cells = || rows.iter().flat_map(|row| row * n..(row + 1) * n);
    let own: Vec<f64> = cells().map(|cell| u[cell]).collect();
    let directions: Vec<f64> = cells().map(|cell| difference((&u[cell], &v[cell]))).collect();
    let (mut between, mut products) = (own.clone(), vec![0.0; own.len()]);
    let mut integrals = vec![0.0; rows.len()];
    for (node, weight) in NODES.iter().flat_map(|&(node, weight)| [(-node, weight), (node, weight)]) {
        let at = (1.0 + node) / 2.0;
        for ((between, &own), &d) in between.iter_mut().zip(&own).zip(&directions) {
            *between = if d == 0.0 { own } else { own + at * t * d };
        }
        along(&between, &directions, &mut products)?;
        for (i, (d, product)) in directions.iter().zip(&products).enumerate() {
            integrals[i / n] += weight / 2.0 * (1.0 - at) * d * (product * t);
        }
    }
    rows.iter().zip(integrals).for_each(|(&row, integral)| divergences[row] = f64::max(0.0, integral));
    Ok(())
}
