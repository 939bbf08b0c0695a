//! The vector-Jacobian product, and the gradient of the log-partition function.

use proptest::prelude::*;

use crate::calls::{distance, dot, largest, log_partition, same_bits, softmax, softmax_with_vjp, vjp};
use crate::inputs::{for_all, for_those};
use crate::registry::Entry;

/// Covariances of 0/1 coordinates are at most 1/4, so the tolerance is relative to `max|g| / t`.
#[test]
fn vjp_is_the_covariance_over_the_temperature() {
    for_those(600, Entry::is_family, |case| {
        let t = case.temperature;
        let gradient = vjp(case.operator, case.utility, t, case.cotangent);
        let product: Vec<f64> = gradient.iter().map(|x| x * t).collect();
        let expected = case.oracle.covariance(case.utility, t, case.cotangent);
        let off = distance(&product, &expected) / largest(case.cotangent).max(f64::MIN_POSITIVE);
        prop_assert!(off <= 1e-12, "off by {off:e} max|g| / t: {product:?} / t, not {expected:?} / t");
        Ok(())
    });
}

/// Also of several rows side by side, whose last ones are not as many as lanes.
#[test]
fn both_at_once_have_the_bits_of_each_alone() {
    for_all(300, |case| {
        let t = case.temperature;
        for rows in [1, 7] {
            let (utility, cotangent) = (case.utility.repeat(rows), case.cotangent.repeat(rows));
            let (soft, gradient) = softmax_with_vjp(case.operator, &utility, t, &cotangent);
            prop_assert!(same_bits(&soft, &softmax(case.operator, &utility, t)), "{rows} rows: {soft:?}");
            prop_assert!(same_bits(&gradient, &vjp(case.operator, &utility, t, &cotangent)), "{gradient:?}");
        }
        Ok(())
    });
}

/// The first derivative at 0 of a function given at -3h, ..., 3h: the central difference of order 6.
fn derivative(values: [f64; 6], step: f64) -> f64 {
    let [a, b, c, d, e, f] = values;
    (45.0 * (d - c) - 9.0 * (e - b) + (f - a)) / (60.0 * step)
}

/// The sixth difference of a derivative given at 0 and at -3h, ..., 3h: of a smooth one about `h^6` times its own sixth
/// derivative, of one that jumps anywhere among them at least the jump.
fn roughness(at: f64, nearby: [f64; 6]) -> f64 {
    let [a, b, c, d, e, f] = nearby;
    ((a + f) - 6.0 * (b + e) + 15.0 * (c + d) - 20.0 * at).abs()
}

const STENCIL: [f64; 6] = [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0];

/// A step of about t/128, a power of two, for which `u + h` is exact unless u is far larger than t.
fn step(temperature: f64) -> f64 {
    2.0_f64.powi((temperature / 128.0).log2().round() as i32)
}

/// The error of the differences, for h = t/128, in units of 1/t:
/// * truncation `h^6/140 |X^(7)|`: the derivatives of a mean are cumulants of 0/1 coordinates, the eighth at most 17
///   in magnitude for one coordinate; for sums over a few coordinates below 1e5: 2e-13 / 140 * 1e5 = 2e-10;
/// * rounding of X_t, 1e-15 * 1.8 * 128 = 2e-13;
/// * rounding of u + h, at most `eps |u|/t * 1.8 * 128 / 4` = 2e-14 |u|/t.
fn difference_tolerance(utility: &[f64], temperature: f64) -> f64 {
    let finite: Vec<f64> = utility.iter().copied().filter(|u| u.is_finite()).collect();
    2e-10 + 2e-14 * largest(&finite) / temperature
}

