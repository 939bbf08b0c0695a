//! Threads, and parts of a batch.

use sst::{Call, Question, Topic};

use super::posed::{Posed, Source, Words, for_questions, for_sources, noises};
use crate::calls::same_bits;
use crate::registry::REGISTRY;

fn call<'a>(posed: &Posed, arrays: &'a [Vec<f64>]) -> Call<'a> {
    let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
    let (question, lengths) = (posed.question, posed.lengths.as_deref());
    let call = Call::new(&posed.operator, question, &inputs, lengths, posed.terms, posed.rows.len());
    call.unwrap_or_else(|error| panic!("{}: {error}", posed.label))
}

/// In parts of any size, and not to the end once it is called off.
#[test]
fn a_batch_in_parts_is_the_batch() {
    for_questions(10, 9, |posed, _| {
        let (arrays, rows) = (posed.arrays(), posed.rows.len());
        let whole = posed.ask(&arrays, 1).unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        let call = call(posed, &arrays);
        assert_eq!(call.len(), whole.len());
        let mut most_parts = 0;
        for work in [0, 1, 300, 3_000, 100_000, usize::MAX] {
            let mut out = vec![f64::NAN; whole.len()];
            let mut parts = 0;
            let finished = call.run_while(&mut out, 1, work, || {
                parts += 1;
                true
            });
            assert_eq!(finished, Ok(true), "{}", posed.label);
            assert!(same_bits(&out, &whole), "{}: {out:?} in parts of {work}, not {whole:?}", posed.label);
            assert!(parts <= rows && (work > 1 || parts == rows), "{}: {parts} parts", posed.label);
            most_parts = parts.max(most_parts);
            for last in [0, parts / 2, parts - 1] {
                let mut asked = 0;
                let finished = call.run_while(&mut out, 1, work, || {
                    asked += 1;
                    asked <= last
                });
                assert_eq!((finished, asked), (Ok(false), last + 1), "{}", posed.label);
            }
        }
        assert_eq!(most_parts, rows);
    });
}

/// The instance of an entry whose rows take most, so that a batch of few of them is worth several threads.
fn largest(index: usize) -> Source {
    let mut most: Option<Source> = None;
    super::posed::for_sources_of(&REGISTRY[index], 40, |source, _| {
        let work = |source: &Source| source.instance.operator().work();
        if most.as_ref().is_none_or(|most| work(source) > work(most)) {
            most = Some(source.clone());
        }
    });
    most.expect("a source")
}

/// Multiply-adds of a row that are sure to be counted when threads are dealt out.
fn work(posed: &Posed) -> usize {
    let n = posed.rows.iter().map(|row| row.smaller.prefix.utility_places.len()).min().unwrap_or(0);
    match posed.question.description().topic {
        Topic::Relaxation | Topic::Family => posed.operator.work(),
        Topic::Utilities | Topic::Traces => 40 * n,
    }
}

/// Batches that are worth several threads have the same bits on any number of them.
#[test]
fn threads_leave_no_trace() {
    const WORK: usize = 3_500_000;
    for index in 0..REGISTRY.len() {
        let (source, mut words) = (largest(index), Words(index as u64));
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            if !source.answers(question, noise) {
                continue;
            }
            let posed = source.pose(question, noise, 13, &mut words);
            let count = WORK / work(&posed).max(40) + 1;
            let posed = posed.repeated(count);
            let arrays = posed.arrays();
            let one = posed.ask(&arrays, 1).unwrap_or_else(|error| panic!("{}: {error}", posed.label));
            for threads in [0, 2, 3] {
                let got = posed.ask(&arrays, threads);
                let got = got.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
                assert!(same_bits(&got, &one), "{}, {threads} threads", posed.label);
            }
        }
    }
}

/// A row that has no finite answer is named, wherever it is computed; of two the first.
#[test]
fn a_row_that_overflows_is_named() {
    let mut overflowed = Vec::new();
    for_sources(4, |source, words| {
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            let shapes = question.description().inputs;
            let Some(input) = shapes.iter().position(|shape| shape.name == "cotangent") else { continue };
            if question == Question::Masked || !source.answers(question, noise) {
                continue;
            }
            let mut posed = source.pose(question, noise, 13, words);
            posed.terms.temperature = posed.terms.temperature.min(0.25).max(source.entry.least_temperature);
            let count = if question.description().topic == Topic::Relaxation { 13 } else { 4_000 };
            let posed = posed.repeated(count);
            let (mut arrays, shape) = (posed.arrays(), shapes[input]);
            let stride = posed.times(shape) * posed.width(shape);
            let rows = [words.below(count), words.below(count)];
            for row in rows {
                let cells = arrays[input][row * stride..(row + 1) * stride].iter_mut();
                cells.enumerate().for_each(|(i, g)| *g = [f64::MAX, -f64::MAX][i % 2]);
            }
            let results: Vec<_> = [1, 3].map(|threads| posed.ask(&arrays, threads)).into();
            assert_eq!(results[0].as_ref().err(), results[1].as_ref().err(), "{}", posed.label);
            // Each on its own says which of the two overflows.
            let alone = |row: usize| {
                let mut only = posed.arrays();
                only[input][row * stride..(row + 1) * stride]
                    .copy_from_slice(&arrays[input][row * stride..(row + 1) * stride]);
                posed.ask(&only, 1).is_err()
            };
            let first = rows.into_iter().filter(|&row| alone(row)).min();
            match &results[0] {
                Ok(out) => assert!(first.is_none() && out.iter().all(|x| x.is_finite()), "{}", posed.label),
                Err(error) => {
                    assert_eq!(error.kind.code(), "NOT_FINITE", "{}: {error}", posed.label);
                    if error.message.starts_with("cotangent: ") {
                        let expected = first.map(|row| row * posed.times(shape));
                        assert_eq!(error.row, expected, "{}: {error}", posed.label);
                    } else {
                        assert!(error.message.starts_with("theta: ") && error.row == first, "{error}");
                    }
                    overflowed.push(question);
                }
            }
        }
    });
    let vjps = Question::ALL.iter().filter(|question| {
        let description = question.description();
        description.name.ends_with("Vjp") || description.name.ends_with("VjpOther")
    });
    for question in vjps {
        assert!(overflowed.contains(question), "{question:?} never overflowed");
    }
}
