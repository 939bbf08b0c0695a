//! Spanning trees of complete graphs, beside the marginals by a dense inverse of the Laplacian.

mod support {
    pub(crate) mod dense_inverse;
    pub(crate) mod harness;
    pub(crate) mod table;
}

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::SpanningTree;
use sst::{AnyOperator, Trick};
use support::dense_inverse::DenseInverse;
use support::harness::{BATCHES, Batch, Harness, TEMPERATURE};
use support::table::Operation;

const VERTICES: [usize; 6] = [6, 10, 16, 32, 64, 128];
/// The largest batch is cut down to so many rows times vertices cubed, lest one benchmark take minutes.
const LARGEST_WORK: usize = 1 << 27;

fn main() {
    let mut harness = Harness::new("spanning tree");
    for vertices in VERTICES {
        let trick = AnyOperator::from(Trick::new(SpanningTree::complete(vertices), ExponentialFamilyEntropy));
        let mut inverse = DenseInverse::new(vertices);
        check_agreement(&trick, &mut inverse);
        let size = format!("{vertices} vertices");
        for rows in batches(vertices) {
            let mut batch = Batch::new(rows, trick.dimension());
            harness.time_library(&size, &trick, &mut batch);
            let Batch { utilities, cotangents, soft, gradients, .. } = &mut batch;
            harness.time("dense inverse", &size, rows, Operation::Soft, || {
                inverse.softmax(utilities, TEMPERATURE, soft);
            });
            harness.time("dense inverse", &size, rows, Operation::SoftAndVjp, || {
                inverse.softmax_and_vjp(utilities, TEMPERATURE, cotangents, soft, gradients);
            });
        }
    }
    harness.finish();
}

fn batches(vertices: usize) -> Vec<usize> {
    let [one, some, many] = BATCHES;
    let many = many.min(LARGEST_WORK / vertices.pow(3));
    if many > some { vec![one, some, many] } else { vec![one, some] }
}

/// Both must compute the same before it means anything that one of them is faster.
fn check_agreement(trick: &AnyOperator, inverse: &mut DenseInverse) {
    let mut batch = Batch::new(8, trick.dimension());
    batch.run(trick, Operation::SoftAndVjp);
    let (soft, gradients) = (batch.soft.clone(), batch.gradients.clone());
    let Batch { utilities, cotangents, soft: expected, gradients: expected_gradients, .. } = &mut batch;
    inverse.softmax_and_vjp(utilities, TEMPERATURE, cotangents, expected, expected_gradients);
    for (got, expected) in [(soft, expected), (gradients, expected_gradients)] {
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - *expected).abs() < 1e-6, "the dense inverse gives {expected}, the library {got}");
        }
    }
}
