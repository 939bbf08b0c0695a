//! What is no derivation forest.

use sst::structure::{Derivations, ForestEdge};

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
