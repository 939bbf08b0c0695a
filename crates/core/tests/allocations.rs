//! Memory is taken once a call, not once a row: a call on a large batch allocates what a call on a small one does.

#[path = "support/drawn.rs"]
mod numbers;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ndarray::{Array1, Array2};
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort, PerturbAndParse,
    Sinkhorn, SoftSub, SparseMap,
};
use sst::structure::{
    Arborescence, ArgmaxOracle, CorrelatedTopK, Derivations, Matching, OneHot, Permutahedron, ProjectiveTree,
    Ranking, SpanningTree, Subset, TopK, WithReplacement,
};
use sst::trace::{Traced, Tracer};
use sst::utility::Noise;
use sst::{AnyOperator, Call, Question, Terms, Trick};

/// The system's allocator, counting what each thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
}

// SAFETY: every call is passed on as it came; the counter is a plain cell that needs no memory of its own.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const THREADS: usize = 1;
const FEW_ROWS: usize = 13;
const MANY_ROWS: usize = 4093;
/// Allocations that a large batch may make beyond a small one, since it meets kinds of rows that the small one lacks.
const SLACK: usize = 30;

/// How often a call asks for memory on this thread.
fn allocations(call: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    call();
    ALLOCATIONS.get() - before
}

/// Checks that a call allocates no more often for many rows than for few.
fn assert_per_call(name: &str, call: impl Fn(usize) -> usize) {
    let (few, many) = (call(FEW_ROWS), call(MANY_ROWS));
    assert!(many <= few + SLACK, "{name}: {few} allocations for {FEW_ROWS} rows, {many} for {MANY_ROWS}");
}

fn drawn(noise: Noise, rows: usize, dimension: usize) -> Array2<f64> {
    let cells = numbers::drawn(noise, 5, rows, dimension);
    Array2::from_shape_vec((rows, dimension), cells).expect("whole rows")
}

/// How often a question about so many rows asks for memory, with two samples of each.
fn asked(operator: &AnyOperator, question: Question, inputs: &[&[f64]], rows: usize) -> usize {
    let terms = Terms { seed: 5, samples: 2, ..Terms::default() };
    let call = || Call::new(operator, question, inputs, None, terms, rows).expect("valid rows");
    let mut out = vec![0.0; call().len()];
    allocations(|| call().run(&mut out, THREADS).expect("valid rows"))
}

fn tricks() -> Vec<(&'static str, AnyOperator)> {
    let path_with_chords = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (1, 4)];
    vec![
        ("one-hot", AnyOperator::from(Trick::new(OneHot::new(12), ExponentialFamilyEntropy))),
        ("subset", AnyOperator::from(Trick::new(Subset::new(12), BinaryEntropy))),
        ("top k", AnyOperator::from(Trick::new(TopK::new(12, 4), ExponentialFamilyEntropy))),
        ("top k, Euclidean", AnyOperator::from(Trick::new(TopK::new(12, 4), Euclidean))),
        ("top k, categorical", AnyOperator::from(Trick::new(TopK::new(12, 4), CategoricalEntropy))),
        ("top k, binary", AnyOperator::from(Trick::new(TopK::new(12, 4), BinaryEntropy))),
        ("top k, SoftSub", AnyOperator::from(Trick::new(TopK::new(12, 4), SoftSub))),
        ("L2X", AnyOperator::from(Trick::new(WithReplacement::new(12, 4), L2x))),
        (
            "complete graph",
            AnyOperator::from(Trick::new(SpanningTree::complete(7), ExponentialFamilyEntropy)),
        ),
        (
            "edge list",
            AnyOperator::from(Trick::new(
                SpanningTree::with_edges(5, path_with_chords),
                ExponentialFamilyEntropy,
            )),
        ),
        ("one-hot, sparsemap", AnyOperator::from(Trick::new(OneHot::new(12), SparseMap))),
        ("top k, sparsemap", AnyOperator::from(Trick::new(TopK::new(12, 4), SparseMap))),
        ("trees, sparsemap", AnyOperator::from(Trick::new(SpanningTree::complete(5), SparseMap))),
        (
            "arborescences",
            AnyOperator::from(Trick::new(Arborescence::complete(5, 0, false), ExponentialFamilyEntropy)),
        ),
        (
            "arborescences of one child",
            AnyOperator::from(Trick::new(Arborescence::complete(5, 2, true), ExponentialFamilyEntropy)),
        ),
        (
            "correlated top k",
            AnyOperator::from(Trick::new(CorrelatedTopK::new(12, 4), ExponentialFamilyEntropy)),
        ),
        (
            "linear chain",
            AnyOperator::from(Trick::new(Derivations::linear_chain(6, 3), ExponentialFamilyEntropy)),
        ),
        (
            "binary tree",
            AnyOperator::from(Trick::new(Derivations::binary_tree(5, 2), ExponentialFamilyEntropy)),
        ),
        ("projective tree", AnyOperator::from(Trick::new(ProjectiveTree::new(4), ExponentialFamilyEntropy))),
        (
            "projective tree, perturb and parse",
            AnyOperator::from(Trick::new(ProjectiveTree::new(4), PerturbAndParse)),
        ),
        ("matchings", AnyOperator::from(Trick::new(Matching::new(4), Sinkhorn::default()))),
        (
            "matchings, exponential family",
            AnyOperator::from(Trick::new(Matching::new(4), ExponentialFamilyEntropy)),
        ),
        (
            "partial matchings, exponential family",
            AnyOperator::from(Trick::new(Matching::partial(3, 4), ExponentialFamilyEntropy)),
        ),
        ("rankings", AnyOperator::from(Trick::new(Ranking::new(4), NeuralSort))),
        ("ranks", AnyOperator::from(Trick::new(Permutahedron::ranks(9), Euclidean))),
        (
            "ranks, categorical entropy",
            AnyOperator::from(Trick::new(Permutahedron::ranks(9), CategoricalEntropy)),
        ),
    ]
}

