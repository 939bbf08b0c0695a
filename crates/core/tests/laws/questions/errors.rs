//! Bad input is refused with its class, its argument and its place as the caller knows them, before anything is computed.

use sst::utility::Noise;
use sst::{Count, Question, Shape, Space, Terms, Topic};

use super::posed::{Posed, Words, for_questions, for_sources, noises};

/// What is said of a bad row.
#[derive(Debug, PartialEq)]
struct Fault {
    code: &'static str,
    argument: &'static str,
    /// In the array of that argument.
    row: usize,
    /// Of the caller's layout.
    coordinate: Option<usize>,
}

fn said(posed: &Posed, arrays: &[Vec<f64>]) -> Fault {
    let error = posed.ask(arrays, 1).expect_err(&posed.label);
    let argument = error.message.split(':').next().unwrap_or("");
    let shapes = posed.inputs();
    let argument = shapes.iter().find(|shape| shape.name == argument);
    let argument = argument.unwrap_or_else(|| panic!("{}: {error}", posed.label)).name;
    let row = error.row.unwrap_or_else(|| panic!("{}: {error}", posed.label));
    Fault { code: error.kind.code(), argument, row, coordinate: error.coordinate }
}

/// A cell of an array that is among the numbers of a row; none where that has none.
struct Cell {
    input: usize,
    shape: Shape,
    /// Of the array.
    row: usize,
    place: usize,
    index: usize,
}

fn some_cell(posed: &Posed, row: usize, input: usize, words: &mut Words) -> Option<Cell> {
    let shape = posed.inputs()[input];
    let places = posed.places(&posed.rows[row], shape.space);
    if places.is_empty() {
        return None;
    }
    let of_array = row * posed.times(shape) + words.below(posed.times(shape));
    let place = places[words.below(places.len())];
    Some(Cell { input, shape, row: of_array, place, index: of_array * posed.width(shape) + place })
}

/// Writes what is no number, nor forbids its coordinate.
fn no_number(cell: &Cell, arrays: &mut [Vec<f64>], words: &mut Words) -> Fault {
    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let most = if cell.shape.forbids() { 2 } else { 3 };
    arrays[cell.input][cell.index] = bad[words.below(most)];
    let (argument, row) = (cell.shape.name, cell.row);
    Fault { code: "NOT_FINITE", argument, row, coordinate: Some(cell.place) }
}

/// Makes a row bad in some way.
fn spoil(posed: &Posed, arrays: &mut [Vec<f64>], row: usize, words: &mut Words) -> Option<Fault> {
    let input = words.below(posed.inputs().len());
    let cell = some_cell(posed, row, input, words)?;
    let fault = |code, coordinate| Some(Fault { code, argument: cell.shape.name, row: cell.row, coordinate });
    if words.below(2) == 0 {
        return Some(no_number(&cell, arrays, words));
    }
    let topic = posed.question.description().topic;
    let smaller = &posed.rows[row].smaller;
    match (cell.shape.name, topic) {
        // Everything forbidden leaves nothing, unless the empty set is a vertex.
        ("utility" | "other", Topic::Relaxation | Topic::Family | Topic::Order)
            if !smaller.vertices.contains(&0) =>
        {
            let places = posed.places(&posed.rows[row], Space::Utility);
            let start = cell.index - cell.place;
            places.iter().for_each(|place| arrays[cell.input][start + place] = f64::NEG_INFINITY);
            fault("INFEASIBLE", None)
        }
        ("embedding", _) => {
            arrays[cell.input][cell.index] = [0.5, -1.0, 2.0, 1e308, -1e308][words.below(5)];
            fault("INVALID_ARGUMENT", None)
        }
        ("theta", Topic::Traces) => {
            let forbids = arrays[0][cell.index] == f64::NEG_INFINITY;
            arrays[0][cell.index] = if forbids { 0.5 } else { f64::NEG_INFINITY };
            fault("INVALID_ARGUMENT", Some(cell.place))
        }
        ("theta", _) if matches!(posed.noise, Noise::NegativeExponential) => {
            arrays[0][cell.index] = [701.0, -1e9][words.below(2)];
            fault("INVALID_ARGUMENT", Some(cell.place))
        }
        _ => Some(no_number(&cell, arrays, words)),
    }
}

#[test]
fn a_bad_row_is_named_as_the_caller_knows_it() {
    for_questions(30, 7, |posed, words| {
        for _ in 0..3 {
            let mut arrays = posed.arrays();
            let row = words.below(posed.rows.len());
            let Some(fault) = spoil(posed, &mut arrays, row, words) else { continue };
            assert_eq!(said(posed, &arrays), fault, "{}", posed.label);
        }
    });
}

