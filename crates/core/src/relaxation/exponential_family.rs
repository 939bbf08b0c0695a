use std::f64::consts::LOG2_E;
use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::family_queries::{Entropy, Excess, Loader, Vertices};
use super::{ExponentialFamilyRelaxation, Relaxation};
use crate::elementary::{Exponent, LARGEST_EXPONENT, LARGEST_TEMPERATURE, LEAST_TEMPERATURE, exp_of_sum};
use crate::error::Error;
use crate::number::{Dual, Lanes, MOST_LANES, Number, Packed, Vast, Wide, along, gather, scatter};
use crate::sampling::FamilyDraws;
use crate::structure::{ExponentialFamily, extremes};

/// `f = A*`, the negative entropy of the exponential family over the vertices: `X_t = E[x]` under
/// `p(x) ~ exp(u.x / t)` (paper, section 5, equation 8).
///
/// The Jacobian is `Cov(x) / t`, which is symmetric, so one run of the marginal algorithm on dual numbers along the
/// cotangent is the vector-Jacobian product.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExponentialFamilyEntropy;

/// From so many rows on, lanes are cheaper than the rows one by one.
const FEWEST_LANES: usize = 3;

/// A row whose largest exponent is below this is told apart from a forbidden coordinate by plain doubles.
const LARGEST_PLAIN: f64 = 0.1 * LARGEST_EXPONENT;

/// What is computed of a row: the number that the algorithm runs on, and what is read off its result.
pub(super) trait Mode {
    type Of<P: Packed>: Number;
    /// Whether there is a direction to differentiate along.
    const DIRECTED: bool;
    /// Up to this `Structure::work` rows side by side are faster than one by one.
    fn largest_lane_work<S: ExponentialFamily>() -> usize;
    fn lift<P: Packed>(weight: P, direction: P::Column) -> Self::Of<P>;
    fn read<P: Packed>(marginal: Self::Of<P>) -> P::Column;
    /// The last step, on rows of what was read.
    fn finish(results: &mut [f64], temperature: f64);
}

/// The marginals themselves.
pub(super) struct Value;

impl Mode for Value {
    type Of<P: Packed> = P;
    const DIRECTED: bool = false;
    fn largest_lane_work<S: ExponentialFamily>() -> usize {
        S::LARGEST_LANE_WORK
    }
    #[inline(always)]
    fn lift<P: Packed>(weight: P, _direction: P::Column) -> P {
        weight
    }
    #[inline(always)]
    fn read<P: Packed>(marginal: P) -> P::Column {
        marginal.values()
    }
    #[inline(always)]
    fn finish(results: &mut [f64], _temperature: f64) {
        for result in results {
            *result = result.clamp(0.0, 1.0); // Rounding may have left the unit interval.
        }
    }
}

/// Their derivative along the cotangent.
struct Derivative;

impl Mode for Derivative {
    type Of<P: Packed> = Dual<P>;
    const DIRECTED: bool = true;
    /// Lone dual numbers fill registers badly.
    fn largest_lane_work<S: ExponentialFamily>() -> usize {
        1 << 21
    }
    #[inline(always)]
    fn lift<P: Packed>(weight: P, direction: P::Column) -> Dual<P> {
        along(weight, direction)
    }
    #[inline(always)]
    fn read<P: Packed>(marginal: Dual<P>) -> P::Column {
        marginal.tangent.values()
    }
    #[inline(always)]
    fn finish(results: &mut [f64], temperature: f64) {
        if temperature < LEAST_TEMPERATURE {
            results.iter_mut().for_each(|result| *result /= temperature);
            return;
        }
        let inverse = 1.0 / temperature;
        for result in results {
            *result *= inverse;
        }
    }
}

/// As many rows as one number `P` stands for, on their way through the algorithm.
pub(super) struct Tile<P: Packed, M: Mode, S: ExponentialFamily> {
    /// Any number of the make to compute with.
    zero: P,
    pub(super) weights: Vec<M::Of<P>>,
    pub(super) marginals: Vec<M::Of<P>>,
    utilities: Vec<P::Column>,
    /// On the way in the cotangents, on the way out the results.
    results: Vec<P::Column>,
    pub(super) workspace: S::Workspace<M::Of<P>>,
}

