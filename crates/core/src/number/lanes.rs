use std::array::from_fn;
use std::ops::{Add, Div, Mul, Sub};

use super::Number;

/// How many rows of a batch go through an algorithm together: one AVX-512 register, two of AVX, four of NEON.
pub const LANES: usize = 8;

/// The same quantity of eight rows. Every operation is the `f64` operation on each lane, so the bits are those of
/// the row on its own.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(align(64))]
pub struct Lanes(pub [f64; LANES]);

macro_rules! lanewise {
    ($operator:ident, $method:ident) => {
        impl $operator for Lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(from_fn(|lane| self.0[lane].$method(other.0[lane])))
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
}
