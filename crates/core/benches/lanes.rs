//! What lanes are worth, what is reached of what a core can do, and from which batch on a second thread pays.
//!
//! Without criterion, whose benchmarks run one after the other: what is compared here takes turns.

#[path = "../tests/support/drawn.rs"]
mod drawn;
mod support {
    pub(crate) mod beside;
    pub(crate) mod counted;
    pub(crate) mod machine;
}

use std::time::{Duration, Instant};

use drawn::drawn;
use ndarray::Array2;
use sst::relaxation::{ExponentialFamilyEntropy, Relaxation};
use sst::structure::{
    Arborescence, ArgmaxOracle, CorrelatedTopK, ExponentialFamily, OneHot, ProjectiveTree, SpanningTree, TopK,
};
use sst::utility::Noise;
use sst::{AnyOperator, Trick};
use support::beside::Beside;
use support::counted::operations;
use support::machine::{multiply_adds, width};

const TEMPERATURE: f64 = 1.0;
const ROWS: usize = 4096;
/// Rows of structures of all sizes.
const FEW_ROWS: usize = 64;
/// Multiply-adds from which on two threads share a batch.
const WORK_OF_TWO: usize = 2_000_000;
/// What no cache holds.
const COPIED: usize = 1 << 24;

/// Seconds of one call of each routine: the fastest of many samples, in which the routines take turns. Once each where
/// the command is not `cargo bench`.
fn fastest<const N: usize>(mut routines: [&mut dyn FnMut(); N]) -> [f64; N] {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let end = Instant::now() + Duration::from_millis(if measured { 400 } else { 0 });
    let mut best = [f64::INFINITY; N];
    loop {
        for (best, routine) in best.iter_mut().zip(&mut routines) {
            let (start, mut calls) = (Instant::now(), 0);
            while calls == 0 || start.elapsed() < Duration::from_micros(500) {
                routine();
                calls += 1;
            }
            *best = best.min(start.elapsed().as_secs_f64() / f64::from(calls));
        }
        if Instant::now() >= end {
            return best;
        }
    }
}

/// Nanoseconds per row of `softmax` and `softmax_vjp`.
struct Times {
    soft: f64,
    vjp: f64,
}

/// In lanes, and one by one. The results must be the same bits.
fn times<S: ExponentialFamily>(structure: &S, rows: usize) -> [Times; 2] {
    let n = structure.dimension();
    let (utilities, cotangents) = (drawn(Noise::Gumbel, 1, rows, n), drawn(Noise::Gumbel, 2, rows, n));
    let zeros = || [vec![0.0; rows * n], vec![0.0; rows * n]];
    let (mut soft, mut gradients) = (zeros(), zeros());
    let by = |lanes| Beside { structure: structure.clone(), lanes };
    let (beside, alone) = (by(true), by(false));
    let softmax = |by: &Beside<S>, soft: &mut [f64]| {
        ExponentialFamilyEntropy.softmax(by, &utilities, TEMPERATURE, soft).expect("a closed form");
    };
    let vjp = |by: &Beside<S>, gradients: &mut [f64]| {
        let entropy = ExponentialFamilyEntropy;
        entropy.softmax_vjp(by, &utilities, TEMPERATURE, &cotangents, gradients).expect("a closed form");
    };
    let ([soft_beside, soft_alone], [vjp_beside, vjp_alone]) = (&mut soft, &mut gradients);
    let seconds = fastest([
        &mut || softmax(&beside, soft_beside),
        &mut || softmax(&alone, soft_alone),
        &mut || vjp(&beside, vjp_beside),
        &mut || vjp(&alone, vjp_alone),
    ]);
    assert!(soft[0] == soft[1] && gradients[0] == gradients[1], "lanes change the result");
    let [soft_beside, soft_alone, vjp_beside, vjp_alone] = seconds.map(|time| time * 1e9 / rows as f64);
    [Times { soft: soft_beside, vjp: vjp_beside }, Times { soft: soft_alone, vjp: vjp_alone }]
}

/// What a core of this machine can do.
struct Machine {
    /// Floating-point operations a second.
    peak: f64,
    /// Bytes read or written a second.
    bandwidth: f64,
}

impl Machine {
    fn measure() -> Self {
        let operations = multiply_adds();
        let (source, mut target) = (vec![1.0_f64; COPIED], vec![0.0; COPIED]);
        let [compute] = fastest([&mut || assert!(multiply_adds() > 0)]);
        let [copy] = fastest([&mut || target.copy_from_slice(std::hint::black_box(&source))]);
        let bytes = 2 * size_of::<f64>() * COPIED;
        Self { peak: operations as f64 / compute, bandwidth: bytes as f64 / copy }
    }

    /// A line of what one operation does and reaches.
    fn report(&self, Spent { name, operations, doubles, nanoseconds }: &Spent) {
        let bytes = (doubles * size_of::<f64>()) as f64;
        let rate = *operations as f64 / nanoseconds * 1e9;
        let (of_peak, of_bandwidth) =
            (100.0 * rate / self.peak, 100.0 * bytes / nanoseconds * 1e9 / self.bandwidth);
        println!(
            "{name:<34}{operations:>9}{bytes:>8}{nanoseconds:>10.0}{:>10.1}{of_peak:>9.0}{of_bandwidth:>12.0}",
            rate / 1e9
        );
    }
}

/// What one operation takes for a row: floating-point operations, doubles read or written, and time.
struct Spent {
    name: String,
    operations: u64,
    doubles: usize,
    nanoseconds: f64,
}

