//! What is asked of an exponential family beside its mean: numbers and draws that need a row at a time, on numbers of any
//! size. These branch on what they compute, so that nothing is gained by compiling them for wide registers.

use std::ops::Range;

use super::compression::Positions;
use super::exponential_family::{Tile, Value, is_vast};
use crate::elementary::{Exponent, LARGEST_EXPONENT};
use crate::error::{Error, ErrorKind};
use crate::number::{MOST_LANES, Number, Packed, Scalar, Vast, Wide};
use crate::sampling::{FamilyDraws, Scratch};
use crate::structure::ExponentialFamily;

/// A row whose weights are loaded.
pub(super) struct Row<'a, N: Packed, S: ExponentialFamily> {
    structure: &'a S,
    utility: &'a [f64],
    temperature: f64,
    tile: &'a mut Tile<N, Value, S>,
    scratch: &'a mut Scratch<N>,
    /// What stands in the place of `u/t`, where that had to be narrowed.
    narrowed: Option<&'a Positions>,
}

impl<N: Packed + Scalar, S: ExponentialFamily> Row<'_, N, S> {
    #[inline(never)]
    fn partition(&mut self) -> N {
        self.structure.partition(&self.tile.weights, &mut self.tile.workspace)
    }

    #[inline(never)]
    fn run(&mut self) {
        self.tile.run(self.structure);
    }

    /// `(mu_i, what stands in the place of u_i/t, u_i)` of the coordinates that are not forbidden.
    fn means(&mut self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.run();
        let (narrowed, temperature) = (self.narrowed, self.temperature);
        let means = self.tile.marginals.iter().zip(self.utility).enumerate().map(move |(i, (mean, &u))| {
            let position = narrowed.map_or(u / temperature, |positions| positions.at(i));
            (mean.to_f64(), position, u)
        });
        means.filter(|&(_, _, u)| u != f64::NEG_INFINITY)
    }
}

/// A question about one row.
pub(super) trait Query {
    type Answer;

    /// From this size of utilities over the temperature on narrower ones are as good, and better to round.
    const LARGEST_EXPONENT: f64 = LARGEST_EXPONENT;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, row: Row<N, S>) -> Self::Answer;
}

/// A tile, and memory for draws.
struct Workshop<N: Packed, S: ExponentialFamily> {
    tile: Tile<N, Value, S>,
    scratch: Scratch<N>,
}

impl<N: Packed, S: ExponentialFamily> Workshop<N, S> {
    fn new(structure: &S, zero: N) -> Self {
        Self { tile: Tile::new(structure, zero), scratch: Scratch::new() }
    }
}

/// Loads rows, each as the numbers that its utilities need.
struct Loader<'a, S: ExponentialFamily> {
    structure: &'a S,
    temperature: f64,
    wide: Option<Workshop<Wide, S>>,
    vast: Option<Workshop<Vast, S>>,
    positions: Positions,
}

impl<'a, S: ExponentialFamily> Loader<'a, S> {
    fn new(structure: &'a S, temperature: f64) -> Self {
        Self { structure, temperature, wide: None, vast: None, positions: Positions::default() }
    }

    fn ask<Q: Query>(&mut self, utility: &[f64], query: Q) -> Q::Answer {
        let Self { structure, temperature, wide, vast, positions } = self;
        let (structure, temperature) = (*structure, *temperature);
        if is_vast::<S>(utility, temperature) {
            let Workshop { tile, scratch } = vast.get_or_insert_with(|| Workshop::new(structure, Vast::ZERO));
            let rows = &[utility; MOST_LANES];
            tile.load(rows, rows, Exponent::new(temperature), &[0.0; MOST_LANES]);
            return query.ask(Row { structure, utility, temperature, tile, scratch, narrowed: None });
        }
        let Workshop { tile, scratch } = wide.get_or_insert_with(|| Workshop::new(structure, Wide::ZERO));
        let narrowed =
            tile.load_wide(structure, (utility, utility), temperature, Q::LARGEST_EXPONENT, positions);
        let narrowed = narrowed.then_some(&*positions);
        query.ask(Row { structure, utility, temperature, tile, scratch, narrowed })
    }
}

/// One number for every row; the query of a row may depend on its index.
pub(super) struct Numbers<'a, S, F> {
    pub(super) structure: &'a S,
    pub(super) utilities: &'a [f64],
    pub(super) temperature: f64,
    pub(super) query: F,
    pub(super) out: &'a mut [f64],
}

