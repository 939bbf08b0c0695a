//! Renaming, and leaving out.

use proptest::prelude::*;

use crate::calls::{argmax, distance, largest, log_partition, same_bits, softmax, vjp};
use crate::inputs::{for_all, for_those};
use crate::registry::Exactness;

/// Each number at its new place.
fn moved(values: &[f64], places: &[usize]) -> Vec<f64> {
    let mut moved = vec![0.0; values.len()];
    places.iter().zip(values).for_each(|(&place, &x)| moved[place] = x);
    moved
}

/// Names must not matter: renaming elements or vertices renames the coordinates of every result. Of tied vertices the
/// names do choose the argmax.
#[test]
fn relabelling_is_equivariant() {
    for_all(200, |case| {
        // A permutation that varies with the case: the order of some hashes.
        let hash = |i: &usize| (case.temperature.to_bits() ^ *i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut names: Vec<usize> = (0..case.instance.labels()).collect();
        names.sort_by_key(hash);
        let Some(relabelled) = case.instance.relabelled(&names) else { return Ok(()) };
        let renamed = &relabelled.structure;
        let utility = moved(case.utility, &relabelled.utility_places);
        let (forwards, backwards) = (
            |values: &[f64]| moved(values, &relabelled.places),
            |values: &[f64]| moved(values, &relabelled.utility_places),
        );
        let (cotangent, t) = (forwards(case.cotangent), case.temperature);
        let coefficients = case.instance.coefficients(case.utility);
        if coefficients.is_some_and(|coefficients| case.oracle.gap(&coefficients) > 0.0) {
            prop_assert_eq!(argmax(renamed, &utility), forwards(&argmax(case.operator, case.utility)));
        }
        let off =
            distance(&softmax(renamed, &utility, t), &forwards(&softmax(case.operator, case.utility, t)));
        prop_assert!(off <= 2e-14, "soft is off by {off:e}");
        if case.instance.has_hidden_order(case.utility) {
            return Ok(());
        }
        let gradient = backwards(&vjp(case.operator, case.utility, t, case.cotangent));
        let off = distance(&vjp(renamed, &utility, t, &cotangent), &gradient) * t;
        prop_assert!(off <= 2e-14 * largest(&cotangent), "the VJP is off by {off:e} / t");
        Ok(())
    });
}

/// Forbidding coordinates is the same as leaving them out, and they get 0.
#[test]
fn a_mask_is_the_smaller_problem() {
    for_those(
        300,
        |entry| !matches!(entry.masks, None | Some(Exactness::Unposed)),
        |case| {
            let forbidden = |i: &usize| case.utility[*i] == f64::NEG_INFINITY;
            let (gone, kept): (Vec<usize>, Vec<usize>) = (0..case.utility.len()).partition(forbidden);
            let smaller = case.instance.without(gone.iter().fold(0, |set, i| set | 1 << i));
            let keep = |values: &[f64]| kept.iter().map(|&i| values[i]).collect::<Vec<f64>>();
            let (utility, cotangent, t) = (keep(case.utility), keep(case.cotangent), case.temperature);
            let equal = |masked: &[f64], small: &[f64], scale: f64| match case.entry.masks {
                Some(Exactness::Bits) => same_bits(masked, small),
                _ => distance(masked, small) <= 1e-14 * scale,
            };

            let hard = argmax(case.operator, case.utility);
            let soft = softmax(case.operator, case.utility, t);
            let gradient = vjp(case.operator, case.utility, t, case.cotangent);
            for result in [&hard, &soft, &gradient] {
                prop_assert!(
                    gone.iter().all(|&i| result[i] == 0.0),
                    "{result:?} where {gone:?} are forbidden"
                );
            }
            let (small_soft, small_gradient) =
                (softmax(&smaller, &utility, t), vjp(&smaller, &utility, t, &cotangent));
            let scale = largest(&cotangent) / t;
            if case.entry.matroid || case.oracle.gap(case.utility) > 0.0 {
                prop_assert!(same_bits(&keep(&hard), &argmax(&smaller, &utility)), "{hard:?}");
            }
            prop_assert!(equal(&keep(&soft), &small_soft, 1.0), "{soft:?}, not {small_soft:?}");
            prop_assert!(
                equal(&keep(&gradient), &small_gradient, scale),
                "{gradient:?}, not {small_gradient:?}"
            );
            if !case.entry.is_family() {
                return Ok(());
            }
            let logs = (
                log_partition(case.family(), case.utility, t),
                log_partition(smaller.as_family().expect("an exponential family"), &utility, t),
            );
            if let (Ok(masked), Ok(small)) = logs {
                prop_assert!(equal(&masked, &small, small[0].abs().max(1.0)), "{masked:?}, not {small:?}");
            }
            Ok(())
        },
    );
}
