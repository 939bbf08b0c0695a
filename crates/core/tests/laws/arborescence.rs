//! What arborescences are known to be beside the laws of every structure.

use ndarray::ArrayView2;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::Arborescence;
use sst::{AnyOperator, Trick};

use crate::calls::{argmax, distance, log_partition, same_bits, softmax, vjp};

fn complete(vertices: usize, root: usize, single_root_child: bool) -> AnyOperator {
    AnyOperator::from(Trick::new(
        Arborescence::complete(vertices, root, single_root_child),
        ExponentialFamilyEntropy,
    ))
}

fn with_edges(vertices: usize, single_root_child: bool, edges: &[(u32, u32)]) -> AnyOperator {
    let structure = Arborescence::with_edges(vertices, 0, single_root_child, edges.iter().copied());
    AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
}

const TWO: [(u32, u32); 4] = [(0, 1), (0, 2), (1, 2), (2, 1)];

/// Utilities without a pattern.
fn wave(n: usize, scale: f64) -> Vec<f64> {
    (0..n).map(|i| scale * (1.7 * i as f64 * i as f64 + 0.3).sin()).collect()
}

#[test]
fn the_worked_example() {
    let operator = with_edges(3, false, &TWO);
    let (utility, cotangent) = ([0.2, -0.5, 0.9, 0.4], [1.0, -0.4, 0.3, 0.6]);
    assert_eq!(argmax(&operator, &utility), [1.0, 0.0, 1.0, 0.0]);
    let soft = softmax(&operator, &utility, 0.5);
    assert!(distance(&soft, &[0.921219, 0.131589, 0.868411, 0.078781]) <= 6e-7, "{soft:?}");
    let gradient = vjp(&operator, &utility, 0.5, &cotangent);
    assert!(distance(&gradient, &[0.153839, -0.214713, 0.214713, -0.153839]) <= 6e-7, "{gradient:?}");
}

/// One vertex, no edge: the empty row.
#[test]
fn the_empty_arborescence() {
    for operator in [complete(1, 0, false), complete(1, 0, true), with_edges(1, false, &[])] {
        assert_eq!(operator.dimension(), 0);
        assert!(argmax(&operator, &[]).is_empty());
        assert!(softmax(&operator, &[], 1.0).is_empty());
        assert!(vjp(&operator, &[], 1.0, &[]).is_empty());
        assert_eq!(log_partition(operator.as_family().expect("a family"), &[], 1.0), Ok(vec![0.0]));
    }
}

/// Without cycles every vertex chooses its head by itself, a softmax over its column.
#[test]
fn an_acyclic_graph_is_a_choice_for_each_vertex() {
    let edges: Vec<(u32, u32)> = (1..9).flat_map(|m| (0..m).map(move |h| (h, m))).collect();
    let operator = with_edges(9, false, &edges);
    let utility = wave(edges.len(), 40.0);
    for t in [1e-300, 0.01, 1.0, 30.0] {
        let mut expected = vec![0.0; edges.len()];
        for modifier in 1..9 {
            let column: Vec<usize> = (0..edges.len()).filter(|&e| edges[e].1 == modifier).collect();
            let most = column.iter().map(|&e| utility[e]).fold(f64::NEG_INFINITY, f64::max);
            let weight = |e: usize| ((utility[e] - most) / t).exp();
            let total: f64 = column.iter().map(|&e| weight(e)).sum();
            column.iter().for_each(|&e| expected[e] = weight(e) / total);
        }
        assert!(distance(&softmax(&operator, &utility, t), &expected) <= 1e-14, "at {t}");
    }
}

/// Every vertex has one head, so that a number added to a column changes nothing but log Z, however large it is; with a
/// single child of the root so does one added to the root's row.
#[test]
fn shifts_of_columns_change_nothing() {
    for (single_root_child, t) in [(false, 0.5), (true, 0.5), (false, 1e-3), (true, 1e-3)] {
        let operator = complete(6, 0, single_root_child);
        let edges: Vec<(u32, u32)> = Arborescence::complete_edges(6, 0).collect();
        // Multiples of 2^-20, so that shifts are exact.
        let utility: Vec<f64> =
            wave(edges.len(), 3.0).iter().map(|u| (u * 1_048_576.0).round() / 1_048_576.0).collect();
        let cotangent = wave(edges.len(), 1.0);
        let (soft, gradient) = (softmax(&operator, &utility, t), vjp(&operator, &utility, t, &cotangent));
        let hard = argmax(&operator, &utility);
        let shift = |(head, modifier): (u32, u32)| {
            let of_root = if single_root_child && head == 0 { 8.0 * 1_048_576.0 } else { 0.0 };
            of_root + f64::from(modifier * modifier) * 65_536.0
        };
        let shifted: Vec<f64> = utility.iter().zip(&edges).map(|(u, &edge)| u + shift(edge)).collect();
        assert!(same_bits(&argmax(&operator, &shifted), &hard));
        assert!(distance(&softmax(&operator, &shifted, t), &soft) <= 1e-14);
        assert!(distance(&vjp(&operator, &shifted, t, &cotangent), &gradient) * t <= 1e-14);
    }
}

