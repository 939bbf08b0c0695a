use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::columns::{Columns, Source};
use super::entropy_gradient;
use super::family_queries::{Entropy, Excess, Loader, LogPartition, Vertices};
use super::numbers::{Numbers, Survey};
use super::tile::{Derivative, Mode, Tile, Value, made};
use super::{ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::Exponent;
use crate::error::Error;
use crate::number::{Alignment, Arch, Bytes16, Bytes32, Bytes64, Lanes, MOST_LANES, Packed, Vast, Wide};
use crate::sampling::FamilyDraws;
use crate::structure::ExponentialFamily;

/// `f = A*`, the negative entropy of the exponential family over the vertices: `X_t = E[x]` under
/// `p(x) ~ exp(u.x / t)` (paper, section 5, equation 8).
///
/// The Jacobian is `Cov(x) / t`, which is symmetric, so one run of the marginal algorithm on dual numbers along the
/// cotangent is the vector-Jacobian product.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExponentialFamilyEntropy;

/// From so many rows on, lanes are cheaper than the rows one by one.
const FEWEST_LANES: usize = 3;

/// A row on its way: its number, the power of two to scale its weights by, and its place among those that are trimmed.
#[derive(Clone, Copy)]
struct Pending {
    row: usize,
    shift: f64,
    trimmed: Option<usize>,
}

impl Pending {
    fn as_it_is(row: usize, shift: f64) -> Self {
        Self { row, shift, trimmed: None }
    }
}

/// A run of rows on one thread.
struct Rows<'a, S, M> {
    structure: &'a S,
    utilities: &'a [f64],
    cotangents: &'a [f64],
    temperature: f64,
    out: &'a mut [f64],
    /// Whether each row of the output is the marginals, and after them what the mode reads.
    with_values: bool,
    mode: PhantomData<M>,
}

impl<'a, S: ExponentialFamily, M: Mode> Rows<'a, S, M> {
    #[inline(always)]
    fn cells(&self, row: usize) -> Range<usize> {
        let n = self.structure.dimension();
        row * n..(row + 1) * n
    }

