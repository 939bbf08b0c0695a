//! Maximum arborescences of larger graphs have the values that NetworkX finds (see `references/arborescence_optima.py`).

use std::collections::HashSet;
use std::fs;

use ndarray::{Array2, ArrayView2};
use serde_json::Value;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::Arborescence;
use sst::{AnyOperator, Trick};

type Edge = (u32, u32);

/// 20-bit numbers: the high bits of Knuth's MMIX generator.
struct Words(u64);

impl Words {
    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 44) as u32
    }
}

/// The edges, [head, modifier], and their utilities.
fn graph(kind: &str, vertices: u32, seed: u64) -> (Vec<Edge>, Vec<f64>) {
    let mut words = Words(seed);
    let mut edges: Vec<Edge>;
    if kind == "sparse" {
        edges = (1..vertices).map(|modifier| (modifier - 1, modifier)).collect();
        let mut seen: HashSet<Edge> = edges.iter().copied().collect();
        for _ in 0..8 * vertices {
            let edge = (words.next() % vertices, 1 + words.next() % (vertices - 1));
            if edge.0 != edge.1 && seen.insert(edge) {
                edges.push(edge);
            }
        }
    } else {
        edges = Arborescence::complete_edges(vertices as usize, 0).collect();
    }
    let utility = edges.iter().map(|&edge| f64::from(words.next() + bonus(kind, edge))).collect();
    (edges, utility)
}

/// What makes a graph hard: cycles within cycles of vertices that share leading bits; a root that attracts all.
fn bonus(kind: &str, (head, modifier): Edge) -> u32 {
    match kind {
        "nested" => (head ^ modifier).leading_zeros().saturating_sub(22) << 18,
        "star" if head == 0 => 1 << 20,
        _ => 0,
    }
}

/// The value of the library's arborescence, which must be one.
fn value(vertices: u32, edges: &[Edge], utility: &[f64], single_root_child: bool) -> f64 {
    let structure = Arborescence::with_edges(vertices as usize, 0, single_root_child, edges.iter().copied());
    let operator = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
    let mut hard = Array2::zeros((1, edges.len()));
    let view = ArrayView2::from_shape((1, edges.len()), utility).expect("one row");
    operator.argmax(view, hard.view_mut(), 1).expect("a feasible row");
    let mut heads = vec![0; vertices as usize];
    let mut entered = vec![0; vertices as usize];
    let mut children = 0;
    for (&x, &(head, modifier)) in hard.iter().zip(edges) {
        if x == 1.0 {
            heads[modifier as usize] = head as usize;
            entered[modifier as usize] += 1;
            children += u32::from(head == 0);
        }
    }
    assert!(entered[1..].iter().all(|&times| times == 1), "a vertex has no head, or several");
    let leads_to_root = |start: usize| (0..vertices).fold(start, |vertex, _| heads[vertex]) == 0;
    assert!((0..vertices as usize).all(leads_to_root), "there is a cycle");
    assert!(!single_root_child || children == 1, "the root has {children} children");
    hard.iter().zip(utility).map(|(x, u)| x * u).sum()
}

#[test]
fn values_are_those_of_networkx() {
    let path = format!("{}/tests/references/arborescence_optima.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&fs::read_to_string(path).expect("the file")).expect("valid JSON");
    let cases = file["cases"].as_array().expect("a list of cases");
    assert!(cases.len() >= 20);
    let mut constrained = 0;
    for case in cases {
        let integer = |key: &str| case[key].as_u64().expect("an integer");
        let kind = case["kind"].as_str().expect("a string");
        let vertices = integer("vertices") as u32;
        let (edges, utility) = graph(kind, vertices, integer("seed"));
        // Sums of integers of 23 bits are exact.
        assert_eq!(value(vertices, &edges, &utility, false), integer("value") as f64, "{case}");
        assert_eq!(value(vertices, &edges, &utility, true), integer("singleRootChild") as f64, "{case}");
        constrained += u32::from(integer("value") != integer("singleRootChild"));
    }
    assert!(constrained >= 4, "the constraint matters in {constrained} cases only");
}

/// Powers of two far apart, so that a sum of doubles would lose the small ones: the small ones decide all the same.
#[test]
fn small_utilities_decide_beside_large_ones() {
    let edges = [(0, 1), (0, 2), (1, 2), (2, 1), (0, 3), (3, 1), (3, 2)];
    let big = 2_f64.powi(80);
    let hard = |utility: &[f64; 7]| {
        let structure = Arborescence::with_edges(4, 0, false, edges);
        let operator = AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy));
        let mut hard = Array2::zeros((1, 7));
        let view = ArrayView2::from_shape((1, 7), utility).expect("one row");
        operator.argmax(view, hard.view_mut(), 1).expect("a feasible row");
        hard.into_raw_vec_and_offset().0
    };
    // 1 and 2 form a cycle that is entered at 1 or at 2, equal to the last bit of the large parts.
    assert_eq!(hard(&[0.0, 1.0, big, big, 0.0, -9.0, -9.0]), [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    assert_eq!(hard(&[1.0, 0.0, big, big, 0.0, -9.0, -9.0]), [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(hard(&[0.0, 0.0, big, big, 0.0, 1.0, 2.0]), [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0]);
    // Differences that are beyond the largest double.
    let most = f64::MAX;
    assert_eq!(hard(&[-most, -most, most, 0.5 * most, 0.0, 1.0, 0.0]), [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
}
