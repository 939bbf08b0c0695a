//! Threads, and parts of a batch.

use sst::{Call, Question, set_work_per_thread};

use super::posed::{Posed, for_questions, for_sources, noises};
use crate::calls::same_bits;

fn call<'a>(posed: &Posed, arrays: &'a [Vec<f64>]) -> Call<'a> {
    let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
    posed.call(&inputs).unwrap_or_else(|error| panic!("{}: {error}", posed.label))
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

/// Batches have the same bits on any number of threads.
#[test]
fn threads_leave_no_trace() {
    set_work_per_thread(1);
    for_questions(12, 13, |posed, words| {
        // Runs of whole lanes, the last one shorter.
        let posed = posed.clone().repeated(17 + words.below(60));
        let arrays = posed.arrays();
        let one = posed.ask(&arrays, 1).unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        for threads in [0, 2, 3] {
            let got = posed.ask(&arrays, threads);
            let got = got.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
            assert!(same_bits(&got, &one), "{}, {threads} threads", posed.label);
        }
    });
}

/// A row that has no finite answer is named, wherever it is computed; of two the first.
#[test]
fn a_row_that_overflows_is_named() {
    set_work_per_thread(1);
    let mut overflowed = Vec::new();
    for_sources(12, |source, words| {
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            let shapes = question.description().inputs;
            let Some(input) = shapes.iter().position(|shape| shape.name == "cotangent") else { continue };
            if question == Question::Masked || !source.answers(question, noise) {
                continue;
            }
            let mut posed = source.pose(question, noise, 13, words);
            posed.terms.temperature = posed.terms.temperature.min(0.25).max(source.entry.least_temperature);
            let count = 40;
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
