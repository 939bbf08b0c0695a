//! One-hot vectors with the categorical-entropy relaxation.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::OneHot;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

const CATEGORIES: [usize; 3] = [10, 100, 1000];

fn main() {
    let mut harness = Harness::new("one-hot");
    for categories in CATEGORIES {
        let trick = AnyOperator::from(Trick::new(OneHot::new(categories), ExponentialFamilyEntropy));
        for rows in BATCHES {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&format!("{categories} categories"), &trick, &mut batch);
        }
    }
    harness.finish();
}
