//! As many rows as one number stands for, on their way through the algorithm of a structure.

use std::collections::TryReserveError;

use super::columns::center;
use crate::elementary::{Exponent, LEAST_TEMPERATURE, exp_of_sum};
use crate::error::Error;
use crate::number::{DoubleDouble, Dual, MOST_SINGLES, Number, Packed, Wide, along, filled, gather, scatter};
use crate::reach::Reach;
use crate::structure::ExponentialFamily;

/// What is computed of a row: the number that the algorithm runs on, and what is read off its result.
pub(super) trait Mode {
    type Of<P: Packed>: Number;
    /// Whether there is a direction to differentiate along.
    const DIRECTED: bool;
    /// The result at a coordinate that every vertex has.
    const FORCED: f64;
    /// Up to this `Structure::work` rows side by side are faster than one by one.
    fn largest_lane_work<S: ExponentialFamily>() -> usize;
    fn lift<P: Packed>(weight: P, direction: P::Column) -> Self::Of<P>;
    fn read<P: Packed>(marginal: Self::Of<P>) -> P::Column;
    /// The marginal itself.
    fn value<P: Packed>(marginal: Self::Of<P>) -> P;
    /// The last step, on rows of what was read.
    fn finish(results: &mut [f64], temperature: f64);
}

/// The marginals themselves.
pub(super) struct Value;

impl Mode for Value {
    type Of<P: Packed> = P;
    const DIRECTED: bool = false;
    const FORCED: f64 = 1.0;
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
    fn value<P: Packed>(marginal: P) -> P {
        marginal
    }
    #[inline(always)]
    fn finish(results: &mut [f64], _temperature: f64) {
        for result in results {
            *result = result.clamp(0.0, 1.0); // Rounding may have left the unit interval.
        }
    }
}

/// Their derivative along the cotangent.
pub(super) struct Derivative;

impl Mode for Derivative {
    type Of<P: Packed> = Dual<P>;
    const DIRECTED: bool = true;
    const FORCED: f64 = 0.0;
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
    fn value<P: Packed>(marginal: Dual<P>) -> P {
        marginal.value
    }
    #[inline(always)]
    fn finish(results: &mut [f64], temperature: f64) {
        if temperature < LEAST_TEMPERATURE {
            results.iter_mut().for_each(|result| *result = *result / temperature + 0.0);
            return;
        }
        let inverse = 1.0 / temperature;
        for result in results {
            *result = *result * inverse + 0.0; // Of zeros the positive one.
        }
    }
}

/// As many rows as one number `P` stands for.
pub(super) struct Tile<P: Packed, M: Mode, S: ExponentialFamily> {
    /// Any number of the make to compute with.
    zero: P,
    pub(super) weights: Vec<M::Of<P>>,
    pub(super) marginals: Vec<M::Of<P>>,
    utilities: Vec<P::Column>,
    /// On the way in the cotangents, on the way out the results.
    results: Vec<P::Column>,
    pub(super) workspace: S::Workspace<M::Of<P>>,
    indices: Vec<u32>,
}

impl<P: Packed, M: Mode, S: ExponentialFamily> Tile<P, M, S> {
    /// # Errors
    /// `INVALID_ARGUMENT` where there is no memory for it.
    #[inline(always)]
    pub(super) fn new(structure: &S, zero: P) -> Result<Self, Error> {
        let Reach { factors, cells } = structure.reach();
        let whole = Reach { factors, cells: cells + 4 * structure.dimension() };
        whole.make::<M::Of<P>, _>(|| Self::reserve(structure, zero))
    }

    #[inline(always)]
    fn reserve(structure: &S, zero: P) -> Result<Self, TryReserveError> {
        let column = zero.column([0.0; MOST_SINGLES]);
        let (lifted, n) = (M::lift(zero, column), structure.dimension());
        Ok(Self {
            zero,
            weights: filled(lifted, n)?,
            marginals: filled(lifted, n)?,
            utilities: filled(column, n)?,
            results: filled(column, n)?,
            workspace: structure.workspace(lifted)?,
            indices: Vec::new(),
        })
    }