impl<P: Packed, M: Mode, S: ExponentialFamily> Tile<P, M, S> {
    #[inline(always)]
    pub(super) fn new(structure: &S, zero: P) -> Self {
        let column = zero.column([0.0; MOST_LANES]);
        let lifted = M::lift(zero, column);
        Self {
            zero,
            weights: vec![lifted; structure.dimension()],
            marginals: vec![lifted; structure.dimension()],
            utilities: vec![column; structure.dimension()],
            results: vec![column; structure.dimension()],
            workspace: structure.workspace(lifted),
        }
    }

    /// From the first rows of utilities, each with the power of two to scale its weights by, to weights.
    #[inline(always)]
    pub(super) fn load(
        &mut self,
        utilities: &[&[f64]; MOST_LANES],
        cotangents: &[&[f64]; MOST_LANES],
        exponent: Exponent,
        shifts: &[f64; MOST_LANES],
    ) {
        let zero = self.zero;
        let shift = zero.column(*shifts);
        gather(zero, utilities, &mut self.utilities);
        if M::DIRECTED {
            gather(zero, cotangents, &mut self.results);
        }
        for ((weight, &utility), &direction) in
            self.weights.iter_mut().zip(&self.utilities).zip(&self.results)
        {
            *weight = M::lift(P::weight(utility, exponent, shift), direction);
        }
    }

    #[inline(always)]
    pub(super) fn run(&mut self, structure: &S) {
        structure.marginals(&self.weights, &mut self.marginals, &mut self.workspace);
    }

    /// The partition function of one row.
    #[inline(always)]
    fn partition(&mut self, structure: &S, utility: &[f64], temperature: f64) -> M::Of<P> {
        let row = [utility; MOST_LANES];
        self.load(&row, &row, Exponent::new(temperature), &[0.0; MOST_LANES]);
        structure.partition(&self.weights, &mut self.workspace)
    }

    /// Writes the results to the rows that begin at `starts`.
    #[inline(always)]
    fn store(&mut self, starts: &[usize], temperature: f64, out: &mut [f64]) {
        for (result, &marginal) in self.results.iter_mut().zip(&self.marginals) {
            *result = M::read::<P>(marginal);
        }
        scatter::<P>(&self.results, starts, out);
        for &start in starts {
            M::finish(&mut out[start..start + self.marginals.len()], temperature);
        }
    }
}

impl<S: ExponentialFamily> Tile<Vast, Value, S> {
    #[inline(never)]
    fn log_partition(&mut self, structure: &S, utility: &[f64], temperature: f64) -> f64 {
        let rows = [utility; MOST_LANES];
        self.load(&rows, &rows, Exponent::new(temperature), &[0.0; MOST_LANES]);
        structure.partition(&self.weights, &mut self.workspace).ln()
    }
}

impl<M: Mode, S: ExponentialFamily> Tile<Wide, M, S> {
    /// From one row of utilities to weights of the same probabilities.
    pub(super) fn load_narrowed(
        &mut self,
        structure: &S,
        utility: &[f64],
        cotangent: &[f64],
        temperature: f64,
        narrowed: &mut Vec<(f64, f64)>,
    ) {
        structure.narrow(utility, temperature, narrowed, &mut self.workspace);
        for ((weight, &(high, low)), &direction) in self.weights.iter_mut().zip(&*narrowed).zip(cotangent) {
            let (mantissa, n) = if high == f64::NEG_INFINITY { (0.0, 0.0) } else { exp_of_sum(high, low) };
            *weight = M::lift(Wide::new(mantissa, n as i64), direction);
        }
    }
}

/// The numbers that the weights of a row need.
pub(super) enum Reach {
    /// Those with 64-bit exponents.
    Wide,
    /// Those with exact exponents.
    Vast,
    /// The first, of utilities that are narrowed.
    Narrowed,
}

pub(super) fn reach_of<S: ExponentialFamily>(utility: &[f64], temperature: f64) -> Reach {
    let (largest, smallest) = extremes(utility);
    let size = largest.abs().max(smallest.abs()) / temperature;
    match temperature >= LEAST_TEMPERATURE && size < S::LARGEST_EXPONENT {
        true => Reach::Wide,
        false if S::NARROWS => Reach::Narrowed,
        false => Reach::Vast,
    }
}

