//! Single precision against doubles, whose own errors are a billionth of its tolerances.

#[path = "support/references.rs"]
mod cases;
mod support;

use cases::{arborescence_of, check_those, spanning_tree_of};
use support::*;

use ndarray::Array2;
use sst::relaxation::SinglePrecision;
use sst::structure::{Arborescence, ArgmaxOracle, ExponentialFamily, SpanningTree};
use sst::{Error, Trick};

/// The unit of rounding of floats.
const UNIT: f64 = 1.0 / 16_777_216.0;

/// A structure in both precisions, and how many roundings a result passes through: of a marginal, and of its derivative,
/// a sum over what it depends on.
struct Case {
    name: &'static str,
    single: AnyOperator,
    double: AnyOperator,
    roundings: f64,
}

fn case<S: ExponentialFamily + ArgmaxOracle>(name: &'static str, structure: S, roundings: usize) -> Case
where
    AnyOperator: From<Trick<S, ExponentialFamilyEntropy>> + From<Trick<S, SinglePrecision>>,
{
    let single = Trick::new(structure.clone(), SinglePrecision).into();
    Case { name, single, double: family(structure), roundings: roundings as f64 }
}

/// Vertex 0 leads to all others, which stand on a circle, and lead to both of their neighbours.
fn wheel(vertices: u32) -> Arborescence {
    let around = vertices - 1;
    let spokes = (0..around).map(|i| (0, i + 1));
    let rim = (0..around).flat_map(|i| [(i + 1, (i + 1) % around + 1), ((i + 1) % around + 1, i + 1)]);
    Arborescence::with_edges(vertices as usize, 0, false, spokes.chain(rim))
}

/// Three sums for each vertex, errors of either sign.
fn cases() -> Vec<Case> {
    vec![
        case("one edge", SpanningTree::complete(2), 2),
        case("trees", SpanningTree::complete(8), 16),
        case("large trees", SpanningTree::complete(30), 32),
        case("trees of a cycle", SpanningTree::with_edges(9, (0..9).map(|i| (i, (i + 1) % 9))), 16),
        case("arborescences", Arborescence::complete(8, 3, false), 16),
        case("large arborescences", Arborescence::complete(30, 0, false), 32),
        case("arborescences of one child", Arborescence::complete(6, 0, true), 16),
        case("arborescences of any root", Arborescence::complete_with_any_root(6), 16),
        case("arborescences of a wheel", wheel(9), 16),
    ]
}

/// Noise; ties; masks, of infinite and of finite depth; far from 0.
fn utilities(n: usize, seed: u64) -> Vec<Vec<f64>> {
    let gumbels = || noise(n, seed).into_iter().map(|x| -(-(0.5 + 0.499 * x).ln()).ln());
    let masked = |mask: f64| gumbels().enumerate().map(|(i, u)| if i % 7 == 3 { mask } else { u }).collect();
    vec![
        gumbels().collect(),
        quarters(n, seed),
        vec![0.0; n],
        masked(f64::NEG_INFINITY),
        masked(-1e32),
        masked(-30.0),
        gumbels().map(|u| u + 1e6).collect(),
        gumbels().map(|u| 40.0 * u).collect(),
    ]
}

const TEMPERATURES: [f64; 8] = [1e-3, 0.02, 0.1, 0.3, 1.0, 3.0, 30.0, 1e3];

#[test]
fn results_are_right_to_a_few_roundings_of_floats_at_any_temperature() {
    for Case { name, single, double, roundings } in cases() {
        let n = single.dimension();
        let (mut worst_soft, mut worst_vjp) = (0.0_f64, 0.0_f64);
        for seed in 0..4 {
            let cotangent = noise(n, seed + 100);
            for utility in utilities(n, seed) {
                if double.check(view(n, &utility)).is_err() {
                    continue; // Such a mask is needed.
                }
                for t in TEMPERATURES {
                    let (soft, exact) = (softmax(&single, &utility, t), softmax(&double, &utility, t));
                    worst_soft = worst_soft.max(distance(&soft, &exact));
                    let (got, exact) =
                        (vjp(&single, &utility, t, &cotangent), vjp(&double, &utility, t, &cotangent));
                    worst_vjp = worst_vjp.max(t * distance(&got, &exact));
                    assert!(soft.iter().chain(&got).all(|x| x.is_finite()), "{name} at {t}: {utility:?}");
                    assert!(soft.iter().all(|&x| (0.0..=1.0).contains(&x)), "{name} at {t}");
                }
            }
        }
        println!(
            "{name}: marginals off by {:.1} units, VJPs by {:.1} / t",
            worst_soft / UNIT,
            worst_vjp / UNIT
        );
        assert!(worst_soft <= roundings * UNIT, "{name}: marginals off by {worst_soft:e}");
        assert!(worst_vjp <= 2.0 * roundings * UNIT, "{name}: VJPs off by {worst_vjp:e} / t");
    }
}

/// Warm rows are in floats, and cold ones not: else this file would compare doubles with doubles.
#[test]
fn rows_that_fit_are_in_single_precision_and_others_have_the_bits_of_doubles() {
    for Case { name, single, double, .. } in cases().into_iter().filter(|case| case.roundings > 2.0) {
        let n = single.dimension();
        let differs = |utility: &[f64], t| softmax(&single, utility, t) != softmax(&double, utility, t);
        let warm = (0..8).filter(|&seed| differs(&noise(n, seed), 3.0)).count();
        assert!(warm >= 4, "{name}: {warm} of 8 rows in floats");
        let cold = (0..8).filter(|&seed| differs(&noise(n, seed), 1e-3)).count();
        assert_eq!(cold, 0, "{name}: rows in floats where these have no room");
    }
}

/// The product is linear in the cotangent, whatever its size: to the last bit of a power of two.
#[test]
fn cotangents_may_have_any_size() {
    for Case { name, single, .. } in cases() {
        let n = single.dimension();
        let (utility, cotangent) = (noise(n, 1), noise(n, 2));
        let gradient = vjp(&single, &utility, 1.0, &cotangent);
        for exponent in [-900, -100, -10, 10, 100, 900] {
            let scale = 2.0_f64.powi(exponent);
            let scaled: Vec<f64> = cotangent.iter().map(|g| g * scale).collect();
            let again: Vec<f64> = vjp(&single, &utility, 1.0, &scaled).iter().map(|g| g / scale).collect();
            let off = distance(&again, &gradient);
            assert!(off <= 1e-12, "{name}, 2^{exponent}: {off:e}");
        }
    }
}

/// Bits do not depend on neighbours, nor on how many threads share a batch.
#[test]
fn a_row_has_the_bits_that_it_has_alone() -> Result<(), Error> {
    const ROWS: usize = 53;
    for Case { name, single, .. } in cases() {
        let n = single.dimension();
        // Some rows do not fit.
        let spread = |i: usize| if i / n % 5 == 2 { 90.0 } else { 2.0 };
        let cells: Vec<f64> = noise(ROWS * n, 3).iter().enumerate().map(|(i, x)| x * spread(i)).collect();
        let utilities = Array2::from_shape_vec((ROWS, n), cells).expect("whole rows");
        let cotangents = Array2::from_shape_vec((ROWS, n), noise(ROWS * n, 4)).expect("whole rows");
        let (mut soft, mut gradients) = (Array2::zeros((ROWS, n)), Array2::zeros((ROWS, n)));
        for threads in [1, 2, 3] {
            single.softmax(utilities.view(), 0.7, soft.view_mut(), threads)?;
            single.softmax_vjp(utilities.view(), 0.7, cotangents.view(), gradients.view_mut(), threads)?;
            for row in 0..ROWS {
                let (u, g) = (utilities.row(row).to_vec(), cotangents.row(row).to_vec());
                assert_eq!(soft.row(row).to_vec(), softmax(&single, &u, 0.7), "{name}, row {row}");
                assert_eq!(gradients.row(row).to_vec(), vjp(&single, &u, 0.7, &g), "{name}, row {row}");
            }
        }
    }
    Ok(())
}

/// What is not the relaxation itself is computed in doubles.
#[test]
fn all_else_has_the_bits_of_doubles() {
    for Case { name, single, double, .. } in cases() {
        let utility = noise(single.dimension(), 5);
        assert_eq!(argmax(&single, &utility), argmax(&double, &utility), "{name}");
        let [log, expected] = [&single, &double].map(|operator| log_partition(operator, &utility, 0.7));
        assert_eq!(log, expected, "{name}");
        let [entropy, expected] =
            [&single, &double].map(|operator| entropy(operator, &utility, 0.7).expect("moderate"));
        assert_eq!(entropy, expected, "{name}");
        let best = argmax(&double, &utility);
        let [log, expected] = [&single, &double]
            .map(|operator| log_probability(operator, &utility, &best, 0.7).expect("moderate"));
        assert_eq!(log, expected, "{name}");
    }
}

/// Against 60 digits, at temperatures where rows are in floats and where they are not.
#[test]
fn references_of_60_digits_are_met_to_a_few_roundings_of_floats() {
    const TOLERANCE: f64 = 32.0 * UNIT;
    check_those(
        "spanning_tree",
        TOLERANCE,
        |_| true,
        |case| Trick::new(spanning_tree_of(case), SinglePrecision).into(),
    );
    check_those(
        "arborescence",
        TOLERANCE,
        |_| true,
        |case| Trick::new(arborescence_of(case), SinglePrecision).into(),
    );
}
