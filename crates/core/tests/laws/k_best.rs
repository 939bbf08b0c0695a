//! The k best derivations, against all of them in order.

use proptest::prelude::*;
use sst::structure::{Derivations, ForestEdge, KBest};

use crate::inputs::runner;
use crate::oracle::{Enumeration, UNIT};
use crate::structures::derivations::every;

fn ranked(structure: Derivations, utility: &[f64], k: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (n, best) = (utility.len(), KBest::new(structure));
    let (mut structures, mut values) = (vec![f64::NAN; k * n], vec![f64::NAN; k]);
    best.run(utility, None, k, &mut structures, &mut values).expect("a valid row");
    (structures.chunks_exact(n).map(<[f64]>::to_vec).collect(), values)
}

/// The values are the largest, each embedding has its value and no two are equal; of fewer than k the others are empty.
#[test]
fn the_k_best_are_those_of_enumeration() {
    let questions = every().prop_flat_map(|instance| {
        let n = instance.operator().dimension();
        let tied = (-2..=2i32).prop_map(f64::from).boxed();
        let plain = (-3.0..3.0f64).prop_map(|u| (u / UNIT).round() * UNIT).boxed();
        let mixed = prop_oneof![5 => -3.0..3.0f64, 1 => Just(f64::NEG_INFINITY), 1 => Just(1e17)].boxed();
        let cells = prop_oneof![Just(tied), Just(plain), Just(mixed)];
        (Just(instance), cells.prop_flat_map(move |cell| proptest::collection::vec(cell, n)), 1..40usize)
    });
    let result = runner(1200).run(&questions, |(instance, utility, k)| {
        let utility: Vec<f64> = utility.into_iter().map(|u: f64| (u / UNIT).round() * UNIT).collect();
        let oracle = Enumeration { dimension: utility.len(), vertices: instance.vertices() };
        let mut all = oracle.allowed(&utility);
        if all.is_empty() || utility.is_empty() {
            return Ok(());
        }
        all.sort_by(|&a, &b| oracle.shortfall(&utility, a).total_cmp(&oracle.shortfall(&utility, b)));
        let (structures, values) = ranked(instance.forest().expect("a forest"), &utility, k);
        let mut seen = Vec::new();
        for (rank, (x, &value)) in structures.iter().zip(&values).enumerate() {
            let Some(&expected) = all.get(rank) else {
                prop_assert!(value == f64::NEG_INFINITY && x.iter().all(|&x| x == 0.0));
                continue;
            };
            let set = (0..x.len()).filter(|&i| x[i] == 1.0).fold(0, |set, i| set | 1 << i);
            prop_assert!(oracle.vertices.contains(&set) && !seen.contains(&set), "{x:?} at {rank}");
            seen.push(set);
            let sizes: f64 = utility.iter().filter(|u| u.is_finite()).map(|u| u.abs()).sum();
            let off = oracle.shortfall(&utility, set) - oracle.shortfall(&utility, expected);
            prop_assert!(off.abs() <= 4.0 * f64::EPSILON * sizes, "{rank}: off by {off:e}");
            let own: f64 = (0..x.len()).filter(|&i| x[i] == 1.0).map(|i| utility[i]).sum();
            prop_assert!((value - own).abs() <= 4.0 * f64::EPSILON * sizes, "{value}, not {own}");
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// In order of their edges from the goal on: labellings in lexicographic order.
#[test]
fn ties_go_to_the_lowest_index() {
    let (structures, values) = ranked(Derivations::linear_chain(3, 2), &[0.0; 14], 9);
    let labels = |x: &[f64]| (0..3).fold(0, |number, i| 2 * number + usize::from(x[2 * i + 1] == 1.0));
    assert_eq!(structures[..8].iter().map(|x| labels(x)).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, f64::NEG_INFINITY]);
}

/// The last of as many positions as no call stack has frames.
#[test]
fn the_second_best_of_a_long_chain() {
    let n = 200_000;
    let mut utility = vec![0.0; 2 * n + 4 * (n - 1)];
    (0..n).for_each(|i| utility[2 * i] = 1.0 + (n - i) as f64);
    let (structures, values) = ranked(Derivations::linear_chain(n, 2), &utility, 2);
    assert_eq!(values[0] - values[1], 2.0);
    let differ: Vec<usize> = (0..2 * n).filter(|&i| structures[0][i] != structures[1][i]).collect();
    assert_eq!(differ, [2 * n - 2, 2 * n - 1]);
}

fn refusal(nodes: usize, edges: &[ForestEdge], goal: usize, dimension: usize) -> String {
    let error = Derivations::new(nodes, edges, goal, dimension).expect_err("no forest");
    assert_eq!(error.kind.code(), "INVALID_ARGUMENT");
    error.message
}

#[test]
fn what_is_no_forest_is_refused() {
    let edge = ForestEdge::new;
    let leaf = edge(0, &[], Some(0));
    assert_eq!(refusal(1, &[leaf], 1, 1), "goal: expected a node below 1, got 1");
    assert_eq!(refusal(1, &[edge(3, &[], None)], 0, 1), "edges[0]: expected a head below 1, got 3");
    let late = [leaf, edge(1, &[0, 1], None)];
    assert_eq!(refusal(2, &late, 1, 1), "edges[1]: expected tails before its head 1, got 1");
    let beyond = edge(1, &[0], Some(7));
    assert_eq!(
        refusal(2, &[leaf, beyond], 1, 7),
        "edges[1]: expected a coordinate below the dimension 7, got 7"
    );
    assert_eq!(
        refusal(2, &[edge(1, &[0], Some(0))], 1, 1),
        "edges: expected a derivation of the goal, node 1, but there is none"
    );
    // By the edge itself, by both tails, or by one node in both.
    let again = [leaf, edge(1, &[0], None), edge(2, &[1], Some(0))];
    assert!(refusal(3, &again, 2, 1).starts_with("edges[2]: expected each coordinate at most once"));
    let twice = [leaf, edge(1, &[0], None), edge(2, &[0, 1], None)];
    assert!(refusal(3, &twice, 2, 1).ends_with("may have coordinate 0 twice"));
    assert!(refusal(2, &[leaf, edge(1, &[0, 0], None)], 1, 1).ends_with("coordinate 0 twice"));
    // More coordinates than are looked at together.
    let chain: Vec<ForestEdge> =
        (0..100).map(|i| edge(i, &[i.wrapping_sub(1)][usize::from(i == 0)..], Some(i))).collect();
    assert!(Derivations::new(100, &chain, 99, 100).is_ok());
    let ends = [&chain[..], &[edge(100, &[99], Some(77)), edge(100, &[], Some(77))]].concat();
    assert!(refusal(101, &ends, 100, 100).starts_with("edges[100]: "));
    // Not of edges that are in no derivation of the goal.
    assert!(Derivations::new(101, &ends, 99, 100).is_ok());
}

#[test]
fn a_cycle_is_named() {
    let edges = [(4, 0), (0, 1), (1, 2), (2, 3), (3, 1), (2, 5)];
    let error = Derivations::paths(6, &edges, 4, 5).expect_err("a cycle");
    let cycles = ["1 -> 2 -> 3 -> 1", "2 -> 3 -> 1 -> 2", "3 -> 1 -> 2 -> 3"];
    let named = cycles.map(|cycle| format!("edges: expected a graph without cycles, got {cycle}"));
    assert!(named.contains(&error.message), "{error}");
    let error = Derivations::paths(3, &[(0, 1), (2, 1)], 0, 2).expect_err("no path");
    assert_eq!(error.message, "edges: expected a path from vertex 0 to vertex 2, but there is none");
    let long: Vec<(u32, u32)> = (0..40).map(|i| (i, (i + 1) % 40)).collect();
    let error = Derivations::paths(40, &long, 0, 1).expect_err("a cycle");
    assert!(error.message.ends_with(" -> ..."), "{error}");
}
