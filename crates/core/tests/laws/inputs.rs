//! Random questions to ask of every entry of the registry.

use std::env;
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestCaseResult, TestRunner};
use sst::AnyOperator;

use crate::oracle::{Enumeration, UNIT};
use crate::registry::{Entry, Instance, REGISTRY};

/// The seed of the questions: always the same, unless `SST_LAW_SEED` names another.
fn seed() -> u64 {
    env::var("SST_LAW_SEED").map_or(0x5eed, |text| text.parse().expect("SST_LAW_SEED: an integer"))
}

/// An instance with inputs for it.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) instance: Rc<dyn Instance>,
    pub(crate) rows: Vec<Row>,
    pub(crate) temperature: f64,
}

/// The inputs of one row of a batch.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) utility: Vec<f64>,
    pub(crate) cotangent: Vec<f64>,
    /// A second direction.
    pub(crate) other: Vec<f64>,
}

/// What a law is told.
pub(crate) struct Case<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) instance: &'a dyn Instance,
    pub(crate) operator: &'a AnyOperator,
    pub(crate) family: Option<&'a AnyOperator>,
    pub(crate) oracle: &'a Enumeration,
    pub(crate) rows: &'a [Row],
    pub(crate) utility: &'a [f64],
    pub(crate) cotangent: &'a [f64],
    pub(crate) other: &'a [f64],
    /// Positive: 0 has a law of its own.
    pub(crate) temperature: f64,
}

impl Case<'_> {
    /// Whether utilities and embeddings have the same coordinates.
    pub(crate) fn is_linear(&self) -> bool {
        self.operator.utility_dimension() == self.operator.dimension()
    }

    /// The operator with its log-partition function; of exponential families only.
    pub(crate) fn family(&self) -> &AnyOperator {
        self.family.expect("an exponential family")
    }
}

/// Runs a law on `cases` questions of one row for every entry; panics with the smallest one that it fails on.
pub(crate) fn for_all(cases: u32, law: impl Fn(&Case) -> TestCaseResult) {
    for_batches(cases, 1, |_| true, law);
}

/// The same for the entries that a law is about.
pub(crate) fn for_those(cases: u32, which: impl Fn(&Entry) -> bool, law: impl Fn(&Case) -> TestCaseResult) {
    for_batches(cases, 1, which, law);
}

/// The same for every entry with batches of up to `most` rows.
pub(crate) fn for_all_batches(cases: u32, most: usize, law: impl Fn(&Case) -> TestCaseResult) {
    for_batches(cases, most, |_| true, law);
}

fn for_batches(
    cases: u32,
    most: usize,
    which: impl Fn(&Entry) -> bool,
    law: impl Fn(&Case) -> TestCaseResult,
) {
    for entry in REGISTRY.iter().filter(|entry| which(entry)) {
        let result = runner(cases).run(&questions(entry, most), |question| {
            let operator = question.instance.operator();
            let oracle = enumeration(&*question.instance);
            let Row { utility, cotangent, other } = &question.rows[0];
            law(&Case {
                entry,
                instance: &*question.instance,
                operator: &operator,
                family: operator.as_family(),
                oracle: &oracle,
                rows: &question.rows,
                utility,
                cotangent,
                other,
                temperature: question.temperature,
            })
        });
        if let Err(error) = result {
            panic!("{}: {error}\nrepeat it with SST_LAW_SEED={}", entry.name, seed());
        }
    }
}

/// A source of cases that are the same every time, for one seed.
pub(crate) fn runner(cases: u32) -> TestRunner {
    let seed = RngSeed::Fixed(seed());
    TestRunner::new(Config { cases, failure_persistence: None, rng_seed: seed, ..Config::default() })
}

pub(crate) fn enumeration(instance: &dyn Instance) -> Enumeration {
    Enumeration { dimension: instance.operator().dimension(), vertices: instance.vertices() }
}

fn questions(entry: &Entry, most: usize) -> impl Strategy<Value = Question> {
    let (masked, least) = (entry.forbids, entry.least_temperature);
    (entry.instances)().prop_flat_map(move |instance| {
        let oracle = enumeration(&*instance);
        let width = instance.operator().utility_dimension();
        // Where nothing may be forbidden, every coordinate is kept.
        let kept = if masked { oracle.vertices } else { Vec::from([u32::MAX]) };
        let rows = vec(row(width, oracle.dimension, kept), 1..=most);
        (rows, temperature()).prop_map(move |(rows, (temperature, relative))| Question {
            instance: Rc::clone(&instance),
            temperature: least.max(if relative { temperature * size(&rows) } else { temperature }),
            rows,
        })
    })
}

/// The magnitude of the utilities, or 1.
fn size(rows: &[Row]) -> f64 {
    let finite = rows.iter().flat_map(|row| &row.utility).filter(|u| u.is_finite() && **u != 0.0);
    finite.map(|u| u.abs()).reduce(f64::max).unwrap_or(1.0)
}

/// From 1e-3 to 1e6, as it is or relative to the utilities; and the smallest that anyone may ask for.
fn temperature() -> impl Strategy<Value = (f64, bool)> {
    prop_oneof![
        4 => (-3.0..6.0).prop_map(|x: f64| (10f64.powf(x), false)),
        4 => (-3.0..2.0).prop_map(|x: f64| (10f64.powf(x), true)),
        1 => Just((1e-300, false)),
    ]
}

fn row(width: usize, dimension: usize, kept: Vec<u32>) -> impl Strategy<Value = Row> {
    let directions = (vec(-1.0..1.0, dimension), vec(-1.0..1.0, dimension), select(vec![1e-9, 1.0, 1e3]));
    (utility(width, kept), directions).prop_map(|(utility, (cotangent, other, scale))| Row {
        utility,
        cotangent: cotangent.into_iter().map(|g: f64| g * scale).collect(),
        other,
    })
}

/// Utilities of every kind, of any scale, in a third of the cases with forbidden coordinates but none of one of these
/// sets.
fn utility(dimension: usize, sets: Vec<u32>) -> impl Strategy<Value = Vec<f64>> {
    let plain = (-3.0..3.0f64).boxed();
    let tied = (-2..=2i32).prop_map(f64::from).boxed();
    let nearly_tied = (-1..=1i32, -1.0..1.0).prop_map(|(a, b): (i32, f64)| f64::from(a) + 1e-9 * b).boxed();
    let mixed = (-3.0..3.0, 0..=2).prop_map(|(x, e): (f64, i32)| x * 10f64.powi(3 * e)).boxed();
    let cells = select(vec![plain, tied, nearly_tied, mixed]).prop_flat_map(move |cell| vec(cell, dimension));
    let scale = select(vec![1e-9, 1.0, 1.0, 1e3, 1e9]);
    let mask = prop_oneof![2 => Just(0), 1 => any::<u32>()];
    (cells, scale, mask, any::<Index>()).prop_map(move |(cells, scale, mask, kept)| {
        let forbidden = mask & !sets[kept.index(sets.len())];
        let cell = |(i, x): (usize, f64)| {
            if forbidden >> i & 1 == 1 { f64::NEG_INFINITY } else { (x * scale / UNIT).round() * UNIT }
        };
        cells.into_iter().enumerate().map(cell).collect()
    })
}
