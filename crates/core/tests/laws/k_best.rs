//! The k best embeddings of every structure that tells them: against all of them in order, and at sizes that nobody enumerates
//! against what is known of them.

use std::rc::Rc;

use proptest::prelude::*;
use sst::k_best::KBest;
use sst::structure::{
    Arborescence, Derivations, IndependentEdges, Matching, OneHot, ProjectiveTree, SpanningTree, Subset, TopK,
};
use sst::utility::Noise;
use sst::{AnyOperator, Question, Terms};

use crate::calls::ask;
use crate::inputs::runner;
use crate::oracle::{Enumeration, UNIT};
use crate::questions::posed::{Words, for_sources};
use crate::registry::Instance;
use crate::structures::{
    arborescence, derivations, matching, one_hot, order, projective_tree, spanning_tree, subset, top_k,
};

/// The best embeddings of a row with their values.
type Ranked = Vec<(Vec<f64>, f64)>;

fn k_best(operator: &AnyOperator, utility: &[f64], k: usize) -> Ranked {
    let terms = Terms { samples: k, ..Terms::default() };
    let cells = ask(operator, Question::KBest, &[utility], None, terms, 1, 1).expect("a valid row");
    let rows = cells.chunks_exact(utility.len() + 1);
    rows.map(|row| (row[..utility.len()].to_vec(), row[utility.len()])).collect()
}

fn ranked(structure: impl KBest, utility: &[f64], k: usize) -> Ranked {
    k_best(&order(structure), utility, k)
}

fn every() -> BoxedStrategy<Rc<dyn Instance>> {
    prop_oneof![
        one_hot::instances(order),
        top_k::instances(order),
        subset::instances(order),
        spanning_tree::instances(order),
        arborescence::instances(order),
        arborescence::with_a_single_root_child(order),
        projective_tree::instances(order),
        projective_tree::with_a_single_root_child(order),
        matching::instances(order),
        matching::rectangles(order),
        matching::partial(order),
        derivations::every(order),
    ]
    .boxed()
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
        let utilities = cells.prop_flat_map(move |cell| proptest::collection::vec(cell, n));
        (Just(instance), utilities, prop_oneof![1..40usize, 1..400usize])
    });
    let result = runner(8000).run(&questions, |(instance, utility, k)| {
        let utility: Vec<f64> = utility.into_iter().map(|u: f64| (u / UNIT).round() * UNIT).collect();
        let oracle = Enumeration { dimension: utility.len(), vertices: instance.vertices() };
        let mut all = oracle.allowed(&utility);
        if all.is_empty() || utility.is_empty() {
            return Ok(());
        }
        all.sort_by(|&a, &b| oracle.shortfall(&utility, a).total_cmp(&oracle.shortfall(&utility, b)));
        let mut seen = Vec::new();
        for (rank, (x, value)) in k_best(&instance.operator(), &utility, k).into_iter().enumerate() {
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

/// Bit for bit, of every pair of a structure and a relaxation, ties and masks among them.
#[test]
fn the_first_of_the_best_is_the_argmax() {
    let mut compared = 0;
    for_sources(40, |source, words: &mut Words| {
        if !source.answers(Question::KBest, Noise::Gumbel) {
            return;
        }
        let posed = source.pose(Question::KBest, Noise::Gumbel, 3, words);
        for row in &posed.rows {
            let mut inputs = row.inputs.clone();
            if words.below(2) == 0 {
                inputs[0].iter_mut().filter(|u| u.is_finite()).for_each(|u| *u = (2.0 * *u).round());
            }
            let of = |question| posed.ask_alone_of(question, row, &inputs, posed.terms).expect("a valid row");
            let (best, n) = (of(Question::KBest), inputs[0].len());
            assert_eq!(best[..n], of(Question::Argmax), "{}", posed.label);
            compared += 1;
        }
    });
    assert!(compared > 1000, "{compared}");
}

/// In order of their edges from the goal on: labellings in lexicographic order.
#[test]
fn ties_go_to_the_lowest_index() {
    let best = ranked(Derivations::linear_chain(3, 2), &[0.0; 14], 9);
    let labels = |x: &[f64]| (0..3).fold(0, |number, i| 2 * number + usize::from(x[2 * i + 1] == 1.0));
    assert_eq!(best[..8].iter().map(|(x, _)| labels(x)).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7]);
    let values: Vec<f64> = best.iter().map(|&(_, value)| value).collect();
    assert_eq!(values, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, f64::NEG_INFINITY]);
    // Sets in lexicographic order of their elements.
    let elements = |x: &[f64]| (0..x.len()).filter(|&i| x[i] == 1.0).collect::<Vec<_>>();
    let pairs: Vec<Vec<usize>> =
        ranked(TopK::new(4, 2), &[0.0; 4], 6).iter().map(|(x, _)| elements(x)).collect();
    assert_eq!(pairs, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
    let ones: Vec<Vec<usize>> =
        ranked(OneHot::new(4), &[1.0, 2.0, 1.0, 2.0], 4).iter().map(|(x, _)| elements(x)).collect();
    assert_eq!(ones, [[1], [3], [0], [2]]);
}

/// The last of as many positions as no call stack has frames.
#[test]
fn the_second_best_of_a_long_chain() {
    let n = 200_000;
    let mut utility = vec![0.0; 2 * n + 4 * (n - 1)];
    (0..n).for_each(|i| utility[2 * i] = 1.0 + (n - i) as f64);
    let best = ranked(Derivations::linear_chain(n, 2), &utility, 2);
    assert_eq!(best[0].1 - best[1].1, 2.0);
    let differ: Vec<usize> = (0..2 * n).filter(|&i| best[0].0[i] != best[1].0[i]).collect();
    assert_eq!(differ, [2 * n - 2, 2 * n - 1]);
}

/// As many as a formula says, and none beyond: Cayley's trees, Eisner's, permutations, choices.
#[test]
fn of_equal_ones_all_are_told_once() {
    let check = |operator: AnyOperator, expected: usize| {
        let utility = vec![0.0; operator.dimension()];
        let best = k_best(&operator, &utility, expected + 3);
        let mut distinct: Vec<Vec<u64>> = best[..expected]
            .iter()
            .map(|(x, value)| {
                assert_eq!(*value, 0.0);
                x.iter().map(|x| x.to_bits()).collect()
            })
            .collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), expected);
        assert!(
            best[expected..]
                .iter()
                .all(|(x, value)| *value == f64::NEG_INFINITY && x.iter().all(|&x| x == 0.0))
        );
    };
    check(order(SpanningTree::complete(7)), 7_usize.pow(5));
    check(order(Arborescence::complete(6, 2, false)), 6_usize.pow(4));
    // One child, and the trees that hang from it.
    check(order(Arborescence::complete(6, 0, true)), 5 * 5_usize.pow(3));
    check(order(ProjectiveTree::new(5)), 273);
    check(order(ProjectiveTree::with_single_root_child(5)), 143);
    check(order(Matching::new(6)), 720);
    check(order(Matching::rectangular(7, 4)), 840);
    check(order(Matching::rectangular(3, 9)), 504);
    // k of 4, times k of 5 in order.
    check(order(Matching::partial(5, 4)), 1 + 4 * 5 + 6 * 20 + 4 * 60 + 120);
    // Three rows in columns of one, two and three places: 3^3 but those with more than one, or two, in them.
    check(order(Matching::with_capacities(3, &[1, 2, 3], false)), 19);
    check(order(Matching::with_capacities(3, &[1, 2, 3], true)), 53);
    check(order(TopK::new(13, 5)), 1287);
    check(order(OneHot::new(100)), 100);
    check(order(Subset::new(10)), 1024);
    check(order(IndependentEdges::new(4, true, Arborescence::complete_edges(4, 0))), 512);
}

