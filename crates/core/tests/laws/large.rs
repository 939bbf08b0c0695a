//! Sizes that cannot be enumerated, by the identities that remain.

use sst::relaxation::{BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy};
use sst::structure::{Arborescence, Derivations, SpanningTree, TopK};
use sst::{AnyOperator, Trick};

use crate::calls::{argmax, distance, dot, largest, log_partition, same_bits, softmax, vjp};

/// Utilities in [-3, 3] without a pattern.
fn wave(n: usize, phase: f64) -> Vec<f64> {
    (0..n).map(|i| 3.0 * (1.7 * i as f64 * i as f64 + phase).sin()).collect()
}

/// The marginals sum to the size of a vertex, the Jacobian is symmetric and annihilates constants.
fn fixed_size_laws(operator: &AnyOperator, size: usize) {
    let n = operator.dimension();
    let (utility, a, b) = (wave(n, 0.1), wave(n, 2.0), wave(n, 4.0));
    let (ones, scale) = (vec![1.0; n], 9.0 * n as f64);
    for t in [1e-3, 0.03, 1.0, 100.0] {
        let soft = softmax(operator, &utility, t);
        assert!(soft.iter().all(|x| (0.0..=1.0).contains(x)));
        let sum: f64 = soft.iter().sum();
        assert!((sum - size as f64).abs() <= 1e-13 * n as f64, "sum {sum}, not {size}, at {t}");
        let along = |direction: &[f64]| {
            vjp(operator, &utility, t, direction).iter().map(|x| x * t).collect::<Vec<_>>()
        };
        let off = (dot(&a, &along(&b)) - dot(&b, &along(&a))).abs();
        assert!(off <= 1e-13 * scale, "asymmetric by {off:e} at {t}");
        assert!(largest(&along(&ones)) <= 1e-12, "not 0 along the ones at {t}");
    }
    assert!(distance(&softmax(operator, &utility, 1e-12), &argmax(operator, &utility)) <= 1e-13);
}

#[test]
fn laws_of_fixed_sizes_at_large_sizes() {
    fixed_size_laws(&AnyOperator::from(Trick::new(TopK::new(700, 300), ExponentialFamilyEntropy)), 300);
    fixed_size_laws(&AnyOperator::from(Trick::new(TopK::new(2000, 3), ExponentialFamilyEntropy)), 3);
    for (elements, k) in [(700, 300), (20_000, 7), (20_000, 19_990)] {
        fixed_size_laws(&AnyOperator::from(Trick::new(TopK::new(elements, k), Euclidean)), k);
        fixed_size_laws(&AnyOperator::from(Trick::new(TopK::new(elements, k), CategoricalEntropy)), k);
        fixed_size_laws(&AnyOperator::from(Trick::new(TopK::new(elements, k), BinaryEntropy)), k);
    }
    for vertices in [64, 101] {
        let complete = SpanningTree::complete(vertices);
        fixed_size_laws(&AnyOperator::from(Trick::new(complete, ExponentialFamilyEntropy)), vertices - 1);
    }
    let ladder = (0..40).flat_map(|i| [(2 * i, 2 * i + 1), (2 * i, 2 * i + 2), (2 * i + 1, 2 * i + 3)]);
    let ladder = SpanningTree::with_edges(82, ladder.chain([(80, 81)]));
    fixed_size_laws(&AnyOperator::from(Trick::new(ladder, ExponentialFamilyEntropy)), 81);
    for (length, states) in [(40, 11), (3, 40)] {
        let chain = Derivations::linear_chain(length, states);
        fixed_size_laws(&AnyOperator::from(Trick::new(chain, ExponentialFamilyEntropy)), 2 * length - 1);
    }
    for single_root_child in [false, true] {
        for vertices in [24, 67] {
            let complete = Arborescence::complete(vertices, 5, single_root_child);
            fixed_size_laws(&AnyOperator::from(Trick::new(complete, ExponentialFamilyEntropy)), vertices - 1);
        }
    }
}

fn log_count(operator: &AnyOperator) -> f64 {
    log_partition(operator.as_family().expect("a family"), &vec![0.0; operator.dimension()], 1.0)
        .expect("a finite sum")[0]
}

fn close(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-14 * expected.max(1.0)
}

