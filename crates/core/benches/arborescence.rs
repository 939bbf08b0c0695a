//! Arborescences of complete graphs, with any number of children of the root and with one.

mod support {
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::Arborescence;
use sst::{AnyOperator, Trick};
use support::harness::{BATCHES, Batch, Harness};

const VERTICES: [usize; 5] = [6, 10, 16, 32, 64];
/// The largest batch is cut down to so many rows times vertices cubed, lest one benchmark take minutes.
const LARGEST_WORK: usize = 1 << 26;

fn main() {
    let mut harness = Harness::new("arborescence");
    for vertices in VERTICES {
        for (single_root_child, kind) in [(false, ""), (true, ", one child")] {
            let structure = Arborescence::complete(vertices, 0, single_root_child);
            let trick = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
            let [one, some, many] = BATCHES;
            for rows in [one, some, many.min(LARGEST_WORK / vertices.pow(3)).max(some)] {
                let mut batch = Batch::new(rows, trick.dimension());
                harness.time_library(&format!("{vertices} vertices{kind}"), &trick, &mut batch);
            }
        }
    }
    harness.finish();
}
