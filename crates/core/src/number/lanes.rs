use std::ops::{Add, Div, Mul, Sub};

use super::{Number, Real};
use crate::elementary::power_of_two;

/// How many rows of a batch go through an algorithm together: one AVX-512 register, two of AVX, four of NEON.
pub const LANES: usize = 8;

/// The same quantity of eight rows. Every operation is the `f64` operation on each lane, so the bits are those of
/// the row on its own.
///
/// The operations are loops and not iterator adaptors with closures, since only what is inlined is compiled for the
/// registers of the machine it runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Lanes(pub [f64; LANES]);

macro_rules! lanewise {
    ($operator:ident, $method:ident) => {
        impl $operator for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let mut result = self;
                for (a, b) in result.0.iter_mut().zip(other.0) {
                    *a = a.$method(b);
                }
                result
            }
        }
    };
}

lanewise!(Add, add);
lanewise!(Sub, sub);
lanewise!(Mul, mul);
lanewise!(Div, div);

impl Number for Lanes {
    const ZERO: Self = Self([0.0; LANES]);
    const ONE: Self = Self([1.0; LANES]);
    const HALF: Self = Self([0.5; LANES]);
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        let mut result = self;
        for ((a, b), c) in result.0.iter_mut().zip(factor.0).zip(addend.0) {
            *a = a.mul_add(b, c);
        }
        result
    }
}

impl Real for Lanes {
    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self([x; LANES])
    }
    #[inline(always)]
    fn at_least(self, bound: f64) -> Self {
        let mut result = self;
        for a in &mut result.0 {
            *a = a.at_least(bound);
        }
        result
    }
    #[inline(always)]
    fn at_most(self, bound: f64) -> Self {
        let mut result = self;
        for a in &mut result.0 {
            *a = a.at_most(bound);
        }
        result
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let mut result = self;
        for a in &mut result.0 {
            *a = power_of_two(*a);
        }
        result
    }
}