/// `dL/dU_i` is the derivative of `g . X_t` in the i-th utility: true of every relaxation, symmetric or not.
///
/// Where a relaxation is smooth only piecewise, a kink between the points of a difference shows as a jump of the
/// derivative J among them, which may put the difference off by `2.2 J`; such coordinates are left out.
#[test]
fn vjp_is_the_central_difference_of_the_relaxation() {
    for_all(200, |case| {
        let (n, t) = (case.utility.len(), case.temperature);
        let tolerance = difference_tolerance(case.utility, t);
        if tolerance > 1e-8 || n == 0 {
            return Ok(());
        }
        let h = step(t);
        if case.instance.has_kink(case.utility, 3.0 * h) {
            return Ok(());
        }
        let moved: Vec<f64> = (0..n)
            .flat_map(|i| STENCIL.map(|multiple| (i, multiple)))
            .flat_map(|(i, multiple)| {
                let mut utility = case.utility.to_vec();
                utility[i] += multiple * h;
                utility
            })
            .collect();
        let (soft, dimension) = (softmax(case.operator, &moved, t), case.oracle.dimension);
        let values: Vec<f64> = soft.chunks_exact(dimension).map(|row| dot(row, case.cotangent)).collect();
        let differences: Vec<f64> =
            values.as_chunks::<6>().0.iter().map(|&values| derivative(values, h / t)).collect();
        let times_t = |gradient: Vec<f64>| gradient.iter().map(|x| x * t).collect::<Vec<f64>>();
        let product = times_t(vjp(case.operator, case.utility, t, case.cotangent));
        let size = largest(case.cotangent).max(f64::MIN_POSITIVE);
        let along = times_t(vjp(case.operator, &moved, t, &case.cotangent.repeat(6 * n)));
        for i in 0..n {
            let nearby: [f64; 6] = std::array::from_fn(|point| along[(6 * i + point) * n + i]);
            let smooth = roughness(product[i], nearby) <= size * n as f64 * tolerance / 3.0;
            if !(smooth || case.entry.is_family()) {
                continue;
            }
            let off = (product[i] - differences[i]).abs() / size;
            prop_assert!(off <= n as f64 * tolerance, "off by {off:e}: {product:?}, not {differences:?}");
        }
        Ok(())
    });
}

/// `d log Z / dU = X_t / t`.
#[test]
fn the_gradient_of_log_partition_is_soft() {
    for_those(200, Entry::is_family, |case| {
        let (n, t) = (case.utility.len(), case.temperature);
        let h = step(t);
        let log = |utility: &[f64]| log_partition(case.family(), utility, t).expect("a finite sum");
        if difference_tolerance(case.utility, t) > 1e-8 || n == 0 {
            return Ok(());
        }
        let at = log(case.utility)[0];
        let soft = softmax(case.operator, case.utility, t);
        for i in (0..n).filter(|&i| case.utility[i].is_finite()) {
            let values = STENCIL.map(|multiple| {
                let mut utility = case.utility.to_vec();
                utility[i] += multiple * h;
                log(&utility)[0]
            });
            let difference = derivative(values, h / t);
            // As for the relaxation, but log Z is known to 1e-16 of its size, not of 1.
            let tolerance = difference_tolerance(case.utility, t) + 1e-13 * at.abs();
            let off = (difference - soft[i]).abs();
            prop_assert!(off <= tolerance, "coordinate {i}: {difference}, not {} ({off:e})", soft[i]);
        }
        Ok(())
    });
}

/// The Jacobian of the gradient of a convex function is symmetric and positive semidefinite.
#[test]
fn the_jacobian_is_symmetric_and_positive() {
    for_those(200, Entry::is_symmetric, |case| {
        let t = case.temperature;
        let (a, b) = (case.cotangent, case.other);
        let along = |direction| -> Vec<f64> {
            vjp(case.operator, case.utility, t, direction).iter().map(|x| x * t).collect()
        };
        let (along_a, along_b) = (along(a), along(b));
        let scale = a.len() as f64 * largest(a) * largest(b);
        let (left, right) = (dot(a, &along_b), dot(b, &along_a));
        prop_assert!((left - right).abs() <= 1e-13 * scale, "<a, Jb> = {left}, <b, Ja> = {right}");
        let square = dot(b, &along_b);
        prop_assert!(square >= -1e-13 * a.len() as f64 * largest(b).powi(2), "<b, Jb> = {square:e}");
        Ok(())
    });
}

/// A direction in which all vertices are equally far changes nothing: all ones where they have one size, and every
/// coordinate that they share (a bridge, a forbidden edge, everything when there is one vertex).
#[test]
fn the_jacobian_vanishes_along_shared_directions() {
    for_those(
        200,
        |entry| entry.polytope,
        |case| {
            if !case.is_linear() {
                return Ok(());
            }
            let n = case.utility.len();
            let sets = case.oracle.allowed(case.utility);
            let all = sets.iter().fold(u32::MAX, |all, set| all & set);
            let any = sets.iter().fold(0, |any, set| any | set);
            let shared = (0..n).map(|i| 1 << i).filter(|bit| all & bit != 0 || any & bit == 0);
            let directions = shared.chain(case.oracle.size().map(|_| u32::MAX));
            for direction in directions.collect::<Vec<u32>>() {
                let direction = case.oracle.indicator(direction);
                let gradient = vjp(case.operator, case.utility, case.temperature, &direction);
                let off = largest(&gradient) * case.temperature;
                prop_assert!(off <= 1e-14, "{gradient:?} along {direction:?}");
            }
            Ok(())
        },
    );
}
