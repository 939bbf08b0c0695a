use std::marker::PhantomData;
use std::ops::Range;

use pulp::{Arch, Simd, WithSimd};

use super::Relaxation;
use super::compression::{compress, is_needed, two_sum};
use crate::elementary::exp_scaled;
use crate::number::{Dual, LANES, Lanes, Number, Packed, Wide, along};
use crate::structure::{ExponentialFamily, extremes};

/// `f = A*`, the negative entropy of the exponential family over the vertices: `X_t = E[x]` under
/// `p(x) ~ exp(u.x / t)` (paper, section 5, equation 8).
///
/// The Jacobian is `Cov(x) / t`, which is symmetric, so one run of the marginal algorithm on dual numbers along the
/// cotangent is the vector-Jacobian product.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExponentialFamilyEntropy;

/// Up to this dimension eight rows at a time fit the cache; a longer row goes alone.
const LARGEST_LANE_DIMENSION: usize = 1 << 10;
/// From so many rows on, eight lanes are cheaper than the rows one by one.
const FEWEST_LANES: usize = 3;

/// What is computed of a row: the number that the algorithm runs on, and what is read off its result.
trait Mode {
    type Of<P: Packed>: Number;
    fn lift<P: Packed>(weight: P, direction: &[f64]) -> Self::Of<P>;
    fn read<P: Packed>(marginal: Self::Of<P>, row: usize, temperature: f64) -> f64;
}

/// The marginals themselves.
struct Value;

impl Mode for Value {
    type Of<P: Packed> = P;
    #[inline(always)]
    fn lift<P: Packed>(weight: P, _direction: &[f64]) -> P {
        weight
    }
    #[inline(always)]
    fn read<P: Packed>(marginal: P, row: usize, _temperature: f64) -> f64 {
        marginal.row(row).clamp(0.0, 1.0)
    }
}

/// Their derivative along the cotangent.
struct Derivative;

impl Mode for Derivative {
    type Of<P: Packed> = Dual<P>;
    #[inline(always)]
    fn lift<P: Packed>(weight: P, direction: &[f64]) -> Dual<P> {
        along(weight, direction)
    }
    #[inline(always)]
    fn read<P: Packed>(marginal: Dual<P>, row: usize, temperature: f64) -> f64 {
        marginal.tangent.row(row) / temperature
    }
}

/// As many rows as one number `P` stands for, on their way through the algorithm.
struct Tile<P: Packed, M: Mode, S: ExponentialFamily> {
    /// Interleaved by row: first `u - shift` as an unevaluated sum, then the weights as `high * 2^low`.
    high: Vec<f64>,
    low: Vec<f64>,
    directions: Vec<f64>,
    weights: Vec<M::Of<P>>,
    marginals: Vec<M::Of<P>>,
    workspace: S::Workspace<M::Of<P>>,
}

impl<P: Packed, M: Mode, S: ExponentialFamily> Tile<P, M, S> {
    fn new(structure: &S) -> Self {
        let n = structure.dimension();
        Self {
            high: vec![0.0; n * P::ROWS],
            low: vec![0.0; n * P::ROWS],
            directions: vec![0.0; n * P::ROWS],
            weights: vec![<M::Of<P> as Number>::ZERO; n],
            marginals: vec![<M::Of<P> as Number>::ZERO; n],
            workspace: structure.workspace(),
        }
    }

    #[inline(always)]
    fn load_utility(&mut self, slot: usize, utility: &[f64], shift: f64) {
        let cells = self.high.chunks_exact_mut(P::ROWS).zip(self.low.chunks_exact_mut(P::ROWS));
        for ((high, low), &u) in cells.zip(utility) {
            let (difference, error) = two_sum(u, -shift);
            high[slot] = difference;
            low[slot] = if difference == f64::NEG_INFINITY { 0.0 } else { error };
        }
    }

    #[inline(always)]
    fn load_direction(&mut self, slot: usize, cotangent: &[f64]) {
        for (direction, &g) in self.directions.chunks_exact_mut(P::ROWS).zip(cotangent) {
            direction[slot] = g;
        }
    }

    /// From utilities to weights.
    #[inline(always)]
    fn exponentiate(&mut self, temperature: f64) {
        for (high, low) in self.high.iter_mut().zip(&mut self.low) {
            (*high, *low) = exp_scaled(*high, *low, temperature);
        }
        let cells = self.high.chunks_exact(P::ROWS).zip(self.low.chunks_exact(P::ROWS));
        let cells = cells.zip(self.directions.chunks_exact(P::ROWS));
        for (weight, ((mantissas, exponents), direction)) in self.weights.iter_mut().zip(cells) {
            *weight = M::lift(P::pack(mantissas, exponents), direction);
        }
    }

    #[inline(always)]
    fn run(&mut self, structure: &S) {
        structure.marginals(&self.weights, &mut self.marginals, &mut self.workspace);
    }