/// A root of which nothing gladly hangs has one child, chosen as with that constraint.
#[test]
fn a_single_child_is_the_limit_of_a_far_root() {
    let edges: Vec<(u32, u32)> = Arborescence::complete_edges(6, 0).collect();
    let utility = wave(edges.len(), 3.0);
    let far: Vec<f64> =
        utility.iter().zip(&edges).map(|(u, edge)| if edge.0 == 0 { u - 1024.0 } else { *u }).collect();
    let (single, many) = (complete(6, 0, true), complete(6, 0, false));
    assert!(same_bits(&argmax(&single, &utility), &argmax(&many, &far)));
    for t in [0.01, 1.0, 10.0] {
        let (got, expected) = (softmax(&single, &utility, t), softmax(&many, &far, t));
        assert!(distance(&got, &expected) <= 1e-12, "at {t}");
    }
}

/// Narrowed or not, the numbers are the same: rows on the two sides of the size from which utilities are narrowed.
#[test]
fn narrowing_changes_nothing() {
    for single_root_child in [false, true] {
        let operator = complete(6, 2, single_root_child);
        let edges: Vec<(u32, u32)> = Arborescence::complete_edges(6, 2).collect();
        // Cycles within cycles, some of them so far apart that no probability crosses, some not.
        let apart = |(h, m): (u32, u32)| match (h / 2 == m / 2, h / 4 == m / 4) {
            (true, _) => 0.0,
            (_, true) => -3.0,
            _ => -20_000.0,
        };
        let utility: Vec<f64> = wave(edges.len(), 2.0)
            .iter()
            .zip(&edges)
            .map(|(u, &edge)| (u * 1024.0).round() / 1024.0 + apart(edge))
            .collect();
        let cotangent = wave(edges.len(), 1.0);
        // A column shift by a power of two is exact, and large enough to have the row narrowed.
        let shifted: Vec<f64> = utility
            .iter()
            .zip(&edges)
            .map(|(u, edge)| if edge.1 == 0 { u + 17_179_869_184.0 } else { *u })
            .collect();
        assert!(distance(&softmax(&operator, &shifted, 1.0), &softmax(&operator, &utility, 1.0)) <= 1e-14);
        let (got, expected) =
            (vjp(&operator, &shifted, 1.0, &cotangent), vjp(&operator, &utility, 1.0, &cotangent));
        assert!(distance(&got, &expected) <= 1e-14);
        let log = |utility: &[f64]| {
            log_partition(operator.as_family().expect("a family"), utility, 1.0).expect("a finite sum")[0]
        };
        assert!((log(&shifted) - 17_179_869_184.0 - log(&utility)).abs() <= 1e-5);
    }
}

/// Any vertex may be the root: the sum over the roots, each of whose trees are those of a root that is given.
#[test]
fn any_root_is_the_mixture_of_the_roots() {
    for (n, t) in [(1, 1.0), (2, 0.3), (5, 1.0), (6, 0.05), (9, 2.0)] {
        let structure = Arborescence::complete_with_any_root(n);
        let operator = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
        let pairs: Vec<(u32, u32)> = Arborescence::all_pairs(n).collect();
        let utility = wave(n * n, 2.0);
        let of_root = |root: usize| {
            let edges: Vec<(u32, u32)> = Arborescence::complete_edges(n, root).collect();
            let places: Vec<usize> = edges.iter().map(|&(h, m)| h as usize * n + m as usize).collect();
            let own: Vec<f64> = places.iter().map(|&place| utility[place]).collect();
            let operator = complete(n, root, false);
            let log = log_partition(operator.as_family().expect("a family"), &own, t).expect("finite")[0];
            let hard: f64 = own.iter().zip(argmax(&operator, &own)).map(|(u, x)| u * x).sum();
            let score = utility[root * n + root];
            (log + score / t, hard + score, places, softmax(&operator, &own, t))
        };
        let roots: Vec<_> = (0..n).map(of_root).collect();
        let most = roots.iter().map(|root| root.0).fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = roots.iter().map(|root| (root.0 - most).exp()).sum();
        let mut expected = vec![0.0; n * n];
        for (root, (log, _, places, soft)) in roots.iter().enumerate() {
            let share = (log - most).exp() / total;
            expected[root * n + root] += share;
            places.iter().zip(soft).for_each(|(&place, x)| expected[place] += share * x);
        }
        let got = softmax(&operator, &utility, t);
        assert!(distance(&got, &expected) <= 1e-13, "{n} vertices: {got:?}, not {expected:?}");
        let log = log_partition(operator.as_family().expect("a family"), &utility, t).expect("finite")[0];
        assert!((log - most - total.ln()).abs() <= 1e-13 * log.abs().max(1.0));
        let hard = argmax(&operator, &utility);
        let value: f64 = utility.iter().zip(&hard).map(|(u, x)| u * x).sum();
        let best = roots.iter().map(|root| root.1).fold(f64::NEG_INFINITY, f64::max);
        assert!((value - best).abs() <= 1e-13 * best.abs().max(1.0));
        assert_eq!(pairs.iter().zip(&hard).filter(|&(&(h, m), &x)| h == m && x == 1.0).count(), 1);
    }
}

