//! Batches, threads, and temperature 0.

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use crate::calls::{argmax, log_partition, same_bits, softmax, softmax_on, vjp, vjp_on};
use crate::inputs::{for_all_batches, runner};
use crate::registry::REGISTRY;

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
            match log_partition(case.family(), &row.utility, t, 1) {
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
        match log_partition(case.family(), &utilities, t, 1) {
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
                let error = log_partition(case.family(), &utilities, zero, 1).expect_err("it diverges");
                prop_assert_eq!(error.kind.code(), "INVALID_ARGUMENT");
            }
        }
        Ok(())
    });
}

/// A batch on several threads gives the same bits on any number of them.
#[test]
fn threads_leave_no_trace() {
    const CELLS: usize = 6_000;
    sst::set_work_per_thread(1_000);
    for entry in REGISTRY {
        // The first random instance that has a choice to make in several dimensions.
        let strategy = (entry.instances)();
        let mut runner = runner(1);
        let mut instances =
            std::iter::repeat_with(|| strategy.new_tree(&mut runner).expect("an instance").current());
        let instance = instances
            .find(|instance| instance.labels() >= 4 && instance.vertices().len() >= 4)
            .expect("one of several vertices");
        let operator = instance.operator();
        let (n, dimension) = (operator.utility_dimension(), operator.dimension());
        let rows = CELLS / n.max(dimension);
        // One row in seven is spread too widely for plain doubles.
        let spread = |cell: usize| if (cell / n) % 7 == 3 { 1e4 } else { 3.0 };
        let utilities: Vec<f64> = (0..rows * n).map(|cell| spread(cell) * noise(cell as u64)).collect();
        let cotangents: Vec<f64> = (0..rows * dimension).map(|cell| noise(!(cell as u64))).collect();
        let soft = softmax_on(&*operator, &utilities, 0.5, 1);
        let gradient = vjp_on(&*operator, &utilities, 0.5, &cotangents, 1);
        let hard = argmax(&*operator, &utilities);
        let log_partition = |threads| {
            let family = operator.as_family();
            family.map(|family| log_partition(family, &utilities, 0.5, threads).expect("finite sums"))
        };
        let logs = log_partition(1);
        for threads in [0, 2, 3, 8] {
            assert!(
                same_bits(&softmax_on(&*operator, &utilities, 0.5, threads), &soft),
                "{threads}: softmax"
            );
            assert!(same_bits(&softmax_on(&*operator, &utilities, 0.0, threads), &hard), "{threads}: argmax");
            let again = vjp_on(&*operator, &utilities, 0.5, &cotangents, threads);
            assert!(same_bits(&again, &gradient), "{}, {threads} threads: VJP", entry.name);
            assert_eq!(log_partition(threads), logs, "{}, {threads} threads: log Z", entry.name);
        }
    }
}

/// A number in [-1, 1] for each cell: the finaliser of SplitMix64.
fn noise(cell: u64) -> f64 {
    let mut x = cell.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ x >> 31) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}
