//! What single precision is worth: softmax and its vector-Jacobian product of batches of 128 on one thread, in doubles and
//! in floats, by turns.

#[path = "../tests/support/drawn.rs"]
mod drawn;

use std::time::{Duration, Instant};

use drawn::drawn;
use sst::relaxation::{ExponentialFamilyEntropy, Relaxation, SinglePrecision};
use sst::structure::{Arborescence, CorrelatedTopK, ExponentialFamily, ProjectiveTree, SpanningTree, TopK};
use sst::utility::Noise;

const ROWS: usize = 128;

/// Microseconds of one call of each routine, which take turns: medians.
fn medians<const N: usize>(mut routines: [&mut dyn FnMut(); N]) -> [f64; N] {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let end = Instant::now() + Duration::from_millis(if measured { 600 } else { 0 });
    let mut times = [const { Vec::new() }; N];
    loop {
        for (times, routine) in times.iter_mut().zip(&mut routines) {
            let start = Instant::now();
            routine();
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        if Instant::now() >= end {
            return times.map(|mut times| {
                times.sort_by(f64::total_cmp);
                times[times.len() / 2]
            });
        }
    }
}

fn compare<S: ExponentialFamily>(name: &str, structure: &S, temperature: f64) {
    let n = structure.dimension();
    let (utilities, cotangents) = (drawn(Noise::Gumbel, 1, ROWS, n), drawn(Noise::Gumbel, 2, ROWS, n));
    let mut out = [const { Vec::new() }; 4].map(|_: Vec<f64>| vec![0.0; ROWS * n]);
    let [soft, single_soft, gradients, single_gradients] = &mut out;
    let times = medians([
        &mut || {
            ExponentialFamilyEntropy.softmax(structure, &utilities, temperature, soft).expect("memory");
        },
        &mut || SinglePrecision.softmax(structure, &utilities, temperature, single_soft).expect("memory"),
        &mut || {
            let entropy = ExponentialFamilyEntropy;
            entropy.softmax_vjp(structure, &utilities, temperature, &cotangents, gradients).expect("memory");
        },
        &mut || {
            let single = SinglePrecision;
            single
                .softmax_vjp(structure, &utilities, temperature, &cotangents, single_gradients)
                .expect("memory");
        },
    ]);
    let off = |a: &[f64], b: &[f64]| a.iter().zip(b).fold(0.0, |off: f64, (a, b)| off.max((a - b).abs()));
    let size = cotangents.iter().fold(0.0, |size: f64, g| size.max(g.abs()));
    let [soft, single_soft, gradients, single_gradients] = &out;
    let errors = (off(soft, single_soft), off(gradients, single_gradients) * temperature / size);
    let [a, b, c, d] = times;
    println!(
        "{:<32}{a:>9.0}{b:>9.0}{:>7.2}{c:>9.0}{d:>9.0}{:>7.2}{:>7.2}{:>10.1e}{:>10.1e}",
        format!("{name} at {temperature}"),
        a / b,
        c / d,
        (a + c) / (b + d),
        errors.0,
        errors.1,
    );
}

fn main() {
    println!(
        "{:<32}{:>9}{:>9}{:>7}{:>9}{:>9}{:>7}{:>7}{:>10}{:>10}",
        "microseconds", "soft", "single", "ratio", "VJP", "single", "ratio", "both", "off", "off"
    );
    for temperature in [1.0, 0.3] {
        for n in [10, 30, 50] {
            compare(&format!("trees of {n}"), &SpanningTree::complete(n), temperature);
        }
        for n in [10, 30, 50] {
            compare(&format!("arborescences of {n}"), &Arborescence::complete(n, 0, false), temperature);
        }
        compare("top 9 of 45", &TopK::new(45, 9), temperature);
        compare("top 10 of 350", &TopK::new(350, 10), temperature);
        compare("correlated top 9 of 45", &CorrelatedTopK::new(45, 9), temperature);
        for n in [10, 25] {
            compare(&format!("parses of {n}"), &ProjectiveTree::new(n), temperature);
        }
    }
}
