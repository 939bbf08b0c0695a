//! Sinkhorn's relaxation converges on whatever comes, and the assignment that it starts from is right where large
//! utilities swallow the digits of others.
//!
//! `SINKHORN_INSTANCES` and `SINKHORN_SEED` run more of them, and others.

mod exact;
mod instances;
mod rectangles;

use std::env;

use exact::best_value;
use instances::{KINDS, Words, utility};
use sst::relaxation::{Relaxation, Sinkhorn};
use sst::structure::{ArgmaxOracle, Matching};

fn setting(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |value| value.parse().expect("an integer"))
}

fn softmax(n: usize, utility: &[f64], temperature: f64) -> Vec<f64> {
    let mut soft = vec![f64::NAN; n * n];
    Sinkhorn::default().softmax(&Matching::new(n), utility, temperature, &mut soft).expect("convergence");
    soft
}

/// How far rows and columns are from summing to 1, in integer arithmetic, to 2^-100.
fn error(n: usize, soft: &[f64]) -> f64 {
    let off = |cells: &mut dyn Iterator<Item = &f64>| {
        let sum: i128 = cells.map(|cell| (cell * 2.0_f64.powi(100)) as i128).sum();
        ((sum - (1 << 100)) as f64 / 2.0_f64.powi(100)).abs()
    };
    let rows = soft.chunks_exact(n).map(|row| off(&mut row.iter()));
    let columns = (0..n).map(|j| off(&mut soft.iter().skip(j).step_by(n)));
    rows.chain(columns).fold(0.0, |worst, error| if error <= worst { worst } else { error })
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |worst, (a, b)| if (a - b).abs() <= worst { worst } else { (a - b).abs() })
}

/// At any temperature, of whatever kind: some twenty steps, never a hundred. Every hundredth is large.
#[test]
fn every_instance_converges() {
    let seed = setting("SINKHORN_SEED", 1);
    let mut words = Words(seed);
    for index in 0..setting("SINKHORN_INSTANCES", 3_000) {
        let kind = KINDS[words.below(KINDS.len())];
        let n = if index % 100 == 99 { 50 + words.below(101) } else { 2 + words.below(29) };
        let temperature = 10.0_f64.powf(-6.0 * words.uniform());
        let utility = utility(kind, n, &mut words);
        let mut soft = vec![f64::NAN; n * n];
        let outcome = Sinkhorn::new(1e-13, 100).softmax(&Matching::new(n), &utility, temperature, &mut soft);
        let name = format!("seed {seed}, instance {index}: {kind} of size {n} at t = {temperature:e}");
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
        // The tolerance, and the rounding errors of sums of n.
        let error = error(n, &soft);
        assert!(error <= 1.5e-13, "{name}: off by {error:e}");
    }
}

/// How far a matrix is from sums `a_i + b_j`.
fn from_additive(n: usize, matrix: &[f64]) -> f64 {
    let off = |i: usize, j: usize| matrix[i * n + j] - matrix[i * n] - matrix[j] + matrix[0];
    let off = (0..n * n).map(|cell| off(cell / n, cell % n).abs());
    off.fold(0.0, |worst, off| if off <= worst { worst } else { off })
}

/// What defines the solution and its gradient, at sizes and temperatures where Sinkhorn's iteration contracts and where
/// it does not: `log X_t - u/t` and `t dU / X_t - G` are sums of something of the row and something of the column, and the
/// gradient's rows and columns sum to 0.
#[test]
fn large_plans_and_their_gradients_are_what_they_shall_be() {
    let mut words = Words(3);
    for n in [31, 32, 57, 130] {
        let (utility, cotangent): (Vec<f64>, Vec<f64>) =
            (0..n * n).map(|_| (words.gumbel(), words.normal())).unzip();
        for t in [0.2, 0.4, 0.6, 0.8, 1.0, 2.0, 10.0] {
            let soft = softmax(n, &utility, t);
            assert!(error(n, &soft) <= 1e-14, "n = {n}, t = {t}: sums are off by {:e}", error(n, &soft));
            let scales: Vec<f64> = soft.iter().zip(&utility).map(|(x, u)| x.ln() - u / t).collect();
            let off = from_additive(n, &scales);
            assert!(off <= 1e-13 * (1.0 + 1.0 / t), "n = {n}, t = {t}: {off:e}");
            let mut gradient = vec![f64::NAN; n * n];
            Sinkhorn::default()
                .softmax_vjp(&Matching::new(n), &utility, t, &cotangent, &mut gradient)
                .expect("convergence");
            let rest = gradient.iter().zip(&soft).zip(&cotangent);
            let rest: Vec<f64> = rest.map(|((d, x), g)| t * d / x - g).collect();
            assert!(from_additive(n, &rest) <= 1e-11, "n = {n}, t = {t}: {:e}", from_additive(n, &rest));
            for i in 0..n {
                let row: f64 = gradient[i * n..(i + 1) * n].iter().sum();
                let column: f64 = gradient.iter().skip(i).step_by(n).sum();
                let off = row.abs().max(column.abs()) * t;
                assert!(off <= 1e-13, "n = {n}, t = {t}: sums of the gradient are off by {off:e}");
            }
        }
    }
}

