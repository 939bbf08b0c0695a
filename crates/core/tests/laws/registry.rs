//! One line a structure with its relaxation.

use std::fmt::Debug;
use std::rc::Rc;

use proptest::strategy::BoxedStrategy;
use sst::AnyOperator;
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyEntropy, PerturbAndParse,
    Sinkhorn, SoftSub, SparseMap,
};
use sst::structure::Prefix;
use sst::utility::Noise;

use crate::structures::{
    arborescence, by, correlated_top_k, derivations, matching, one_hot, permutahedron, projective_tree,
    ranked, ranking, rooted_tree, spanning_tree, subset, top_k, with_replacement,
};

/// Every pair of a structure and a relaxation.
pub(crate) const REGISTRY: &[Entry] = &[
    Entry {
        masks: Some(Exactness::Rounding),
        ..family("one-hot, exponential family", || one_hot::instances(ranked::<_, ExponentialFamilyEntropy>))
    },
    regularised("one-hot, Euclidean", || one_hot::instances(by::<_, Euclidean>), euclidean),
    regularised(
        "one-hot, categorical entropy",
        || one_hot::instances(by::<_, CategoricalEntropy>),
        categorical_entropy,
    ),
    regularised("one-hot, binary entropy", || one_hot::instances(by::<_, BinaryEntropy>), binary_entropy),
    regularised("one-hot, entmax", || one_hot::instances(by::<_, Entmax>), entmax),
    family("subset, binary entropy", || subset::instances(ranked::<_, BinaryEntropy>)),
    family("top k, exponential family", || top_k::instances(ranked::<_, ExponentialFamilyEntropy>)),
    regularised("top k, Euclidean", || top_k::instances(by::<_, Euclidean>), euclidean),
    regularised(
        "top k, categorical entropy",
        || top_k::instances(by::<_, CategoricalEntropy>),
        categorical_entropy,
    ),
    regularised("top k, entmax", || top_k::instances(by::<_, Entmax>), entmax),
    regularised("top k, binary entropy", || top_k::instances(by::<_, BinaryEntropy>), binary_entropy),
    Entry {
        forbids: true,
        masks: Some(Exactness::Rounding),
        matroid: true,
        least_temperature: 1.0,
        ..bespoke("top k, SoftSub", || top_k::instances(by::<_, SoftSub>))
    },
    Entry { scales: true, ..bespoke("choices with replacement, L2X", with_replacement::l2x) },
    family("spanning tree, exponential family", || {
        spanning_tree::instances(ranked::<_, ExponentialFamilyEntropy>)
    }),
    Entry {
        kind: Kind::Regularised(matching::gradient),
        masks: None,
        matroid: false,
        ..family("matching, Sinkhorn", || matching::instances(ranked::<_, Sinkhorn>))
    },
    Entry {
        kind: Kind::Regularised(matching::gradient),
        masks: None,
        matroid: false,
        ..family("matching of the shorter side, Sinkhorn", || matching::rectangles(ranked::<_, Sinkhorn>))
    },
    Entry {
        kind: Kind::Regularised(matching::gradient),
        masks: None,
        matroid: false,
        ..family("partial matching, Sinkhorn", || matching::partial(ranked::<_, Sinkhorn>))
    },
    Entry {
        masks: None,
        ..chart("matching, exponential family", || matching::instances(ranked::<_, ExponentialFamilyEntropy>))
    },
    Entry {
        masks: None,
        ..chart("matching of the shorter side, exponential family", || {
            matching::rectangles(ranked::<_, ExponentialFamilyEntropy>)
        })
    },
    Entry {
        masks: None,
        ..chart("partial matching, exponential family", || {
            matching::partial(ranked::<_, ExponentialFamilyEntropy>)
        })
    },
    Entry {
        kind: Kind::Bespoke,
        forbids: false,
        masks: None,
        matroid: false,
        polytope: false,
        ..family("ranking, NeuralSort", ranking::instances)
    },
    permuted("permutahedron, Euclidean", || permutahedron::instances(by::<_, Euclidean>), euclidean),
    permuted(
        "permutahedron, categorical entropy",
        || permutahedron::instances(by::<_, CategoricalEntropy>),
        categorical_entropy,
    ),
    Entry {
        matroid: false,
        ..family("arborescence, exponential family", || {
            arborescence::instances(ranked::<_, ExponentialFamilyEntropy>)
        })
    },
    Entry {
        matroid: false,
        ..family("arborescence of a single root child", || {
            arborescence::with_a_single_root_child(ranked::<_, ExponentialFamilyEntropy>)
        })
    },
    Entry {
        matroid: false,
        ..family("arborescence of any root", || rooted_tree::instances(ranked::<_, ExponentialFamilyEntropy>))
    },
    chart("correlated top k, exponential family", || {
        correlated_top_k::instances(by::<_, ExponentialFamilyEntropy>)
    }),
    chart("projective tree, exponential family", || {
        projective_tree::instances(ranked::<_, ExponentialFamilyEntropy>)
    }),
    chart("projective tree of a single root child, exponential family", || {
        projective_tree::with_a_single_root_child(ranked::<_, ExponentialFamilyEntropy>)
    }),
    Entry {
        kind: Kind::Bespoke,
        ..chart("projective tree of a single root child, perturb and parse", || {
            projective_tree::with_a_single_root_child(by::<_, PerturbAndParse>)
        })
    },
    Entry {
        kind: Kind::Bespoke,
        ..chart("projective tree, perturb and parse", || projective_tree::instances(by::<_, PerturbAndParse>))
    },
    chart("derivations", || derivations::forests(ranked::<_, ExponentialFamilyEntropy>)),
    chart("paths", || derivations::paths(ranked::<_, ExponentialFamilyEntropy>)),
    chart("linear chain", || derivations::linear_chains(ranked::<_, ExponentialFamilyEntropy>)),
    chart("segmentation", || derivations::segmentations(ranked::<_, ExponentialFamilyEntropy>)),
    chart("alignment", || derivations::alignments(ranked::<_, ExponentialFamilyEntropy>)),
    chart("monotone alignment", || derivations::monotone_alignments(ranked::<_, ExponentialFamilyEntropy>)),
    chart("ctc", || derivations::ctcs(ranked::<_, ExponentialFamilyEntropy>)),
    chart("binary tree", || derivations::binary_trees(ranked::<_, ExponentialFamilyEntropy>)),
    chart("knapsack", || derivations::knapsacks(ranked::<_, ExponentialFamilyEntropy>)),
    chart("non-crossing pairs", || derivations::non_crossing_pairs(ranked::<_, ExponentialFamilyEntropy>)),
    sparse("one-hot, sparsemap", || one_hot::instances(by::<_, SparseMap>)),
    sparse("subset, sparsemap", || subset::instances(by::<_, SparseMap>)),
    sparse("top k, sparsemap", || top_k::instances(by::<_, SparseMap>)),
    sparse("spanning tree, sparsemap", || spanning_tree::instances(by::<_, SparseMap>)),
    Entry {
        matroid: false,
        ..sparse("arborescence, sparsemap", || arborescence::instances(by::<_, SparseMap>))
    },
    Entry {
        matroid: false,
        ..sparse("arborescence of any root, sparsemap", || rooted_tree::instances(by::<_, SparseMap>))
    },
    Entry {
        masks: Some(Exactness::Unposed),
        matroid: false,
        ..sparse("correlated top k, sparsemap", || correlated_top_k::instances(by::<_, SparseMap>))
    },
    Entry {
        masks: None,
        matroid: false,
        ..sparse("matching, sparsemap", || matching::instances(by::<_, SparseMap>))
    },
    Entry {
        masks: None,
        matroid: false,
        ..sparse("matching of the shorter side, sparsemap", || matching::rectangles(by::<_, SparseMap>))
    },
    Entry {
        masks: None,
        matroid: false,
        ..sparse("partial matching, sparsemap", || matching::partial(by::<_, SparseMap>))
    },
    Entry {
        masks: Some(Exactness::Unposed),
        matroid: false,
        ..sparse("projective tree, sparsemap", || projective_tree::instances(by::<_, SparseMap>))
    },
    Entry {
        masks: Some(Exactness::Unposed),
        matroid: false,
        ..sparse("derivations, sparsemap", || derivations::forests(by::<_, SparseMap>))
    },
    Entry {
        masks: Some(Exactness::Unposed),
        matroid: false,
        ..sparse("linear chain, sparsemap", || derivations::linear_chains(by::<_, SparseMap>))
    },
];