/// n^(n - 1) of them in a complete graph, up to sizes that nobody lists.
#[test]
fn rooted_trees_are_counted() {
    for n in [1, 2, 3, 10, 40] {
        let structure = Arborescence::complete_with_any_root(n);
        let operator = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
        let log = log_partition(operator.as_family().expect("a family"), &vec![0.0; n * n], 1.0);
        let (got, expected) = (log.expect("finite")[0], (n as f64 - 1.0) * (n as f64).ln());
        assert!((got - expected).abs() <= 1e-13 * expected.max(1.0), "{got}, not {expected}");
        let soft = softmax(&operator, &vec![0.0; n * n], 1.0);
        // Every vertex is as often the root as below any other one.
        let even = vec![1.0 / n as f64; n * n];
        assert!(distance(&soft, &even) <= 1e-14);
    }
}

#[test]
fn obstacles_are_named() {
    let forbidden = f64::NEG_INFINITY;
    let message = |operator: &AnyOperator, utility: &[f64]| {
        let view = ArrayView2::from_shape((1, utility.len()), utility).expect("one row");
        let error = operator.check(view).expect_err("an infeasible row");
        assert_eq!((error.kind.code(), error.row), ("INFEASIBLE", Some(0)));
        error.message
    };
    let said = message(&with_edges(3, false, &TWO), &[0.0, forbidden, forbidden, 0.0]);
    assert!(said.ends_with("but no path leads from the root 0 to vertex 2"), "{said}");
    let said = message(&with_edges(3, true, &TWO), &[0.0, 0.0, forbidden, forbidden]);
    assert!(said.ends_with("but no single child of the root 0 leads to all others"), "{said}");
    // One child leads to the other, but not the other way round.
    let one_way = with_edges(3, true, &TWO);
    let utility = [0.0, 0.0, forbidden, 0.0];
    assert_eq!(argmax(&one_way, &utility), [0.0, 1.0, 0.0, 1.0]);
    assert_eq!(softmax(&one_way, &utility, 1.0), [0.0, 1.0, 0.0, 1.0]);
    let any_root = |vertices: usize, edges: &[(u32, u32)]| {
        let structure = Arborescence::with_any_root(vertices, edges.iter().copied());
        AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy))
    };
    let said = message(&any_root(3, &[(0, 0), (2, 2), (0, 1)]), &[0.0, forbidden, 0.0]);
    assert!(said.contains("an arborescence of 3 vertices, but no path leads from"), "{said}");
    assert!(said.ends_with("but no path leads from a vertex that may be the root to vertex 2"), "{said}");
    let said = message(&any_root(3, &[(0, 0), (2, 2), (0, 1)]), &[0.0; 3]);
    assert!(said.ends_with("but no vertex that may be the root leads to all others"), "{said}");
    let said = message(&any_root(2, &[(0, 1), (1, 0)]), &[0.0; 2]);
    assert!(said.ends_with("but no path leads from a vertex that may be the root to vertex 0"), "{said}");
    // The graph itself holds none.
    let said = message(&with_edges(4, false, &TWO), &[0.0; 4]);
    assert!(said.ends_with("but no path leads from the root 0 to vertex 3"), "{said}");
    let ways_from_the_root = [0.0, 0.0, forbidden];
    let said = message(
        &complete(4, 3, false),
        &[[forbidden; 3], [0.0; 3].map(|_| forbidden), ways_from_the_root].concat(),
    );
    assert!(said.ends_with("but no path leads from the root 3 to vertex 2"), "{said}");
}