    #[inline(always)]
    fn store(&self, slot: usize, temperature: f64, out: &mut [f64]) {
        for (out, &marginal) in out.iter_mut().zip(&self.marginals) {
            *out = M::read(marginal, slot, temperature);
        }
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
    fn cells(&self, row: usize) -> Range<usize> {
        let n = self.structure.dimension();
        row * n..(row + 1) * n
    }

    /// Rows whose weights fit plain doubles, one in each lane.
    #[inline(always)]
    fn plain<P: Packed>(&mut self, rows: &[(usize, f64)], tile: &mut Tile<P, M, S>) {
        for slot in 0..P::ROWS {
            let (row, shift) = rows[slot.min(rows.len() - 1)];
            let cells = self.cells(row);
            tile.load_utility(slot, &self.utilities[cells.clone()], shift);
            tile.load_direction(slot, &self.cotangents[cells]);
        }
        tile.exponentiate(self.temperature);
        tile.run(self.structure);
        for (slot, &(row, _)) in rows.iter().enumerate() {
            let cells = self.cells(row);
            tile.store(slot, self.temperature, &mut self.out[cells]);
        }
    }

    /// A row whose weights need 64-bit exponents.
    #[inline(always)]
    fn wide(&mut self, row: usize, tile: &mut Tile<Wide, M, S>, order: &mut Vec<usize>) {
        let cells = self.cells(row);
        tile.load_direction(0, &self.cotangents[cells.clone()]);
        tile.load_wide(&self.utilities[cells.clone()], self.temperature, order);
        tile.run(self.structure);
        tile.store(0, self.temperature, &mut self.out[cells]);
    }
}

impl<S: ExponentialFamily, M: Mode> WithSimd for Rows<'_, S, M> {
    type Output = ();

    #[inline(always)]
    fn with_simd<A: Simd>(mut self, _simd: A) {
        let structure = self.structure;
        let rows = self.utilities.len() / structure.dimension();
        let fewest_lanes =
            if structure.dimension() <= LARGEST_LANE_DIMENSION { FEWEST_LANES } else { usize::MAX };
        let (mut lanes, mut single, mut wide) = (None, None, None);
        let (mut scratch, mut order) = (Vec::new(), Vec::new());
        let mut pending = [(0, 0.0); LANES];
        let mut row = 0;
        while row < rows {
            let mut count = 0;
            while row < rows && count < LANES {
                let utility = &self.utilities[self.cells(row)];
                match structure.plain_shift(utility, self.temperature, &mut scratch) {
                    Some(shift) => {
                        pending[count] = (row, shift);
                        count += 1;
                    }
                    None => self.wide(row, wide.get_or_insert_with(|| Tile::new(structure)), &mut order),
                }
                row += 1;
            }
            if count >= fewest_lanes {
                self.plain::<Lanes>(&pending[..count], lanes.get_or_insert_with(|| Tile::new(structure)));
            } else {
                for lone in &pending[..count] {
                    self.plain::<f64>(&[*lone], single.get_or_insert_with(|| Tile::new(structure)));
                }
            }
        }
    }
}

impl<M: Mode, S: ExponentialFamily> Tile<Wide, M, S> {
    /// Weights of one row as 64-bit-exponent numbers; returns whether gaps had to be narrowed first.
    #[inline(always)]
    fn load_wide(&mut self, utility: &[f64], temperature: f64, order: &mut Vec<usize>) -> bool {
        let (largest, smallest) = extremes(utility);
        let narrowed = is_needed(largest, smallest, temperature);
        if narrowed {
            compress(utility, temperature, order, &mut self.high, &mut self.low);
            self.exponentiate(1.0);
        } else {
            self.high.copy_from_slice(utility);
            self.low.fill(0.0);
            self.exponentiate(temperature);
        }
        narrowed
    }
}

impl<S: ExponentialFamily> Relaxation<S> for ExponentialFamilyEntropy {
    fn softmax(&self, structure: &S, utilities: &[f64], temperature: f64, soft: &mut [f64]) {
        let rows = Rows::<S, Value> {
            structure,
            utilities,
            cotangents: utilities,
            temperature,
            out: soft,
            mode: PhantomData,
        };
        Arch::new().dispatch(rows);
    }

    fn softmax_vjp(
        &self,
        structure: &S,
        utilities: &[f64],
        temperature: f64,
        cotangents: &[f64],
        gradients: &mut [f64],
    ) {
        let rows = Rows::<S, Derivative> {
            structure,
            utilities,
            cotangents,
            temperature,
            out: gradients,
            mode: PhantomData,
        };
        Arch::new().dispatch(rows);
    }

    fn log_partition(&self, structure: &S, utilities: &[f64], temperature: f64, logs: &mut [f64]) {
        let mut tile = Tile::<Wide, Value, S>::new(structure);
        let mut order = Vec::new();
        for (log, utility) in logs.iter_mut().zip(utilities.chunks_exact(structure.dimension())) {
            let narrowed = tile.load_wide(utility, temperature, &mut order);
            *log = structure.partition(&tile.weights, &mut tile.workspace).ln();
            if narrowed {
                tile.run(structure);
                *log += narrowed_away(utility, temperature, &tile);
            }
        }
    }
}

/// What narrowing the gaps took from the log-partition function. The vertices that matter all take the same number
/// of elements from between any two gaps, so that it is the expected loss.
fn narrowed_away<S: ExponentialFamily>(
    utility: &[f64],
    temperature: f64,
    tile: &Tile<Wide, Value, S>,
) -> f64 {
    let logarithms = tile.weights.iter().map(|weight| weight.ln());
    let losses = utility.iter().zip(logarithms).map(|(&u, narrowed)| u / temperature - narrowed);
    let expected = tile.marginals.iter().zip(losses).map(|(marginal, loss)| match marginal.to_f64() {
        0.0 => 0.0,
        probability => probability * loss,
    });
    expected.sum()
}