/// Prints the comparison of one structure; returns what it takes in lanes.
fn compare<S: ExponentialFamily>(name: &str, structure: &S) -> [Spent; 2] {
    let [lanes, alone] = times(structure, ROWS);
    let (both, both_alone) = (lanes.soft + lanes.vjp, alone.soft + alone.vjp);
    println!(
        "{name:<28}{:>8.0}{:>10.0}{:>7.1}{both:>14.0}{both_alone:>10.0}{:>7.1}",
        lanes.soft,
        alone.soft,
        alone.soft / lanes.soft,
        both_alone / both
    );
    let ([soft, vjp], n) = (operations(structure), structure.dimension());
    [
        Spent { name: format!("{name}, soft"), operations: soft, doubles: 2 * n, nanoseconds: lanes.soft },
        Spent { name: format!("{name}, VJP"), operations: vjp, doubles: 3 * n, nanoseconds: lanes.vjp },
    ]
}

/// How the ratio changes with the size, and what decides.
fn sweep<S: ExponentialFamily>(name: &str, sizes: &[usize], make: impl Fn(usize) -> S) {
    for &size in sizes {
        let structure = make(size);
        let [lanes, alone] = times(&structure, FEW_ROWS);
        println!(
            "{:<28}{:>10}{:>12.0}{:>12.0}{:>7.2}{:>12.0}{:>12.0}{:>7.2}",
            format!("{name} {size}"),
            structure.work(),
            lanes.soft,
            alone.soft,
            alone.soft / lanes.soft,
            lanes.vjp,
            alone.vjp,
            alone.vjp / lanes.vjp,
        );
    }
}

/// One thread and two, at batches from the first for which two are used.
fn threads<S: ExponentialFamily + ArgmaxOracle>(name: &str, structure: S) {
    let work = structure.work();
    let trick = AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy));
    for multiple in [1, 2, 4] {
        let rows = (multiple * WORK_OF_TWO).div_ceil(work).next_multiple_of(16);
        let shape = (rows, trick.dimension());
        let utilities =
            Array2::from_shape_vec(shape, drawn(Noise::Gumbel, 1, rows, shape.1)).expect("whole rows");
        let (mut one, mut two) = (Array2::zeros(shape), Array2::zeros(shape));
        let run = |soft: &mut Array2<f64>, threads| {
            trick.softmax(utilities.view(), TEMPERATURE, soft.view_mut(), threads).expect("feasible rows");
        };
        let seconds = fastest([&mut || run(&mut one, 1), &mut || run(&mut two, 2)]);
        let [alone, shared] = seconds.map(|time| time * 1e6);
        println!("{name:<28}{rows:>8}{alone:>12.0}{shared:>12.0}{:>7.2}", alone / shared);
    }
}

fn main() {
    println!("\nNanoseconds per row, batches of {ROWS} on one thread: in lanes, and row by row\n");
    println!(
        "{:<28}{:>8}{:>10}{:>7}{:>14}{:>10}{:>7}",
        "", "soft", "by rows", "ratio", "soft + VJP", "by rows", "ratio"
    );
    let spent = [
        compare("one-hot 64", &OneHot::new(64)),
        compare("top k, 9 of 45", &TopK::new(45, 9)),
        compare("correlated top k, 9 of 45", &CorrelatedTopK::new(45, 9)),
        compare("spanning tree 10", &SpanningTree::complete(10)),
        compare("arborescence 10", &Arborescence::complete(10, 0, false)),
        compare("projective tree 10", &ProjectiveTree::new(10)),
    ];

    let machine = Machine::measure();
    println!(
        "\nOne core: {:.1} GFLOP/s in registers of {} doubles, copies at {:.1} GB/s (bytes read and written)\n",
        machine.peak / 1e9,
        width(),
        machine.bandwidth / 1e9
    );
    println!(
        "{:<34}{:>9}{:>8}{:>10}{:>10}{:>9}{:>12}",
        "per row", "flops", "bytes", "ns", "GFLOP/s", "% peak", "% copy"
    );
    spent.iter().flatten().for_each(|spent| machine.report(spent));

    println!("\nNanoseconds per row, batches of {FEW_ROWS}: where lanes end\n");
    println!(
        "{:<28}{:>10}{:>12}{:>12}{:>7}{:>12}{:>12}{:>7}",
        "", "work", "soft", "by rows", "ratio", "VJP", "by rows", "ratio"
    );
    sweep("spanning tree", &[16, 24, 32, 40, 48, 64, 128], SpanningTree::complete);
    sweep("arborescence", &[16, 24, 32, 40, 48, 64, 96], |n| Arborescence::complete(n, 0, false));
    sweep("projective tree", &[8, 16, 24, 32, 40], ProjectiveTree::new);
    sweep("top k, 32 of", &[128, 512, 1024, 2048, 4096], |n| TopK::new(n, 32));
    sweep("correlated top k, 8 of", &[128, 512, 1024, 2048, 4096], |n| CorrelatedTopK::new(n, 8));

    println!("\nMicroseconds per batch of softmax: one thread, and two\n");
    println!("{:<28}{:>8}{:>12}{:>12}{:>7}", "", "rows", "one", "two", "ratio");
    threads("top k, 9 of 45", TopK::new(45, 9));
    threads("spanning tree 10", SpanningTree::complete(10));
    threads("arborescence 10", Arborescence::complete(10, 0, false));
    threads("projective tree 10", ProjectiveTree::new(10));
}
