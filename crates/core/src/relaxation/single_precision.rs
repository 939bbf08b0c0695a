//! The exponential family's relaxation in single precision.

use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::numbers::Survey;
use super::tile::{Derivative, Mode, Tile, Value};
use super::{ExponentialFamilyEntropy, ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::Exponent;
use crate::error::Error;
use crate::number::{Arch, Bytes16, Bytes32, Bytes64, MOST_SINGLES, Packed, Singles};
use crate::sampling::FamilyDraws;
use crate::structure::ExponentialFamily;

/// [`ExponentialFamilyEntropy`] of which `softmax` and its vector-Jacobian product run the same algorithms on floats, with
/// an absolute error of about 1e-6, relative to the largest cotangent over the temperature.
///
/// Weights are computed in doubles and then rounded, so that no temperature takes digits away. Rows whose weights do not
/// fit the exponents of floats are computed in doubles. So is everything else that is asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct SinglePrecision;

/// A run of rows on one thread; collects those that floats do not hold.
struct Rows<'a, S, M> {
    structure: &'a S,
    utilities: &'a [f64],
    cotangents: &'a [f64],
    temperature: f64,
    out: &'a mut [f64],
    /// Whether each row of the output is the marginals, and after them what the mode reads.
    with_values: bool,
    misfits: &'a mut Vec<usize>,
    mode: PhantomData<M>,
}

impl<S: ExponentialFamily, M: Mode> Rows<'_, S, M> {
    #[inline(always)]
    fn run<P: Packed>(self, zero: P) -> Result<(), Error> {
        let Self { structure, utilities, cotangents, temperature, out, with_values, misfits, .. } = self;
        let n = structure.dimension();
        let (rows, cells) = (utilities.len() / n, |row: usize| row * n..(row + 1) * n);
        let mut survey = Survey::new(structure, temperature);
        let mut tile = None;
        let (mut pending, mut count) = ([(0, 0.0); MOST_SINGLES], 0);
        for row in 0..rows {
            match survey.single_shift(structure, &utilities[cells(row)]) {
                None => misfits.push(row),
                Some(shift) => {
                    pending[count] = (row, shift);
                    count += 1;
                }
            }
            if count == P::ROWS || (row + 1 == rows && count > 0) {
                // Where there are fewer, the last one fills the rest.
                let last = pending[count - 1];
                pending[count..].fill(last);
                let tile: &mut Tile<P, M, S> = super::tile::made(&mut tile, || Tile::new(structure, zero))?;
                let utilities = pending.map(|(row, _)| &utilities[cells(row)]);
                let cotangents = pending.map(|(row, _)| &cotangents[cells(row)]);
                let shifts = pending.map(|(_, shift)| shift);
                tile.load(structure, &utilities, &cotangents, Exponent::new(temperature), &shifts);
                tile.run(structure);
                let numbers = pending.map(|(row, _)| row);
                tile.store(structure, &numbers[..count], &utilities, temperature, with_values, out);
                count = 0;
            }
        }
        Ok(())
    }
}

impl<S: ExponentialFamily, M: Mode> WithSimd for Rows<'_, S, M> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn with_simd<A: Simd>(self, simd: A) -> Result<(), Error> {
        // Eight rows where a register has fewer, unless it is one number.
        match A::F32_LANES {
            16 => self.run(Singles::<A, Bytes64, 1>::zero(simd)),
            8 => self.run(Singles::<A, Bytes32, 1>::zero(simd)),
            4 => self.run(Singles::<A, Bytes32, 2>::zero(simd)),
            _ => self.run(Singles::<A, Bytes16, 1>::zero(simd)),
        }
    }
}

/// Rows in floats where they fit, the others by `in_doubles` of their utilities and cotangents.
fn compute<S: ExponentialFamily, M: Mode>(
    structure: &S,
    utilities: &[f64],
    cotangents: &[f64],
    temperature: f64,
    with_values: bool,
    out: &mut [f64],
    in_doubles: impl FnOnce(&[f64], &[f64], &mut [f64]) -> Result<(), Error>,
) -> Result<(), Error> {
    let (n, mut misfits) = (structure.dimension(), Vec::new());
    // Of the output.
    let width = if with_values { 2 * n } else { n };
    let rows = Rows::<S, M> {
        structure,
        utilities,
        cotangents,
        temperature,
        out: &mut *out,
        with_values,
        misfits: &mut misfits,
        mode: PhantomData,
    };
    Arch::new().dispatch(rows)?;
    if misfits.len() * n == utilities.len() {
        return in_doubles(utilities, cotangents, out);
    }
    let gathered = |cells: &[f64]| -> Vec<f64> {
        misfits.iter().flat_map(|&row| &cells[row * n..(row + 1) * n]).copied().collect()
    };
    let mut results = vec![0.0; misfits.len() * width];
    in_doubles(&gathered(utilities), &gathered(cotangents), &mut results)
        .map_err(|error| error.renamed(|row| misfits[row], |coordinate| coordinate))?;
    for (&row, result) in misfits.iter().zip(results.chunks_exact(width)) {
        out[row * width..(row + 1) * width].copy_from_slice(result);
    }
    Ok(())
}