/// Distinct, in order, and the second is the best of those that lack one of the first's coordinates: of structures whose
/// embeddings have equally many.
#[test]
fn at_sizes_that_nobody_enumerates() {
    let check = |name: &str, operator: AnyOperator, k: usize| {
        let n = operator.dimension();
        for (seed, scale) in [(1, 1e12), (2, 3.0)] {
            let mut words = Words(seed);
            // Of small whole numbers many are equal.
            let utility: Vec<f64> = (0..n).map(|_| (words.number() * scale).round()).collect();
            let best = k_best(&operator, &utility, k);
            assert!(best.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{name}: not in order");
            for (x, value) in &best {
                let sum: f64 = (0..n).filter(|&i| x[i] == 1.0).map(|i| utility[i]).sum();
                assert_eq!(sum, *value, "{name}");
            }
            let mut distinct: Vec<Vec<bool>> =
                best.iter().map(|(x, _)| x.iter().map(|&x| x == 1.0).collect()).collect();
            distinct.sort();
            distinct.dedup();
            assert_eq!(distinct.len(), k, "{name}: some twice");
            let without = |i: usize| {
                let mut less = utility.clone();
                less[i] = f64::NEG_INFINITY;
                let terms = Terms { samples: 1, ..Terms::default() };
                // Some are in all.
                let first = ask(&operator, Question::KBest, &[&less], None, terms, 1, 1);
                first.map_or(f64::NEG_INFINITY, |first| first[n])
            };
            let second =
                (0..n).filter(|&i| best[0].0[i] == 1.0).map(without).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(best[1].1, second, "{name}");
        }
    };
    check("top k", order(TopK::new(5000, 70)), 2000);
    check("spanning trees", order(SpanningTree::complete(60)), 1500);
    check("arborescences", order(Arborescence::complete(25, 3, false)), 60);
    check("arborescences of a single child", order(Arborescence::complete(25, 0, true)), 60);
    check("projective trees", order(ProjectiveTree::new(14)), 40);
    check("matchings", order(Matching::new(40)), 200);
    check("matchings of the shorter side", order(Matching::rectangular(15, 60)), 200);
    check("matchings of the shorter side", order(Matching::rectangular(60, 15)), 200);
    check("matchings with capacities", order(Matching::with_capacities(30, &[5; 10], false)), 200);
}