/// Instances small enough to enumerate, of random size.
type Instances = fn() -> BoxedStrategy<Rc<dyn Instance>>;

/// A structure with a relaxation, and how the laws apply to it.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) instances: Instances,
    pub(crate) kind: Kind,
    /// Whether utilities may be `-inf`.
    pub(crate) forbids: bool,
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
    /// Below this temperature the relaxation itself magnifies a rounding of its utilities beyond the laws' tolerances.
    pub(crate) least_temperature: f64,
}

/// What a relaxation is, and so what it is checked against.
pub(crate) enum Kind {
    /// The mean of `p(x) ~ exp(u.x / t)` over the vertices: everything is known by enumeration.
    ExponentialFamily,
    /// `argmax_x u.x - t f(x)` over the convex hull, for the f with this gradient; none where a coordinate is so close to
    /// a bound that its gradient cannot be told from the rounded coordinate.
    Regularised(fn(&dyn Instance, &[f64]) -> Option<Vec<f64>>),
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
        forbids: true,
        masks: Some(Exactness::Bits),
        matroid: true,
        polytope: true,
        hardens: true,
        scales: true,
        least_temperature: 0.0,
    }
}

/// An exponential family on structures that are derived step by step.
const fn chart(name: &'static str, instances: Instances) -> Entry {
    Entry { masks: Some(Exactness::Unposed), matroid: false, ..family(name, instances) }
}

