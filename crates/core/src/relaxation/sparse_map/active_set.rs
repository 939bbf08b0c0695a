//! The solver of one row, by reverse communication: it asks for maximisers and is told them.

mod binary;

use super::atoms::Atoms;
use super::corral::Corral;
use super::face::Face;
use super::slope::{Change, Slope};
use super::vector::{NOTHING, Vector};
use crate::error::{Error, ErrorKind};
use crate::number::vectorised;

/// A temperature below this part of the largest utility is reached in steps, of which the last but one is [`LAST_RUNG`]. Of
/// the 53 bits of a query `U - s x`, x has 33 at the first of them, 9 at the last; below, none that a sum would keep.
const FIRST_RUNG: f64 = 1.0 / (1u64 << 20) as f64;
const LAST_RUNG: f64 = 1.0 / (1u64 << 44) as f64;
const RUNG_RATIO: f64 = 1.0 / 256.0;
/// Utilities and temperatures above this are scaled, so that no sum of products with a vertex overflows; beside them,
/// what is below 1e-270 is 0.
const LARGEST: f64 = 1e270;
const DOWNSCALE: f64 = 1.0 / (1u128 << 126) as f64;
/// By how much of its terms an answer may be worse than an earlier one: solvers sum in different orders.
const WORSE: f64 = 1e-9;
/// Whoever adds up a query in doubles confuses vertices whose values differ by this many roundings of its cells.
const CONFUSED: f64 = 4.0 * f64::EPSILON;
/// A step to the best point is repeated from where it led until it changes no weight by more than this. Its error is a small
/// part of its length, but how small depends on how far the sizes of the vertices lie apart.
const SETTLED: f64 = 1.0 / (1u64 << 40) as f64;
const MOST_REFINEMENTS: usize = 8;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    /// The argmax of the utility itself is asked for.
    Start,
    /// Vertices that improve the objective are asked for.
    Improve,
    /// Vertices of the face that holds the solution are asked for: see `face.rs`.
    Explore,
    Done,
    /// The iteration ran into its limit.
    Stuck,
    /// An answer was worse than an earlier one by this.
    Worse(f64),
}

/// How a row is solved.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// Vertices are of zeros and ones: see `active_set/binary.rs`.
    Binary {
        /// Whether x has been settled since doubles had nothing more to say.
        settled: bool,
    },
    General,
}

/// What an answer leads to.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// The vertex joins.
    Admit,
    /// x is too rough to tell: it is settled first.
    Refine,
    /// x is the solution at this temperature.
    Descend,
    /// There is nothing more to ask.
    End,
}

/// The Euclidean projection `X_t = argmax_{x in P} U.x - t/2 |x|^2` onto a polytope P known by its linear maximiser only,
/// for one row at a time.
///
/// Wolfe's algorithm (1976; for structured prediction: Niculae, Martins, Blondel and Cardie, 2018, appendix B): keep
/// affinely independent vertices whose convex hull holds the best point so far; ask for the vertex that the gradient
/// `U - t x` prefers; if it improves on x by no more than rounding, x is the solution, and if it does, it joins, x moves
/// towards the best point of the affine hull, and vertices whose weights fall to 0 leave. The objective increases with
/// every vertex that joins and no set of vertices occurs twice, so that the iteration is finite.
///
/// Two things make the result exact where utilities exceed the temperature, or some coordinates of the vertices others, many
/// times. Weights, x and differences of utilities are double-doubles. And a low temperature is reached in steps: if `X_s`
/// maximises `U.x` itself, it is `X_t` for all t below s, being optimal for every mean of U and `U - s x`; so a tie of
/// utilities is found at a temperature at which `U - s x` still shows it in double precision. A query `U - t x` is
/// rounded, hence the solution is exact for utilities within half a unit in their last place.
pub struct ActiveSet {
    utility: Vec<f64>,
    temperature: f64,
    unscaled_temperature: f64,
    /// Utility and temperature are the row's times this power of two.
    scale: f64,
    /// The temperature that is being solved for, on the way down.
    rung: f64,
    largest: f64,
    stage: Stage,
    atoms: Atoms,
    /// What takes the place of the atoms while the row is a [`Kind::Binary`] one.
    corral: Corral,
    kind: Kind,
    /// The answer to the first question.
    best: Vec<f64>,
    x: Vector,
    slope: Slope,
    query: Vec<f64>,
    gap: f64,
    answers: usize,
    /// Whether x still lacks the steps that settle it. A vertex that is plainly better may join all the same, whatever x
    /// lacks (see [`ActiveSet::improves`]); to end, x is settled first.
    rough: bool,
    face: Face,
}