/// One step after the tolerance is met, the error is squared: what is left of 1e-8 is that of rounding.
#[test]
fn the_last_step_reaches_what_doubles_hold() {
    let mut words = Words(13);
    for _ in 0..100 {
        let (n, temperature) = (2 + words.below(29), 0.1 + words.uniform());
        let utility = utility("gumbel", n, &mut words);
        let mut soft = vec![f64::NAN; n * n];
        let outcome = Sinkhorn::new(1e-8, 100).softmax(&Matching::new(n), &utility, temperature, &mut soft);
        assert!(outcome.is_ok(), "{outcome:?}");
        assert!(error(n, &soft) <= 1e-14, "{:e}, n = {n}, t = {temperature}", error(n, &soft));
    }
}

/// The error names the row of the batch, and how far its sums are off at the temperature asked for, as a number.
#[test]
fn too_few_iterations_are_told_with_the_error_reached() {
    let (n, tolerance) = (6, 0.05);
    let mut words = Words(11);
    let structure = Matching::new(n);
    for temperature in [1.0, 1e-2, 1e-6, 1e-300] {
        // Equal utilities need no iteration.
        let mut batch = vec![0.0; n * n];
        batch.extend((0..n * n).map(|_| words.gumbel()));
        // Two matchings share their best rows, unequally.
        (batch[n * n], batch[n * n + 1], batch[n * n + n], batch[n * n + n + 1]) = (60.0, 60.0, 60.0, 57.0);
        batch.extend_from_within(..n * n);
        let mut previous = f64::INFINITY;
        for iterations in 0..100 {
            let mut soft = vec![f64::NAN; batch.len()];
            let outcome =
                Sinkhorn::new(tolerance, iterations).softmax(&structure, &batch, temperature, &mut soft);
            let Err(error) = outcome else {
                previous = 0.0;
                break;
            };
            assert_eq!((error.kind.code(), error.row), ("DID_NOT_CONVERGE", Some(1)));
            let (_, reached) = error.message.rsplit_once("off by ").expect("the error reached");
            let reached: f64 = reached.trim_end_matches(')').parse().expect("a number");
            assert!(tolerance < reached && reached < n as f64, "{reached:e} at t = {temperature:e}");
            previous = reached;
        }
        assert_eq!(previous, 0.0, "convergence at t = {temperature:e}");
    }
}

/// The rows that full steps of Newton's method go round in circles on.
#[test]
fn instances_on_which_newtons_method_cycles() {
    let cases = [
        ("uniform", 16, 6.020725122366158e-3, 1_103_214_858_811_664_963),
        ("squared", 18, 3.5654306644341085e-5, 572_604_922_861_107_131),
        ("plane", 29, 1.1375159183177734e-5, 15_545_124_505_818_115_105),
        ("dominated", 25, 2.5473312246238473e-4, 6_225_913_555_045_107_433),
        ("sparse", 28, 3.841087344011237e-2, 2_502_959_593_259_444_776),
    ];
    for (kind, n, temperature, state) in cases {
        let mut words = Words(state);
        // The kind, the size and the temperature.
        for _ in 0..3 {
            words.next();
        }
        let soft = softmax(n, &utility(kind, n, &mut words), temperature);
        assert!(error(n, &soft) <= 1e-13, "{kind} of size {n}");
    }
}

/// Sums `a_i + b_j` change nothing: with equal utilities every cell is 1/n.
#[test]
fn sums_of_rows_and_columns_change_nothing() {
    let mut words = Words(3);
    for n in [2, 7, 40, 100] {
        let offsets: Vec<f64> = (0..2 * n).map(|_| words.below(1 << 20) as f64).collect();
        for temperature in [1.0, 1e-3, 1e-6] {
            let add = |utility: Vec<f64>| -> Vec<f64> {
                utility
                    .iter()
                    .enumerate()
                    .map(|(cell, u)| u + offsets[cell / n] + offsets[n + cell % n])
                    .collect()
            };
            let equal = softmax(n, &add(vec![0.0; n * n]), temperature);
            assert!(distance(&equal, &vec![1.0 / n as f64; n * n]) <= 1e-15);
            // Of 20 bits, so that the sums are exact.
            let tied: Vec<f64> = (0..n * n).map(|_| words.below(3) as f64 / 1024.0).collect();
            let (plain, moved) = (softmax(n, &tied, temperature), softmax(n, &add(tied), temperature));
            assert!(distance(&plain, &moved) <= 1e-13, "n = {n}, t = {temperature:e}");
        }
    }
}

