//! Batches, and temperature 0.

use proptest::prelude::*;

use crate::calls::{argmax, log_partition, same_bits, softmax, vjp};
use crate::inputs::for_all_batches;

/// Bit for bit, whatever the other rows are: they mix rows that fit plain doubles with rows that do not, so that rows
/// run alone, in full lanes and in lanes that are not full.
#[test]
fn a_batch_is_its_rows() {
    for_all_batches(300, 20, |case| {
        let t = case.temperature;
        let joined =
            |of: fn(&crate::inputs::Row) -> &Vec<f64>| case.rows.iter().flat_map(of).copied().collect();
        let (utilities, cotangents): (Vec<f64>, Vec<f64>) =
            (joined(|row| &row.utility), joined(|row| &row.cotangent));
        if utilities.is_empty() {
            return Ok(());
        }
        let mut alone = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut first_error = None;
        for (index, row) in case.rows.iter().enumerate() {
            alone.0.extend(argmax(case.operator, &row.utility));
            alone.1.extend(softmax(case.operator, &row.utility, t));
            alone.2.extend(vjp(case.operator, &row.utility, t, &row.cotangent));
            if !case.entry.is_family() {
                continue;
            }
            match log_partition(case.family(), &row.utility, t) {
                Ok(log) => alone.3.extend(log),
                Err(_) => first_error = first_error.or(Some(index)),
            }
        }
        prop_assert!(same_bits(&argmax(case.operator, &utilities), &alone.0), "argmax");
        prop_assert!(same_bits(&softmax(case.operator, &utilities, t), &alone.1), "softmax");
        prop_assert!(same_bits(&vjp(case.operator, &utilities, t, &cotangents), &alone.2), "VJP");
        if !case.entry.is_family() {
            return Ok(());
        }
        match log_partition(case.family(), &utilities, t) {
            Ok(logs) => prop_assert!(same_bits(&logs, &alone.3), "log Z"),
            Err(error) => prop_assert_eq!(error.row, first_error),
        }
        Ok(())
    });
}

/// At temperature 0 the relaxation is the argmax and its derivative nothing.
#[test]
fn temperature_zero_is_the_hard_operator() {
    for_all_batches(100, 5, |case| {
        let utilities: Vec<f64> = case.rows.iter().flat_map(|row| &row.utility).copied().collect();
        let cotangents: Vec<f64> = case.rows.iter().flat_map(|row| &row.cotangent).copied().collect();
        for zero in [0.0, -0.0] {
            prop_assert!(same_bits(
                &softmax(case.operator, &utilities, zero),
                &argmax(case.operator, &utilities)
            ));
            let gradient = vjp(case.operator, &utilities, zero, &cotangents);
            prop_assert!(gradient.iter().all(|&x| x == 0.0), "{gradient:?}");
            if case.entry.is_family() {
                let error = log_partition(case.family(), &utilities, zero).expect_err("it diverges");
                prop_assert_eq!(error.kind.code(), "INVALID_ARGUMENT");
            }
        }
        Ok(())
    });
}