    #[inline(always)]
    fn utility<'b>(&self, pending: Pending, trimmed: &'b [f64]) -> &'b [f64]
    where
        'a: 'b,
    {
        match pending.trimmed {
            None => &self.utilities[self.cells(pending.row)],
            Some(place) => &trimmed[self.cells(place)],
        }
    }

    /// Rows, one in each lane; where there are fewer, the last one fills the rest.
    #[inline(always)]
    fn compute<P: Packed>(&mut self, rows: &[Pending], trimmed: &[f64], tile: &mut Tile<P, M, S>) {
        let mut all = [rows[rows.len() - 1]; MOST_LANES];
        all[..rows.len()].copy_from_slice(rows);
        let utilities = all.map(|pending| self.utility(pending, trimmed));
        let cotangents = all.map(|pending| &self.cotangents[self.cells(pending.row)]);
        let shifts = all.map(|pending| pending.shift);
        tile.load(self.structure, &utilities, &cotangents, Exponent::new(self.temperature), &shifts);
        tile.run(self.structure);
        let numbers = all.map(|pending| pending.row);
        self.store(tile, &numbers[..rows.len()], &utilities);
    }

    #[inline(always)]
    fn store<P: Packed>(&mut self, tile: &mut Tile<P, M, S>, rows: &[usize], utilities: &[&[f64]]) {
        tile.store(self.structure, rows, utilities, self.temperature, self.with_values, self.out);
    }

    /// Rows of a structure that relaxes doubles by itself, one in each lane.
    #[inline(always)]
    fn relax<P: Packed>(&mut self, rows: &[Pending], columns: &mut Columns<P>) {
        let mut all = [rows[rows.len() - 1]; MOST_LANES];
        all[..rows.len()].copy_from_slice(rows);
        let utilities = all.map(|pending| &self.utilities[self.cells(pending.row)]);
        let cotangents = all.map(|pending| &self.cotangents[self.cells(pending.row)]);
        let numbers = all.map(|pending| pending.row);
        let source = Source {
            rows: &numbers[..rows.len()],
            utilities: &utilities,
            cotangents: &cotangents,
            temperature: self.temperature,
        };
        columns.relax::<S, M, MOST_LANES>(self.structure, source, self.with_values, self.out);
    }

    /// One row of such a structure.
    #[inline(always)]
    fn relax_alone(&mut self, row: usize, columns: &mut Columns<f64>) {
        let cells = self.cells(row);
        let (utility, cotangent) = (&self.utilities[cells.clone()], &self.cotangents[cells]);
        let width = if self.with_values { 2 * utility.len() } else { utility.len() };
        let out = &mut self.out[row * width..(row + 1) * width];
        let (structure, temperature) = (self.structure, self.temperature);
        columns.relax_alone::<S, M>(structure, utility, cotangent, temperature, self.with_values, out);
    }

    /// A row whose utilities are narrowed.
    #[inline(always)]
    fn compute_narrowed(&mut self, row: usize, survey: &Survey<S>, tile: &mut Tile<Wide, M, S>) {
        let cells = self.cells(row);
        tile.load_narrowed(self.structure, &survey.narrowed, &self.cotangents[cells.clone()]);
        tile.run(self.structure);
        let utilities = &[&self.utilities[cells]; MOST_LANES];
        self.store(tile, &[row], utilities);
    }

    /// A row that needs exact exponents; compiled once, for all machines.
    #[inline(never)]
    fn compute_vast(&mut self, row: usize, tile: &mut Option<Tile<Vast, M, S>>) -> Result<(), Error> {
        let tile = made(tile, || Tile::new(self.structure, Vast::ZERO))?;
        self.compute(&[Pending::as_it_is(row, 0.0)], &[], tile);
        Ok(())
    }

    /// In numbers that are aligned as `L`.
    #[inline(always)]
    fn run<A: Simd, L: Alignment>(mut self, simd: A) -> Result<(), Error> {
        let (structure, utilities, n) = (self.structure, self.utilities, self.structure.dimension());
        let rows = utilities.len() / n;
        let fewest_lanes =
            if structure.work_of_sums() <= M::largest_lane_work::<S>() { FEWEST_LANES } else { usize::MAX };
        let (mut lanes, mut single, mut wides, mut vast) = (None, None, None, None);
        let (mut column_lanes, mut columns) = (None, None);
        let mut survey = Survey::new(structure, self.temperature);
        let mut trimmed = Vec::new();
        let mut pending = [Pending::as_it_is(0, 0.0); MOST_LANES];
        let mut relaxed = pending;
        let mut row = 0;
        while row < rows {
            let (mut count, mut relaxed_count) = (0, 0);
            while row < rows && count < A::F64_LANES && relaxed_count < A::F64_LANES {
                let lone = Pending::as_it_is(row, 0.0);
                let wide = || Tile::new(structure, Wide::ZERO);
                match survey.choose(structure, &utilities[self.cells(row)]) {
                    Numbers::Plain(shift) => {
                        pending[count] = Pending { shift, ..lone };
                        count += 1;
                    }
                    Numbers::Trimmed(shift) => {
                        trimmed.resize(MOST_LANES * n, 0.0);
                        trimmed[count * n..(count + 1) * n].copy_from_slice(&survey.trimmed);
                        pending[count] = Pending { row, shift, trimmed: Some(count) };
                        count += 1;
                    }
                    Numbers::Relaxed => {
                        relaxed[relaxed_count] = lone;
                        relaxed_count += 1;
                    }
                    Numbers::Wide => {
                        let tile = made(&mut wides, wide).map_err(|error| error.at_row(row))?;
                        self.compute(&[lone], &[], tile);
                    }
                    Numbers::TrimmedWide => {
                        let tile = made(&mut wides, wide).map_err(|error| error.at_row(row))?;
                        self.compute(&[Pending { trimmed: Some(0), ..lone }], &survey.trimmed, tile);
                    }
                    Numbers::Narrowed => {
                        let tile = made(&mut wides, wide).map_err(|error| error.at_row(row))?;
                        self.compute_narrowed(row, &survey, tile);
                    }
                    Numbers::Vast => {
                        self.compute_vast(row, &mut vast).map_err(|error| error.at_row(row))?;
                    }
                }
                row += 1;
            }
            let zero = Lanes::<A, L>::new(simd, simd.splat_f64s(0.0));
            if S::RELAXES && relaxed_count >= FEWEST_LANES && !structure.relaxes_alone() {
                let columns = made(&mut column_lanes, || Columns::new(structure, zero));
                let columns = columns.map_err(|error| error.at_row(relaxed[0].row))?;
                self.relax(&relaxed[..relaxed_count], columns);
            } else if S::RELAXES {
                for lone in &relaxed[..relaxed_count] {
                    let columns = made(&mut columns, || Columns::new(structure, 0.0));
                    let columns = columns.map_err(|error| error.at_row(lone.row))?;
                    self.relax_alone(lone.row, columns);
                }
            }
            if count >= fewest_lanes {
                let tile = made(&mut lanes, || Tile::new(structure, zero));
                let tile = tile.map_err(|error| error.at_row(pending[0].row))?;
                self.compute(&pending[..count], &trimmed, tile);
            } else {
                for lone in &pending[..count] {
                    let tile = made(&mut single, || Tile::new(structure, 0.0));
                    let tile = tile.map_err(|error| error.at_row(lone.row))?;
                    self.compute(&[*lone], &trimmed, tile);
                }
            }
        }
        Ok(())
    }
}

