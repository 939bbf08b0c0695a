//! How many floating-point operations a row takes: the algorithm, run on a number that counts.

use std::cell::Cell;
use std::ops::{Add, Div, Mul, Sub};

use sst::number::{Dual, Number};
use sst::structure::ExponentialFamily;

thread_local!(static OPERATIONS: Cell<u64> = const { Cell::new(0) });

/// What `exp(u / t)` of one utility takes, its reduction and its polynomial of degree 8 included.
const EXPONENTIAL: u64 = 40;

/// Counts a fused multiply-add as two operations, everything else as one.
#[derive(Clone, Copy)]
struct Counted;

fn count(operations: u64) -> Counted {
    OPERATIONS.set(OPERATIONS.get() + operations);
    Counted
}

macro_rules! counted {
    ($($operator:ident $method:ident),*) => {
        $(impl $operator for Counted {
            type Output = Self;
            fn $method(self, _: Self) -> Self {
                count(1)
            }
        })*
    };
}

counted!(Add add, Sub sub, Mul mul, Div div);

impl Number for Counted {
    fn constant(self, _: f64) -> Self {
        self
    }
    fn mul_add(self, _: Self, _: Self) -> Self {
        count(2)
    }
}

fn operations_of<N: Number, S: ExponentialFamily>(structure: &S, zero: N) -> u64 {
    let weights = vec![zero; structure.dimension()];
    let mut marginals = weights.clone();
    let mut workspace = structure.workspace(zero).expect("memory");
    OPERATIONS.set(0);
    structure.marginals(&weights, &mut marginals, &mut workspace);
    OPERATIONS.get() + EXPONENTIAL * structure.dimension() as u64
}

/// Of `softmax` and of `softmax_vjp`, one row.
pub(crate) fn operations<S: ExponentialFamily>(structure: &S) -> [u64; 2] {
    let dual = Dual { value: Counted, tangent: Counted };
    [operations_of(structure, Counted), operations_of(structure, dual)]
}
