//! Rows in single precision.

use std::ops::{Add, Div, Mul, Sub};
use std::slice::{from_mut, from_ref};

use pulp::Simd;
use pulp::bytemuck::{cast_slice, cast_slice_mut};

use super::bits::{exponent, power_of_two};
use super::elementary::{Exponent, reduced};
use super::packed::Packed;
use super::{Alignment, Bytes16, Lanes, Number, Real};

/// The most floats that a number of [`Singles`] holds, on any machine.
pub const MOST_SINGLES: usize = 16;

/// The same quantity of several rows in single precision, one to a lane of so many registers: sixteen with AVX-512, eight with
/// AVX2 and with NEON. Every operation is the `f32` operation on each lane, so the bits do not depend on their number.
///
/// `L` aligns it to its own bytes, as [`Lanes`].
#[derive(Clone, Copy, Debug)]
pub struct Singles<A: Simd, L: Alignment, const REGISTERS: usize> {
    /// The instruction set: a proof, of size 0, that the machine has it.
    pub simd: A,
    /// The lanes.
    pub values: [A::f32s; REGISTERS],
    _alignment: [L; 0],
}

/// A double for each of these rows; the rows of a second register follow those of the first, so that there is one only where
/// a register of floats has the lanes of two of doubles.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Doubles<A: Simd, const REGISTERS: usize> {
    simd: A,
    /// A register of floats has as many lanes as two of doubles; where it has one, the last is not used.
    values: [[A::f64s; 2]; REGISTERS],
}

/// Writes out what is done to each register of an array. Iterators are functions, which are not always inlined.
macro_rules! each {
    ($count:expr, $index:ident, $($body:tt)*) => {
        let mut $index = 0;
        while $index < $count {
            $($body)*
            $index += 1;
        }
    };
}