/// Which alignment the registers of an instruction set have.
struct Registers<A>(PhantomData<A>);

impl<A: Simd> Registers<A> {
    const FOUR: bool = A::F64_LANES == 4;
    const EIGHT: bool = A::F64_LANES == 8;
}

impl<S: ExponentialFamily, M: Mode> WithSimd for Rows<'_, S, M> {
    type Output = Result<(), Error>;

    // The names are constants, so that what is not called is not compiled.
    #[inline(always)]
    fn with_simd<A: Simd>(self, simd: A) -> Result<(), Error> {
        if Registers::<A>::EIGHT {
            self.run::<A, Bytes64>(simd)
        } else if Registers::<A>::FOUR {
            self.run::<A, Bytes32>(simd)
        } else {
            self.run::<A, Bytes16>(simd)
        }
    }
}

impl<S: ExponentialFamily> Relaxation<S> for ExponentialFamilyEntropy {
    fn work(&self, structure: &S) -> usize {
        structure.work_of_sums()
    }

    fn softmax(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        soft: &mut [f64],
    ) -> Result<(), Error> {
        let rows = Rows::<S, Value> {
            structure,
            utilities,
            cotangents: utilities,
            temperature,
            out: soft,
            with_values: false,
            mode: PhantomData,
        };
        Arch::new().dispatch(rows)
    }

    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        let rows = Rows::<S, Derivative> {
            structure,
            utilities,
            cotangents,
            temperature,
            out: gradients,
            with_values: false,
            mode: PhantomData,
        };
        Arch::new().dispatch(rows)
    }

    fn softmax_with_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        both: &mut [f64],
    ) -> Result<(), Error> {
        let rows = Rows::<S, Derivative> {
            structure,
            utilities,
            cotangents,
            temperature,
            out: both,
            with_values: true,
            mode: PhantomData,
        };
        Arch::new().dispatch(rows)
    }
}

