//! The soft operator and the log-partition function.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::calls::{argmax, distance, dot, log_partition, softmax};
use crate::inputs::{for_all, for_those, runner};
use crate::registry::{Entry, Kind};

/// The facets' normals of base polytopes of matroids (the cube, hypersimplices, tree polytopes) are among the 0/1 vectors
/// and their negatives, so that for them this is membership up to 8 dimensions, where all are tried; else it is membership
/// on a random choice of normals.
#[test]
fn soft_is_in_the_polytope() {
    let n = 12;
    let random = vec(0..1u32 << n, 256).new_tree(&mut runner(1)).expect("sets").current();
    for_those(
        150,
        |entry| entry.polytope,
        |case| {
            let soft = softmax(case.operator, case.utility, case.temperature);
            let all: Vec<u32> = (0..1 << case.oracle.dimension.min(8)).collect();
            let whole = u32::MAX;
            for set in if case.oracle.dimension <= 8 { all } else { [random.clone(), vec![whole]].concat() } {
                for sign in [1.0, -1.0] {
                    let normal: Vec<f64> = case.oracle.indicator(set).iter().map(|x| sign * x).collect();
                    let (reached, most) = (dot(&normal, &soft), case.oracle.support(&normal));
                    prop_assert!(
                        reached <= most + 1e-14,
                        "{soft:?} is {:e} beyond {normal:?}",
                        reached - most
                    );
                }
            }
            Ok(())
        },
    );
}

/// With a gap between the two best vertices, every other vertex has at most `exp(-gap / t)` of the best one's weight in an
/// exponential family. Any other regulariser gives up at most `t (max f - min f)` of the best value, so that at most that
/// over the gap is not on the best vertex; f spans at most the number of coordinates.
#[test]
fn soft_tends_to_hard_as_the_temperature_falls() {
    for_those(
        200,
        |entry| entry.hardens,
        |case| {
            let Some(coefficients) = case.instance.coefficients(case.utility) else { return Ok(()) };
            let gap = case.oracle.gap(&coefficients);
            if gap == 0.0 {
                return Ok(());
            }
            let hard = argmax(case.operator, case.utility);
            let gap = gap.min(1e9);
            for (temperature, ratio) in
                [(gap / 10.0, 10.0), (gap / 50.0, 50.0), (gap / 1e6, 1e6), (1e-300, 1e6)]
            {
                let others = if case.entry.is_family() {
                    case.oracle.vertices.len() as f64 * f64::exp(-ratio)
                } else {
                    case.oracle.dimension as f64 / ratio
                };
                let soft = softmax(case.operator, case.utility, temperature);
                let off = distance(&soft, &hard);
                prop_assert!(off <= others + 1e-14, "t = {temperature:e}: {soft:?} is {off:e} from {hard:?}");
            }
            Ok(())
        },
    );
}

/// No vertex is better than `X_t` in the direction of the objective's gradient there: the condition of optimality, which
/// is sufficient since the objective is concave.
#[test]
fn soft_is_optimal() {
    for_those(
        600,
        |entry| matches!(entry.kind, Kind::Regularised(_)),
        |case| {
            let Kind::Regularised(gradient) = case.entry.kind else { return Ok(()) };
            let t = case.temperature;
            // Beyond, u/t is rounded too coarsely for a statement about its sums; the hard limit has a law of its own.
            let steepness = magnitude(case.utility) / t;
            let soft = softmax(case.operator, case.utility, t);
            let Some(gradient) = gradient(case.instance, &soft) else { return Ok(()) };
            if steepness > 1e8 {
                return Ok(());
            }
            let finite = |u: f64| if u == f64::NEG_INFINITY { 0.0 } else { u };
            let ascent: Vec<f64> =
                case.utility.iter().zip(&gradient).map(|(&u, g)| finite(u) / t - g).collect();
            let allowed = case.oracle.allowed(case.utility);
            let most = allowed.iter().map(|&set| dot(&ascent, &case.oracle.indicator(set)));
            let most = most.fold(f64::NEG_INFINITY, f64::max);
            let own = dot(&ascent, &soft);
            let tolerance = 1e-12 + 1e-15 * case.oracle.dimension as f64 * steepness;
            prop_assert!(most <= own + tolerance, "a vertex is better by {:e} than {soft:?}", most - own);
            Ok(())
        },
    );
}

#[test]
fn marginals_are_those_of_enumeration() {
    for_those(600, Entry::is_family, |case| {
        let soft = softmax(case.operator, case.utility, case.temperature);
        let expected = case.oracle.marginals(case.utility, case.temperature);
        let off = distance(&soft, &expected);
        prop_assert!(off <= 1e-13, "off by {off:e}: {soft:?}, not {expected:?}");
        Ok(())
    });
}

