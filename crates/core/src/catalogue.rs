//! The structures with their relaxations, as operators. Here alone they are compiled, once for each instruction set and
//! number type, whoever uses them.

use crate::any_operator::AnyOperator;
use crate::relaxation::{
    BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort,
    PerturbAndParse, SinglePrecision, Sinkhorn, SoftSub, SparseMap,
};
use crate::structure::{
    Arborescence, CorrelatedTopK, Derivations, IndependentEdges, Matching, OneHot, Permutahedron,
    ProjectiveTree, Ranking, SpanningTree, Subset, TopK, WithReplacement,
};
use crate::trick::Trick;

macro_rules! catalogue {
    ($($kind:ident { $($structure:ty, $relaxation:ty;)* })*) => {
        $($(
            impl From<Trick<$structure, $relaxation>> for AnyOperator {
                fn from(trick: Trick<$structure, $relaxation>) -> Self {
                    AnyOperator::$kind(trick)
                }
            }
        )*)*
    };
}

catalogue! {
    family {
        OneHot, ExponentialFamilyEntropy;
        Subset, BinaryEntropy;
        IndependentEdges, BinaryEntropy;
        TopK, ExponentialFamilyEntropy;
        CorrelatedTopK, ExponentialFamilyEntropy;
        SpanningTree, ExponentialFamilyEntropy;
        Arborescence, ExponentialFamilyEntropy;
        Matching, ExponentialFamilyEntropy;
        ProjectiveTree, ExponentialFamilyEntropy;
        Derivations, ExponentialFamilyEntropy;
        SpanningTree, SinglePrecision;
        Arborescence, SinglePrecision;
    }
    relaxed {
        OneHot, Euclidean;
        OneHot, CategoricalEntropy;
        OneHot, BinaryEntropy;
        OneHot, Entmax;
        OneHot, SoftSub;
        TopK, Euclidean;
        TopK, CategoricalEntropy;
        TopK, BinaryEntropy;
        TopK, Entmax;
        TopK, SoftSub;
        WithReplacement, L2x;
        OneHot, SparseMap;
        Subset, SparseMap;
        IndependentEdges, SparseMap;
        TopK, SparseMap;
        CorrelatedTopK, SparseMap;
        Matching, SparseMap;
        SpanningTree, SparseMap;
        Arborescence, SparseMap;
        ProjectiveTree, SparseMap;
        Derivations, SparseMap;
        Matching, Sinkhorn;
        Ranking, NeuralSort;
        Permutahedron, Euclidean;
        Permutahedron, CategoricalEntropy;
        ProjectiveTree, PerturbAndParse;
    }
}
