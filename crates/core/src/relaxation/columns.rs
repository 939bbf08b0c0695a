//! Rows of a structure that relaxes doubles by an algorithm of its own.

use std::collections::TryReserveError;

use super::tile::{Derivative, Mode, Value, finish};
use crate::elementary::Exponent;
use crate::error::Error;
use crate::number::{MOST_SINGLES, Packed, Real, filled, gather, scatter};
use crate::reach::Reach;
use crate::structure::{ExponentialFamily, Relaxed};

/// What some rows, one to a lane, are relaxed from.
pub(super) struct Source<'a, const L: usize> {
    pub(super) rows: &'a [usize],
    /// The last row stands for those that lack.
    pub(super) utilities: &'a [&'a [f64]; L],
    pub(super) cotangents: &'a [&'a [f64]; L],
    pub(super) temperature: f64,
}

/// As many rows as one number stands for, side by side.
pub(super) struct Columns<P: Packed> {
    zero: P,
    utilities: Vec<P::Column>,
    directions: Vec<P::Column>,
    marginals: Vec<P::Column>,
    tangents: Vec<P::Column>,
    memory: Vec<P::Column>,
    indices: Vec<u32>,
}

impl<P: Packed> Columns<P> {
    /// # Errors
    /// `INVALID_ARGUMENT` where there is no memory for it.
    #[inline(always)]
    pub(super) fn new<S: ExponentialFamily>(structure: &S, zero: P) -> Result<Self, Error> {
        let reach = structure.reach();
        let cells = structure.relaxing_cells() + 4 * structure.dimension();
        Reach { cells, ..reach }.make::<P::Column, _>(|| Self::reserve(structure, zero))
    }

    #[inline(always)]
    fn reserve<S: ExponentialFamily>(structure: &S, zero: P) -> Result<Self, TryReserveError> {
        let column = zero.column([0.0; MOST_SINGLES]);
        let n = structure.dimension();
        // A row by itself is read and written where it stands.
        let beside = if P::ROWS == 1 { 0 } else { n };
        Ok(Self {
            zero,
            utilities: filled(column, beside)?,
            directions: filled(column, n)?,
            marginals: filled(column, n)?,
            tangents: filled(column, beside)?,
            memory: filled(column, structure.relaxing_cells())?,
            indices: Vec::new(),
        })
    }

    /// Relaxes rows of cotangents in all lanes.
    #[inline(always)]
    pub(super) fn relax<S: ExponentialFamily, M: Mode, const L: usize>(
        &mut self,
        structure: &S,
        source: Source<L>,
        with_values: bool,
        out: &mut [f64],
    ) {
        let exponent = Exponent::new(source.temperature);
        gather(self.zero, source.utilities, &mut self.utilities);
        if M::DIRECTED {
            gather(self.zero, source.cotangents, &mut self.directions);
            center::<P::Column, S>(structure, &self.utilities, &mut self.directions);
        }
        let row = Relaxed {
            utilities: &self.utilities,
            exponent,
            directions: M::DIRECTED.then_some(&self.directions[..]),
            marginals: &mut self.marginals,
            tangents: &mut self.tangents[..],
        };
        structure.relax(row, &mut self.memory);
        let n = structure.dimension();
        let width = if with_values { 2 * n } else { n };
        let mut starts = [0; MOST_SINGLES];
        let starts = &mut starts[..source.rows.len()];
        starts.iter_mut().zip(source.rows).for_each(|(start, row)| *start = row * width);
        if with_values || !M::DIRECTED {
            self.store::<Value, S, L>(structure, starts, &source, out);
        }
        if M::DIRECTED {
            starts.iter_mut().for_each(|start| *start += width - n);
            self.store::<Derivative, S, L>(structure, starts, &source, out);
        }
    }

    /// Writes the columns of a mode to the rows that begin at `starts`.
    #[inline(always)]
    fn store<Read: Mode, S: ExponentialFamily, const L: usize>(
        &mut self,
        structure: &S,
        starts: &[usize],
        source: &Source<L>,
        out: &mut [f64],
    ) {
        scatter::<P>(if Read::DIRECTED { &self.tangents } else { &self.marginals }, starts, out);
        for (&start, utility) in starts.iter().zip(source.utilities) {
            let results = &mut out[start..start + utility.len()];
            finish::<Read, S>(structure, results, utility, source.temperature, &mut self.indices);
        }
    }
}

impl Columns<f64> {
    /// Relaxes one row where it stands.
    #[inline(always)]
    pub(super) fn relax_alone<S: ExponentialFamily, M: Mode>(
        &mut self,
        structure: &S,
        utility: &[f64],
        cotangent: &[f64],
        temperature: f64,
        with_values: bool,
        out: &mut [f64],
    ) {
        let exponent = Exponent::new(temperature);
        let mut directions = cotangent;
        if M::DIRECTED && is_centred(structure) {
            self.directions.copy_from_slice(cotangent);
            center::<f64, S>(structure, utility, &mut self.directions);
            directions = &self.directions;
        }
        let (marginals, tangents): (&mut [f64], &mut [f64]) = match (M::DIRECTED, with_values) {
            (false, _) => (out, &mut []),
            (true, false) => (&mut self.marginals, out),
            (true, true) => out.split_at_mut(utility.len()),
        };
        let row = Relaxed {
            utilities: utility,
            exponent,
            directions: M::DIRECTED.then_some(directions),
            marginals: &mut *marginals,
            tangents: &mut *tangents,
        };
        structure.relax(row, &mut self.memory);
        if with_values || !M::DIRECTED {
            finish::<Value, S>(structure, marginals, utility, temperature, &mut self.indices);
        }
        if M::DIRECTED {
            finish::<Derivative, S>(structure, tangents, utility, temperature, &mut self.indices);
        }
    }
}

/// Whether every vertex is a single coordinate.
fn is_centred<S: ExponentialFamily>(structure: &S) -> bool {
    structure.balanced() > 0 && structure.reach().factors == 1
}

/// Where every vertex is a single coordinate: takes from the cotangents that of the largest utility, which changes
/// nothing but for rounding. Where one weight dwarfs the others, its cotangent does not swallow theirs.
#[inline(always)]
pub(super) fn center<R: Real, S: ExponentialFamily>(structure: &S, utilities: &[R], directions: &mut [R]) {
    if !is_centred(structure) {
        return;
    }
    let balanced = structure.balanced();
    let mut largest = (utilities[0], directions[0]);
    for (&utility, &direction) in utilities[1..balanced].iter().zip(&directions[1..balanced]) {
        largest = R::larger(largest, (utility, direction));
    }
    for direction in &mut directions[..balanced] {
        *direction = *direction - largest.1;
    }
}
