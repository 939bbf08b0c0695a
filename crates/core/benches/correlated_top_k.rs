//! Correlated k-subsets with the exponential-family relaxation.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::CorrelatedTopK;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

/// Elements and k: small; medium; the words of a text with 10 of them chosen.
const SIZES: [(usize, usize); 3] = [(10, 3), (45, 9), (350, 10)];

fn main() {
    let mut harness = Harness::new("correlated top k");
    for (elements, k) in SIZES {
        let trick = AnyOperator::from(Trick::new(CorrelatedTopK::new(elements, k), ExponentialFamilyEntropy));
        for rows in BATCHES {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&format!("{k} of {elements}"), &trick, &mut batch);
        }
    }
    harness.finish();
}
