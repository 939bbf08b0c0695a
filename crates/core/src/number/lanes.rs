use std::ops::{Add, Div, Mul, Sub};
use std::slice::{from_mut, from_ref};

use pulp::bytemuck::{cast_slice, cast_slice_mut};
use pulp::{Arch, NullaryFnOnce, Simd};

use super::bits::{exponent, power_of_two};
use super::{Number, Real};

/// Compiles a computation for the widest registers that the machine has; it is to be marked `#[inline(always)]`, as is
/// what it calls. The bits are the same for all of them. It is called by reference, because calling a closure by value
/// goes through a function of its own, which is compiled for the oldest machine.
#[inline(always)]
pub(crate) fn vectorised<R>(compute: impl FnMut() -> R) -> R {
    struct Body<F>(F);

    impl<R, F: FnMut() -> R> NullaryFnOnce for Body<F> {
        type Output = R;

        #[inline(always)]
        fn call(mut self) -> R {
            (self.0)()
        }
    }

    Arch::new().dispatch(Body(compute))
}

/// The most doubles that one register holds, on any machine.
pub const MOST_LANES: usize = 8;

/// The same quantity of several rows, one to a lane of a register: eight with AVX-512, four with AVX2, two with NEON.
/// Every operation is the `f64` operation on each lane, so the bits are those of the row on its own.
///
/// `L` aligns it to the bytes of a register: one that straddled cache lines would take two accesses, and one of less than a
/// line that was aligned to lines would leave the rest of each empty.
#[derive(Clone, Copy, Debug)]
pub struct Lanes<A: Simd, L: Alignment> {
    /// The instruction set: a proof, of size 0, that the machine has it.
    pub simd: A,
    /// The lanes.
    pub values: A::f64s,
    pub(super) _alignment: [L; 0],
}

/// What numbers are aligned to.
pub trait Alignment: Copy + Send + Sync {}

/// The alignment of eight doubles, a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Bytes64;

/// The alignment of four doubles.
#[derive(Clone, Copy, Debug)]
#[repr(align(32))]
pub struct Bytes32;

/// The alignment of two doubles, which serves for one too.
#[derive(Clone, Copy, Debug)]
#[repr(align(16))]
pub struct Bytes16;

impl Alignment for Bytes64 {}
impl Alignment for Bytes32 {}
impl Alignment for Bytes16 {}

impl<A: Simd, L: Alignment> Lanes<A, L> {
    /// These lanes.
    #[inline(always)]
    pub fn new(simd: A, values: A::f64s) -> Self {
        Self { simd, values, _alignment: [] }
    }
}

macro_rules! lanewise {
    ($operator:ident, $method:ident, $simd_method:ident) => {
        impl<A: Simd, L: Alignment> $operator for Lanes<A, L> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self { values: self.simd.$simd_method(self.values, other.values), ..self }
            }
        }
    };
}

lanewise!(Add, add, add_f64s);
lanewise!(Sub, sub, sub_f64s);
lanewise!(Mul, mul, mul_f64s);
lanewise!(Div, div, div_f64s);

impl<A: Simd, L: Alignment> Number for Lanes<A, L> {
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self { values: self.simd.splat_f64s(value), ..self }
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        Self { values: self.simd.mul_add_f64s(self.values, factor.values, addend.values), ..self }
    }
}

impl<A: Simd, L: Alignment> Real for Lanes<A, L> {
    #[inline(always)]
    fn at_least(self, bound: f64) -> Self {
        Self { values: self.simd.max_f64s(self.values, self.simd.splat_f64s(bound)), ..self }
    }
    #[inline(always)]
    fn larger(mut a: (Self, Self), b: (Self, Self)) -> (Self, Self) {
        let (first, tags) =
            (cast_slice_mut(from_mut(&mut a.0.values)), cast_slice_mut(from_mut(&mut a.1.values)));
        let (second, other_tags): (&[f64], &[f64]) =
            (cast_slice(from_ref(&b.0.values)), cast_slice(from_ref(&b.1.values)));
        for (((x, tag), &y), &other) in first.iter_mut().zip(tags).zip(second).zip(other_tags) {
            let larger = y > *x;
            (*x, *tag) = if larger { (y, other) } else { (*x, *tag) };
        }
        a
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        Self { values: self.simd.max_f64s(self.values, other.values), ..self }
    }
    #[inline(always)]
    fn exponent(mut self) -> Self {
        for x in cast_slice_mut(from_mut(&mut self.values)) {
            *x = exponent(*x);
        }
        self
    }
    #[inline(always)]
    fn power_of_two(mut self) -> Self {
        for x in cast_slice_mut(from_mut(&mut self.values)) {
            *x = power_of_two(*x);
        }
        self
    }
}