/// A run of rows on one thread.
struct Rows<'a, S, M> {
    structure: &'a S,
    utilities: &'a [f64],
    cotangents: &'a [f64],
    temperature: f64,
    out: &'a mut [f64],
    mode: PhantomData<M>,
}

impl<S: ExponentialFamily, M: Mode> Rows<'_, S, M> {
    #[inline(always)]
    fn cells(&self, row: usize) -> Range<usize> {
        let n = self.structure.dimension();
        row * n..(row + 1) * n
    }

    /// Rows with the powers of two to scale their weights by, one in each lane; where there are fewer, the last one fills
    /// the rest.
    #[inline(always)]
    fn compute<P: Packed>(&mut self, rows: &[(usize, f64)], tile: &mut Tile<P, M, S>) {
        let mut all = [rows[rows.len() - 1]; MOST_LANES];
        all[..rows.len()].copy_from_slice(rows);
        let utilities = all.map(|(row, _)| &self.utilities[self.cells(row)]);
        let cotangents = all.map(|(row, _)| &self.cotangents[self.cells(row)]);
        let shifts = all.map(|(_, shift)| shift);
        tile.load(&utilities, &cotangents, Exponent::new(self.temperature), &shifts);
        tile.run(self.structure);
        let starts = all.map(|(row, _)| self.cells(row).start);
        tile.store(&starts[..rows.len()], self.temperature, self.out);
    }

    /// A row whose utilities are narrowed.
    #[inline(always)]
    fn compute_narrowed(&mut self, row: usize, tile: &mut Tile<Wide, M, S>, narrowed: &mut Vec<(f64, f64)>) {
        let cells = self.cells(row);
        let (utility, cotangent) = (&self.utilities[cells.clone()], &self.cotangents[cells.clone()]);
        tile.load_narrowed(self.structure, utility, cotangent, self.temperature, narrowed);
        tile.run(self.structure);
        tile.store(&[cells.start], self.temperature, self.out);
    }

    /// A row that needs exact exponents; compiled once, for all machines.
    #[inline(never)]
    fn compute_vast(&mut self, row: usize, tile: &mut Option<Tile<Vast, M, S>>) {
        let structure = self.structure;
        self.compute(&[(row, 0.0)], tile.get_or_insert_with(|| Tile::new(structure, Vast::ZERO)));
    }

    /// The power of two to scale a row's weights by, if plain doubles will do.
    #[inline(always)]
    fn plain_shift(&self, row: usize, scratch: &mut Vec<f64>) -> Option<f64> {
        let utility = &self.utilities[self.cells(row)];
        let extremes = extremes(utility);
        let moderate = (LEAST_TEMPERATURE..=LARGEST_TEMPERATURE).contains(&self.temperature);
        if !moderate || extremes.0.abs() / self.temperature >= LARGEST_PLAIN {
            return None;
        }
        let shift = self.structure.plain_shift(utility, extremes, self.temperature, scratch)?;
        Some((shift / self.temperature * LOG2_E).round())
    }
}

impl<S: ExponentialFamily, M: Mode> WithSimd for Rows<'_, S, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(mut self, simd: A) {
        let (structure, utilities) = (self.structure, self.utilities);
        let rows = utilities.len() / structure.dimension();
        let fewest_lanes =
            if structure.work() <= M::largest_lane_work::<S>() { FEWEST_LANES } else { usize::MAX };
        let (mut lanes, mut single, mut wides, mut vast) = (None, None, None, None);
        let (mut scratch, mut narrowed) = (Vec::new(), Vec::new());
        let mut pending = [(0, 0.0); MOST_LANES];
        let mut row = 0;
        while row < rows {
            let mut count = 0;
            while row < rows && count < Lanes::<A>::ROWS {
                match self.plain_shift(row, &mut scratch) {
                    Some(shift) => {
                        pending[count] = (row, shift);
                        count += 1;
                    }
                    None => {
                        let wide = || Tile::new(structure, Wide::ZERO);
                        match reach_of::<S>(&self.utilities[self.cells(row)], self.temperature) {
                            Reach::Wide => self.compute(&[(row, 0.0)], wides.get_or_insert_with(wide)),
                            Reach::Vast => self.compute_vast(row, &mut vast),
                            Reach::Narrowed => {
                                self.compute_narrowed(row, wides.get_or_insert_with(wide), &mut narrowed)
                            }
                        }
                    }
                }
                row += 1;
            }
            if count >= fewest_lanes {
                let zero = Lanes { simd, values: simd.splat_f64s(0.0) };
                self.compute(&pending[..count], lanes.get_or_insert_with(|| Tile::new(structure, zero)));
            } else {
                for lone in &pending[..count] {
                    self.compute(&[*lone], single.get_or_insert_with(|| Tile::new(structure, 0.0)));
                }
            }
        }
    }
}

