//! k-subsets with each of the relaxations that share their utilities.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::{BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy, SoftSub};
use sst::structure::TopK;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

/// Elements and k: small; the edges of 10 vertices with 9 of them chosen; the words of a text with 10 of them chosen.
const SIZES: [(usize, usize); 3] = [(10, 3), (45, 9), (350, 10)];

fn relaxations(elements: usize, k: usize) -> [(&'static str, AnyOperator); 5] {
    let structure = || TopK::new(elements, k);
    [
        ("exponential family", AnyOperator::from(Trick::new(structure(), ExponentialFamilyEntropy))),
        ("Euclidean", AnyOperator::from(Trick::new(structure(), Euclidean))),
        ("categorical entropy", AnyOperator::from(Trick::new(structure(), CategoricalEntropy))),
        ("binary entropy", AnyOperator::from(Trick::new(structure(), BinaryEntropy))),
        ("SoftSub", AnyOperator::from(Trick::new(structure(), SoftSub))),
    ]
}

fn main() {
    let mut harness = Harness::new("top k");
    for (elements, k) in SIZES {
        for (name, trick) in relaxations(elements, k) {
            for rows in BATCHES {
                let mut batch = Batch::new(rows, trick.dimension());
                harness.time_library(&format!("{k} of {elements}, {name}"), &trick, &mut batch);
            }
        }
    }
    harness.finish();
}
