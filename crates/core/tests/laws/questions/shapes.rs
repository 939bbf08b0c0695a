//! Arrays of other lengths, and of none.

use sst::k_best::Ranker;
use sst::relaxation::{ExponentialFamilyEntropy, SparseMap};
use sst::structure::{Arborescence, SpanningTree};
use sst::trace::Tracer;
use sst::utility::Noise;
use sst::{AnyOperator, Call, Count, Error, Question, Shape, Space, Terms, Topic, Trick};

use super::posed::{Posed, for_questions, for_sources, noises};
use crate::calls::ask;

fn refused(result: Result<Vec<f64>, Error>, argument: &str, label: &str) {
    let error = result.expect_err(label);
    assert_eq!((error.kind.code(), error.row), ("INVALID_SHAPE", None), "{label}: {error}");
    assert!(error.message.starts_with(&format!("{argument}: expected ")), "{label}, {argument}: {error}");
}

/// Whether the length of this array says how many draws there are, so that it fits as long as it is a multiple.
fn tells_draws(posed: &Posed, input: usize) -> bool {
    let draws = posed.inputs().iter().position(|shape| shape.count == Count::Draw && posed.width(*shape) > 0);
    draws == Some(input)
}

#[test]
fn lengths_that_do_not_fit_are_refused_by_name() {
    for_questions(6, 4, |posed, _| {
        for (input, shape) in posed.inputs().iter().enumerate() {
            let unit = posed.rows.len() * posed.width(*shape);
            for change in [-1, 1, 2 * unit as isize + 1] {
                let mut arrays = posed.arrays();
                let length = arrays[input].len() as isize + change;
                if length < 0
                    || (tells_draws(posed, input) && length > 0 && (length as usize).is_multiple_of(unit))
                {
                    continue;
                }
                arrays[input].resize(length as usize, 0.5);
                refused(posed.ask(&arrays, 1), shape.name, &posed.label);
            }
        }
    });
}

/// As many draws in one array as in the others.
#[test]
fn draws_that_do_not_agree_are_refused() {
    let mut compared = 0;
    for_questions(6, 4, |posed, _| {
        let draws: Vec<usize> = (0..posed.inputs().len())
            .filter(|&i| posed.inputs()[i].count != Count::Row && posed.width(posed.inputs()[i]) > 0)
            .collect();
        if draws.len() < 2 {
            return;
        }
        let mut arrays = posed.arrays();
        let unit = posed.rows.len() * posed.width(posed.inputs()[draws[0]]);
        let longer = arrays[draws[0]].len() + unit;
        arrays[draws[0]].resize(longer, -0.5);
        refused(posed.ask(&arrays, 1), posed.inputs()[draws[1]].name, &posed.label);
        compared += 1;
    });
    assert!(compared > 100);
}

#[test]
fn results_and_lengths_that_do_not_fit_are_refused() {
    for_questions(4, 4, |posed, _| {
        let arrays = posed.arrays();
        let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        let (operator, rows) = (&posed.operator, posed.rows.len());
        let call = |lengths: Option<&[u32]>| {
            Call::new(operator, posed.question, &inputs, lengths, posed.terms, rows)
        };
        let valid = call(posed.lengths.as_deref()).expect("valid rows");
        for length in [0, valid.len() + 1, valid.len().saturating_sub(1)] {
            if length == valid.len() {
                continue;
            }
            let mut out = vec![0.25; length];
            let error = valid.run(&mut out, 1).expect_err("another length");
            refused(Err(error), "out", &posed.label);
            assert!(out.iter().all(|&x| x == 0.25), "something was computed");
        }
        let (least, most) = (operator.least_size() as u32, operator.size() as u32);
        for count in [0, rows - 1, rows + 1] {
            if count != rows {
                refused(call(Some(&vec![most; count])).map(|_| Vec::new()), "lengths", &posed.label);
            }
        }
        for length in [least.saturating_sub(1), most + 1, u32::MAX] {
            if length == 0 {
                continue; // Padding.
            }
            let mut lengths = vec![most; rows];
            lengths[rows - 1] = length;
            let error = call(Some(&lengths)).err().expect("a bad length");
            assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", Some(rows - 1)), "{error}");
            let expected = format!("lengths: expected integers from {least} to {most} or 0, got {length}");
            assert_eq!(error.message, expected);
        }
        let error = Call::new(operator, posed.question, &[], None, posed.terms, rows).err();
        assert!(error.is_some(), "arrays are missing");
    });
}

/// More samples than there are numbers are refused for the room that they would take, before they are drawn.
#[test]
fn samples_without_end_do_not_fit() {
    for_questions(2, 2, |posed, _| {
        let (arrays, result) = (posed.arrays(), posed.result());
        if !matches!(result.count, Count::Sample | Count::Rank) || posed.width(result) == 0 {
            return;
        }
        let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        for samples in [usize::MAX, usize::MAX / 2, usize::MAX / 8 + 1] {
            let terms = Terms { samples, ..posed.terms };
            let (lengths, rows) = (posed.lengths.as_deref(), posed.rows.len());
            let call = Call::new(&posed.operator, posed.question, &inputs, lengths, terms, rows);
            let error = call.expect("valid rows").run(&mut [0.0; 8], 1).expect_err("no room");
            refused(Err(error), "out", &posed.label);
        }
    });
}