#[test]
fn trees_are_counted() {
    let tree = |structure| AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
    for n in 2..=90_u32 {
        let (log, cayley) =
            (log_count(&tree(SpanningTree::complete(n as usize))), f64::from(n - 2) * f64::from(n).ln());
        assert!(close(log, cayley), "K{n}: {log}, not {cayley}");
        let cycle = SpanningTree::with_edges(n as usize + 1, (0..=n).map(|i| (i, (i + 1) % (n + 1))));
        assert!(close(log_count(&tree(cycle)), f64::from(n + 1).ln()), "cycle of {}", n + 1);
    }
    // Complete bipartite graphs have a^(b-1) b^(a-1) trees.
    for (a, b) in [(1, 7), (2, 9), (5, 5), (20, 30)] {
        let edges = (0..a).flat_map(|i| (a..a + b).map(move |j| (i, j)));
        let log = log_count(&tree(SpanningTree::with_edges((a + b) as usize, edges)));
        let (a, b) = (f64::from(a), f64::from(b));
        assert!(close(log, (b - 1.0) * a.ln() + (a - 1.0) * b.ln()), "K{a},{b}: {log}");
    }
}

#[test]
fn subsets_are_counted() {
    let mut row = vec![1.0_f64]; // Pascal's triangle
    for n in 1..=60 {
        row = (0..=n).map(|k| if k == 0 || k == n { 1.0 } else { row[k - 1] + row[k] }).collect();
        for (k, count) in row.iter().enumerate() {
            let log = log_count(&AnyOperator::from(Trick::new(TopK::new(n, k), ExponentialFamilyEntropy)));
            assert!(close(log, count.ln()), "C({n}, {k}): {log}, not {}", count.ln());
        }
    }
}

#[test]
fn arborescences_are_counted() {
    for n in 2..=60_u32 {
        for (single_root_child, base) in [(false, n), (true, n - 1)] {
            let structure = Arborescence::complete(n as usize, (n / 2) as usize, single_root_child);
            let log = log_count(&AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)));
            // Cayley: n^(n-2) trees; of one child of the root, a rooted tree of the n - 1 others.
            assert!(close(log, f64::from(n - 2) * f64::from(base).ln()), "{n} vertices: {log}");
        }
    }
}

/// An arborescence of a graph with equal weights both ways is a spanning tree, whatever is its root.
#[test]
fn large_spanning_trees_are_large_arborescences() {
    const VERTICES: u32 = 70;
    const ROOT: u32 = 40;
    let tree = SpanningTree::complete(VERTICES as usize);
    let tree = AnyOperator::from(Trick::new(tree, ExponentialFamilyEntropy));
    let rooted = Arborescence::complete(VERTICES as usize, ROOT as usize, false);
    let rooted = AnyOperator::from(Trick::new(rooted, ExponentialFamilyEntropy));
    let pairs: Vec<(u32, u32)> = (0..VERTICES).flat_map(|i| (i + 1..VERTICES).map(move |j| (i, j))).collect();
    let place = |(i, j): (u32, u32)| pairs.binary_search(&(i.min(j), i.max(j))).expect("a pair");
    let edges: Vec<usize> =
        Arborescence::complete_edges(VERTICES as usize, ROOT as usize).map(place).collect();
    let both = |row: &[f64]| -> Vec<f64> { edges.iter().map(|&pair| row[pair]).collect() };
    let folded = |row: Vec<f64>| {
        let mut sums = vec![0.0; pairs.len()];
        edges.iter().zip(row).for_each(|(&pair, x)| sums[pair] += x);
        sums
    };
    let (utility, cotangent) = (wave(pairs.len(), 0.3), wave(pairs.len(), 5.0));
    for t in [0.02, 0.5, 3.0] {
        let (soft, gradient) = (softmax(&tree, &utility, t), vjp(&tree, &utility, t, &cotangent));
        let (utility, cotangent) = (both(&utility), both(&cotangent));
        let off = distance(&soft, &folded(softmax(&rooted, &utility, t)));
        assert!(off <= 1e-13, "off by {off:e} at {t}");
        let off = distance(&gradient, &folded(vjp(&rooted, &utility, t, &cotangent))) * t;
        assert!(off <= 3e-12, "the gradient is off by {off:e} at {t}");
    }
}

/// Dimensions beyond those that run in lanes.
#[test]
fn long_rows_of_a_batch_are_its_rows() {
    let tree = AnyOperator::from(Trick::new(SpanningTree::complete(47), ExponentialFamilyEntropy));
    let arborescence =
        AnyOperator::from(Trick::new(Arborescence::complete(33, 0, false), ExponentialFamilyEntropy));
    for operator in [&tree, &arborescence] {
        let n = operator.dimension();
        let rows: Vec<Vec<f64>> = (0..4).map(|row| wave(n, f64::from(row))).collect();
        let together = softmax(operator, &rows.concat(), 0.4);
        let alone: Vec<f64> = rows.iter().flat_map(|row| softmax(operator, row, 0.4)).collect();
        assert!(same_bits(&together, &alone));
    }
}
