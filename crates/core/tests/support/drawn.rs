//! Numbers for tests and benchmarks.

use sst::utility::Noise;
use sst::{AnyOperator, Call, Question, Terms};

/// Rows of random utilities at parameters of 0.
pub(crate) fn drawn(noise: Noise, seed: u64, rows: usize, width: usize) -> Vec<f64> {
    let mut utilities = vec![0.0; rows * width];
    let theta = utilities.clone();
    let (operator, terms) = (AnyOperator::plain(width).with_noise(noise), Terms { seed, ..Terms::default() });
    let call =
        Call::new(&operator, Question::Perturb, &[&theta], None, terms, rows).expect("finite parameters");
    call.run(&mut utilities, 1).expect("finite parameters");
    utilities
}
