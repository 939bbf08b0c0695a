//! What is asked of an exponential family beside its mean: numbers and draws that need a row at a time, on numbers of any
//! size. These branch on what they compute, so that nothing is gained by compiling them for wide registers.

use super::numbers::{Numbers, Survey};
use super::tile::{Tile, Value, made};
use crate::elementary::{Exponent, LARGEST_QUOTIENT};
use crate::error::{Error, ErrorKind};
use crate::number::{DoubleDouble, MOST_LANES, Number, Packed, Scalar, Vast, Wide};
use crate::random::{Purpose, Uniforms};
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
    narrowed: Option<&'a [DoubleDouble]>,
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

    /// `(mu_i, what stands in the place of u_i/t, u_i)` of the coordinates that are not forbidden, or as good as that.
    fn means(&mut self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.run();
        let (narrowed, temperature) = (self.narrowed, self.temperature);
        let means = self.tile.marginals.iter().zip(self.utility).enumerate().map(move |(i, (mean, &u))| {
            let position = narrowed.map_or(u / temperature, |sums| sums[i].to_f64());
            (mean.to_f64(), position, u)
        });
        means.filter(|&(_, position, u)| u != f64::NEG_INFINITY && position != f64::NEG_INFINITY)
    }
}

/// A question about one row.
pub(super) trait Query {
    type Answer;
    /// Whether the answer is better the smaller the numbers are that stand in the place of `u/t`.
    const NARROWED: bool = false;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, row: Row<N, S>) -> Self::Answer;
}

/// A tile, and memory for draws.
struct Desk<N: Packed, S: ExponentialFamily> {
    tile: Tile<N, Value, S>,
    scratch: Scratch<N>,
}

impl<N: Packed, S: ExponentialFamily> Desk<N, S> {
    fn new(structure: &S, zero: N) -> Result<Self, Error> {
        Ok(Self { tile: Tile::new(structure, zero)?, scratch: Scratch::new() })
    }

    fn lay<'a>(&'a mut self, structure: &'a S, utility: &'a [f64], temperature: f64) -> Row<'a, N, S> {
        let Self { tile, scratch } = self;
        let rows = &[utility; MOST_LANES];
        tile.load(structure, rows, rows, Exponent::new(temperature), &[0.0; MOST_LANES]);
        Row { structure, utility, temperature, tile, scratch, narrowed: None }
    }
}

/// Loads rows, each as the numbers that its utilities need.
pub(super) struct Loader<'a, S: ExponentialFamily> {
    structure: &'a S,
    temperature: f64,
    survey: Survey<S>,
    wide: Option<Desk<Wide, S>>,
    vast: Option<Desk<Vast, S>>,
}

impl<'a, S: ExponentialFamily> Loader<'a, S> {
    pub(super) fn new(structure: &'a S, temperature: f64) -> Self {
        Self { structure, temperature, survey: Survey::new(structure, temperature), wide: None, vast: None }
    }

    /// # Errors
    /// `INVALID_ARGUMENT` where there is no memory for such numbers.
    pub(super) fn ask<Q: Query>(&mut self, utility: &[f64], query: Q) -> Result<Q::Answer, Error> {
        let Self { structure, temperature, survey, wide, vast } = self;
        let (structure, temperature) = (*structure, *temperature);
        let numbers = survey.choose_without_plain(structure, utility, Q::NARROWED);
        if numbers == Numbers::Vast {
            let desk = made(vast, || Desk::new(structure, Vast::ZERO))?;
            return Ok(query.ask(desk.lay(structure, utility, temperature)));
        }
        let desk = made(wide, || Desk::new(structure, Wide::ZERO))?;
        if numbers == Numbers::Wide {
            return Ok(query.ask(desk.lay(structure, utility, temperature)));
        }
        let (Desk { tile, scratch }, narrowed) = (desk, &survey.narrowed);
        tile.load_narrowed(structure, narrowed, utility);
        Ok(query.ask(Row { structure, utility, temperature, tile, scratch, narrowed: Some(narrowed) }))
    }
}

/// `log Z`.
pub(super) struct LogPartition;

impl Query for LogPartition {
    type Answer = f64;

    /// What narrowing took away is the same from all vertices that matter: it is read off one.
    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> f64 {
        let partition = row.partition();
        let Row { structure, utility, temperature, tile, scratch, narrowed, .. } = row;
        let Some(narrowed) = narrowed else { return partition.ln() };
        let mut vertex = vec![0.0; utility.len()];
        let mut uniforms = Uniforms::new(Purpose::Vertices, 0, 0, 0);
        structure.draw(&tile.weights, &mut tile.workspace, &mut uniforms, scratch, &mut vertex);
        let chosen = || vertex.iter().enumerate().filter(|&(_, &x)| x != 0.0).map(|(i, _)| i);
        // A sum of the largest numbers may overflow.
        let scale = if chosen().any(|i| utility[i].abs() > 1e298) { SCALE } else { 1.0 };
        let value = chosen().fold(DoubleDouble::ZERO, |sum, i| sum + DoubleDouble::from(utility[i] * scale));
        let taken = chosen().fold(DoubleDouble::ZERO, |sum, i| sum + narrowed[i]);
        let (value, rest) = (value / temperature * (1.0 / scale), DoubleDouble::from(partition.ln()) - taken);
        if value.high.is_finite() { (value + rest).to_f64() } else { value.high }
    }
}

/// More terms than this over 1 no vertex has.
const SCALE: f64 = 1.0 / 1_073_741_824.0;

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
    const NARROWED: bool = true;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Result<f64, Error> {
        let partition = row.partition();
        let (mut moment, mut exact) = (0.0, true);
        for (mean, position, _) in row.means() {
            // What rounding leaves of 1 must not be multiplied by the position.
            let lacking = if 1.0 - mean < 4.0 * f64::EPSILON { 0.0 } else { 1.0 - mean };
            let distance = if mean > 0.5 { lacking } else { -mean };
            moment = if distance == 0.0 { moment } else { f64::mul_add(distance, position, moment) };
            exact &= distance == 0.0 || position.abs() < LARGEST_QUOTIENT;
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

/// Whether a coordinate is in all vertices, or in none, but for what a double loses of 1.
pub(super) struct Decided;

impl Query for Decided {
    type Answer = Vec<bool>;

    fn ask<N: Packed + Scalar, S: ExponentialFamily>(self, mut row: Row<N, S>) -> Vec<bool> {
        row.run();
        let means = row.tile.marginals.iter().map(|mean| mean.to_f64());
        means.map(|mean| mean.min(1.0 - mean) < 4.0 * f64::EPSILON).collect()
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