impl<S: ExponentialFamily> Relaxation<S> for SinglePrecision {
    const ORDINARY: i64 = 16;

    fn softmax(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        compute::<S, Value>(
            structure,
            utilities,
            utilities,
            temperature,
            false,
            soft,
            |utilities, _, soft| ExponentialFamilyEntropy.softmax(structure, utilities, temperature, soft),
        )
    }

    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        compute::<S, Derivative>(
            structure,
            utilities,
            cotangents,
            temperature,
            false,
            gradients,
            |u, c, g| ExponentialFamilyEntropy.softmax_vjp(structure, u, temperature, c, g),
        )
    }

    fn softmax_with_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        both: &mut [f64],
    ) -> Result<(), Error> {
        compute::<S, Derivative>(structure, utilities, cotangents, temperature, true, both, |u, c, both| {
            ExponentialFamilyEntropy.softmax_with_vjp(structure, u, temperature, c, both)
        })
    }
}

impl<S: ExponentialFamily> ExponentialFamilyRelaxation<S> for SinglePrecision {
    fn log_partition(&self, structure: &S, utilities: &[f64], t: f64, logs: &mut [f64]) -> Result<(), Error> {
        ExponentialFamilyEntropy.log_partition(structure, utilities, t, logs)
    }

    fn excess(
        &self,
        structure: &S,
        utilities: &[f64],
        t: f64,
        best: &[f64],
        excesses: &mut [f64],
    ) -> Result<(), Error> {
        ExponentialFamilyEntropy.excess(structure, utilities, t, best, excesses)
    }

    fn entropy(&self, structure: &S, utilities: &[f64], t: f64, entropies: &mut [f64]) -> Result<(), Error> {
        ExponentialFamilyEntropy.entropy(structure, utilities, t, entropies)
    }

    fn entropy_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        t: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        ExponentialFamilyEntropy.entropy_vjp(structure, utilities, t, cotangents, gradients)
    }

    fn draw(
        &self,
        structure: &S,
        utilities: &[f64],
        t: f64,
        draws: FamilyDraws,
        range: Range<usize>,
        vertices: &mut [f64],
    ) -> Result<(), Error> {
        ExponentialFamilyEntropy.draw(structure, utilities, t, draws, range, vertices)
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::structure::{Arborescence, SpanningTree};

    const ROWS: usize = 37;

    /// Numbers whose spread grows from row to row: the last ones do not fit floats.
    fn drawn(n: usize, phase: f64) -> Vec<f64> {
        let cell = |i: usize| (1.7 * (i * i) as f64 + phase).sin() * (1 + i / n) as f64;
        (0..ROWS * n).map(cell).collect()
    }

    /// The bits of a run of rows as an instruction set computes them, and the rows that do not fit.
    fn computed_by<A: Simd, S: ExponentialFamily, M: Mode>(
        simd: A,
        structure: &S,
        t: f64,
    ) -> (Vec<u64>, Vec<usize>) {
        let n = structure.dimension();
        let (utilities, cotangents) = (drawn(n, 0.0), drawn(n, 1.0));
        let (mut out, mut misfits) = (vec![0.0; ROWS * n], Vec::new());
        simd.vectorize(Rows::<S, M> {
            structure,
            utilities: &utilities,
            cotangents: &cotangents,
            temperature: t,
            out: &mut out,
            with_values: false,
            misfits: &mut misfits,
            mode: PhantomData,
        })
        .expect("memory");
        (out.iter().map(|x| x.to_bits()).collect(), misfits)
    }

    fn assert_same_bits<S: ExponentialFamily, M: Mode>(structure: &S) {
        for temperature in [3.0, 0.2] {
            let scalar = computed_by::<_, S, M>(pulp::Scalar::new(), structure, temperature);
            assert!(scalar.1.len() < ROWS, "some rows fit");
            if let Some(simd) = pulp::x86::V3::try_new() {
                let lanes = computed_by::<_, S, M>(simd, structure, temperature);
                assert!(lanes == scalar, "AVX2, temperature {temperature}");
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                let lanes = computed_by::<_, S, M>(simd, structure, temperature);
                assert!(lanes == scalar, "AVX-512, temperature {temperature}");
            }
        }
    }

    fn assert_same_bits_of_both<S: ExponentialFamily>(structure: &S) {
        assert_same_bits::<S, Value>(structure);
        assert_same_bits::<S, Derivative>(structure);
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        assert_same_bits_of_both(&SpanningTree::complete(7));
        assert_same_bits_of_both(&SpanningTree::complete(38));
        assert_same_bits_of_both(&Arborescence::complete(17, 1, false));
    }
}