/// Another regulariser on the bases of a matroid, whose gradient is given.
const fn regularised(
    name: &'static str,
    instances: Instances,
    gradient: fn(&dyn Instance, &[f64]) -> Option<Vec<f64>>,
) -> Entry {
    let kind = Kind::Regularised(gradient);
    Entry { kind, masks: Some(Exactness::Rounding), ..family(name, instances) }
}

/// The same where every element has a place, so that none can be forbidden.
const fn permuted(
    name: &'static str,
    instances: Instances,
    gradient: fn(&dyn Instance, &[f64]) -> Option<Vec<f64>>,
) -> Entry {
    Entry { forbids: false, masks: None, ..regularised(name, instances, gradient) }
}

/// A bespoke relaxation, to which few laws apply.
const fn bespoke(name: &'static str, instances: Instances) -> Entry {
    Entry {
        name,
        instances,
        kind: Kind::Bespoke,
        forbids: false,
        masks: None,
        matroid: false,
        polytope: false,
        hardens: false,
        scales: false,
        least_temperature: 0.0,
    }
}

/// Of `||x||^2 / 2`.
fn euclidean(_instance: &dyn Instance, x: &[f64]) -> Option<Vec<f64>> {
    Some(x.to_vec())
}

/// Below the normal numbers, an entry is forbidden or has underflowed: no better vertex has it, whatever its gradient.
fn vanishes(x: f64) -> bool {
    x < f64::MIN_POSITIVE
}

/// Of `sum_i x_i log x_i`.
fn categorical_entropy(_instance: &dyn Instance, x: &[f64]) -> Option<Vec<f64>> {
    Some(x.iter().map(|&x| if vanishes(x) { 0.0 } else { x.ln() + 1.0 }).collect())
}

/// Of `(4 / 3) sum_i x_i^(3/2)`.
fn entmax(_instance: &dyn Instance, x: &[f64]) -> Option<Vec<f64>> {
    Some(x.iter().map(|x| 2.0 * x.sqrt()).collect())
}

/// Of `sum_i x_i log x_i + (1 - x_i) log (1 - x_i)`; `1 - x` has to be known.
fn binary_entropy(_instance: &dyn Instance, x: &[f64]) -> Option<Vec<f64>> {
    let log_odds = |&x: &f64| if vanishes(x) { 0.0 } else { x.ln() - (1.0 - x).ln() };
    x.iter().all(|&x| x < 0.999).then(|| x.iter().map(log_odds).collect())
}

/// The Euclidean projection onto the hull of the bases of a matroid (or of all subsets), which is linear piecewise.
const fn sparse(name: &'static str, instances: Instances) -> Entry {
    Entry { kind: Kind::Regularised(euclidean), ..family(name, instances) }
}

/// How equal two results are that mathematics says are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Exactness {
    /// Bit for bit: the same operations in the same order, up to additions of 0.
    Bits,
    /// Within 1e-14 (of the largest magnitude where there is one): the order of a sum differs.
    Rounding,
    /// There is nothing to be equal to; what is checked by enumeration is checked with forbidden coordinates too.
    Unposed,
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

    /// What a regulariser of all that may stay alone adds to the gradient of `sum x log x`; none where it is not known well.
    fn gradient_of_lone(&self, soft: &[f64]) -> Option<Vec<f64>> {
        Some(vec![0.0; soft.len()])
    }

    /// Whether `X_t` has a kink less than `reach` from this utility in some coordinate.
    fn has_kink(&self, _utility: &[f64], _reach: f64) -> bool {
        false
    }

    /// Whether the gradient tells equal parts of this utility apart, by an order that names do not keep.
    fn has_hidden_order(&self, _utility: &[f64]) -> bool {
        false
    }

    /// How many coordinates of the utilities are not random: the last ones.
    fn deterministic(&self) -> usize {
        0
    }

    /// Whether the argmax is found by races of utilities of this family.
    fn races(&self, _noise: Noise) -> bool {
        false
    }

    /// The operator with its races, where there are any.
    fn traced(&self) -> AnyOperator {
        self.operator()
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
