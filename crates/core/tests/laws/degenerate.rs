//! The smallest and the most constrained problems, whose answers are known in closed form.

use sst::relaxation::{BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy};
use sst::structure::{OneHot, SpanningTree, Subset, TopK};
use sst::{AnyOperator, Trick};

use crate::calls::{argmax, distance, largest, log_partition, same_bits, softmax, vjp};

const TEMPERATURES: [f64; 6] = [1e-300, 1e-3, 0.1, 1.0, 10.0, 1e6];

fn tree(vertices: usize, edges: &[(u32, u32)]) -> AnyOperator {
    AnyOperator::from(Trick::new(
        SpanningTree::with_edges(vertices, edges.iter().copied()),
        ExponentialFamilyEntropy,
    ))
}

/// Only one vertex: every method knows it, whatever the utilities.
fn only_vertex(operator: &AnyOperator, vertex: &[f64]) {
    let n = vertex.len();
    for scale in [0.0, 1e-9, 1.0, 1e9, 1e300] {
        let utility: Vec<f64> = (0..n).map(|i| scale * (i as f64 - 1.5)).collect();
        let cotangent: Vec<f64> = (0..n).map(|i| 1.0 - 0.7 * i as f64).collect();
        assert!(same_bits(&argmax(operator, &utility), vertex));
        for t in TEMPERATURES {
            let soft = softmax(operator, &utility, t);
            assert!(distance(&soft, vertex) <= 1e-15, "{soft:?} at {t}, scale {scale}");
            let gradient = vjp(operator, &utility, t, &cotangent);
            assert!(gradient.iter().all(|x| x.abs() * t <= 1e-14), "{gradient:?} at {t}, scale {scale}");
        }
    }
}

#[test]
fn problems_with_one_solution() {
    only_vertex(&AnyOperator::from(Trick::new(OneHot::new(1), ExponentialFamilyEntropy)), &[1.0]);
    for (k, vertex) in [(0, [0.0; 5]), (5, [1.0; 5])] {
        only_vertex(&AnyOperator::from(Trick::new(TopK::new(5, k), ExponentialFamilyEntropy)), &vertex);
        only_vertex(&AnyOperator::from(Trick::new(TopK::new(5, k), Euclidean)), &vertex);
        only_vertex(&AnyOperator::from(Trick::new(TopK::new(5, k), CategoricalEntropy)), &vertex);
        only_vertex(&AnyOperator::from(Trick::new(TopK::new(5, k), BinaryEntropy)), &vertex);
    }
    only_vertex(&AnyOperator::from(Trick::new(TopK::new(1, 1), ExponentialFamilyEntropy)), &[1.0]);
    only_vertex(&AnyOperator::from(Trick::new(SpanningTree::complete(2), ExponentialFamilyEntropy)), &[1.0]);
    only_vertex(&tree(2, &[(1, 0)]), &[1.0]);
    // Bridges only: a path, a star, and a tree that is neither, in no particular order.
    only_vertex(&tree(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]), &[1.0; 4]);
    only_vertex(&tree(5, &[(4, 0), (4, 1), (4, 2), (4, 3)]), &[1.0; 4]);
    only_vertex(&tree(6, &[(2, 5), (0, 3), (3, 2), (1, 3), (4, 5)]), &[1.0; 5]);
}

/// One vertex, one tree, no edge: the empty row.
#[test]
fn the_empty_tree() {
    for structure in [SpanningTree::complete(1), SpanningTree::with_edges(1, [])] {
        let operator = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
        assert_eq!(operator.dimension(), 0);
        assert!(argmax(&operator, &[]).is_empty());
        assert!(softmax(&operator, &[], 1.0).is_empty());
        assert!(vjp(&operator, &[], 1.0, &[]).is_empty());
        assert_eq!(log_partition(operator.as_family().expect("a family"), &[], 1.0), Ok(vec![0.0]));
    }
}

