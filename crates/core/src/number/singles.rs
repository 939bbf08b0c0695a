//! Rows in single precision.

use std::ops::{Add, Div, Mul, Sub};
use std::slice::{from_mut, from_ref};

use pulp::Simd;
use pulp::bytemuck::{cast_slice, cast_slice_mut};

use super::bits::power_of_two;
use super::elementary::Exponent;
use super::packed::{Packed, plain_weight};
use super::{Lanes, Number, Real};

/// The most floats that a number of [`Singles`] holds, on any machine.
pub const MOST_SINGLES: usize = 16;

/// The same quantity of several rows in single precision, one to a lane of so many registers: sixteen with AVX-512 and with
/// AVX2, eight with NEON. Every operation is the `f32` operation on each lane, so the bits do not depend on their number.
///
/// A cache line, which one register of AVX2 would fill by half.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Singles<A: Simd, const REGISTERS: usize> {
    /// The instruction set: a proof, of size 0, that the machine has it.
    pub simd: A,
    /// The lanes.
    pub values: [A::f32s; REGISTERS],
}

/// A double for each of these rows.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Doubles<A: Simd, const REGISTERS: usize> {
    simd: A,
    /// A register of floats has as many lanes as two of doubles; where it has one, the last ones are not used.
    values: [[A::f64s; 2]; REGISTERS],
}

macro_rules! registerwise {
    ($($operator:ident $method:ident $of_floats:ident $of_doubles:ident;)*) => {$(
        impl<A: Simd, const REGISTERS: usize> $operator for Singles<A, REGISTERS> {
            type Output = Self;
            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for (x, &y) in self.values.iter_mut().zip(&other.values) {
                    *x = self.simd.$of_floats(*x, y);
                }
                self
            }
        }

        impl<A: Simd, const REGISTERS: usize> $operator for Doubles<A, REGISTERS> {
            type Output = Self;
            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                for (x, &y) in self.values.as_flattened_mut().iter_mut().zip(other.values.as_flattened()) {
                    *x = self.simd.$of_doubles(*x, y);
                }
                self
            }
        }
    )*};
}

registerwise! {
    Add add add_f32s add_f64s;
    Sub sub sub_f32s sub_f64s;
    Mul mul mul_f32s mul_f64s;
    Div div div_f32s div_f64s;
}

impl<A: Simd, const REGISTERS: usize> Number for Singles<A, REGISTERS> {
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self { values: [self.simd.splat_f32s(value as f32); REGISTERS], ..self }
    }
    #[inline(always)]
    fn mul_add(mut self, factor: Self, addend: Self) -> Self {
        for ((x, &y), &z) in self.values.iter_mut().zip(&factor.values).zip(&addend.values) {
            *x = self.simd.mul_add_f32s(*x, y, z);
        }
        self
    }
}

impl<A: Simd, const REGISTERS: usize> Number for Doubles<A, REGISTERS> {
    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self { values: [[self.simd.splat_f64s(value); 2]; REGISTERS], ..self }
    }
    #[inline(always)]
    fn mul_add(mut self, factor: Self, addend: Self) -> Self {
        let others = factor.values.as_flattened().iter().zip(addend.values.as_flattened());
        for (x, (&y, &z)) in self.values.as_flattened_mut().iter_mut().zip(others) {
            *x = self.simd.mul_add_f64s(*x, y, z);
        }
        self
    }
}

impl<A: Simd, const REGISTERS: usize> Real for Doubles<A, REGISTERS> {
    #[inline(always)]
    fn at_least(mut self, bound: f64) -> Self {
        for x in self.values.as_flattened_mut() {
            *x = self.simd.max_f64s(*x, self.simd.splat_f64s(bound));
        }
        self
    }
    #[inline(always)]
    fn larger(mut a: (Self, Self), b: (Self, Self)) -> (Self, Self) {
        let simd = a.0.simd;
        let (firsts, tags) = (a.0.values.as_flattened_mut(), a.1.values.as_flattened_mut());
        let others = b.0.values.as_flattened().iter().zip(b.1.values.as_flattened());
        for ((first, tag), (&second, &other)) in firsts.iter_mut().zip(tags).zip(others) {
            let lanes = |values| Lanes { simd, values };
            let larger = Lanes::larger((lanes(*first), lanes(*tag)), (lanes(second), lanes(other)));
            (*first, *tag) = (larger.0.values, larger.1.values);
        }
        a
    }
    #[inline(always)]
    fn power_of_two(mut self) -> Self {
        for x in cast_slice_mut(self.values.as_flattened_mut()) {
            *x = power_of_two(*x);
        }
        self
    }
}

impl<A: Simd, const REGISTERS: usize> Doubles<A, REGISTERS> {
    /// The nearest floats; 0 below the normal ones, with which a machine is slow.
    #[inline(always)]
    fn rounded(self) -> Singles<A, REGISTERS> {
        let mut floats = Singles { simd: self.simd, values: [self.simd.splat_f32s(0.0); REGISTERS] };
        for (floats, doubles) in floats.values.iter_mut().zip(&self.values) {
            let doubles: &[f64] = cast_slice(doubles);
            for (float, &double) in cast_slice_mut::<_, f32>(from_mut(floats)).iter_mut().zip(doubles) {
                let nearest = double as f32;
                *float = if nearest.abs() < f32::MIN_POSITIVE { 0.0 } else { nearest };
            }
        }
        floats
    }
}

impl<A: Simd, const REGISTERS: usize> Packed for Singles<A, REGISTERS> {
    const ROWS: usize = A::F32_LANES * REGISTERS;
    type Column = Doubles<A, REGISTERS>;

    #[inline(always)]
    fn column<const L: usize>(self, cells: [f64; L]) -> Self::Column {
        let mut column =
            Doubles { simd: self.simd, values: [[self.simd.splat_f64s(0.0); 2]; REGISTERS] };
        for (x, cell) in cast_slice_mut(column.values.as_flattened_mut()).iter_mut().zip(cells) {
            *x = cell;
        }
        column
    }
    #[inline(always)]
    fn cells(column: &Self::Column) -> &[f64] {
        cast_slice(column.values.as_flattened())
    }
    /// In doubles: the exponent needs more digits than a float has.
    #[inline(always)]
    fn weight(utility: Self::Column, exponent: Exponent, shift: Self::Column) -> Self {
        plain_weight(utility, exponent, shift).rounded()
    }
    #[inline(always)]
    fn scale(self, factors: Self::Column) -> Self {
        self * factors.rounded()
    }
    #[inline(always)]
    fn values(self) -> Self::Column {
        let mut column =
            Doubles { simd: self.simd, values: [[self.simd.splat_f64s(0.0); 2]; REGISTERS] };
        for (doubles, floats) in column.values.iter_mut().zip(&self.values) {
            let floats: &[f32] = cast_slice(from_ref(floats));
            for (double, &float) in cast_slice_mut::<_, f64>(doubles).iter_mut().zip(floats) {
                *double = f64::from(float);
            }
        }
        column
    }
}
