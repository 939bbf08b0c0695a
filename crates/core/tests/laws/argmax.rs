//! The hard operator.

use proptest::prelude::*;

use crate::calls::{argmax, dot, largest, same_bits};
use crate::inputs::{for_all, for_those};

/// Value, vertex and choice among ties at once: the oracle's vertex is the one of the largest value (in exact
/// arithmetic), and of these the one of the lowest indices.
#[test]
fn argmax_is_the_best_vertex() {
    for_those(
        600,
        |entry| entry.matroid,
        |case| {
            let expected = case.oracle.indicator(case.oracle.best(case.utility));
            let hard = argmax(case.operator, case.utility);
            prop_assert!(same_bits(&hard, &expected), "got {hard:?}, not {expected:?}");
            Ok(())
        },
    );
}

/// Where sums of utilities are compared, they are rounded: of vertices whose values differ by rounding any may be chosen.
#[test]
fn argmax_is_a_vertex_of_the_best_value() {
    for_all(600, |case| {
        let Some(coefficients) = case.instance.coefficients(case.utility) else { return Ok(()) };
        let hard = argmax(case.operator, case.utility);
        let chosen = (0..hard.len()).filter(|&i| hard[i] == 1.0).fold(0, |set, i| set | 1 << i);
        prop_assert!(case.oracle.vertices.contains(&chosen), "{hard:?} is no vertex");
        prop_assert!(same_bits(&hard, &case.oracle.indicator(chosen)));
        let short = case.oracle.shortfall(&coefficients, chosen);
        let finite: Vec<f64> = coefficients.into_iter().filter(|u| u.is_finite()).collect();
        let rounding =
            4.0 * f64::EPSILON * dot(&finite, &finite.iter().map(|u| u.signum()).collect::<Vec<_>>());
        prop_assert!(short <= rounding, "{hard:?} is worse than the best by {short:e}");
        prop_assert!(short == 0.0 || largest(&finite) > 0.0);
        Ok(())
    });
}
