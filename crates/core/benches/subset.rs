//! Subsets with the binary-entropy relaxation.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::BinaryEntropy;
use sst::structure::Subset;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

const ELEMENTS: [usize; 3] = [10, 100, 1000];

fn main() {
    let mut harness = Harness::new("subset");
    for elements in ELEMENTS {
        let trick = AnyOperator::from(Trick::new(Subset::new(elements), BinaryEntropy));
        for rows in BATCHES {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&format!("{elements} elements"), &trick, &mut batch);
        }
    }
    harness.finish();
}