/// Temperatures at which all rows fit plain doubles, some do, and none does; the last narrows them.
const TEMPERATURES: [f64; 5] = [1.0, 3e-3, 1e-3, 1e-6, 1e-20];

#[test]
fn softmax_and_its_product_allocate_per_call() {
    for (name, trick) in tricks() {
        for temperature in TEMPERATURES {
            let (width, n) = (trick.utility_dimension(), trick.dimension());
            assert_per_call(&format!("softmax of {name} at {temperature}"), |rows| {
                let utilities = drawn(Noise::Gumbel, rows, width);
                let mut soft = Array2::zeros((rows, n));
                allocations(|| {
                    let (utilities, soft) = (utilities.view(), soft.view_mut());
                    trick.softmax(utilities, temperature, soft, THREADS).expect("feasible utilities");
                })
            });
            assert_per_call(&format!("softmax_vjp of {name} at {temperature}"), |rows| {
                let (utilities, cotangents) =
                    (drawn(Noise::Gumbel, rows, width), drawn(Noise::Logistic, rows, n));
                let mut gradients = Array2::zeros((rows, width));
                allocations(|| {
                    let (utilities, cotangents) = (utilities.view(), cotangents.view());
                    trick
                        .softmax_vjp(utilities, temperature, cotangents, gradients.view_mut(), THREADS)
                        .expect("feasible utilities");
                })
            });
        }
    }
}

#[test]
fn argmax_and_log_partition_allocate_per_call() {
    for (name, trick) in tricks() {
        let (width, n) = (trick.utility_dimension(), trick.dimension());
        assert_per_call(&format!("argmax of {name}"), |rows| {
            let utilities = drawn(Noise::Gumbel, rows, width);
            let mut hard = Array2::zeros((rows, n));
            allocations(|| {
                trick.argmax(utilities.view(), hard.view_mut(), THREADS).expect("feasible utilities");
            })
        });
        let Some(family) = trick.as_family() else { continue };
        assert_per_call(&format!("log_partition of {name}"), |rows| {
            let utilities = drawn(Noise::Gumbel, rows, width);
            let mut logs = Array1::zeros(rows);
            allocations(|| {
                let (utilities, logs) = (utilities.view(), logs.view_mut());
                family.log_partition(utilities, 1.0, logs, THREADS).expect("feasible utilities");
            })
        });
    }
}

