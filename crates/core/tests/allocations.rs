//! Memory is taken once a call, not once a row: a call on a large batch allocates what a call on a small one does.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ndarray::{Array1, Array2};
use sst::relaxation::{
    BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy, L2x, NeuralSort, PerturbAndParse,
    Sinkhorn, SoftSub, SparseMap,
};
use sst::sampling::FamilyDraws;
use sst::structure::{
    Arborescence, CorrelatedTopK, Matching, OneHot, ProjectiveTree, Ranking, SpanningTree, Subset, TopK,
    WithReplacement,
};
use sst::trace::{Race, Tracer, Tracing};
use sst::utility::{Draws, Gumbel, Logistic, NegativeExponential, Perturbation};
use sst::{AnyOperator, Trick};

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

fn drawn(utility: &dyn Perturbation, rows: usize, dimension: usize) -> Array2<f64> {
    let parameters = vec![0.0; rows * dimension];
    let mut cells = parameters.clone();
    let draws = Draws { seed: 5, samples: 1, first_row: 0 };
    utility.perturb(dimension, &parameters, draws, &mut cells, THREADS).expect("finite parameters");
    Array2::from_shape_vec((rows, dimension), cells).expect("whole rows")
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
        ("projective tree", AnyOperator::from(Trick::new(ProjectiveTree::new(4), ExponentialFamilyEntropy))),
        (
            "projective tree, perturb and parse",
            AnyOperator::from(Trick::new(ProjectiveTree::new(4), PerturbAndParse)),
        ),
        ("matchings", AnyOperator::from(Trick::new(Matching::new(4), Sinkhorn::default()))),
        ("rankings", AnyOperator::from(Trick::new(Ranking::new(4), NeuralSort))),
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
                let utilities = drawn(&Gumbel, rows, width);
                let mut soft = Array2::zeros((rows, n));
                allocations(|| {
                    let (utilities, soft) = (utilities.view(), soft.view_mut());
                    trick.softmax(utilities, temperature, soft, THREADS).expect("feasible utilities");
                })
            });
            assert_per_call(&format!("softmax_vjp of {name} at {temperature}"), |rows| {
                let (utilities, cotangents) = (drawn(&Gumbel, rows, width), drawn(&Logistic, rows, n));
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
            let utilities = drawn(&Gumbel, rows, width);
            let mut hard = Array2::zeros((rows, n));
            allocations(|| {
                trick.argmax(utilities.view(), hard.view_mut(), THREADS).expect("feasible utilities");
            })
        });
        let Some(family) = trick.as_family() else { continue };
        assert_per_call(&format!("log_partition of {name}"), |rows| {
            let utilities = drawn(&Gumbel, rows, width);
            let mut logs = Array1::zeros(rows);
            allocations(|| {
                let (utilities, logs) = (utilities.view(), logs.view_mut());
                family.log_partition(utilities, 1.0, logs, THREADS).expect("feasible utilities");
            })
        });
    }
}

#[test]
fn draws_and_numbers_of_families_allocate_per_call() {
    for (name, trick) in tricks() {
        let Some(family) = trick.as_family() else { continue };
        let n = family.dimension();
        assert_per_call(&format!("sample of {name}"), |rows| {
            let utilities = drawn(&Gumbel, rows, n);
            let mut vertices = Array2::zeros((2 * rows, n));
            let numbers: Vec<u64> = (0..rows as u64).collect();
            let draws = FamilyDraws { seed: 5, samples: 2, rows: &numbers };
            allocations(|| {
                let (utilities, vertices) = (utilities.view(), vertices.view_mut());
                family.sample(utilities, 1.0, draws, vertices, THREADS).expect("feasible utilities");
            })
        });
        assert_per_call(&format!("entropy and log_probability of {name}"), |rows| {
            let utilities = drawn(&Gumbel, rows, n);
            let mut hard = Array2::zeros((rows, n));
            family.argmax(utilities.view(), hard.view_mut(), THREADS).expect("feasible utilities");
            let (mut entropies, mut logs) = (Array1::zeros(rows), Array1::zeros(rows));
            allocations(|| {
                let (u, x) = (utilities.view(), hard.view());
                family.entropy(u, 1.0, entropies.view_mut(), THREADS).expect("feasible utilities");
                family.log_probability(u, x, 1.0, logs.view_mut(), THREADS).expect("feasible utilities");
            })
        });
    }
}

#[test]
fn traces_allocate_per_call() {
    let tracers: [(&str, Box<dyn Tracing>); 4] = [
        ("one-hot", Box::new(Tracer::new(OneHot::new(12)))),
        ("top k", Box::new(Tracer::new(TopK::new(12, 4)))),
        ("spanning trees", Box::new(Tracer::new(SpanningTree::complete(5)))),
        ("arborescences", Box::new(Tracer::new(Arborescence::complete(5, 0, false)))),
    ];
    for (name, tracer) in tracers {
        let n = tracer.dimension();
        assert_per_call(&format!("traces of {name}"), |rows| {
            let utilities = drawn(&NegativeExponential, rows, n).into_raw_vec_and_offset().0;
            let (theta, mut out) = (vec![0.0; rows * n], vec![0.0; rows * n]);
            let draws = Draws { seed: 5, samples: 1, first_row: 0 };
            let (race, cotangents) = (Race::NegativeExponential, vec![1.0; rows]);
            allocations(|| {
                tracer
                    .score_vjp(race, &theta, &utilities, &cotangents, &mut out, THREADS)
                    .expect("valid rows");
                tracer
                    .conditional_perturb(race, &theta, &utilities, draws, &mut out, THREADS)
                    .expect("valid rows");
                tracer
                    .conditional_perturb_vjp(race, &theta, &utilities, draws, &utilities, &mut out, THREADS)
                    .expect("valid rows");
            })
        });
    }
}

#[test]
fn forbidden_coordinates_allocate_per_call() {
    for (name, trick) in tricks() {
        let (width, n) = (trick.utility_dimension(), trick.dimension());
        if width < n {
            continue; // Of rankings nothing can be forbidden.
        }
        assert_per_call(&format!("softmax of {name} with a forbidden coordinate in each row"), |rows| {
            let mut utilities = drawn(&Gumbel, rows, width);
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
fn perturb_and_its_product_allocate_per_call() {
    const N: usize = 12;
    let utilities: [(&str, &dyn Perturbation); 2] = [("gumbel", &Gumbel), ("logistic", &Logistic)];
    for (name, utility) in utilities {
        assert_per_call(&format!("perturb by {name}"), |rows| {
            let parameters = vec![0.5; rows * N];
            let mut cells = vec![0.0; 2 * rows * N];
            let draws = Draws { seed: 5, samples: 2, first_row: 0 };
            allocations(|| {
                utility.perturb(N, &parameters, draws, &mut cells, THREADS).expect("finite parameters");
            })
        });
        assert_per_call(&format!("perturb_vjp by {name}"), |rows| {
            let parameters = vec![0.0; rows * N];
            let utilities = drawn(utility, rows, N).into_raw_vec_and_offset().0;
            let mut gradients = parameters.clone();
            allocations(|| {
                utility
                    .perturb_vjp(N, &parameters, &utilities, &utilities, &mut gradients)
                    .expect("finite numbers");
            })
        });
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![0_u64; 100]))), 1);
}
