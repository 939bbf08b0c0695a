//! What single precision is worth: softmax and its vector-Jacobian product of batches of 128 on one thread, in doubles and
//! in floats, by turns.

#[path = "../tests/support/drawn.rs"]
mod drawn;

use std::time::{Duration, Instant};

use drawn::drawn;
use sst::relaxation::{ExponentialFamilyEntropy, Relaxation, SinglePrecision};
use sst::structure::{Arborescence, ExponentialFamily, SpanningTree};
use sst::utility::Noise;

const ROWS: usize = 128;

/// Nanoseconds of a sample: many ticks of the clock of processor time.
const SAMPLE: f64 = 2e7;

/// Nanoseconds of processor time that this thread has had; on Linux alone.
fn processor() -> Option<f64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

/// Microseconds of one call of each routine, which take turns: medians, of processor time where that is known.
fn medians<const N: usize>(mut routines: [&mut dyn FnMut(); N]) -> [f64; N] {
    let measured = std::env::args().any(|argument| argument == "--bench");
    let mut times = [const { Vec::new() }; N];
    for _ in 0..if measured { 9 } else { 1 } {
        for (times, routine) in times.iter_mut().zip(&mut routines) {
            let (start, before, mut calls) = (Instant::now(), processor(), 0);
            let spent = loop {
                let slice = Instant::now();
                while calls == 0 || slice.elapsed() < Duration::from_millis(2) {
                    routine();
                    calls += 1;
                }
                let wall = start.elapsed().as_nanos() as f64;
                let spent = processor().zip(before).map_or(wall, |(after, before)| after - before);
                if !measured || spent >= SAMPLE {
                    break spent;
                }
            };
            times.push(spent / f64::from(calls) * 1e-3);
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
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
    }
}
