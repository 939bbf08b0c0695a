//! Dynamic programs: what the relaxation and its gradient take, in batches and in rows by themselves.

#[path = "../tests/support/drawn.rs"]
mod drawn;

use std::time::{Duration, Instant};

use drawn::drawn;
use sst::relaxation::{ExponentialFamilyEntropy, Relaxation};
use sst::structure::{Derivations, Structure};
use sst::utility::Noise;

const BATCHES: [usize; 2] = [1, 128];

/// Seconds of one call: the fastest of many, which a busy machine disturbs least. Once where the command is not
/// `cargo bench`.
fn fastest(mut routine: impl FnMut()) -> f64 {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let end = Instant::now() + Duration::from_millis(if measured { 1000 } else { 0 });
    let mut best = f64::INFINITY;
    loop {
        let start = Instant::now();
        routine();
        best = best.min(start.elapsed().as_secs_f64());
        if Instant::now() >= end {
            return best;
        }
    }
}

/// Prints microseconds of a batch, and nanoseconds of an edge for the relaxation with its gradient.
fn time(name: &str, structure: &Derivations, temperature: f64) {
    for rows in BATCHES {
        let n = structure.dimension();
        let (utilities, cotangents) = (drawn(Noise::Gumbel, 1, rows, n), drawn(Noise::Gumbel, 2, rows, n));
        let (mut soft, mut gradients, mut both) =
            (vec![0.0; rows * n], vec![0.0; rows * n], vec![0.0; 2 * rows * n]);
        let entropy = ExponentialFamilyEntropy;
        let seconds = [
            fastest(|| entropy.softmax(structure, &utilities, temperature, &mut soft).expect("finite")),
            fastest(|| {
                let gradients = &mut gradients[..];
                entropy
                    .softmax_vjp(structure, &utilities, temperature, &cotangents, gradients)
                    .expect("finite");
            }),
            fastest(|| {
                let both = &mut both[..];
                entropy
                    .softmax_with_vjp(structure, &utilities, temperature, &cotangents, both)
                    .expect("finite");
            }),
        ];
        let [soft, vjp, both] = seconds.map(|seconds| seconds * 1e6);
        let edge = both * 1e3 / (rows * structure.edges()) as f64;
        println!("{name:<36}{temperature:>8}{rows:>6}{soft:>12.0}{vjp:>12.0}{both:>12.0}{edge:>10.1}");
    }
}

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    println!("Microseconds per batch on one thread; nanoseconds per edge of softmaxWithVjp\n");
    println!("{:<36}{:>8}{:>6}{:>12}{:>12}{:>12}{:>10}", "", "t", "rows", "soft", "VJP", "both", "ns/edge");
    let groups: Vec<u32> = (0..100).collect();
    let structures: [(&str, Derivations); 7] = [
        ("linear chain, 100 x 20 states", Derivations::linear_chain(100, 20)),
        ("linear chain, 400 x 5 states", Derivations::linear_chain(400, 5)),
        ("alignment, 50 x 50", Derivations::alignment(50, 50, 50)),
        ("binary trees, 25 leaves", Derivations::binary_tree(25, 1)),
        ("knapsack, 100 items", Derivations::knapsack(&[3; 100], &groups, 100)),
        ("segmentations, 60 x 2 labels", Derivations::segmentation(60, 2, 10)),
        ("non-crossing pairs, 30", Derivations::non_crossing_pairs(30, 1)),
    ];
    for (name, structure) in structures {
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) {
            for temperature in [1.0, 0.01] {
                time(name, &structure, temperature);
            }
        }
    }
}
