//! Perfect matchings with Sinkhorn's relaxation, and with the exponential family.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::{ExponentialFamilyEntropy, Sinkhorn};
use sst::structure::Matching;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

const SIZES: [usize; 4] = [5, 10, 20, 50];
/// Those whose subsets are summed over.
const SUMMED: [usize; 3] = [5, 10, 15];
/// The largest batch is cut down to so many rows times the cube of the size, lest one benchmark take minutes.
const LARGEST_WORK: usize = 1 << 22;

fn main() {
    let mut harness = Harness::new("matching");
    for size in SIZES {
        let trick = AnyOperator::from(Trick::new(Matching::new(size), Sinkhorn::default()));
        let [one, some, many] = BATCHES;
        for rows in [one, some, many.min(LARGEST_WORK / size.pow(3)).max(some)] {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&format!("{size} x {size}"), &trick, &mut batch);
        }
    }
    for size in SUMMED {
        let trick = AnyOperator::from(Trick::new(Matching::new(size), ExponentialFamilyEntropy));
        let [one, some, many] = BATCHES;
        for rows in [one, some, many.min(LARGEST_WORK / (size << size)).max(1)] {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&format!("{size} x {size}, exponential family"), &trick, &mut batch);
        }
    }
    harness.finish();
}
