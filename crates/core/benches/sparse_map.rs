//! SparseMAP on every structure that the exponential-family benchmarks have.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::SparseMap;
use sst::structure::{OneHot, SpanningTree, Subset, TopK};
use sst::{AnyOperator, Trick};
use support::harness::{Batch, Harness};

/// At temperature 1 the last one is a mean of some forty vertices; large batches add nothing but time.
const BATCHES: [usize; 2] = [1, 64];

fn main() {
    let tricks: [(&str, AnyOperator); 6] = [
        ("one-hot of 10", AnyOperator::from(Trick::new(OneHot::new(10), SparseMap))),
        ("one-hot of 1000", AnyOperator::from(Trick::new(OneHot::new(1000), SparseMap))),
        ("subset of 45", AnyOperator::from(Trick::new(Subset::new(45), SparseMap))),
        ("9 of 45", AnyOperator::from(Trick::new(TopK::new(45, 9), SparseMap))),
        ("10 of 350", AnyOperator::from(Trick::new(TopK::new(350, 10), SparseMap))),
        ("trees of K10", AnyOperator::from(Trick::new(SpanningTree::complete(10), SparseMap))),
    ];
    let mut harness = Harness::new("sparsemap");
    for (label, trick) in tricks {
        for rows in BATCHES {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(label, &trick, &mut batch);
        }
    }
    harness.finish();
}