/// Two blocks that hardly exchange anything have scales far apart: each is as exact as alone.
#[test]
fn blocks_far_apart_lose_no_digits() {
    let (half, n) = (20, 40);
    let mut words = Words(5);
    let blocks: Vec<f64> = (0..2 * half * half).map(|_| words.gumbel()).collect();
    let cell = |i: usize, j: usize| match (i / half, j / half) {
        (0, 1) => 0.0,
        (1, 0) => -1_200.0,
        (block, _) => blocks[(block * half + i % half) * half + j % half],
    };
    let joined: Vec<f64> = (0..n * n).map(|place| cell(place / n, place % n)).collect();
    let soft = softmax(n, &joined, 1.0);
    assert!(error(n, &soft) <= 4e-15, "{:e}", error(n, &soft));
    for (block, alone) in blocks.chunks_exact(half * half).enumerate() {
        let alone = softmax(half, alone, 1.0);
        let rows = (0..half).flat_map(|i| &soft[(block * half + i) * n + block * half..][..half]);
        let part: Vec<f64> = rows.copied().collect();
        assert!(distance(&part, &alone) <= 4e-15, "{:e}", distance(&part, &alone));
    }
}

/// Masks that are large numbers are as good as -inf where some matching avoids them.
#[test]
fn masks_that_are_numbers() {
    let mut words = Words(7);
    for n in [3, 10, 30] {
        let free: Vec<f64> = (0..n * n).map(|_| words.gumbel()).collect();
        let kept: Vec<bool> = (0..n * n).map(|c| c / n == c % n || words.below(3) == 0).collect();
        let masked = |mask: f64| -> Vec<f64> {
            free.iter().zip(&kept).map(|(&u, &kept)| if kept { u } else { mask }).collect()
        };
        let expected = softmax(n, &masked(f64::NEG_INFINITY), 0.5);
        for mask in [-1e4, -1e32, -3.402_823_466_385_288_6e38] {
            assert!(distance(&softmax(n, &masked(mask), 0.5), &expected) <= 1e-14, "{mask:e}, n = {n}");
        }
    }
}

/// Against integers: values of 20 bits below the point, and masks of either sign, some of which no matching avoids.
#[test]
fn large_utilities_do_not_swallow_small_ones() {
    const UNIT: f64 = (1_u32 << 20) as f64;
    let mut words = Words(setting("SINKHORN_SEED", 1));
    let masks = [1e4, 1e9, 1e16, 1e28];
    for _ in 0..setting("SINKHORN_INSTANCES", 3_000) {
        let n = 2 + words.below(19);
        let mut mask = || masks[words.below(4)] * if words.below(2) == 0 { -1.0 } else { 1.0 };
        let (one, other) = (mask(), mask());
        let (rare, row) = (words.uniform(), words.below(4 * n));
        let mut value = |place: usize| {
            let small = ((8.0 * words.uniform() - 4.0) * UNIT).round() / UNIT;
            let kept = words.uniform() < rare && place / n != row;
            if kept {
                small
            } else if words.below(8) == 0 {
                other
            } else {
                one
            }
        };
        let utility: Vec<f64> = (0..n * n).map(&mut value).collect();
        let integers: Vec<i128> = utility.iter().map(|u| (u * UNIT) as i128).collect();
        let (structure, mut vertex) = (Matching::new(n), vec![0.0; n * n]);
        structure.argmax(&utility, &mut vertex, &mut structure.argmax_workspace());
        let chosen = vertex.iter().zip(&integers).filter(|&(&x, _)| x == 1.0);
        assert_eq!(chosen.map(|(_, u)| u).sum::<i128>(), best_value(n, &integers), "{n}: {utility:?}");
    }
}

/// Rows with the same utilities in another order have the same rounding errors; a hundred times the same one, left to one
/// column, were above the tolerance. In blocks that low temperatures separate, too.
#[test]
fn rounding_errors_of_ties_do_not_add_up() {
    let mut words = Words(7);
    for case in 0..setting("SINKHORN_TIES", 30) {
        let n = 150 + words.below(100);
        let rare = words.uniform();
        let blocks = 1 + words.below(3);
        let gap = [0.0, 1.0, 3.0, 40.0, 1000.0][words.below(5)];
        let utility: Vec<f64> = (0..n * n)
            .map(|cell| {
                let level = if words.uniform() < rare { 1.0 } else { 0.0 };
                if (cell / n) * blocks / n == (cell % n) * blocks / n { level } else { level - gap }
            })
            .collect();
        let temperature = [1.0, 0.3, 0.1, 0.03, 0.01][words.below(5)];
        let error = error(n, &softmax(n, &utility, temperature));
        assert!(
            error <= 5e-14,
            "case {case}: {blocks} blocks of {n}, {gap} apart, at t = {temperature}: {error:e}"
        );
    }
}
