//! Several draws of a row.

use sst::{Count, Question, Terms};

use super::posed::{Posed, Row, for_questions};
use crate::calls::same_bits;

/// The part of each array that belongs to one of the draws; where the call makes samples of it, as if it made those of all
/// draws, `samples` of which are its own.
fn of_draw(posed: &Posed, row: &Row, draw: usize) -> (Vec<Vec<f64>>, Terms) {
    let samples = posed.terms.samples;
    let part = |(cells, shape): (&Vec<f64>, &sst::Shape)| match shape.count {
        Count::Row => cells.clone(),
        Count::Draw => {
            let width = cells.len() / posed.draws;
            cells[draw * width..(draw + 1) * width].to_vec()
        }
        Count::Sample => {
            let width = cells.len() / posed.draws;
            let own = draw * width..(draw + 1) * width;
            cells.iter().enumerate().map(|(i, &x)| if own.contains(&i) { x } else { 0.0 }).collect()
        }
        Count::Rank => unreachable!("no question is about what is in order"),
    };
    let inputs = row.inputs.iter().zip(posed.inputs()).map(part).collect();
    (inputs, Terms { samples: posed.draws * samples, ..posed.terms })
}

/// Equal bits for what each draw has of its own; sums for gradients, within the rounding of a few terms of that size.
#[test]
fn several_draws_of_a_row_are_one_by_one() {
    let mut compared = 0;
    for_questions(20, 2, |posed, _| {
        if posed.draws == 1 {
            return;
        }
        // Arrays without a number cannot tell how many draws there are.
        let counted = |row: &&Row| {
            let counts = row.inputs.iter().zip(posed.inputs());
            counts.filter(|(_, shape)| shape.count != Count::Row).any(|(cells, _)| !cells.is_empty())
        };
        for row in posed.rows.iter().filter(counted) {
            let answer = |inputs: &[Vec<f64>], terms| {
                posed.ask_alone(row, inputs, terms).unwrap_or_else(|error| panic!("{}: {error}", posed.label))
            };
            let all = answer(&row.inputs, posed.terms);
            let each: Vec<Vec<f64>> = (0..posed.draws)
                .map(|draw| {
                    let (inputs, terms) = of_draw(posed, row, draw);
                    answer(&inputs, terms)
                })
                .collect();
            match posed.result().count {
                Count::Draw => assert!(same_bits(&all, &each.concat()), "{}", posed.label),
                Count::Sample => {
                    let width = all.len() / posed.draws;
                    for (draw, each) in each.iter().enumerate() {
                        let own = draw * width..(draw + 1) * width;
                        assert!(same_bits(&all[own.clone()], &each[own]), "{}", posed.label);
                    }
                }
                Count::Rank => unreachable!("{}: what is in order has no draws", posed.label),
                Count::Row => {
                    for (i, got) in all.iter().enumerate() {
                        let terms = each.iter().map(|of_draw| of_draw[i]);
                        let (sum, size): (f64, f64) =
                            (terms.clone().sum(), terms.map(f64::abs).fold(0.0, f64::max));
                        // Means are subtracted draw by draw, so that sums of few may be smaller than what is added up.
                        let tolerance = 1e-13 * (size + 1.0 / posed.terms.temperature);
                        assert!((got - sum).abs() <= tolerance, "{}: {got}, not {sum}", posed.label);
                    }
                }
            }
            compared += 1;
        }
    });
    assert!(compared > 1_000, "{compared}");
}

/// More samples change none of those before.
#[test]
fn samples_do_not_depend_on_how_many_there_are() {
    for_questions(20, 2, |posed, _| {
        if posed.result().count != Count::Sample || posed.draws > 1 {
            return;
        }
        for row in &posed.rows {
            let answer = |samples| {
                let terms = Terms { samples, ..posed.terms };
                posed.ask_alone(row, &row.inputs, terms).expect("valid rows")
            };
            let (few, many) = (answer(1), answer(4));
            assert!(same_bits(&few, &many[..few.len()]), "{}", posed.label);
            let distinct = many.chunks_exact(few.len().max(1)).any(|sample| sample != few);
            let constant = posed.question == Question::FamilySample || posed.noise_is_hidden(row);
            assert!(distinct || constant, "{}", posed.label);
        }
    });
}

/// A draw depends on the seed and on the number of its row.
#[test]
fn seeds_and_rows_have_draws_of_their_own() {
    for_questions(10, 2, |posed, _| {
        let random = matches!(posed.question, Question::Perturb | Question::ConditionalPerturb);
        let row = &posed.rows[0];
        if !random || posed.noise_is_hidden(row) {
            return;
        }
        let answer = |terms| posed.ask_alone(row, &row.inputs, terms).expect("valid rows");
        let Terms { seed, first_row, .. } = posed.terms;
        let own = answer(posed.terms);
        assert!(own != answer(Terms { seed: seed ^ 1 << 40, ..posed.terms }), "{}", posed.label);
        assert!(own != answer(Terms { first_row: first_row ^ 1 << 40, ..posed.terms }), "{}", posed.label);
        assert!(same_bits(&own, &answer(posed.terms)), "{}", posed.label);
    });
}
