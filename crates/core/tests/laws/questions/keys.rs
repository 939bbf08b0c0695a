//! What coordinates are, and what keys their noise.

use sst::structure::{
    Arborescence, CorrelatedTopK, Derivations, Matching, OneHot, Prefix, ProjectiveTree, Ranking,
    SpanningTree, Structure, Subset, TopK, WithReplacement,
};
use sst::utility::Noise;
use sst::{AnyOperator, Question, Terms, Trick, relaxation::SparseMap};

use super::posed::noises;
use crate::calls::ask;

/// No two coordinates have one key, and in a prefix every coordinate has the key and the parameter that it has in the whole.
fn check_keys<S: Structure>(name: &str, structure: &S) {
    let random = structure.random_coordinates();
    let mut keys: Vec<usize> = (0..random).map(|coordinate| structure.identity(coordinate)).collect();
    for size in structure.least_size()..=structure.size() {
        let Prefix { structure: smaller, parameter_places, utility_places, places } = structure.prefix(size);
        assert_eq!(smaller.size(), size);
        let widths = [smaller.parameter_dimension(), smaller.utility_dimension(), smaller.dimension()];
        assert_eq!([parameter_places.len(), utility_places.len(), places.len()], widths, "{name}");
        for (coordinate, &place) in utility_places.iter().enumerate() {
            let of_whole = smaller.parameter(coordinate);
            assert_eq!(parameter_places[of_whole], structure.parameter(place), "{name}: {size}");
            assert_eq!(coordinate < smaller.random_coordinates(), place < random, "{name}: {size}");
            if place < random {
                assert_eq!(
                    smaller.identity(coordinate),
                    keys[place],
                    "{name}: coordinate {coordinate} of {size}"
                );
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), random, "{name}: keys are shared");
}

#[test]
fn keys_are_distinct_and_independent_of_the_size() {
    for n in 1..=9 {
        check_keys("one-hot", &OneHot::new(n));
        check_keys("subset", &Subset::new(n));
        check_keys("ranking", &Ranking::new(n));
        check_keys("matching", &Matching::new(n));
        check_keys("projective tree", &ProjectiveTree::new(n));
        check_keys("spanning tree", &SpanningTree::complete(n));
        check_keys("linear chain", &Derivations::linear_chain(n, 3));
        check_keys("segmentation", &Derivations::segmentation(n, 2, 3));
        check_keys("alignment", &Derivations::alignment(n, 4, 9));
        check_keys("monotone alignment", &Derivations::monotone_alignment(n.min(3), n));
        check_keys("ctc", &Derivations::ctc(n, 3, &[1, 2][..n.min(2)], 0));
        check_keys("binary tree", &Derivations::binary_tree(n, 2));
        check_keys("knapsack", &Derivations::knapsack(&[1; 9][..n], &[0, 1, 2, 3, 4, 5, 6, 7, 8][..n], 3));
        check_keys("non-crossing pairs", &Derivations::non_crossing_pairs(n, 1));
        for k in 1..=n {
            check_keys("top k", &TopK::new(n, k));
            check_keys("correlated top k", &CorrelatedTopK::new(n, k));
            check_keys("choices with replacement", &WithReplacement::new(n, k));
        }
        for root in 0..n {
            check_keys("arborescence", &Arborescence::complete(n, root, root % 2 == 1));
        }
    }
    // Pairs have the numbers below their count, so that all of a complete graph are drawn in a row.
    let trees = SpanningTree::complete(9);
    assert!((0..36).all(|edge| trees.identity(edge) < 36));
    let (cells, arcs) = (Matching::new(9), Arborescence::complete(9, 0, false));
    assert!((0..81).all(|cell| cells.identity(cell) < 81) && (0..64).all(|arc| arcs.identity(arc) < 81));
    let edges = [(4, 1), (0, 2), (3, 2), (1, 0), (2, 4)];
    check_keys("edge list", &SpanningTree::with_edges(5, edges));
    check_keys(
        "directed edge list",
        &Arborescence::with_edges(5, 0, false, [(0, 3), (3, 1), (1, 3), (0, 2)]),
    );
}

/// One draw of every coordinate, at parameters of 0.
fn drawn(operator: AnyOperator, noise: Noise) -> Vec<f64> {
    let (operator, terms) = (operator.with_noise(noise), Terms { seed: 3, first_row: 8, ..Terms::default() });
    let theta = vec![0.0; operator.widths().parameter];
    ask(&operator, Question::Perturb, &[&theta], None, terms, 1, 1).expect("valid parameters")
}

fn trees(structure: SpanningTree) -> AnyOperator {
    AnyOperator::from(Trick::new(structure, SparseMap))
}

fn arborescences(structure: Arborescence) -> AnyOperator {
    AnyOperator::from(Trick::new(structure, SparseMap))
}

/// An edge has its noise in whatever list it stands, in whatever order and direction, and in the complete graph of any size.
#[test]
fn an_edge_has_its_noise_in_every_graph() {
    let pairs = |n: u32| (0..n).flat_map(move |i| (i + 1..n).map(move |j| (i, j))).collect::<Vec<_>>();
    for noise in noises() {
        let of_all = drawn(trees(SpanningTree::complete(7)), noise);
        let of_edge = |a: u32, b: u32| {
            let edge = pairs(7).iter().position(|&pair| pair == (a.min(b), a.max(b)));
            of_all[edge.expect("an edge")]
        };
        let mut list: Vec<(u32, u32)> = pairs(6).into_iter().rev().step_by(2).map(|(a, b)| (b, a)).collect();
        list.retain(|&edge| edge != (1, 0));
        list.extend([(0, 1), (5, 6)]);
        let listed = drawn(trees(SpanningTree::with_edges(7, list.clone())), noise);
        for (&(a, b), u) in list.iter().zip(listed) {
            assert_eq!(u, of_edge(a, b), "edge {a} {b}");
        }
        for n in 2..7_u32 {
            let smaller = drawn(trees(SpanningTree::complete(n as usize)), noise);
            pairs(n).into_iter().zip(smaller).for_each(|((a, b), u)| assert_eq!(u, of_edge(a, b)));
        }
        // Beside few edges among many vertices, drawn one by one.
        let far = drawn(trees(SpanningTree::with_edges(900, [(3, 2), (899, 898), (0, 6)])), noise);
        assert_eq!((far[0], far[2]), (of_edge(2, 3), of_edge(0, 6)));
    }
}

/// And a directed one below any root.
#[test]
fn a_directed_edge_has_its_noise_in_every_graph() {
    for noise in noises() {
        let all: Vec<(u32, u32)> = Arborescence::complete_edges(6, 0).collect();
        let of_all = drawn(arborescences(Arborescence::complete(6, 0, false)), noise);
        let of_edge = |edge: (u32, u32)| all.iter().position(|&other| other == edge).map(|i| of_all[i]);
        let mut compared = 0;
        for (n, root) in [(6, 0), (6, 2), (4, 0), (3, 1), (5, 4)] {
            for single_root_child in [false, true] {
                let structure = Arborescence::complete(n, root, single_root_child);
                let smaller = drawn(arborescences(structure), noise);
                for (edge, u) in Arborescence::complete_edges(n, root).zip(smaller) {
                    let Some(expected) = of_edge(edge) else { continue };
                    assert_eq!(u, expected, "{edge:?}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 100);
        let list: Vec<(u32, u32)> = all.iter().copied().rev().step_by(3).collect();
        let listed = drawn(arborescences(Arborescence::with_edges(6, 0, false, list.clone())), noise);
        list.iter().zip(listed).for_each(|(&edge, u)| assert_eq!(Some(u), of_edge(edge)));
        // The two directions have noise of their own.
        assert_ne!(of_edge((1, 2)), of_edge((2, 1)));
    }
}
