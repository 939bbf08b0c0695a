//! Projective trees with either relaxation.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::{ExponentialFamilyEntropy, PerturbAndParse};
use sst::structure::ProjectiveTree;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

const WORDS: [usize; 4] = [5, 10, 20, 40];
/// The largest batch is cut down to so many rows times words cubed, lest one benchmark take minutes.
const LARGEST_WORK: usize = 1 << 24;

fn main() {
    let mut harness = Harness::new("projective tree");
    for words in WORDS {
        let structure = ProjectiveTree::new(words);
        let tricks: [(&str, AnyOperator); 2] = [
            (
                "exponential family",
                AnyOperator::from(Trick::new(structure.clone(), ExponentialFamilyEntropy)),
            ),
            ("perturb and parse", AnyOperator::from(Trick::new(structure, PerturbAndParse))),
        ];
        for (relaxation, trick) in tricks {
            let largest = (LARGEST_WORK / words.pow(3)).max(128);
            for rows in BATCHES.map(|rows| rows.min(largest)) {
                let mut batch = Batch::new(rows, trick.dimension());
                harness.time_library(&format!("{words} words, {relaxation}"), &trick, &mut batch);
            }
        }
    }
    harness.finish();
}
