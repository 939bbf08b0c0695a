//! Each structure as the laws see it.

pub(crate) mod arborescence;
pub(crate) mod one_hot;
pub(crate) mod spanning_tree;
pub(crate) mod subset;
pub(crate) mod top_k;

use sst::relaxation::{ExponentialFamilyEntropy, SparseMap};
use sst::structure::{ArgmaxOracle, ExponentialFamily};
use sst::{AnyOperator, Trick};

/// What pairs a structure with a relaxation.
pub(crate) type Pairing<S> = fn(S) -> AnyOperator;

pub(crate) fn exponential_family<S: ArgmaxOracle + ExponentialFamily>(structure: S) -> AnyOperator {
    AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy))
}

pub(crate) fn sparse_map<S: ArgmaxOracle>(structure: S) -> AnyOperator {
    AnyOperator::relaxed(Trick::new(structure, SparseMap))
}

/// All sets of coordinates of n that satisfy a condition.
fn sets(n: usize, condition: impl Fn(u32) -> bool) -> Vec<u32> {
    (0..1u32 << n).filter(|&set| condition(set)).collect()
}