#[test]
fn batches_of_no_rows_are_answered() {
    for_sources(6, |source, _| {
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            if !source.answers(question, noise) {
                continue;
            }
            let operator = source.instance.traced().with_noise(noise);
            let inputs = vec![&[][..]; question.description().inputs.len()];
            for (lengths, samples) in [(None, 1), (Some(&[][..]), 1), (None, 3), (None, usize::MAX)] {
                let terms = Terms { samples, ..Terms::default() };
                let out = ask(&operator, question, &inputs, lengths, terms, 0, 3);
                assert_eq!(out, Ok(Vec::new()), "{question:?} of {:?}", source.instance);
            }
        }
    });
}

/// Graphs of one vertex have one structure, without a coordinate: its probability is 1 and nothing else is to be said.
#[test]
fn structures_without_coordinates_are_answered() {
    let tree = || SpanningTree::complete(1);
    let directed = || Arborescence::complete(1, 0, false);
    let operators = || {
        [
            AnyOperator::family(Trick::new(tree(), ExponentialFamilyEntropy))
                .traced(Tracer::new(tree()))
                .ranked(Ranker::new(tree())),
            AnyOperator::family(Trick::new(directed(), ExponentialFamilyEntropy))
                .traced(Tracer::new(directed())),
            AnyOperator::relaxed(Trick::new(tree(), SparseMap)).traced(Tracer::new(tree())),
            AnyOperator::plain(0),
        ]
    };
    const ROWS: usize = 3;
    for (index, noise) in (0..4).flat_map(|index| noises().map(|noise| (index, noise))) {
        for &question in Question::ALL {
            let [family, directed, relaxed, plain] = operators();
            let operator = [family, directed, relaxed, plain].into_iter().nth(index).expect("one of four");
            let operator = operator.with_noise(noise);
            let description = question.description();
            let answered = match description.topic {
                Topic::Relaxation | Topic::Utilities => true,
                Topic::Family => index < 2,
                Topic::Order => index == 0,
                Topic::Traces => match noise {
                    Noise::Gumbel => index == 0 || index == 2,
                    Noise::NegativeExponential => index < 3,
                    _ => false,
                },
            };
            // Several draws can be told by arrays of numbers alone.
            let numbers = |shape: &Shape| shape.space == Space::Number && shape.count == Count::Draw;
            let draws = if description.inputs.iter().any(numbers) { 2 } else { 1 };
            let cells = |shape: &Shape| match (shape.space, shape.count) {
                (Space::Number, Count::Row) => ROWS,
                (Space::Number, _) => ROWS * draws,
                _ => 0,
            };
            let inputs: Vec<Vec<f64>> =
                description.inputs.iter().map(|shape| vec![0.5; cells(shape)]).collect();
            let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
            let whole = [operator.size() as u32; ROWS];
            for lengths in [None, Some(&whole[..])] {
                let terms = Terms { samples: 2, ..Terms::default() };
                let result = ask(&operator, question, &inputs, lengths, terms, ROWS, 2);
                assert_eq!(result.is_ok(), answered, "{question:?}, {index}, {noise:?}: {result:?}");
                if let Ok(out) = result {
                    let expected = match question {
                        Question::KBest => [0.0, f64::NEG_INFINITY].repeat(ROWS),
                        _ => vec![0.0; cells(&description.result)],
                    };
                    assert_eq!(out, expected, "{question:?}");
                }
            }
        }
    }
}

/// The same in rows of five numbers, none of which is a coordinate.
#[test]
fn structures_without_coordinates_ignore_whole_rows() {
    let operator = || {
        let (structure, tracer) = (SpanningTree::complete(1), Tracer::new(SpanningTree::complete(1)));
        let ranker = Ranker::new(SpanningTree::complete(1));
        AnyOperator::family(Trick::new(structure, ExponentialFamilyEntropy)).traced(tracer).ranked(ranker)
    };
    for &question in Question::ALL {
        let embedded = operator().embedded(Vec::new(), 5);
        let description = question.description();
        let terms = Terms { samples: 2, ..Terms::default() };
        let times = |shape: &Shape| if shape.count == Count::Sample { 2 } else { 1 };
        let width = |space| match space {
            Space::Number => 1,
            Space::Both => 10,
            _ => 5,
        };
        let cells = |shape: &Shape| 3 * times(shape) * width(shape.space);
        let array = |shape: &Shape| {
            let cell = if shape.space == Space::Number { 0.5 } else { f64::NAN };
            vec![cell; cells(shape)]
        };
        let inputs: Vec<Vec<f64>> = description.inputs.iter().map(array).collect();
        let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        for lengths in [None, Some(&[1, 1, 1][..])] {
            let out = ask(&embedded, question, &inputs, lengths, terms, 3, 1);
            let expected = match question {
                Question::KBest => {
                    let [best, none] =
                        [0.0, f64::NEG_INFINITY].map(|value| [vec![0.0; 5], vec![value]].concat());
                    [best, none].concat().repeat(3)
                }
                _ => vec![0.0; cells(&description.result)],
            };
            assert_eq!(out, Ok(expected), "{question:?}");
        }
    }
}