#[test]
fn questions_of_families_allocate_per_call() {
    for (name, trick) in tricks() {
        let Some(family) = trick.as_family() else { continue };
        let n = family.dimension();
        for question in [
            Question::FamilySample,
            Question::Entropy,
            Question::EntropyVjp,
            Question::LogProbability,
            Question::LogProbabilityVjp,
            Question::Divergence,
            Question::DivergenceVjp,
            Question::DivergenceVjpOther,
        ] {
            assert_per_call(&format!("{question:?} of {name}"), |rows| {
                let (utilities, mut others) =
                    (drawn(Noise::Gumbel, rows, n), drawn(Noise::Logistic, rows, n));
                // Rows of both kinds, whatever their number: laws near to each other are compared in another way.
                others.row_mut(0).assign(&utilities.row(0));
                let mut hard = Array2::zeros((rows, n));
                family.argmax(utilities.view(), hard.view_mut(), THREADS).expect("feasible utilities");
                let ones = vec![1.0; rows];
                let array = |shape: &sst::Shape| match shape.name {
                    "utility" => utilities.as_slice().expect("rows"),
                    "other" => others.as_slice().expect("rows"),
                    "embedding" => hard.as_slice().expect("rows"),
                    _ => &ones[..],
                };
                let inputs: Vec<&[f64]> = question.description().inputs.iter().map(array).collect();
                asked(family, question, &inputs, rows)
            });
        }
    }
}

fn traced<S: ArgmaxOracle + Traced>(structure: S) -> AnyOperator {
    let trick = AnyOperator::relaxed(Trick::new(structure.clone(), SparseMap));
    trick.traced(Tracer::new(structure)).with_noise(Noise::NegativeExponential)
}

#[test]
fn traces_allocate_per_call() {
    let operators = [
        ("one-hot", traced(OneHot::new(12))),
        ("top k", traced(TopK::new(12, 4))),
        ("spanning trees", traced(SpanningTree::complete(5))),
        ("arborescences", traced(Arborescence::complete(5, 0, false))),
    ];
    for (name, operator) in operators {
        let n = operator.dimension();
        for question in [
            Question::TraceLogProbability,
            Question::TraceScoreVjp,
            Question::ConditionalPerturb,
            Question::ConditionalPerturbVjp,
        ] {
            assert_per_call(&format!("{question:?} of {name}"), |rows| {
                let utilities = numbers::drawn(Noise::NegativeExponential, 5, rows, n);
                let (theta, ones, both) = (vec![0.0; rows * n], vec![1.0; rows], vec![1.0; 2 * rows * n]);
                let array = |shape: &sst::Shape| match (shape.name, shape.space) {
                    ("theta", _) => &theta[..],
                    ("utility", _) => &utilities,
                    (_, sst::Space::Number) => &ones,
                    _ => &both,
                };
                let inputs: Vec<&[f64]> = question.description().inputs.iter().map(array).collect();
                asked(&operator, question, &inputs, rows)
            });
        }
    }
}

#[test]
fn forbidden_coordinates_allocate_per_call() {
    for (name, trick) in tricks() {
        let (width, n) = (trick.utility_dimension(), trick.dimension());
        if width < n || name.starts_with("rank") {
            continue; // There nothing can be forbidden.
        }
        assert_per_call(&format!("softmax of {name} with a forbidden coordinate in each row"), |rows| {
            let mut utilities = drawn(Noise::Gumbel, rows, width);
            utilities.column_mut(1).fill(f64::NEG_INFINITY);
            let mut soft = Array2::zeros((rows, n));
            allocations(|| {
                let (utilities, soft) = (utilities.view(), soft.view_mut());
                trick.softmax(utilities, 1.0, soft, THREADS).expect("feasible utilities");
            })
        });
    }
}

#[test]
fn random_utilities_allocate_per_call() {
    const N: usize = 12;
    for noise in [Noise::Gumbel, Noise::Logistic, Noise::NegativeExponential] {
        for operator in [
            AnyOperator::plain(N),
            AnyOperator::from(Trick::new(Matching::new(4), Sinkhorn::default())),
            AnyOperator::from(Trick::new(WithReplacement::new(12, 4), L2x)),
        ] {
            let operator = operator.with_noise(noise);
            let widths = operator.widths();
            for question in
                [Question::Perturb, Question::PerturbVjp, Question::ScoreVjp, Question::Kl, Question::KlVjp]
            {
                assert_per_call(&format!("{question:?} by {noise:?}"), |rows| {
                    let (theta, ones) = (vec![0.0; rows * widths.parameter], vec![1.0; rows]);
                    let utilities = numbers::drawn(noise, 5, rows, widths.utility);
                    let array = |shape: &sst::Shape| match (shape.name, shape.space) {
                        ("theta", _) => &theta[..],
                        (_, sst::Space::Number) => &ones,
                        _ => &utilities,
                    };
                    let inputs: Vec<&[f64]> = question.description().inputs.iter().map(array).collect();
                    asked(&operator, question, &inputs, rows)
                });
            }
        }
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0_u64; 100]))), 1);
}
