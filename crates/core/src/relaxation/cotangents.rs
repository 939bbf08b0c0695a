//! Cotangents of any size.

use pulp::{Simd, WithSimd};

use super::Relaxation;
use crate::elementary::{
    LARGEST_TEMPERATURE, LEAST_TEMPERATURE, exponent_of, power_of_two, times_power_of_two,
};
use crate::error::Error;
use crate::number::{self, Arch};
use crate::structure::Structure;

/// So many rows are scaled at a time.
const ROWS: usize = 64;

/// [`Relaxation::softmax_vjp`] of cotangents of any size. The product is linear in them: a row of cotangents that are so
/// large, or so small, that intermediate results might leave the range of doubles is scaled by a power of two first, and
/// its gradient scaled back.
pub(crate) fn softmax_vjp<S: Structure, R: Relaxation<S>>(
    relaxation: &R,
    structure: &S,
    utilities: &[f64],
    temperature: f64,
    cotangents: &[f64],
    gradients: &mut [f64],
) -> Result<(), Error> {
    scaled::<S, R>(
        structure,
        utilities,
        temperature,
        cotangents,
        gradients,
        0,
        |utilities, cotangents, gradients| {
            relaxation.softmax_vjp(structure, utilities, temperature, cotangents, gradients)
        },
    )
}

/// [`Relaxation::softmax_with_vjp`] of cotangents of any size.
pub(crate) fn softmax_with_vjp<S: Structure, R: Relaxation<S>>(
    relaxation: &R,
    structure: &S,
    utilities: &[f64],
    temperature: f64,
    cotangents: &[f64],
    both: &mut [f64],
) -> Result<(), Error> {
    let n = structure.dimension();
    scaled::<S, R>(structure, utilities, temperature, cotangents, both, n, |utilities, cotangents, both| {
        relaxation.softmax_with_vjp(structure, utilities, temperature, cotangents, both)
    })
}

/// Rows whose last numbers are linear in the cotangents, after so many that do not depend on them.
fn scaled<S: Structure, R: Relaxation<S>>(
    structure: &S,
    utilities: &[f64],
    temperature: f64,
    cotangents: &[f64],
    out: &mut [f64],
    before: usize,
    mut solve: impl FnMut(&[f64], &[f64], &mut [f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let (n, width) = (structure.dimension(), structure.utility_dimension());
    let ordinary = |cotangent: &[f64]| exponent(cotangent).abs() <= R::ORDINARY;
    if Arch::new().dispatch(AllOrdinary { cotangents, n, ordinary: R::ORDINARY }) {
        return solve(utilities, cotangents, out);
    }
    // Where the temperature is extreme, the gradient is what is in the range in the end.
    let target = match temperature {
        t if t < LEAST_TEMPERATURE => -400,
        t if t > LARGEST_TEMPERATURE => 400,
        _ => 0,
    };
    let (mut scaled, mut exponents) = (Vec::new(), Vec::new());
    let runs = utilities.chunks(ROWS * width).zip(cotangents.chunks(ROWS * n));
    for (run, ((utilities, cotangents), out)) in runs.zip(out.chunks_mut(ROWS * (before + width))).enumerate()
    {
        scaled.clear();
        exponents.clear();
        for cotangent in cotangents.chunks_exact(n) {
            // A row has the bits that it has alone, where ordinary ones are left as they are.
            let exponent = if ordinary(cotangent) { 0 } else { exponent(cotangent) - target };
            exponents.push(exponent);
            scaled.extend(cotangent.iter().map(|&g| times_power_of_two(g, -exponent)));
        }
        solve(utilities, &scaled, out)
            .map_err(|error| error.renamed(|row| run * ROWS + row, |coordinate| coordinate))?;
        for (row, &exponent) in out.chunks_exact_mut(before + width).zip(&exponents) {
            row[before..].iter_mut().for_each(|cell| *cell = times_power_of_two(*cell, exponent));
        }
    }
    Ok(())
}

/// Whether every row's exponent is of ordinary size.
struct AllOrdinary<'a> {
    cotangents: &'a [f64],
    n: usize,
    ordinary: i64,
}

impl WithSimd for AllOrdinary<'_> {
    type Output = bool;
    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) -> bool {
        let (least, end) = (power_of_two(-self.ordinary as f64), power_of_two((self.ordinary + 1) as f64));
        let mut ordinary = true;
        for cotangent in self.cotangents.chunks_exact(self.n) {
            let size = largest(cotangent);
            ordinary &= size == 0.0 || (size >= least && size < end);
        }
        ordinary
    }
}

/// The exponent of the largest number of a row; 0 where all are 0.
fn exponent(cotangent: &[f64]) -> i64 {
    let largest = largest(cotangent);
    if largest == 0.0 { 0 } else { exponent_of(largest) }
}

/// The largest magnitude of a row.
#[inline(always)]
fn largest(cotangent: &[f64]) -> f64 {
    // Without an early exit, and in several parts: so the loop runs in SIMD lanes.
    let (blocks, rest) = cotangent.as_chunks::<8>();
    let mut parts = [0.0_f64; 8];
    for block in blocks {
        for (part, g) in parts.iter_mut().zip(block) {
            *part = if g.abs() > *part { g.abs() } else { *part };
        }
    }
    let mut largest = number::largest(parts);
    for g in rest {
        largest = if g.abs() > largest { g.abs() } else { largest };
    }
    largest
}