#[test]
fn log_partition_is_that_of_enumeration() {
    for_those(600, Entry::is_family, |case| {
        let expected = case.oracle.log_partition(case.utility, case.temperature);
        match log_partition(case.family(), case.utility, case.temperature) {
            Ok(logs) => {
                // The terms u_i/t of the best vertex may cancel; each is rounded once.
                let terms: f64 = case.utility.iter().filter(|u| u.is_finite()).map(|u| u.abs()).sum();
                let tolerance = 1e-14 * expected.abs().max(1.0) + f64::EPSILON * terms / case.temperature;
                let off = (logs[0] - expected).abs();
                prop_assert!(off <= tolerance, "{} is {off:e} from {expected}", logs[0]);
            }
            // u/t itself overflows.
            Err(error) => prop_assert!(magnitude(case.utility) / case.temperature > 1e300, "{error}"),
        }
        Ok(())
    });
}

/// `log Z(U + c) = log Z(U) + size c / t` and `X_t(U + c) = X_t(U)` where all vertices have one size.
#[test]
fn a_shift_of_all_utilities_moves_log_partition_alone() {
    for_all(200, |case| {
        let size = case.oracle.size().filter(|_| case.entry.is_symmetric() && case.is_linear());
        let Some(size) = size else { return Ok(()) };
        let step = case.temperature.min(1e6) * 3.0;
        for shift in [step, -step, 1e9] {
            let shifted: Vec<f64> = case.utility.iter().map(|u| u + shift).collect();
            // What the rounding of u + c, relative to t, can do to the marginals, each of slope at most 1/4.
            let rounding = f64::EPSILON * (magnitude(case.utility) + shift.abs()) / case.temperature;
            if rounding > 1e-6 {
                continue;
            }
            let (before, after) = (
                softmax(case.operator, case.utility, case.temperature),
                softmax(case.operator, &shifted, case.temperature),
            );
            let off = distance(&before, &after);
            let tolerance = 1e-14 + shifted.len() as f64 * rounding;
            prop_assert!(off <= tolerance, "soft moves by {off:e} under a shift of {shift}");
            if !case.entry.is_family() {
                continue;
            }
            let log = |utility: &[f64]| log_partition(case.family(), utility, case.temperature);
            if let (Ok(before), Ok(after)) = (log(case.utility), log(&shifted)) {
                let expected = before[0] + f64::from(size) * shift / case.temperature;
                let scale = 1.0 + before[0].abs() + after[0].abs();
                let off = (after[0] - expected).abs();
                let tolerance = 1e-14 * scale + shifted.len() as f64 * rounding;
                prop_assert!(off <= tolerance, "log Z is {}, not {expected}", after[0]);
            }
        }
        Ok(())
    });
}

/// `X_{ct}(c U) = X_t(U)` for every c > 0; powers of two change no mantissa, so the scales may be extreme.
#[test]
fn soft_depends_on_the_ratio_of_utility_to_temperature() {
    for_those(
        100,
        |entry| entry.scales,
        |case| {
            let soft = softmax(case.operator, case.utility, case.temperature);
            let hard = argmax(case.operator, case.utility);
            for exponent in [-900, -300, -1, 1, 300, 900] {
                let factor = 2.0_f64.powi(exponent);
                if !(case.temperature * factor).is_normal() {
                    continue;
                }
                let scaled: Vec<f64> = case.utility.iter().map(|u| u * factor).collect();
                let off = distance(&soft, &softmax(case.operator, &scaled, case.temperature * factor));
                prop_assert!(off <= 2e-14, "2^{exponent}: off by {off:e}");
                prop_assert_eq!(&argmax(case.operator, &scaled), &hard);
            }
            Ok(())
        },
    );
}

/// Without utilities every vertex counts once: n, 2^n, C(n, k), Cayley's n^(n-2).
#[test]
fn the_partition_of_zero_utilities_counts_the_vertices() {
    for_those(100, Entry::is_family, |case| {
        let zeros = vec![0.0; case.utility.len()];
        let count = case.oracle.vertices.len() as f64;
        let log = log_partition(case.family(), &zeros, case.temperature).expect("a finite sum")[0];
        prop_assert!((log - count.ln()).abs() <= 1e-14 * count.ln().max(1.0), "{log}, not ln {count}");
        let closed = case.instance.count().unwrap_or(count);
        prop_assert!((closed - count).abs() <= 1e-9 * count, "the formula gives {closed}, not {count}");
        Ok(())
    });
}

/// The largest utility that is not forbidden, in magnitude.
fn magnitude(utility: &[f64]) -> f64 {
    utility.iter().filter(|u| u.is_finite()).fold(0.0, |most, u| most.max(u.abs()))
}
