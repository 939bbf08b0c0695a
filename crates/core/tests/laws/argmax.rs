//! The hard operator.

use proptest::prelude::*;

use crate::calls::{argmax, same_bits};
use crate::inputs::for_all;

/// Value, vertex and choice among ties at once: the oracle's vertex is the one of the largest value (in exact
/// arithmetic), and of these the one of the lowest indices.
#[test]
fn argmax_is_the_best_vertex() {
    for_all(600, |case| {
        let expected = case.oracle.indicator(case.oracle.best(case.utility));
        let hard = argmax(case.operator, case.utility);
        prop_assert!(same_bits(&hard, &expected), "got {hard:?}, not {expected:?}");
        Ok(())
    });
}