/// Whatever is the matter with the others.
#[test]
fn of_several_bad_rows_the_first_is_named() {
    for_questions(30, 7, |posed, words| {
        let mut arrays = posed.arrays();
        let first = words.below(posed.rows.len());
        let Some(fault) = spoil(posed, &mut arrays, first, words) else { return };
        for later in first + 1..posed.rows.len() {
            spoil(posed, &mut arrays, later, words);
        }
        assert_eq!(said(posed, &arrays), fault, "{}", posed.label);
    });
}

/// What is beside the numbers of a row is not even looked at; what is among them always is, wherever the row stands.
#[test]
fn every_number_of_every_row_is_looked_at() {
    for_questions(6, 5, |posed, _| {
        for (input, &shape) in posed.inputs().iter().enumerate() {
            let (times, width) = (posed.times(shape), posed.width(shape));
            for (index, row) in posed.rows.iter().enumerate() {
                let places = posed.places(row, shape.space);
                for (k, &place) in (0..times).flat_map(|k| places.iter().map(move |place| (k, place))) {
                    let (mut arrays, row) = (posed.arrays(), index * times + k);
                    arrays[input][row * width + place] = f64::NAN;
                    let (code, argument) = ("NOT_FINITE", shape.name);
                    let fault = Fault { code, argument, row, coordinate: Some(place) };
                    assert_eq!(said(posed, &arrays), fault, "{}", posed.label);
                }
            }
        }
    });
}

#[test]
fn terms_are_looked_at_where_they_count() {
    for_questions(4, 3, |posed, _| {
        let (arrays, description) = (posed.arrays(), posed.question.description());
        let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        let ask = |terms: Terms| {
            let (lengths, rows) = (posed.lengths.as_deref(), posed.rows.len());
            crate::calls::ask(&posed.operator, posed.question, &inputs, lengths, terms, rows, 1)
        };
        for temperature in [-1.0, -5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let result = ask(Terms { temperature, ..posed.terms });
            if description.tempered {
                let error = result.expect_err("a bad temperature");
                assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", None), "{error}");
                assert!(error.message.starts_with("temperature: expected a finite number >= 0, got "));
            } else {
                assert!(result.is_ok(), "{}: {result:?}", posed.label);
            }
        }
        if description.topic == Topic::Family {
            let result = ask(Terms { temperature: 0.0, ..posed.terms });
            assert_eq!(result.is_ok(), description.draws, "{}: {result:?}", posed.label);
            if let Err(error) = result {
                let expected = format!("temperature: expected a number > 0 for {}, got 0", description.name);
                assert_eq!((error.kind.code(), error.message), ("INVALID_ARGUMENT", expected));
            }
        }
        let result = ask(Terms { samples: 0, ..posed.terms });
        let counted = match description.result.count {
            Count::Rank => Some("k"),
            _ => description.draws.then_some("samples"),
        };
        assert_eq!(result.is_err(), counted.is_some(), "{}: {result:?}", posed.label);
        if let (Err(error), Some(name)) = (result, counted) {
            assert_eq!(error.message, format!("{name}: expected at least 1, got 0"));
        }
    });
}

/// Questions that have no answer are refused for what they lack, whatever the numbers.
#[test]
fn questions_without_an_answer_are_refused() {
    for_sources(6, |source, words| {
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            let topic = question.description().topic;
            let races = noises().into_iter().any(|noise| source.instance.races(noise));
            let expected = match topic {
                Topic::Family if !source.entry.is_family() => "relaxation: expected the exponential family's",
                Topic::Traces if !races => {
                    "trick: expected a trick whose argmax is found by races of its utilities"
                }
                Topic::Traces if !source.answers(question, noise) => "utility: expected ",
                Topic::Order if !source.instance.operator().is_ranked() => {
                    "trick: expected a structure whose embeddings can be told in the order of their values"
                }
                Topic::Utilities if !source.answers(question, noise) => "utility: expected random utilities",
                _ => continue,
            };
            let posed = source.pose(question, noise, 2, words);
            if topic == Topic::Utilities
                && posed.rows.iter().any(|row| row.smaller.prefix.structure.deterministic() == 0)
            {
                continue;
            }
            let error = posed.ask(&posed.arrays(), 1).expect_err(&posed.label);
            assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", None), "{error}");
            assert!(error.message.starts_with(expected), "{}: {error}", posed.label);
        }
    });
}
