//! Rows of different lengths, in any layout.

use sst::{Question, Shape, Terms};

use super::posed::{Source, Words, for_questions, for_sources, noises};
use crate::calls::{ask, same_bits};
use crate::registry::REGISTRY;

/// Bit for bit, draws included, with anything at all in the padding; the other rows and the number of threads leave no trace.
#[test]
fn a_row_of_a_batch_is_the_row_alone_in_the_smaller_problem() {
    for_questions(40, 12, |posed, words| {
        let threads = words.below(4);
        let got =
            posed.ask(&posed.arrays(), threads).unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        let expected = posed.expected();
        assert!(same_bits(&got, &expected), "{}: {got:?}, not {expected:?}", posed.label);
    });
}

/// Of as few things as there may be, down to none to choose from.
#[test]
fn the_shortest_rows_are_answered() {
    for_sources(10, |source, words| {
        let shortest = Source { feasible: vec![source.feasible[0].clone()], ..source.clone() };
        for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
            if source.answers(question, noise) {
                let mut posed = shortest.pose(question, noise, 3, words);
                posed.lengths = Some(vec![shortest.feasible[0].length as u32; 3]);
                let got = posed.ask(&posed.arrays(), 1);
                let got = got.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
                assert!(same_bits(&got, &posed.expected()), "{}: {got:?}", posed.label);
            }
        }
    });
}

/// The same row number, seed and sample: the noise of a coordinate does not depend on the size of the structure that it is
/// in, whether rows are padded to it or not.
#[test]
fn noise_does_not_depend_on_the_size() {
    let mut compared = 0;
    for_sources(20, |source, words| {
        for noise in noises() {
            let whole = source.instance.operator().with_noise(noise);
            let terms = Terms { seed: words.next(), samples: 2, first_row: words.next(), ..Terms::default() };
            let widths = whole.widths();
            let theta: Vec<f64> = (0..2 * widths.parameter).map(|_| words.number()).collect();
            let drawn =
                ask(&whole, Question::Perturb, &[&theta], None, terms, 2, 1).expect("valid parameters");
            for smaller in &source.feasible {
                let places = &smaller.prefix.parameter_places;
                let own: Vec<f64> = theta
                    .chunks_exact(widths.parameter.max(1))
                    .flat_map(|row| places.iter().map(|&place| row[place]))
                    .collect();
                let operator = smaller.operator(noise);
                let got =
                    ask(&operator, Question::Perturb, &[&own], None, terms, 2, 1).expect("valid parameters");
                let expected: Vec<f64> = drawn
                    .chunks_exact(widths.utility.max(1))
                    .flat_map(|row| smaller.prefix.utility_places.iter().map(|&place| row[place]))
                    .collect();
                assert!(same_bits(&got, &expected), "{}: {got:?}, not {expected:?}", source.entry.name);
                compared += expected.len();
            }
        }
    });
    assert!(compared > 1000 * REGISTRY.len());
}

/// A length that leaves no vertex is refused, whatever is asked of the structure, also where it leaves no coordinate.
#[test]
fn lengths_that_leave_nothing_are_infeasible() {
    let mut refused = 0;
    for_sources(240, |source, words: &mut Words| {
        for smaller in &source.infeasible {
            for (&question, noise) in Question::ALL.iter().flat_map(|q| noises().map(|noise| (q, noise))) {
                let shapes = question.description().inputs;
                let of_structure = shapes.iter().any(|shape| shape.name == "utility")
                    && !matches!(question, Question::PerturbVjp | Question::ScoreVjp);
                if !(of_structure && source.answers(question, noise)) {
                    continue;
                }
                let mut posed = source.pose(question, noise, 3, words);
                let mut lengths =
                    posed.lengths.unwrap_or_else(|| vec![source.instance.operator().size() as u32; 3]);
                lengths[1] = smaller.length as u32;
                posed.lengths = Some(lengths);
                // What is valid over all things is valid over fewer, but for the cells of other rows.
                let mut arrays = posed.arrays();
                for (array, &shape) in arrays.iter_mut().zip(shapes) {
                    let stride = posed.times(shape) * posed.width(shape);
                    array[stride..2 * stride].fill(0.0);
                }
                let error = posed.ask(&arrays, 1).expect_err("nothing to choose");
                assert_eq!(error.kind.code(), "INFEASIBLE", "{}: {error}", posed.label);
                let named = shapes.iter().find(|shape| shape.name == "utility").expect("utilities");
                assert_eq!(error.row, Some(posed.times(*named)), "{}: {error}", posed.label);
                assert!(error.message.starts_with("utility: expected "), "{error}");
                refused += 1;
            }
        }
    });
    assert!(refused > 100, "{refused}");
}

/// A row of length 0 is padding altogether: never read, nothing in the answer, and the other rows do not see it.
#[test]
fn rows_of_length_0_are_padding() {
    for_questions(10, 5, |posed, words| {
        let size = posed.operator.size() as u32;
        let (before, after) = (words.below(3), words.below(3));
        let own = posed.lengths.clone().unwrap_or_else(|| vec![size; posed.rows.len()]);
        let lengths = [vec![0; before], own, vec![0; after]].concat();
        let around = |cells: &[f64], shape: Shape, filler: f64| {
            let stride = posed.times(shape) * posed.width(shape);
            [vec![filler; before * stride], cells.to_vec(), vec![filler; after * stride]].concat()
        };
        let arrays: Vec<Vec<f64>> = posed
            .arrays()
            .iter()
            .zip(posed.inputs())
            .map(|(cells, &shape)| around(cells, shape, f64::NAN))
            .collect();
        let arrays: Vec<&[f64]> = arrays.iter().map(Vec::as_slice).collect();
        let first_row = posed.terms.first_row.wrapping_sub(before as u64);
        let terms = Terms { first_row, ..posed.terms };
        let (rows, threads) = (lengths.len(), words.below(4));
        let got = ask(&posed.operator, posed.question, &arrays, Some(&lengths), terms, rows, threads);
        let got = got.unwrap_or_else(|error| panic!("{}: {error}", posed.label));
        let (shape, width) = (posed.result(), posed.width(posed.result()));
        let mut expected = around(&posed.expected(), shape, 0.0);
        let (first, end) =
            (before * posed.times(shape) * width, expected.len() - after * posed.times(shape) * width);
        shape.blank(width, &mut expected[..first]);
        shape.blank(width, &mut expected[end..]);
        assert!(same_bits(&got, &expected), "{}: {got:?}, not {expected:?}", posed.label);
    });
}