macro_rules! registerwise {
    ($($operator:ident $method:ident $of_floats:ident $of_doubles:ident;)*) => {$(
        impl<A: Simd, L: Alignment, const REGISTERS: usize> $operator for Singles<A, L, REGISTERS> {
            type Output = Self;
            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                each!(REGISTERS, i, self.values[i] = self.simd.$of_floats(self.values[i], other.values[i]););
                self
            }
        }

        impl<A: Simd, const REGISTERS: usize> $operator for Doubles<A, REGISTERS> {
            type Output = Self;
            #[inline(always)]
            fn $method(mut self, other: Self) -> Self {
                each!(REGISTERS, i,
                    let ([a, b], [c, d]) = (self.values[i], other.values[i]);
                    self.values[i] = [self.simd.$of_doubles(a, c), self.simd.$of_doubles(b, d)];
                );
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

impl<A: Simd, L: Alignment, const REGISTERS: usize> Number for Singles<A, L, REGISTERS> {
    /// Of the 16 registers of AVX2, sums take 8.
    const DUAL_BLOCK: usize = 4 / REGISTERS;

    #[inline(always)]
    fn constant(self, value: f64) -> Self {
        Self { values: [self.simd.splat_f32s(value as f32); REGISTERS], ..self }
    }
    #[inline(always)]
    fn mul_add(mut self, factor: Self, addend: Self) -> Self {
        each!(REGISTERS, i,
            self.values[i] = self.simd.mul_add_f32s(self.values[i], factor.values[i], addend.values[i]);
        );
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
        each!(REGISTERS, i,
            let ([a, b], [c, d], [e, f]) = (self.values[i], factor.values[i], addend.values[i]);
            self.values[i] = [self.simd.mul_add_f64s(a, c, e), self.simd.mul_add_f64s(b, d, f)];
        );
        self
    }
}

impl<A: Simd, const REGISTERS: usize> Real for Doubles<A, REGISTERS> {
    #[inline(always)]
    fn at_least(mut self, bound: f64) -> Self {
        let bound = self.simd.splat_f64s(bound);
        each!(REGISTERS, i,
            let [a, b] = self.values[i];
            self.values[i] = [self.simd.max_f64s(a, bound), self.simd.max_f64s(b, bound)];
        );
        self
    }
    #[inline(always)]
    fn larger(mut a: (Self, Self), b: (Self, Self)) -> (Self, Self) {
        let simd = a.0.simd;
        let (firsts, tags) = (a.0.values.as_flattened_mut(), a.1.values.as_flattened_mut());
        let others = b.0.values.as_flattened().iter().zip(b.1.values.as_flattened());
        for ((first, tag), (&second, &other)) in firsts.iter_mut().zip(tags).zip(others) {
            let lanes = |values| Lanes::<A, Bytes16>::new(simd, values);
            let larger = Lanes::larger((lanes(*first), lanes(*tag)), (lanes(second), lanes(other)));
            (*first, *tag) = (larger.0.values, larger.1.values);
        }
        a
    }
    #[inline(always)]
    fn max(mut self, other: Self) -> Self {
        each!(REGISTERS, i,
            let ([a, b], [c, d]) = (self.values[i], other.values[i]);
            self.values[i] = [self.simd.max_f64s(a, c), self.simd.max_f64s(b, d)];
        );
        self
    }
    #[inline(always)]
    fn exponent(mut self) -> Self {
        for x in cast_slice_mut(self.values.as_flattened_mut()) {
            *x = exponent(*x);
        }
        self
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
    /// The nearest floats.
    #[inline(always)]
    fn rounded<L: Alignment>(self) -> Singles<A, L, REGISTERS> {
        let mut floats = Singles::zero(self.simd);
        each!(REGISTERS, i,
            let doubles: &[f64] = cast_slice(&self.values[i]);
            let lanes: &mut [f32] = cast_slice_mut(from_mut(&mut floats.values[i]));
            each!(A::F32_LANES, lane, lanes[lane] = doubles[lane] as f32;);
        );
        floats
    }
}

/// `(e^r - 1 - r - r^2/2) / r^3` on `|r| <= ln(2)/2`, highest power first: the interpolant in Chebyshev's points, which
/// makes `e^r` exact to 2.1e-8, relatively.
const EXP_SERIES: [f64; 4] =
    [1.391_871_369_73e-3, 8.357_200_148_45e-3, 4.166_662_187_98e-2, 1.666_663_082_52e-1];

/// Adding and subtracting this rounds to the nearest integer, which then stands in the low bits of the sum.
const ROUNDING: f32 = 12_582_912.0; // 1.5 * 2^23
const EXPONENT_BITS: u32 = 23;
const EXPONENT_BIAS: u32 = 127;

impl<A: Simd, L: Alignment, const REGISTERS: usize> Singles<A, L, REGISTERS> {
    /// Zeros.
    #[inline(always)]
    pub fn zero(simd: A) -> Self {
        Self { simd, values: [simd.splat_f32s(0.0); REGISTERS], _alignment: [] }
    }

    /// `self * 2^n` for integers n up to 127; 0 where that is no normal number.
    #[inline(always)]
    fn times_power_of_two(mut self, n: Self) -> Self {
        each!(REGISTERS, i,
            let powers: &[f32] = cast_slice(from_ref(&n.values[i]));
            let lanes: &mut [f32] = cast_slice_mut(from_mut(&mut self.values[i]));
            each!(A::F32_LANES, lane,
                let n = if powers[lane] > -127.0 { powers[lane] } else { -127.0 };
                let integer = (n + ROUNDING).to_bits();
                let power = f32::from_bits(integer.wrapping_add(EXPONENT_BIAS) << EXPONENT_BITS);
                let product = lanes[lane] * power;
                lanes[lane] = if product < f32::MIN_POSITIVE { 0.0 } else { product };
            );
        );
        self
    }
}

impl<A: Simd, L: Alignment, const REGISTERS: usize> Packed for Singles<A, L, REGISTERS> {
    const ROWS: usize = A::F32_LANES * REGISTERS;
    type Column = Doubles<A, REGISTERS>;

    #[inline(always)]
    fn column<const ROWS: usize>(self, cells: [f64; ROWS]) -> Self::Column {
        let mut column = Doubles { simd: self.simd, values: [[self.simd.splat_f64s(0.0); 2]; REGISTERS] };
        for (x, cell) in cast_slice_mut(column.values.as_flattened_mut()).iter_mut().zip(cells) {
            *x = cell;
        }
        column
    }
    #[inline(always)]
    fn cells(column: &Self::Column) -> &[f64] {
        cast_slice(column.values.as_flattened())
    }
    /// The exponent needs more digits than a float has; what is left of it without its multiple of ln 2 does not.
    #[inline(always)]
    fn weight(utility: Self::Column, exponent: Exponent, shift: Self::Column) -> Self {
        let (rest, minus_n) = reduced(utility * utility.constant(exponent.inverse()));
        let (r, minus_n): (Self, Self) = (rest.rounded(), minus_n.rounded());
        let mut tail = r.constant(EXP_SERIES[0]);
        each!(EXP_SERIES.len() - 1, i, tail = tail.mul_add(r, r.constant(EXP_SERIES[i + 1])););
        let square = r * r;
        let tail = tail.mul_add(square * r, square * r.constant(0.5));
        let mantissa = r.constant(1.0) + (r + tail);
        mantissa.times_power_of_two(r.constant(0.0) - minus_n - shift.rounded())
    }
    #[inline(always)]
    fn scale(self, factors: Self::Column) -> Self {
        self * factors.rounded()
    }
    #[inline(always)]
    fn values(self) -> Self::Column {
        let mut column = Doubles { simd: self.simd, values: [[self.simd.splat_f64s(0.0); 2]; REGISTERS] };
        each!(REGISTERS, i,
            let floats: &[f32] = cast_slice(from_ref(&self.values[i]));
            let lanes: &mut [f64] = cast_slice_mut(&mut column.values[i]);
            each!(A::F32_LANES, lane, lanes[lane] = f64::from(floats[lane]););
        );
        column
    }
}
