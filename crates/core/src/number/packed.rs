use super::{Dual, LANES, Lanes, Number, Real, Wide};
use crate::elementary::Exponent;

/// How rows of doubles enter and leave a number, which stands for one row of a batch or for several.
pub(crate) trait Packed: Number {
    /// One double for each of the rows.
    type Column: Real;

    /// One double for each row, from the first of these.
    fn column(values: &[f64; LANES]) -> Self::Column;
    /// The columns of the first rows, all as long as `columns`.
    fn gather(rows: &[&[f64]; LANES], columns: &mut [Self::Column]);
    /// Writes columns to rows, those that begin at `starts`; surplus lanes are dropped.
    fn scatter(columns: &[Self::Column], starts: &[usize], out: &mut [f64]);

    /// `exp(u / t) / 2^shift`.
    fn weight(utility: Self::Column, exponent: Exponent, shift: Self::Column) -> Self;
    /// One factor per row.
    fn scale(self, factors: Self::Column) -> Self;
    /// The values of the rows.
    fn values(self) -> Self::Column;
}

/// `exp(u / t) / 2^shift` for numbers that hold their rows in doubles.
#[inline(always)]
fn plain_weight<R: Real>(utility: R, exponent: Exponent, shift: R) -> R {
    let (mantissa, n) = exponent.exp(utility);
    mantissa * (n - shift).at_least(-1023.0).power_of_two()
}

impl Packed for f64 {
    type Column = f64;

    #[inline(always)]
    fn column(values: &[f64; LANES]) -> f64 {
        values[0]
    }
    #[inline(always)]
    fn gather(rows: &[&[f64]; LANES], columns: &mut [f64]) {
        columns.copy_from_slice(rows[0]);
    }
    #[inline(always)]
    fn scatter(columns: &[f64], starts: &[usize], out: &mut [f64]) {
        out[starts[0]..starts[0] + columns.len()].copy_from_slice(columns);
    }
    #[inline(always)]
    fn weight(utility: f64, exponent: Exponent, shift: f64) -> f64 {
        plain_weight(utility, exponent, shift)
    }
    #[inline(always)]
    fn scale(self, factors: f64) -> f64 {
        self * factors
    }
    #[inline(always)]
    fn values(self) -> f64 {
        self
    }
}

impl Packed for Wide {
    type Column = f64;

    #[inline(always)]
    fn column(values: &[f64; LANES]) -> f64 {
        values[0]
    }
    #[inline(always)]
    fn gather(rows: &[&[f64]; LANES], columns: &mut [f64]) {
        columns.copy_from_slice(rows[0]);
    }
    #[inline(always)]
    fn scatter(columns: &[f64], starts: &[usize], out: &mut [f64]) {
        f64::scatter(columns, starts, out);
    }
    #[inline(always)]
    fn weight(utility: f64, exponent: Exponent, shift: f64) -> Self {
        if utility == f64::NEG_INFINITY {
            return Self::ZERO;
        }
        let (mantissa, n) = exponent.exp(utility);
        Self::new(mantissa, (n - shift) as i64)
    }
    #[inline(always)]
    fn scale(self, factors: f64) -> Self {
        self * Self::from_f64(factors)
    }
    #[inline(always)]
    fn values(self) -> f64 {
        self.to_f64()
    }
}

impl Packed for Lanes {
    type Column = Lanes;

    #[inline(always)]
    fn column(values: &[f64; LANES]) -> Lanes {
        Lanes(*values)
    }
    #[inline(always)]
    fn gather(rows: &[&[f64]; LANES], columns: &mut [Lanes]) {
        for (lane, row) in rows.iter().enumerate() {
            for (column, &x) in columns.iter_mut().zip(*row) {
                column.0[lane] = x;
            }
        }
    }
    #[inline(always)]
    fn scatter(columns: &[Lanes], starts: &[usize], out: &mut [f64]) {
        for (lane, &start) in starts.iter().enumerate() {
            for (x, column) in out[start..start + columns.len()].iter_mut().zip(columns) {
                *x = column.0[lane];
            }
        }
    }
    #[inline(always)]
    fn weight(utility: Lanes, exponent: Exponent, shift: Lanes) -> Lanes {
        plain_weight(utility, exponent, shift)
    }
    #[inline(always)]
    fn scale(self, factors: Lanes) -> Lanes {
        self * factors
    }
    #[inline(always)]
    fn values(self) -> Lanes {
        self
    }
}

/// The weight `exp(u/t)` with the derivative that a unit step of `u/t` along the direction gives it.
#[inline(always)]
pub(crate) fn along<P: Packed>(weight: P, direction: P::Column) -> Dual<P> {
    Dual { value: weight, tangent: weight.scale(direction) }
}