impl ActiveSet {
    /// A solver of rows of `dimension >= 1` coordinates; it may serve for many.
    pub fn new(dimension: usize) -> Self {
        Self {
            utility: Vec::with_capacity(dimension),
            temperature: 0.0,
            unscaled_temperature: 0.0,
            scale: 1.0,
            rung: 0.0,
            largest: 0.0,
            stage: Stage::Done,
            atoms: Atoms::new(dimension),
            corral: Corral::new(dimension),
            kind: Kind::General,
            best: Vec::with_capacity(dimension),
            x: Vector::default(),
            slope: Slope::default(),
            query: vec![0.0; dimension],
            gap: 0.0,
            answers: 0,
            rough: false,
            face: Face::default(),
        }
    }

    /// Begins a row: utilities that are finite or `-inf` (forbidden), a finite temperature >= 0, where 0 is the argmax.
    pub fn start(&mut self, utility: &[f64], temperature: f64) {
        let largest = utility.iter().filter(|u| u.is_finite()).fold(0.0_f64, |most, u| most.max(u.abs()));
        self.scale = if largest.max(temperature) > LARGEST { DOWNSCALE } else { 1.0 };
        self.utility.clear();
        self.utility.extend(utility.iter().map(|u| u * self.scale));
        self.query.copy_from_slice(&self.utility);
        // What vanishes in scaling is still a temperature.
        let least = if temperature > 0.0 { f64::from_bits(1) } else { 0.0 };
        self.temperature = (temperature * self.scale).max(least);
        self.unscaled_temperature = temperature;
        self.largest = largest * self.scale;
        self.rung = self.temperature.max(self.largest * FIRST_RUNG);
        self.gap = 0.0;
        self.answers = 0;
        self.rough = false;
        self.kind = Kind::General;
        self.stage = Stage::Start;
    }

    /// The utilities whose maximiser over the vertices is wanted next; none when the solver has finished. Forbidden
    /// coordinates are `-inf`.
    pub fn query(&self) -> Option<&[f64]> {
        matches!(self.stage, Stage::Start | Stage::Improve | Stage::Explore).then_some(&self.query)
    }

    /// Takes the vertex that maximises [`ActiveSet::query`]: coordinates of magnitude at most 1e12, 0 where forbidden.
    pub fn answer(&mut self, vertex: &[f64]) {
        vectorised(
            #[inline(always)]
            || match self.stage {
                Stage::Start => self.take_first(vertex),
                Stage::Improve => match self.kind {
                    Kind::Binary { settled } => self.improve_binary(vertex, settled),
                    Kind::General => self.improve(vertex),
                },
                Stage::Explore => match self.kind {
                    Kind::Binary { .. } => self.explore_binary(vertex),
                    Kind::General => self.explore(vertex),
                },
                Stage::Done | Stage::Stuck | Stage::Worse(_) => (),
            },
        );
    }

