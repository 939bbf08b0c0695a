//! A temperature for each row.

use sst::{Question, Topic, set_work_per_thread};

use super::posed::{Posed, Words, for_questions};
use crate::calls::same_bits;

/// Whether there is an answer at temperature 0.
fn has_a_limit(question: Question) -> bool {
    let description = question.description();
    description.topic != Topic::Family || description.draws
}

/// The question with temperatures of which some are equal and some, where there is an answer, 0.
fn at_any(posed: &Posed, words: &mut Words) -> Posed {
    let zero = if has_a_limit(posed.question) { 0.0 } else { posed.terms.temperature };
    let choices = [posed.terms.temperature, 1.0, 1.0 + f64::EPSILON, 7.0, zero, -zero.min(0.0)];
    let choices = choices.map(|t| if t == 0.0 && zero != 0.0 { 2.0 } else { t });
    let temperatures = posed.rows.iter().map(|_| choices[words.below(choices.len())]).collect();
    let mut tempered = posed.clone();
    tempered.temperatures = Some(temperatures);
    tempered
}

/// Bit for bit, draws included, for any lengths and in any layout; one at 0 is the hard one.
#[test]
fn a_row_at_its_temperature_is_the_row_alone_at_it() {
    let (mut several, mut hard) = (0, 0);
    for_questions(20, 12, |posed, words| {
        let posed = at_any(posed, words);
        let temperatures = posed.temperatures.clone().unwrap_or_default();
        if posed.question.description().tempered {
            several += usize::from(temperatures.iter().any(|&t| t != temperatures[0]));
            hard += usize::from(temperatures.contains(&0.0));
        }
        let got = posed.ask(&posed.arrays(), words.below(4));
        let got = got.unwrap_or_else(|error| panic!("{}, {temperatures:?}: {error}", posed.label));
        let expected = posed.expected();
        assert!(same_bits(&got, &expected), "{}, {temperatures:?}: {got:?}", posed.label);
    });
    assert!(several > 1_000 && hard > 500, "{several}, {hard}");
}

/// The same whether one temperature stands for all, or as many times as there are rows.
#[test]
fn equal_temperatures_are_one() {
    for_questions(6, 9, |posed, _| {
        let each = vec![posed.terms.temperature; posed.rows.len()];
        let mut tempered = posed.clone();
        tempered.temperatures = Some(each);
        // What would not be one is not read.
        tempered.terms.temperature = f64::NAN;
        let arrays = posed.arrays();
        let (one, many) = (posed.ask(&arrays, 1).expect("valid"), tempered.ask(&arrays, 1).expect("valid"));
        assert!(same_bits(&one, &many), "{}", posed.label);
    });
}

#[test]
fn threads_and_parts_leave_no_trace_of_temperatures() {
    set_work_per_thread(1);
    for_questions(4, 9, |posed, words| {
        if !posed.question.description().tempered {
            return;
        }
        let posed = at_any(posed, words).repeated(17 + words.below(40));
        let arrays = posed.arrays();
        let one = posed.ask(&arrays, 1).unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        for threads in [0, 3] {
            assert!(same_bits(&posed.ask(&arrays, threads).expect("valid"), &one), "{}", posed.label);
        }
        let inputs: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        let call = posed.call(&inputs).expect("valid");
        for work in [0, 300, 100_000] {
            let mut out = vec![f64::NAN; one.len()];
            assert_eq!(call.run_while(&mut out, 2, work, || true), Ok(true), "{}", posed.label);
            assert!(same_bits(&out, &one), "{}, in parts of {work}", posed.label);
        }
    });
}

/// The first temperature that is none is named; that of a row without a length is not looked at.
#[test]
fn the_row_of_a_bad_temperature_is_named() {
    for_questions(4, 6, |posed, words| {
        let arrays = posed.arrays();
        let mut posed = at_any(posed, words);
        let row = words.below(posed.rows.len());
        let description = posed.question.description();
        for bad in [-1.0, -5e-324, f64::NAN, f64::INFINITY, 0.0] {
            let mut temperatures = vec![1.0; posed.rows.len()];
            temperatures[row..].fill(bad);
            posed.temperatures = Some(temperatures);
            let result = posed.ask(&arrays, 1);
            if !description.tempered || (bad == 0.0 && has_a_limit(posed.question)) {
                assert!(result.is_ok(), "{}: {result:?}", posed.label);
                continue;
            }
            let error = result.expect_err("a bad temperature");
            assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", Some(row)), "{error}");
            assert!(error.message.starts_with("temperature: expected a "), "{error}");
            let size = posed.operator.size() as u32;
            let given = posed.lengths.clone();
            let mut lengths = given.clone().unwrap_or_else(|| vec![size; posed.rows.len()]);
            lengths[row..].fill(0);
            posed.lengths = Some(lengths);
            assert!(posed.ask(&arrays, 1).is_ok(), "{}", posed.label);
            posed.lengths = given;
        }
        posed.temperatures = Some(vec![1.0; posed.rows.len() + 1]);
        let result = posed.ask(&arrays, 1);
        assert_eq!(result.is_err(), description.tempered, "{}: {result:?}", posed.label);
        if let Err(error) = result {
            let expected =
                format!("one for each of the {0} rows, got {1}", posed.rows.len(), posed.rows.len() + 1);
            assert_eq!(
                (error.kind.code(), error.message),
                ("INVALID_SHAPE", format!("temperature: expected {expected}"))
            );
        }
    });
}
