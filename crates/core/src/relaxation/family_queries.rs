//! What is asked of an exponential family beside its mean: numbers and draws that need a row at a time, on numbers of any
//! size. These branch on what they compute, so that nothing is gained by compiling them for wide registers.

use super::exponential_family::{Reach, Tile, Value, reach_of};
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
    narrowed: Option<&'a [(f64, f64)]>,
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
            let position = narrowed.map_or(u / temperature, |sums| sums[i].0 + sums[i].1);
            (mean.to_f64(), position, u)
        });
        means.filter(|&(_, _, u)| u != f64::NEG_INFINITY)
    }
}

/// A question about one row.
pub(super) trait Query {
    type Answer;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, row: Row<N, S>) -> Self::Answer;
}

/// A tile, and memory for draws.
struct Desk<N: Packed, S: ExponentialFamily> {
    tile: Tile<N, Value, S>,
    scratch: Scratch<N>,
}

impl<N: Packed, S: ExponentialFamily> Desk<N, S> {
    fn new(structure: &S, zero: N) -> Self {
        Self { tile: Tile::new(structure, zero), scratch: Scratch::new() }
    }

    fn lay<'a>(&'a mut self, structure: &'a S, utility: &'a [f64], temperature: f64) -> Row<'a, N, S> {
        let Self { tile, scratch } = self;
        let rows = &[utility; MOST_LANES];
        tile.load(rows, rows, Exponent::new(temperature), &[0.0; MOST_LANES]);
        Row { structure, utility, temperature, tile, scratch, narrowed: None }
    }
}

/// Loads rows, each as the numbers that its utilities need.
pub(super) struct Loader<'a, S: ExponentialFamily> {
    structure: &'a S,
    temperature: f64,
    wide: Option<Desk<Wide, S>>,
    vast: Option<Desk<Vast, S>>,
    narrowed: Vec<(f64, f64)>,
}

impl<'a, S: ExponentialFamily> Loader<'a, S> {
    pub(super) fn new(structure: &'a S, temperature: f64) -> Self {
        Self { structure, temperature, wide: None, vast: None, narrowed: Vec::new() }
    }

    pub(super) fn ask<Q: Query>(&mut self, utility: &[f64], query: Q) -> Q::Answer {
        let Self { structure, temperature, wide, vast, narrowed } = self;
        let (structure, temperature) = (*structure, *temperature);
        let reach = reach_of::<S>(utility, temperature);
        if let Reach::Vast = reach {
            let desk = vast.get_or_insert_with(|| Desk::new(structure, Vast::ZERO));
            return query.ask(desk.lay(structure, utility, temperature));
        }
        let desk = wide.get_or_insert_with(|| Desk::new(structure, Wide::ZERO));
        if let Reach::Wide = reach {
            return query.ask(desk.lay(structure, utility, temperature));
        }
        let Desk { tile, scratch } = desk;
        tile.load_narrowed(structure, utility, utility, temperature, narrowed);
        query.ask(Row { structure, utility, temperature, tile, scratch, narrowed: Some(narrowed) })
    }
}

/// `log Z - max_x u.x / t`, which is at least 0.
pub(super) struct Excess<'a> {
    /// The vertex of the maximum.
    pub(super) best: &'a [f64],
}

impl Query for Excess<'_> {
    type Answer = f64;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> f64 {
        let partition = row.partition();
        ratio_to_product(partition, &row.tile.weights, |i| self.best[i] != 0.0).ln().max(0.0)
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

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Result<f64, Error> {
        let partition = row.partition();
        let (mut moment, mut exact) = (0.0, true);
        for (mean, position, _) in row.means() {
            // What rounding leaves of 1 must not be multiplied by the position.
            let lacking = if 1.0 - mean < 4.0 * f64::EPSILON { 0.0 } else { 1.0 - mean };
            let distance = if mean > 0.5 { lacking } else { -mean };
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
pub(super) struct Vertices<'a> {
    pub(super) draws: FamilyDraws<'a>,
    pub(super) first: usize,
    pub(super) vertices: &'a mut [f64],
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