impl<S, Q, F> Numbers<'_, S, F>
where
    S: ExponentialFamily,
    Q: Query<Answer = Result<f64, Error>>,
    F: Fn(usize) -> Q,
{
    /// # Errors
    /// That of the first row which has one.
    pub(super) fn compute(self) -> Result<(), Error> {
        let Self { structure, utilities, temperature, query, out } = self;
        let mut loader = Loader::new(structure, temperature);
        let rows = utilities.chunks_exact(structure.dimension());
        for (index, (utility, out)) in rows.zip(out).enumerate() {
            *out = loader.ask(utility, query(index)).map_err(|error| error.at_row(index))?;
        }
        Ok(())
    }
}

/// `log Z`.
pub(super) struct LogPartition;

impl Query for LogPartition {
    type Answer = Result<f64, Error>;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Result<f64, Error> {
        let log = row.partition().ln();
        if row.narrowed.is_none() {
            return Ok(log);
        }
        // Narrowing took the same from all vertices that matter, so that this is its expectation.
        let temperature = row.temperature;
        let terms = row.means().map(|(mean, position, u)| match mean {
            0.0 => 0.0,
            mean => mean * (u / temperature - position),
        });
        Ok(log + terms.sum::<f64>())
    }
}

/// `log Z - max_x u.x / t`, which is at least 0.
pub(super) struct Excess<'a> {
    /// The vertex of the maximum.
    pub(super) best: &'a [f64],
}

impl Query for Excess<'_> {
    type Answer = Result<f64, Error>;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Result<f64, Error> {
        let partition = row.partition();
        Ok(ratio_to_product(partition, &row.tile.weights, |i| self.best[i] != 0.0).ln().max(0.0))
    }
}

/// `Z / prod_i w_i` over some i.
fn ratio_to_product<N: Number>(partition: N, weights: &[N], among: impl Fn(usize) -> bool) -> N {
    let among = weights.iter().enumerate().filter(|&(i, _)| among(i));
    among.fold(partition, |ratio, (_, &weight)| ratio / weight)
}

/// `-sum_x p(x) log p(x)`.
///
/// With any set of coordinates for y, it is `log (Z / exp(u.y/t)) + (y - mu).u/t`. Of those of means above 1/2, every term
/// is small where a vertex has most of the probability.
pub(super) struct Entropy;

impl Query for Entropy {
    type Answer = Result<f64, Error>;
    const LARGEST_EXPONENT: f64 = 1e4;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Result<f64, Error> {
        let partition = row.partition();
        let (mut moment, mut exact) = (0.0, true);
        for (mean, position, _) in row.means() {
            let distance = if mean > 0.5 { 1.0 - mean } else { -mean };
            moment = if distance == 0.0 { moment } else { f64::mul_add(distance, position, moment) };
            exact &= distance == 0.0 || position.abs() < LARGEST_EXPONENT;
        }
        if !exact {
            let message = "utility: expected numbers below 1e15 times the temperature, beyond which the entropy of this structure is lost in rounding";
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        let Row { tile, .. } = row;
        let likely = |i: usize| tile.marginals[i].to_f64() > 0.5;
        Ok((ratio_to_product(partition, &tile.weights, likely).ln() + moment).max(0.0))
    }
}

/// Vertices, from the `first` of all draws on.
struct Vertices<'a> {
    draws: FamilyDraws<'a>,
    first: usize,
    vertices: &'a mut [f64],
}

impl Query for Vertices<'_> {
    type Answer = ();

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) {
        row.partition();
        let Row { structure, tile, scratch, .. } = row;
        self.vertices.fill(0.0);
        for (index, vertex) in self.vertices.chunks_exact_mut(structure.dimension()).enumerate() {
            let mut uniforms = self.draws.uniforms(self.first + index);
            structure.draw(&tile.weights, &mut tile.workspace, &mut uniforms, scratch, vertex);
        }
    }
}

/// A range of all draws of all rows.
pub(super) struct Drawing<'a, S> {
    pub(super) structure: &'a S,
    pub(super) utilities: &'a [f64],
    pub(super) temperature: f64,
    pub(super) draws: FamilyDraws<'a>,
    pub(super) range: Range<usize>,
    pub(super) out: &'a mut [f64],
}

impl<S: ExponentialFamily> Drawing<'_, S> {
    pub(super) fn draw(self) {
        let Self { structure, utilities, temperature, draws, range, mut out } = self;
        let (n, samples) = (structure.dimension(), draws.samples);
        let mut loader = Loader::new(structure, temperature);
        let mut first = range.start;
        while first < range.end {
            let row = first / samples;
            let end = range.end.min((row + 1) * samples);
            let (vertices, after) = out.split_at_mut((end - first) * n);
            loader.ask(&utilities[row * n..(row + 1) * n], Vertices { draws, first, vertices });
            (first, out) = (end, after);
        }
    }
}
