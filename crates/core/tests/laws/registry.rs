//! One line a structure with its relaxation.

use std::fmt::Debug;
use std::rc::Rc;

use proptest::strategy::BoxedStrategy;
use sst::Operator;

use crate::structures::{one_hot, spanning_tree, subset, top_k};

/// Every pair of a structure and a relaxation.
pub(crate) const REGISTRY: [Entry; 4] = [
    Entry { name: "one-hot, categorical entropy", instances: one_hot::instances, masks: Exactness::Rounding },
    Entry { name: "subset, binary entropy", instances: subset::instances, masks: Exactness::Bits },
    Entry { name: "top k, exponential family", instances: top_k::instances, masks: Exactness::Bits },
    Entry {
        name: "spanning tree, exponential family",
        instances: spanning_tree::instances,
        masks: Exactness::Bits,
    },
];

/// A structure with a relaxation, and how the laws apply to it.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    /// Instances small enough to enumerate, of random size.
    pub(crate) instances: fn() -> BoxedStrategy<Rc<dyn Instance>>,
    /// How close a row with forbidden coordinates comes to the same row of the smaller problem without them.
    pub(crate) masks: Exactness,
}

/// How equal two results are that mathematics says are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Exactness {
    /// Bit for bit: the same operations in the same order, up to additions of 0.
    Bits,
    /// Within 1e-14 (of the largest magnitude where there is one): the order of a sum differs.
    Rounding,
}

/// One structure of one size.
pub(crate) trait Instance: Debug {
    /// The library's side.
    fn operator(&self) -> Box<dyn Operator>;

    /// All vertices by their definition, as sets of coordinates: bit i stands for coordinate i.
    fn vertices(&self) -> Vec<u32>;

    /// How many vertices there are, in closed form; none where there is no such form.
    fn count(&self) -> Option<f64>;

    /// How many things there are that may be renamed (elements, or vertices of a graph).
    fn labels(&self) -> usize;

    /// The same structure with thing i renamed to `names[i]`, and the new place of each coordinate.
    fn relabelled(&self, names: &[usize]) -> (Box<dyn Operator>, Vec<usize>);

    /// The structure without the coordinates in this set; the others keep their order.
    fn without(&self, forbidden: u32) -> Box<dyn Operator>;
}