    /// Whether the solver finished with a solution.
    ///
    /// # Errors
    /// `DID_NOT_CONVERGE`; `INVALID_ARGUMENT` if an answer was not a maximiser.
    pub fn outcome(&self) -> Result<(), Error> {
        match self.stage {
            Stage::Stuck => Err(Error::new(
                ErrorKind::DidNotConverge,
                format!(
                    "relaxation: expected sparsemap to reach its tolerance, but after {} vertices the duality gap is {:e}",
                    self.answers,
                    self.gap()
                ),
            )),
            Stage::Worse(difference) => Err(Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "argmax: expected a vertex that maximises the utility, but an earlier answer is better by {:e}",
                    difference / self.scale
                ),
            )),
            _ => Ok(()),
        }
    }

    /// `X_t`, once there is nothing more to ask.
    pub fn soft(&self) -> &[f64] {
        &self.x.high
    }

    /// `max_x (U - t X_t).(x - X_t)` over the vertices x: by how much the objective at `X_t` may be below the best.
    pub fn gap(&self) -> f64 {
        // At the temperatures below the last one solved for, U's own gap of 0 takes part.
        let share = if self.rung > 0.0 { self.temperature / self.rung } else { 1.0 };
        self.gap.max(0.0) * share / self.scale
    }

    /// The vertices that `X_t` is the mean of, with their weights.
    pub fn atoms(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let binary = self.kind != Kind::General;
        let count = if binary { self.corral.len() } else { self.atoms.len() };
        let atoms = (0..count).map(move |index| match binary {
            true => (self.corral.vertex(index), self.corral.weight(index).high),
            false => (self.atoms.vertex(index), self.atoms.weight(index)),
        });
        atoms.filter(|&(_, weight)| weight > 0.0)
    }

    /// Asks on, until [`ActiveSet::gradient`] is the product of this cotangent with the Jacobian; of a row whose solution
    /// has been found. See `face.rs`.
    pub fn differentiate(&mut self, cotangent: &[f64]) {
        let constant = self.unscaled_temperature == 0.0 || self.stage != Stage::Done;
        vectorised(
            #[inline(always)]
            || {
                if self.kind != Kind::General {
                    return self.differentiate_binary(cotangent, constant);
                }
                self.face.begin(cotangent, &self.utility, self.atoms.sizes().iter().copied());
                if !constant {
                    self.differentiate_on();
                }
            },
        );
    }

    /// Projects the cotangent that the face has, and asks on if that is not all.
    #[inline(always)]
    fn differentiate_on(&mut self) {
        self.clean_slope();
        let Self { face, atoms, slope, stage, rung, .. } = &mut *self;
        if !face.project(atoms) {
            *stage = Stage::Explore;
            let more = face.look(atoms, slope, *rung);
            self.ask_on(more);
        }
    }

    /// `dL/dU` for the cotangent, once there is nothing more to ask.
    pub fn gradient(&self) -> impl Iterator<Item = f64> {
        // At 0 nothing moves.
        let hard = self.unscaled_temperature == 0.0;
        self.face.gradient(if hard { f64::INFINITY } else { self.unscaled_temperature })
    }

    #[inline(always)]
    fn take_first(&mut self, vertex: &[f64]) {
        self.best.clear();
        self.best.extend_from_slice(vertex);
        if self.suits_doubles() && self.corral.reset(vertex, &self.utility) {
            return self.begin_binary();
        }
        self.begin_general();
    }

    /// From the first answer on.
    #[inline(always)]
    fn begin_general(&mut self) {
        self.kind = Kind::General;
        self.atoms.reset(&self.best);
        self.atoms.mean(&mut self.x);
        if self.temperature == 0.0 {
            self.rung = 0.0;
            self.stage = Stage::Done;
            return;
        }
        self.ask();
    }

    #[inline(always)]
    fn find_slope(&mut self) {
        self.slope.set(&self.utility, self.rung, &self.x, self.atoms.sizes());
    }

    /// Along the affine hull the gradient is rounding, which in large coordinates hides what it says of small ones.
    #[inline(always)]
    fn clean_slope(&mut self) {
        if self.atoms.has_uneven_sizes() {
            self.atoms.basis.clean(&mut self.slope.cells, 0);
        }
    }

    /// Asks for the vertex that the gradient prefers. Whether the last question was another.
    #[inline(always)]
    fn ask(&mut self) -> bool {
        self.find_slope();
        self.clean_slope();
        let differs = self.write_query();
        self.stage = Stage::Improve;
        differs
    }

    /// Writes the gradient, rounded. Whether it was another.
    #[inline(always)]
    fn write_query(&mut self) -> bool {
        let mut differs = false;
        for (query, (&g, &u)) in self.query.iter_mut().zip(self.slope.cells.high.iter().zip(&self.utility)) {
            let next = if u == f64::NEG_INFINITY { u } else { g };
            differs |= *query != next;
            *query = next;
        }
        differs
    }

    #[inline(always)]
    fn improve(&mut self, vertex: &[f64]) {
        self.answers += 1;
        let mut decided = None;
        loop {
            let step = match decided.take() {
                Some(step) => step,
                None => self.judge(vertex),
            };
            match step {
                Step::Admit => self.atoms.push(vertex),
                Step::Refine => (),
                Step::Descend if self.descends() => (),
                Step::Descend | Step::End => return,
            }
            if !self.settle(step == Step::Admit) {
                decided = Some(if self.rough { Step::Refine } else { Step::Descend });
                continue;
            }
            // If the question is the same, so is the answer.
            let differs = self.ask();
            if differs || step != Step::Refine {
                return;
            }
        }
    }

    /// What a vertex is taken for. What joins has been split.
    #[inline(always)]
    fn judge(&mut self, vertex: &[f64]) -> Step {
        // All atoms have the same value, being where x is optimal.
        let Change { value, magnitude, distance, reach } = self.slope.change(self.atoms.first(), vertex);
        self.gap = value.high;
        let slack = self.slack(distance, reach);
        let better = self.gap > NOTHING * magnitude;
        let independent = better && self.atoms.split(vertex);
        let improves = independent && self.improves();
        let many = self.answers > self.most_answers();
        if self.rough {
            return if improves && self.gap > slack && !many { Step::Admit } else { Step::Refine };
        }
        if -self.gap > WORSE * magnitude + slack {
            self.stage = Stage::Worse(-self.gap);
            return Step::End;
        }
        // A vertex in the affine hull, on which the gradient is constant, improves nothing but in rounding.
        let stuck = if independent { improves && many } else { better && self.gap > slack };
        if stuck {
            self.stage = Stage::Stuck;
            return Step::End;
        }
        if improves { Step::Admit } else { Step::Descend }
    }

    /// What two vertices' values may differ by to whoever computes in doubles.
    #[inline(always)]
    fn slack(&self, distance: f64, reach: f64) -> f64 {
        WORSE * self.rung * distance * reach + CONFUSED * self.slope.largest() * reach
    }

    fn most_answers(&self) -> usize {
        1_000 + 20 * self.best.len()
    }

    /// Whether the vertex that has been split improves on x by more than rounding. Only what it has beside the affine hull
    /// counts, so that large coordinates along the hull do not hide small ones. That is the same for every x in the hull: two
    /// of them differ, and with them their gradients, along the hull only. So a rough x judges as well as the best one.
    #[inline(always)]
    fn improves(&self) -> bool {
        let along = self.slope.along(&self.atoms.basis.rest, self.atoms.basis.size);
        along.value > along.rounding
    }

    /// Goes on with the next lower temperature; or ends at this one, and says so.
    #[inline(always)]
    fn descends(&mut self) -> bool {
        if self.rung == self.temperature || self.maximises_utility() {
            self.x.round(self.atoms.sizes());
            self.stage = Stage::Done;
            return false;
        }
        let next = self.rung * RUNG_RATIO;
        let next = if next < self.largest * LAST_RUNG { 0.0 } else { next };
        self.rung = self.temperature.max(next);
        self.find_slope();
        true
    }

    /// Whether x maximises `U.x`: then it is the solution at every lower temperature.
    #[inline(always)]
    fn maximises_utility(&mut self) -> bool {
        self.slope.set(&self.utility, 0.0, &self.x, self.atoms.sizes());
        let maximises = (0..self.atoms.len()).all(|index| {
            let change = self.slope.change(&self.best, self.atoms.vertex(index));
            change.value.high >= -NOTHING * change.magnitude
        });
        self.find_slope();
        maximises
    }

    /// Moves x to the best point of the affine hull, or as far as weights stay positive and on without those that do not.
    /// Returns false if the last atom could not enter. What has entered may leave x rough.
    #[inline(always)]
    fn settle(&mut self, entered: bool) -> bool {
        let mut entering = entered;
        let mut refinements = 0;
        loop {
            let Some(moved) = self.atoms.advance(&self.slope, self.rung, entering) else { return false };
            entering = false;
            self.atoms.mean(&mut self.x);
            self.find_slope();
            refinements += usize::from(moved.is_finite());
            self.rough = entered && moved > SETTLED && moved.is_finite();
            if self.rough || moved <= SETTLED || refinements == MOST_REFINEMENTS {
                return true;
            }
        }
    }

    #[inline(always)]
    fn explore(&mut self, vertex: &[f64]) {
        let Self { face, atoms, slope, .. } = self;
        let more = face.take(vertex, atoms, slope, self.rung);
        self.ask_on(more);
    }

    /// Asks what the face wants to know, if it does.
    #[inline(always)]
    fn ask_on(&mut self, more: bool) {
        if more {
            self.face.tilt(&self.slope, &self.utility, &mut self.query);
        } else {
            self.stage = Stage::Done;
        }
    }
}