impl<S: ExponentialFamily> ExponentialFamilyRelaxation<S> for ExponentialFamilyEntropy {
    fn log_partition(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        logs: &mut [f64],
    ) -> Result<(), Error> {
        let mut loader = Loader::new(structure, temperature);
        for (row, (log, utility)) in
            logs.iter_mut().zip(utilities.chunks_exact(structure.dimension())).enumerate()
        {
            *log = loader.ask(utility, LogPartition).map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    fn excess(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        best: &[f64],
        excesses: &mut [f64],
    ) -> Result<(), Error> {
        let mut loader = Loader::new(structure, temperature);
        let n = structure.dimension();
        let rows = utilities.chunks_exact(n).zip(best.chunks_exact(n));
        for (row, (excess, (utility, best))) in excesses.iter_mut().zip(rows).enumerate() {
            *excess = loader.ask(utility, Excess { best }).map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    fn entropy(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        entropies: &mut [f64],
    ) -> Result<(), Error> {
        let mut loader = Loader::new(structure, temperature);
        let rows = utilities.chunks_exact(structure.dimension());
        for (row, (entropy, utility)) in entropies.iter_mut().zip(rows).enumerate() {
            *entropy = loader
                .ask(utility, Entropy)
                .and_then(|entropy| entropy)
                .map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    fn entropy_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) -> Result<(), Error> {
        entropy_gradient::entropy_vjp(structure, utilities, temperature, cotangents, gradients)
    }

    fn draw(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        draws: FamilyDraws,
        range: Range<usize>,
        mut vertices: &mut [f64],
    ) -> Result<(), Error> {
        let (n, samples) = (structure.dimension(), draws.samples);
        let mut loader = Loader::new(structure, temperature);
        let mut first = range.start;
        while first < range.end {
            let row = first / samples;
            let end = range.end.min((row + 1) * samples);
            let (of_row, after) = vertices.split_at_mut((end - first) * n);
            let query = Vertices { draws, first, vertices: of_row };
            loader
                .ask(&utilities[row * n..(row + 1) * n], query)
                .map_err(|error| error.at_row(first - range.start))?;
            (first, vertices) = (end, after);
        }
        Ok(())
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::structure::{Arborescence, Derivations, SpanningTree, TopK};
    use crate::{AnyOperator, Call, Question, Terms};

    /// Soft structures and their derivatives, as an instruction set computes them.
    fn computed_by<A: Simd, S: ExponentialFamily>(simd: A, structure: &S, temperature: f64) -> Vec<u64> {
        let n = structure.dimension();
        let draw = |seed| {
            let (gumbels, terms) = (AnyOperator::plain(n), Terms { seed, ..Terms::default() });
            let (theta, mut cells) = (vec![0.0; 21 * n], vec![0.0; 21 * n]);
            Call::new(&gumbels, Question::Perturb, &[&theta], None, terms, 21)
                .and_then(|call| call.run(&mut cells, 1))
                .expect("valid parameters");
            cells
        };
        let (utilities, cotangents) = (draw(1), draw(2));
        let (mut soft, mut gradients) = (vec![0.0; 21 * n], vec![0.0; 21 * n]);
        let (utilities, cotangents) = (&utilities[..], &cotangents[..]);
        let out = &mut soft[..];
        simd.vectorize(Rows::<S, Value> {
            structure,
            utilities,
            cotangents,
            temperature,
            out,
            with_values: false,
            mode: PhantomData,
        })
        .expect("memory");
        let out = &mut gradients[..];
        simd.vectorize(Rows::<S, Derivative> {
            structure,
            utilities,
            cotangents,
            temperature,
            out,
            with_values: false,
            mode: PhantomData,
        })
        .expect("memory");
        soft.iter().chain(&gradients).map(|x| x.to_bits()).collect()
    }

    fn assert_same_bits<S: ExponentialFamily>(structure: &S) {
        // From rows that all fit plain doubles to rows of which none does.
        for temperature in [1.0, 0.02, 0.001] {
            let scalar = computed_by(pulp::Scalar::new(), structure, temperature);
            if let Some(simd) = pulp::x86::V3::try_new() {
                assert_eq!(
                    computed_by(simd, structure, temperature),
                    scalar,
                    "AVX2, temperature {temperature}"
                );
            }
            if let Some(simd) = pulp::x86::V4::try_new() {
                assert_eq!(
                    computed_by(simd, structure, temperature),
                    scalar,
                    "AVX-512, temperature {temperature}"
                );
            }
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        assert_same_bits(&SpanningTree::complete(7));
        assert_same_bits(&TopK::new(19, 4));
        assert_same_bits(&Arborescence::complete(6, 1, false));
        assert_same_bits(&Arborescence::complete(6, 1, true));
        assert_same_bits(&Derivations::linear_chain(3, 19));
        assert_same_bits(&Derivations::alignment(4, 5, 5));
        assert_same_bits(&Derivations::binary_tree(11, 2));
        // Blocks of which the last is not whole.
        assert_same_bits(&SpanningTree::complete(38));
        assert_same_bits(&Arborescence::complete(37, 1, false));
    }
}