/// `log Z` of a run of rows.
struct LogPartitions<'a, S> {
    structure: &'a S,
    utilities: &'a [f64],
    temperature: f64,
    logs: &'a mut [f64],
}

impl<S: ExponentialFamily> WithSimd for LogPartitions<'_, S> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(self, _simd: A) {
        let Self { structure, utilities, temperature, logs } = self;
        let (mut wide, mut vast) = (Tile::<Wide, Value, S>::new(structure, Wide::ZERO), None);
        let mut narrowed = Vec::new();
        for (log, utility) in logs.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
            *log = match reach_of::<S>(utility, temperature) {
                Reach::Wide => wide.partition(structure, utility, temperature).ln(),
                Reach::Vast => vast
                    .get_or_insert_with(|| Tile::<Vast, Value, S>::new(structure, Vast::ZERO))
                    .log_partition(structure, utility, temperature),
                Reach::Narrowed => {
                    wide.load_narrowed(structure, utility, utility, temperature, &mut narrowed);
                    let log = structure.partition(&wide.weights, &mut wide.workspace).ln();
                    wide.run(structure);
                    log + wide.expected_loss(utility, temperature, &narrowed)
                }
            };
        }
    }
}

impl<S: ExponentialFamily> Tile<Wide, Value, S> {
    /// What narrowing took away: the same from all vertices that matter, so that it is its expectation.
    fn expected_loss(&self, utility: &[f64], temperature: f64, narrowed: &[(f64, f64)]) -> f64 {
        let losses = utility.iter().zip(narrowed).map(|(&u, &(high, low))| u / temperature - high - low);
        let terms = self.marginals.iter().zip(losses).map(|(marginal, loss)| match marginal.to_f64() {
            0.0 => 0.0,
            probability => probability * loss,
        });
        terms.sum()
    }
}

impl<S: ExponentialFamily> Relaxation<S> for ExponentialFamilyEntropy {
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
            mode: PhantomData,
        };
        Arch::new().dispatch(rows);
        Ok(())
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
            mode: PhantomData,
        };
        Arch::new().dispatch(rows);
        Ok(())
    }
}

impl<S: ExponentialFamily> ExponentialFamilyRelaxation<S> for ExponentialFamilyEntropy {
    fn log_partition(&self, structure: &S, utilities: &[f64], temperature: f64, logs: &mut [f64]) {
        Arch::new().dispatch(LogPartitions { structure, utilities, temperature, logs });
    }

    fn excess(&self, structure: &S, utilities: &[f64], temperature: f64, best: &[f64], excesses: &mut [f64]) {
        let mut loader = Loader::new(structure, temperature);
        let n = structure.dimension();
        let rows = utilities.chunks_exact(n).zip(best.chunks_exact(n));
        for (excess, (utility, best)) in excesses.iter_mut().zip(rows) {
            *excess = loader.ask(utility, Excess { best });
        }
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
            *entropy = loader.ask(utility, Entropy).map_err(|error| error.at_row(row))?;
        }
        Ok(())
    }

    fn draw(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        draws: FamilyDraws,
        range: Range<usize>,
        mut vertices: &mut [f64],
    ) {
        let (n, samples) = (structure.dimension(), draws.samples);
        let mut loader = Loader::new(structure, temperature);
        let mut first = range.start;
        while first < range.end {
            let row = first / samples;
            let end = range.end.min((row + 1) * samples);
            let (of_row, after) = vertices.split_at_mut((end - first) * n);
            loader.ask(&utilities[row * n..(row + 1) * n], Vertices { draws, first, vertices: of_row });
            (first, vertices) = (end, after);
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::structure::{Arborescence, SpanningTree, TopK};
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
            mode: PhantomData,
        });
        let out = &mut gradients[..];
        simd.vectorize(Rows::<S, Derivative> {
            structure,
            utilities,
            cotangents,
            temperature,
            out,
            mode: PhantomData,
        });
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
    }
}
