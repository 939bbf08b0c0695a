//! One line a structure with its relaxation.

use std::fmt::Debug;
use std::rc::Rc;

use proptest::strategy::BoxedStrategy;
use sst::AnyOperator;
use sst::structure::Prefix;

use crate::structures::{arborescence, one_hot, spanning_tree, subset, top_k};

/// Every pair of a structure and a relaxation.
pub(crate) const REGISTRY: &[Entry] = &[
    Entry { masks: Some(Exactness::Rounding), ..family("one-hot, categorical entropy", one_hot::instances) },
    family("subset, binary entropy", subset::instances),
    family("top k, exponential family", top_k::instances),
    family("spanning tree, exponential family", spanning_tree::instances),
    Entry { matroid: false, ..family("arborescence, exponential family", arborescence::instances) },
    Entry {
        matroid: false,
        ..family("arborescence of a single root child", arborescence::with_a_single_root_child)
    },
];

/// Instances small enough to enumerate, of random size.
type Instances = fn() -> BoxedStrategy<Rc<dyn Instance>>;

/// A structure with a relaxation, and how the laws apply to it.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) instances: Instances,
    pub(crate) kind: Kind,
    /// How close a row with forbidden coordinates comes to the same row of the smaller problem without them; none where
    /// utilities of `-inf` are refused, or where forbidding does not leave a smaller problem of the same kind.
    pub(crate) masks: Option<Exactness>,
    /// Whether the greedy choice is the argmax, so that among equal vertices the one of the lowest indices is known.
    pub(crate) matroid: bool,
    /// Whether `X_t` stays in the convex hull of the vertices.
    pub(crate) polytope: bool,
    /// Whether `X_t` tends to X as t falls.
    pub(crate) hardens: bool,
    /// Whether `X_t` depends on U and t by their ratio only.
    pub(crate) scales: bool,
}

/// What a relaxation is, and so what it is checked against.
pub(crate) enum Kind {
    /// The mean of `p(x) ~ exp(u.x / t)` over the vertices: everything is known by enumeration.
    ExponentialFamily,
    /// `argmax_x u.x - t f(x)` over the convex hull, for the f with this gradient; none where a coordinate is so close to
    /// a bound that its gradient cannot be told from the rounded coordinate.
    Regularised(fn(&[f64]) -> Option<Vec<f64>>),
    /// No variational problem; its Jacobian need not be symmetric.
    Bespoke,
}

impl Entry {
    pub(crate) fn is_family(&self) -> bool {
        matches!(self.kind, Kind::ExponentialFamily)
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        !matches!(self.kind, Kind::Bespoke)
    }
}

/// An exponential family on the bases of a matroid (or on all subsets), to which every law applies.
const fn family(name: &'static str, instances: Instances) -> Entry {
    Entry {
        name,
        instances,
        kind: Kind::ExponentialFamily,
        masks: Some(Exactness::Bits),
        matroid: true,
        polytope: true,
        hardens: true,
        scales: true,
    }
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
    fn operator(&self) -> AnyOperator;

    /// All vertices by their definition, as sets of coordinates: bit i stands for coordinate i.
    fn vertices(&self) -> Vec<u32>;

    /// How many vertices there are, in closed form; none where there is no such form.
    fn count(&self) -> Option<f64>;

    /// What `x` is multiplied by in the problem that the argmax solves; the utility itself, but of structures whose
    /// utility has other coordinates. None where X does not maximise a linear function.
    fn coefficients(&self, utility: &[f64]) -> Option<Vec<f64>> {
        Some(utility.to_vec())
    }

    /// How many things there are that may be renamed (elements, or vertices of a graph).
    fn labels(&self) -> usize;

    /// The same structure with thing i renamed to `names[i]`, and the new places of the coordinates; none where the
    /// order of things is part of the structure.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>>;

    /// The structure without the coordinates in this set; the others keep their order.
    fn without(&self, forbidden: u32) -> AnyOperator;

    /// The structure over the first `size` things, with the places of its coordinates.
    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>>;
}
