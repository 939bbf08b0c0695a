//! Rows of different lengths.

use ndarray::{Array1, Array2};
use proptest::prelude::*;
use sst::structure::Prefix;
use sst::{AnyOperator, Ragged};

use crate::calls::{argmax, log_partition, same_bits, softmax, view, vjp};
use crate::inputs::{Case, Row, for_all_batches};

/// The smaller problem of a row: a length that leaves a vertex without forbidden coordinates, and the row's numbers.
struct Smaller {
    length: u32,
    prefix: Prefix<AnyOperator>,
    utility: Vec<f64>,
    cotangent: Vec<f64>,
}

/// A row's result with the places of its numbers.
type Placed<'a> = dyn Fn(&Smaller) -> (Vec<f64>, Vec<usize>) + 'a;

fn kept(values: &[f64], places: &[usize]) -> Vec<f64> {
    places.iter().map(|&place| values[place]).collect()
}

/// A length that varies from row to row; the full one where that leaves nothing to choose.
fn smaller(case: &Case, row: &Row, index: usize) -> Smaller {
    let (least, most) = (case.operator.least_size(), case.operator.size());
    let hash =
        (row.utility.iter().fold(index as u64, |hash, u| hash.rotate_left(7) ^ u.to_bits())).wrapping_mul(31);
    let some = least + (hash >> 20) as usize % (most - least + 1);
    let at = |length: usize| {
        let prefix = case.instance.prefix(length);
        let utility = kept(&row.utility, &prefix.utility_places);
        let cotangent = kept(&row.cotangent, &prefix.places);
        let prefix = prefix.map(|instance| instance.operator());
        Smaller { length: length as u32, prefix, utility, cotangent }
    };
    let shortened = at(some);
    let utilities = view(shortened.utility.len(), &shortened.utility);
    if shortened.prefix.structure.check(utilities).is_ok() { shortened } else { at(most) }
}

/// Bit for bit, with anything at all in the padding.
#[test]
fn a_row_of_a_ragged_batch_is_the_smaller_problem() {
    for_all_batches(150, 12, |case| {
        let (width, dimension, t) =
            (case.operator.utility_dimension(), case.operator.dimension(), case.temperature);
        if dimension == 0 {
            return Ok(());
        }
        let rows: Vec<Smaller> =
            case.rows.iter().enumerate().map(|(index, row)| smaller(case, row, index)).collect();
        let lengths: Vec<u32> = rows.iter().map(|row| row.length).collect();
        let padding = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -7.0];
        let (mut utilities, mut cotangents) =
            (vec![0.0; rows.len() * width], vec![0.0; rows.len() * dimension]);
        for (i, cell) in utilities.iter_mut().chain(&mut cotangents).enumerate() {
            *cell = padding[i % padding.len()];
        }
        for (index, row) in rows.iter().enumerate() {
            for (&place, &u) in row.prefix.utility_places.iter().zip(&row.utility) {
                utilities[index * width + place] = u;
            }
            for (&place, &g) in row.prefix.places.iter().zip(&row.cotangent) {
                cotangents[index * dimension + place] = g;
            }
        }
        // What the smaller problems give, and 0 elsewhere.
        let expected = |width: usize, of: &Placed| {
            let mut all = vec![0.0; rows.len() * width];
            for (index, row) in rows.iter().enumerate() {
                let (values, places) = of(row);
                places.iter().zip(values).for_each(|(&place, x)| all[index * width + place] = x);
            }
            all
        };
        let places = |row: &Smaller| row.prefix.places.clone();

        let operator = case.instance.operator();
        let ragged = Ragged::new(&*operator, &lengths).expect("valid lengths");
        let (u, g) = (view(width, &utilities), view(dimension, &cotangents));
        let mut out = Array2::from_elem((rows.len(), dimension), f64::NAN);
        let mut gradient = Array2::from_elem((rows.len(), width), f64::NAN);

        ragged.argmax(u, out.view_mut(), 1).expect("valid rows");
        let hard = expected(dimension, &|row| (argmax(&*row.prefix.structure, &row.utility), places(row)));
        prop_assert!(same_bits(out.as_slice().expect("rows"), &hard), "argmax: {out}, not {hard:?}");

        ragged.softmax(u, t, out.view_mut(), 1).expect("valid rows");
        let soft =
            expected(dimension, &|row| (softmax(&*row.prefix.structure, &row.utility, t), places(row)));
        prop_assert!(same_bits(out.as_slice().expect("rows"), &soft), "softmax: {out}, not {soft:?}");

        ragged.softmax_vjp(u, t, g, gradient.view_mut(), 1).expect("valid rows");
        let along = expected(width, &|row| {
            (vjp(&*row.prefix.structure, &row.utility, t, &row.cotangent), row.prefix.utility_places.clone())
        });
        prop_assert!(same_bits(gradient.as_slice().expect("rows"), &along), "VJP: {gradient}, not {along:?}");

        let Some(family) = operator.as_family() else { return Ok(()) };
        let ragged = Ragged::of_family(family, &lengths).expect("valid lengths");
        let mut logs = Array1::from_elem(rows.len(), f64::NAN);
        let result = ragged.log_partition(u, t, logs.view_mut(), 1);
        for (row, &log) in rows.iter().zip(&logs) {
            let family = row.prefix.structure.as_family().expect("a family too");
            match log_partition(family, &row.utility, t, 1) {
                Ok(expected) => prop_assert!(result.is_err() || same_bits(&[log], &expected)),
                Err(_) => prop_assert!(result.is_err()),
            }
        }
        Ok(())
    });
}

#[test]
fn lengths_out_of_range_are_refused() {
    for_all_batches(20, 3, |case| {
        let operator = case.instance.operator();
        let (least, most) = (operator.least_size() as u32, operator.size() as u32);
        for length in [least - 1, most + 1] {
            let error = Ragged::new(&*operator, &[most, length, most]).err().expect("a bad length");
            prop_assert_eq!((error.kind.code(), error.row), ("INVALID_ARGUMENT", Some(1)));
            prop_assert!(error.message.starts_with("lengths: expected integers from "), "{}", error);
        }
        Ok(())
    });
}

/// The first bad row of the batch is named, with its coordinate in the long row.
#[test]
fn a_bad_cell_inside_a_short_row_is_named() {
    for_all_batches(20, 3, |case| {
        let operator = case.instance.operator();
        let (width, most) = (operator.utility_dimension(), operator.size());
        let prefix = case.instance.prefix(most);
        let Some(&place) = prefix.utility_places.last() else { return Ok(()) };
        let mut utilities = vec![0.0; 3 * width];
        utilities[2 * width + place] = f64::NAN;
        utilities[width + place] = f64::NAN;
        let ragged = Ragged::new(&*operator, &[most as u32; 3]).expect("valid lengths");
        let mut out = Array2::zeros((3, operator.dimension()));
        let error = ragged.argmax(view(width, &utilities), out.view_mut(), 1).expect_err("a bad cell");
        prop_assert_eq!(
            (error.kind.code(), error.row, error.coordinate),
            ("NOT_FINITE", Some(1), Some(place))
        );
        Ok(())
    });
}
