//! Runs one operation so many times, for a tool that counts instructions: `instructions <operation> <repetitions>`;
//! without arguments it lists the operations. See `scripts/instructions.mjs`.

#[path = "../tests/support/drawn.rs"]
mod drawn;

use drawn::drawn;
use ndarray::Array2;
use sst::relaxation::{BinaryEntropy, Euclidean, ExponentialFamilyEntropy, Sinkhorn, SparseMap};
use sst::structure::{
    Arborescence, CorrelatedTopK, Matching, OneHot, ProjectiveTree, SpanningTree, Subset, TopK,
};
use sst::utility::Noise;
use sst::{AnyOperator, Trick};

const ROWS: usize = 64;
const TEMPERATURE: f64 = 0.5;
const METHODS: [&str; 3] = ["argmax", "softmax", "vjp"];

fn tricks() -> Vec<(&'static str, AnyOperator)> {
    vec![
        ("one-hot", Trick::new(OneHot::new(64), ExponentialFamilyEntropy).into()),
        ("subset", Trick::new(Subset::new(64), BinaryEntropy).into()),
        ("top-k", Trick::new(TopK::new(45, 9), ExponentialFamilyEntropy).into()),
        ("top-k-euclidean", Trick::new(TopK::new(45, 9), Euclidean).into()),
        ("correlated-top-k", Trick::new(CorrelatedTopK::new(45, 9), ExponentialFamilyEntropy).into()),
        ("matching", Trick::new(Matching::new(10), Sinkhorn::default()).into()),
        ("spanning-tree", Trick::new(SpanningTree::complete(10), ExponentialFamilyEntropy).into()),
        ("spanning-tree-sparsemap", Trick::new(SpanningTree::complete(10), SparseMap).into()),
        ("arborescence", Trick::new(Arborescence::complete(10, 0, false), ExponentialFamilyEntropy).into()),
        ("projective-tree", Trick::new(ProjectiveTree::new(10), ExponentialFamilyEntropy).into()),
    ]
}

fn rows(seed: u64, width: usize) -> Array2<f64> {
    let cells = drawn(Noise::Gumbel, seed, ROWS, width);
    Array2::from_shape_vec((ROWS, width), cells).expect("whole rows")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let tricks = tricks();
    let [operation, repetitions] = &arguments[..] else {
        for (name, _) in &tricks {
            METHODS.iter().for_each(|method| println!("{name} {method}"));
        }
        return println!("gumbel perturb");
    };
    let repetitions: usize = repetitions.parse().expect("a number of repetitions");
    if operation == "gumbel perturb" {
        return (0..repetitions).for_each(|_| drop(std::hint::black_box(rows(1, 45))));
    }
    let (name, method) = operation.split_once(' ').expect("a name and a method");
    let (_, trick) = tricks.iter().find(|(other, _)| *other == name).expect("the name of a trick");
    let (utility, cotangent) = (rows(1, trick.utility_dimension()), rows(2, trick.dimension()));
    let (mut soft, mut gradient) = (Array2::zeros(cotangent.dim()), Array2::zeros(utility.dim()));
    for _ in 0..repetitions {
        let (u, g) = (utility.view(), cotangent.view());
        match method {
            "argmax" => trick.argmax(u, soft.view_mut(), 1),
            "softmax" => trick.softmax(u, TEMPERATURE, soft.view_mut(), 1),
            _ => trick.softmax_vjp(u, TEMPERATURE, g, gradient.view_mut(), 1),
        }
        .expect("feasible rows");
    }
}
