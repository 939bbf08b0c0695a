//! The structures that have traces, small enough to list these.

use std::collections::BTreeMap;

use sst::relaxation::SparseMap;
use sst::structure::{Arborescence, ArgmaxOracle, OneHot, SpanningTree, TopK};
use sst::trace::{NONE, Trace, Traced, Tracer};
use sst::utility::Noise;
use sst::{AnyOperator, Error, Question, Terms, Trick};

use crate::ask::ask;
use crate::races::{self, Law, Steps};

/// What is known of a row.
type Of<T> = Box<dyn Fn(&[f64]) -> T>;

/// A structure, with everything that is known of its traces by definition.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) theta: Vec<f64>,
    /// With each family whose utilities race.
    pub(crate) operators: Vec<AnyOperator>,
    /// The steps that lead from a utility to a structure.
    pub(crate) steps: Of<Steps>,
    pub(crate) argmax: Of<Vec<f64>>,
    /// All traces, their probabilities and structures, at a parameter.
    pub(crate) law: Of<Law>,
}

impl Case {
    /// A question about rows of parameters.
    pub(crate) fn ask(
        &self,
        operator: &AnyOperator,
        question: Question,
        inputs: &[&[f64]],
        terms: Terms,
    ) -> Result<Vec<f64>, Error> {
        ask(operator, question, inputs, None, terms, inputs[0].len() / self.theta.len(), 1)
    }

    /// One that does not draw.
    pub(crate) fn answer(&self, operator: &AnyOperator, question: Question, inputs: &[&[f64]]) -> Vec<f64> {
        self.ask(operator, question, inputs, Terms::default()).expect("valid rows")
    }
}

const BOTH: &[Noise] = &[Noise::Gumbel, Noise::NegativeExponential];

fn case<S: Traced + ArgmaxOracle>(
    name: &'static str,
    structure: S,
    races: &[Noise],
    law: impl Fn(&[f64]) -> Law + 'static,
) -> Case {
    const THETA: [f64; 9] = [0.3, -0.8, 1.1, 0.0, -0.2, 0.7, -1.2, 0.5, 0.9];
    let (of_trace, of_argmax) = (structure.clone(), structure.clone());
    Case {
        name,
        theta: THETA[..structure.dimension()].to_vec(),
        steps: Box::new(move |utility| {
            let mut trace = Trace::default();
            of_trace.trace(utility, &mut trace, &mut of_trace.trace_workspace());
            if S::ORDERED { ordered(&trace) } else { nested(&trace) }
        }),
        argmax: Box::new(move |utility| {
            let mut vertex = vec![0.0; utility.len()];
            of_argmax.argmax(utility, &mut vertex, &mut of_argmax.argmax_workspace());
            vertex
        }),
        operators: races.iter().map(|&noise| operator(structure.clone()).with_noise(noise)).collect(),
        law: Box::new(law),
    }
}

fn operator<S: Traced + ArgmaxOracle>(structure: S) -> AnyOperator {
    AnyOperator::relaxed(Trick::new(structure.clone(), SparseMap)).traced(Tracer::new(structure))
}

/// One step after the other: the choices in their order.
fn ordered(trace: &Trace) -> Steps {
    trace.chosen.iter().enumerate().map(|(step, &chosen)| (step as u32, chosen)).collect()
}

/// The choices by the sets of vertices that they enter: the first steps are those of the vertices 1, 2, ...
fn nested(trace: &Trace) -> Steps {
    let mut sets = vec![0_u32; trace.chosen.len()];
    let parents = trace.successors.iter().filter(|&&parent| parent != NONE).min();
    let leaves = parents.map_or(sets.len(), |&parent| parent as usize);
    (0..leaves).for_each(|leaf| sets[leaf] = 2 << leaf);
    for step in 0..sets.len() {
        if trace.successors[step] != NONE {
            sets[trace.successors[step] as usize] |= sets[step];
        }
    }
    sets.into_iter().zip(trace.chosen.iter().copied()).collect()
}

const EDGES: [(u32, u32); 6] = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];

pub(crate) fn cases() -> Vec<Case> {
    let square = [(2, 3), (0, 1), (1, 2), (0, 3), (0, 2)];
    let directed: Vec<(u32, u32)> = Arborescence::complete_edges(4, 0).collect();
    vec![
        case("one-hot", OneHot::new(4), BOTH, |theta| {
            races::one_after_another(theta, &|set| if set == 0 { (0..4).collect() } else { Vec::new() })
        }),
        case("top k", TopK::new(4, 2), BOTH, |theta| {
            let left = |set: u32| (0..4).filter(|i| set >> i & 1 == 0).collect();
            races::one_after_another(theta, &|set| if set.count_ones() == 2 { Vec::new() } else { left(set) })
        }),
        case("all of them", TopK::new(3, 3), BOTH, |theta| {
            races::one_after_another(theta, &|set| (0..3).filter(|i| set >> i & 1 == 0).collect())
        }),
        case("spanning tree", SpanningTree::complete(4), BOTH, |theta| {
            races::one_after_another(theta, &|set| races::between_trees(4, &EDGES, set))
        }),
        case("spanning tree of a list", SpanningTree::with_edges(4, square), BOTH, move |theta| {
            races::one_after_another(theta, &|set| races::between_trees(4, &square, set))
        }),
        case("arborescence", Arborescence::complete(4, 0, false), &BOTH[1..], move |theta| {
            races::into_every_group(theta, 4, &directed)
        }),
    ]
}

/// Draws of one row of parameters.
pub(crate) fn draw(
    case: &Case,
    operator: &AnyOperator,
    theta: &[f64],
    seed: u64,
    samples: usize,
) -> Vec<f64> {
    let terms = Terms { seed, samples, ..Terms::default() };
    case.ask(operator, Question::Perturb, &[theta], terms).expect("valid parameters")
}

/// A utility for every trace.
pub(crate) fn representatives(case: &Case, operator: &AnyOperator) -> BTreeMap<Steps, Vec<f64>> {
    let utilities = draw(case, operator, &case.theta, 4, 200_000);
    let mut found = BTreeMap::new();
    for utility in utilities.chunks_exact(case.theta.len()) {
        found.entry((case.steps)(utility)).or_insert_with(|| utility.to_vec());
    }
    assert_eq!(found.len(), (case.law)(&case.theta).len(), "{}: every trace comes out", case.name);
    found
}