/// On a cycle a tree leaves out one edge, with a probability in proportion to `exp(-u / t)`.
#[test]
fn a_cycle_is_a_choice_of_the_edge_to_leave_out() {
    let utility = [0.3, -1.2, 0.8, 0.0, 2.1];
    let cotangent = [1.0, -0.4, 0.3, 2.0, -1.0];
    let cycle = tree(5, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 0)]);
    let choice = AnyOperator::from(Trick::new(OneHot::new(5), ExponentialFamilyEntropy));
    let negated = utility.map(|u| -u);
    for t in TEMPERATURES {
        let left_out = softmax(&choice, &negated, t);
        let expected: Vec<f64> = left_out.iter().map(|p| 1.0 - p).collect();
        assert!(distance(&softmax(&cycle, &utility, t), &expected) <= 1e-14);
        // Twice negated: by 1 - p, and by -u.
        let expected = vjp(&choice, &negated, t, &cotangent);
        assert!(distance(&vjp(&cycle, &utility, t, &cotangent), &expected) * t <= 1e-14);
    }
}

/// Two structures at a cut vertex do not know of each other.
#[test]
fn blocks_are_independent() {
    let both = tree(5, &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 2)]);
    let one = tree(3, &[(0, 1), (1, 2), (2, 0)]);
    let (left, right) = ([0.5, -1.0, 1.4], [2.0, 0.1, -0.6]);
    for t in TEMPERATURES {
        let joint = softmax(&both, &[left, right].concat(), t);
        let parts = [softmax(&one, &left, t), softmax(&one, &right, t)].concat();
        assert!(distance(&joint, &parts) <= 1e-14);
        let gradient = vjp(&both, &[left, right].concat(), t, &[1.0, -2.0, 0.5, 0.0, 0.0, 0.0]);
        assert!(gradient[3..].iter().all(|x| x.abs() * t <= 1e-14), "{gradient:?}");
    }
}

/// The two algorithms differ, the mathematics does not.
#[test]
fn one_hot_is_top_one() {
    let utility = [1.2, -0.3, 0.5, 0.1, -1.0];
    let (one_hot, top_one) = (
        AnyOperator::from(Trick::new(OneHot::new(5), ExponentialFamilyEntropy)),
        AnyOperator::from(Trick::new(TopK::new(5, 1), ExponentialFamilyEntropy)),
    );
    for t in TEMPERATURES {
        assert!(distance(&softmax(&one_hot, &utility, t), &softmax(&top_one, &utility, t)) <= 1e-15);
    }
}

/// `sigmoid(u / t)`, one coordinate at a time.
#[test]
fn a_subset_is_a_row_of_coins() {
    let operator = AnyOperator::from(Trick::new(Subset::new(4), BinaryEntropy));
    let utility = [0.0, f64::MAX, -f64::MAX, f64::NEG_INFINITY];
    for t in TEMPERATURES {
        let soft = softmax(&operator, &utility, t);
        let most = 1.0 / (1.0 + (-f64::MAX / t).exp());
        assert!(same_bits(&soft, &[0.5, most, 1.0 - most, 0.0]), "{soft:?}");
    }
    assert_eq!(argmax(&operator, &[0.0, -0.0, 5e-324, -5e-324]), [0.0, 0.0, 1.0, 0.0]);
}

/// Far above every utility all allowed vertices weigh the same, up to the largest temperature there is.
#[test]
fn the_hottest_temperatures_forget_the_utilities() {
    let operators: [AnyOperator; 3] = [
        AnyOperator::from(Trick::new(OneHot::new(3), ExponentialFamilyEntropy)),
        AnyOperator::from(Trick::new(TopK::new(3, 1), ExponentialFamilyEntropy)),
        AnyOperator::from(Trick::new(Subset::new(3), BinaryEntropy)),
    ];
    for operator in &operators {
        let soft = |utility: &[f64], t| softmax(operator, utility, t);
        for t in [1e200, 1e294, 1e300, f64::MAX] {
            let off = distance(
                &soft(&[0.5, -3.0, f64::NEG_INFINITY], t),
                &soft(&[0.0, 0.0, f64::NEG_INFINITY], 1.0),
            );
            assert!(off <= 1e-15, "off by {off:e} at {t:e}");
            let gradient = vjp(operator, &[0.5, -3.0, f64::NEG_INFINITY], t, &[1.0, -2.0, 3.0]);
            assert!(largest(&gradient) <= 1.0 / t, "{gradient:?} at {t:e}");
        }
    }
    // At the temperature of the largest double that double is still worth a factor of e.
    let choice = softmax(&operators[0], &[f64::MAX, 0.0, -f64::MAX], f64::MAX);
    assert!(distance(&choice, &softmax(&operators[0], &[1.0, 0.0, -1.0], 1.0)) <= 1e-15, "{choice:?}");
}