    /// From the first rows of utilities, each with the power of two to scale its weights by, to weights.
    #[inline(always)]
    pub(super) fn load<const L: usize>(
        &mut self,
        structure: &S,
        utilities: &[&[f64]; L],
        cotangents: &[&[f64]; L],
        exponent: Exponent,
        shifts: &[f64; L],
    ) {
        let zero = self.zero;
        gather(zero, utilities, &mut self.utilities);
        if M::DIRECTED {
            gather(zero, cotangents, &mut self.results);
        }
        let balanced = structure.balanced();
        self.center(structure);
        let ends = [(0..balanced, *shifts), (balanced..self.weights.len(), [0.0; L])];
        for (range, shifts) in ends {
            let shift = zero.column(shifts);
            let cells = self.utilities[range.clone()].iter().zip(&self.results[range.clone()]);
            for (weight, (&utility, &direction)) in self.weights[range].iter_mut().zip(cells) {
                *weight = M::lift(P::weight(utility, exponent, shift), direction);
            }
        }
    }

    #[inline(always)]
    fn center(&mut self, structure: &S) {
        if M::DIRECTED {
            center(structure, &self.utilities, &mut self.results);
        }
    }

    #[inline(always)]
    pub(super) fn run(&mut self, structure: &S) {
        structure.marginals(&self.weights, &mut self.marginals, &mut self.workspace);
    }

    /// Writes the results of these rows, whose utilities are these; `with_values`: each after its marginals.
    #[inline(always)]
    pub(super) fn store(
        &mut self,
        structure: &S,
        rows: &[usize],
        utilities: &[&[f64]],
        temperature: f64,
        with_values: bool,
        out: &mut [f64],
    ) {
        let n = self.marginals.len();
        let width = if with_values { 2 * n } else { n };
        let mut starts = [0; MOST_SINGLES];
        let starts = &mut starts[..rows.len()];
        starts.iter_mut().zip(rows).for_each(|(start, row)| *start = row * width);
        if with_values {
            let read = |marginal| Value::read::<P>(M::value(marginal));
            self.store_as::<Value>(read, structure, starts, utilities, temperature, out);
            starts.iter_mut().for_each(|start| *start += n);
        }
        self.store_as::<M>(M::read, structure, starts, utilities, temperature, out);
    }

    /// What is read of the results, to the rows that begin at `starts`.
    #[inline(always)]
    fn store_as<Read: Mode>(
        &mut self,
        read: impl Fn(M::Of<P>) -> P::Column,
        structure: &S,
        starts: &[usize],
        utilities: &[&[f64]],
        temperature: f64,
        out: &mut [f64],
    ) {
        for (result, &marginal) in self.results.iter_mut().zip(&self.marginals) {
            *result = read(marginal);
        }
        scatter::<P>(&self.results, starts, out);
        for (&start, utility) in starts.iter().zip(utilities) {
            let results = &mut out[start..start + self.marginals.len()];
            finish::<Read, S>(structure, results, utility, temperature, &mut self.indices);
        }
    }
}

/// The last steps on what was read of a row.
#[inline(always)]
pub(super) fn finish<Read: Mode, S: ExponentialFamily>(
    structure: &S,
    results: &mut [f64],
    utility: &[f64],
    temperature: f64,
    indices: &mut Vec<u32>,
) {
    Read::finish(results, temperature);
    // No early exit: so the loop runs in SIMD lanes.
    let forbids = utility.iter().fold(false, |forbids, &u| forbids | (u == f64::NEG_INFINITY));
    structure.forced(utility, forbids, indices, |coordinate| results[coordinate] = Read::FORCED);
}

impl<M: Mode, S: ExponentialFamily> Tile<Wide, M, S> {
    /// From what takes the place of `u/t` in one row to weights.
    pub(super) fn load_narrowed(&mut self, structure: &S, narrowed: &[DoubleDouble], cotangent: &[f64]) {
        self.results.copy_from_slice(cotangent);
        for (utility, value) in self.utilities.iter_mut().zip(narrowed) {
            *utility = value.high;
        }
        self.center(structure);
        for ((weight, &value), &direction) in self.weights.iter_mut().zip(narrowed).zip(&self.results) {
            *weight = M::lift(narrow_weight(value), direction);
        }
    }
}

fn narrow_weight(DoubleDouble { high, low }: DoubleDouble) -> Wide {
    if high == f64::NEG_INFINITY {
        return Wide::ZERO;
    }
    let (mantissa, n) = exp_of_sum(high, low);
    Wide::new(mantissa, n as i64)
}

/// What is there already, or made now.
#[inline(always)]
pub(super) fn made<T>(
    slot: &mut Option<T>,
    make: impl FnOnce() -> Result<T, Error>,
) -> Result<&mut T, Error> {
    let ready = match slot.take() {
        Some(ready) => ready,
        None => make()?,
    };
    Ok(slot.insert(ready))
}
