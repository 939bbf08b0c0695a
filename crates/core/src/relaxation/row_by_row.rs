//! Relaxations that compute a row after the other, in lanes along it.

use crate::number::vectorised;
use crate::structure::Structure;

/// What is computed of every row.
#[derive(Clone, Copy)]
pub(super) enum Wanted<'a> {
    /// `X_t`.
    Softmax,
    /// The product of these cotangents with the Jacobian.
    Vjp(&'a [f64]),
    /// `X_t`, and after it the product.
    Both(&'a [f64]),
}

/// A run of rows on one thread. All slices hold whole rows, as in [`super::Relaxation`].
pub(super) struct Run<'a> {
    pub(super) utilities: &'a [f64],
    pub(super) temperature: f64,
    pub(super) wanted: Wanted<'a>,
    pub(super) out: &'a mut [f64],
}

/// One row: what it is computed from, and where it goes.
pub(super) struct Row<'a> {
    pub(super) utility: &'a [f64],
    /// Place for `X_t`; empty where that is not wanted.
    pub(super) soft: &'a mut [f64],
    /// Empty where the product is not wanted, as is its place.
    pub(super) cotangent: &'a [f64],
    pub(super) gradient: &'a mut [f64],
}

impl Run<'_> {
    /// Whether products with cotangents are wanted.
    #[inline(always)]
    pub(super) fn wants_products(&self) -> bool {
        !matches!(self.wanted, Wanted::Softmax)
    }

    #[inline(always)]
    pub(super) fn rows<S: Structure>(&mut self, structure: &S) -> impl Iterator<Item = Row<'_>> {
        let (n, width) = (structure.dimension(), structure.utility_dimension());
        let (soft, product, cotangents) = match self.wanted {
            Wanted::Softmax => (n, 0, [].as_slice()),
            Wanted::Vjp(cotangents) => (0, width, cotangents),
            Wanted::Both(cotangents) => (n, width, cotangents),
        };
        let outs = self.out.chunks_exact_mut(soft + product);
        self.utilities.chunks_exact(width).zip(outs).enumerate().map(move |(row, (utility, out))| {
            let (soft, gradient) = out.split_at_mut(soft);
            let cotangent = if cotangents.is_empty() { cotangents } else { &cotangents[row * n..][..n] };
            Row { utility, soft, cotangent, gradient }
        })
    }
}

/// A relaxation that is written once for all that may be wanted of a row.
pub(super) trait RowByRow<S> {
    /// To be marked `#[inline(always)]`, as is what it calls.
    fn relax(&self, structure: &S, run: &mut Run<'_>);
}

/// Computes a run of rows in the widest registers that the machine has.
pub(super) fn relax<S: Structure, R: RowByRow<S>>(relaxation: &R, structure: &S, mut run: Run<'_>) {
    vectorised(
        #[inline(always)]
        || relaxation.relax(structure, &mut run),
    );
}

/// The methods of [`super::Relaxation`] of a structure, by [`RowByRow`].
macro_rules! row_by_row {
    ($structure:ty) => {
        fn softmax(
            &self,
            structure: &$structure,
            utilities: &[f64],
            temperature: f64,
            out: &mut [f64],
        ) -> Result<(), $crate::error::Error> {
            use $crate::relaxation::row_by_row::{Run, Wanted, relax};
            relax(self, structure, Run { utilities, temperature, wanted: Wanted::Softmax, out });
            Ok(())
        }

        fn softmax_vjp(
            &self,
            structure: &$structure,
            utilities: &[f64],
            temperature: f64,
            cotangents: &[f64],
            out: &mut [f64],
        ) -> Result<(), $crate::error::Error> {
            use $crate::relaxation::row_by_row::{Run, Wanted, relax};
            relax(self, structure, Run { utilities, temperature, wanted: Wanted::Vjp(cotangents), out });
            Ok(())
        }

        fn softmax_with_vjp(
            &self,
            structure: &$structure,
            utilities: &[f64],
            temperature: f64,
            cotangents: &[f64],
            out: &mut [f64],
        ) -> Result<(), $crate::error::Error> {
            use $crate::relaxation::row_by_row::{Run, Wanted, relax};
            relax(self, structure, Run { utilities, temperature, wanted: Wanted::Both(cotangents), out });
            Ok(())
        }
    };
}
pub(super) use row_by_row;

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use pulp::Simd;

    use super::*;
    use crate::relaxation::{BinaryEntropy, CategoricalEntropy, Entmax, Euclidean, NeuralSort, SoftSub};
    use crate::structure::{Ranking, TopK};

    const ROWS: usize = 21;

    fn wave(count: usize, phase: f64) -> Vec<f64> {
        (0..count).map(|i| 3.0 * (1.7 * (i * i) as f64 + phase).sin()).collect()
    }

    /// What every question about rows gets, as an instruction set computes it: both parts have the bits of each alone.
    fn computed_by<S: Structure, R: RowByRow<S>>(r: &R, structure: &S, simd: impl Simd, t: f64) -> Vec<u64> {
        let (n, width) = (structure.dimension(), structure.utility_dimension());
        let (utilities, cotangents) = (wave(ROWS * width, 0.1), wave(ROWS * n, 2.0));
        let [soft, gradients, both] =
            [(Wanted::Softmax, n), (Wanted::Vjp(&cotangents), width), (Wanted::Both(&cotangents), n + width)]
                .map(|(wanted, parts)| {
                    let mut out = vec![0.0; ROWS * parts];
                    let mut run = Run { utilities: &utilities, temperature: t, wanted, out: &mut out };
                    simd.vectorize(
                        #[inline(always)]
                        || r.relax(structure, &mut run),
                    );
                    out.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
                });
        let rows = soft.chunks(n).zip(gradients.chunks(width));
        assert!(both == rows.flat_map(|(x, g)| [x, g].concat()).collect::<Vec<_>>(), "both at once, {t}");
        both
    }

    fn assert_same_bits<S: Structure>(structure: &S, relaxation: impl RowByRow<S>) {
        for temperature in [10.0, 1.0, 0.5, 0.02] {
            let scalar = computed_by(&relaxation, structure, pulp::Scalar::new(), temperature);
            if let Some(simd) = pulp::x86::V3::try_new() {
                let lanes = computed_by(&relaxation, structure, simd, temperature);
                assert!(lanes == scalar, "AVX2, {temperature}");
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                let lanes = computed_by(&relaxation, structure, simd, temperature);
                assert!(lanes == scalar, "AVX-512, {temperature}");
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let structure = TopK::new(19, 5);
        assert_same_bits(&structure, Euclidean);
        assert_same_bits(&structure, CategoricalEntropy);
        assert_same_bits(&structure, BinaryEntropy);
        assert_same_bits(&structure, Entmax::new(1.5));
        assert_same_bits(&structure, SoftSub);
        for elements in [1, 8, 19] {
            assert_same_bits(&Ranking::new(elements), NeuralSort);
        }
    }
}
