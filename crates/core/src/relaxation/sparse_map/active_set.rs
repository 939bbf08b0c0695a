//! The solver of one row, by reverse communication: it asks for maximisers and is told them.

use pulp::Arch;

use super::corral::Corral;
use super::slope::{Change, Slope};
use crate::error::{Error, ErrorKind};

/// A temperature below this part of the largest utility is reached in steps, of which the last but one is [`LAST_RUNG`].
pub(super) const FIRST_RUNG: f64 = 1.0 / (1u64 << 20) as f64;
const LAST_RUNG: f64 = 1.0 / (1u64 << 44) as f64;
const RUNG_RATIO: f64 = 1.0 / 256.0;
/// Utilities and temperatures above this are scaled, so that no sum of products with a vertex overflows; beside them,
/// what is below 1e-270 is 0.
const LARGEST: f64 = 1e270;
const DOWNSCALE: f64 = 1.0 / (1u128 << 126) as f64;
/// A gap of this many roundings of x cannot be told from 0.
const GAP_ROUNDINGS: f64 = 4.0;
/// Values of a linear function that differ by less than this, relative to their terms, are equal.
const EQUAL: f64 = 1.0 / (1u128 << 96) as f64;
/// By how much of its terms an answer may be worse than an earlier one: solvers sum in different orders.
const WORSE: f64 = 1e-9;
/// Weights are refined until a step changes them by less than this, but no more often than [`MOST_REFINEMENTS`].
const SETTLED: f64 = 1e-15;
const MOST_REFINEMENTS: usize = 3;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stage {
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

/// The Euclidean projection `X_t = argmax_{x in P} U.x - t/2 |x|^2` onto a polytope P known by its linear maximiser only,
/// for one row at a time.
///
/// Wolfe's algorithm (1976; for structured prediction: Niculae, Martins, Blondel and Cardie, 2018, appendix B): keep
/// affinely independent vertices whose convex hull holds the best point so far; ask for the vertex that the gradient
/// `U - t x` prefers; if it improves on x by no more than rounding, x is the solution, and if it does, it joins, x moves
/// towards the best point of the affine hull, and vertices whose weights fall to 0 leave. The objective increases with
/// every vertex that joins and no set of vertices occurs twice, so that the iteration is finite.
///
/// Two things make the result exact where utilities exceed the temperature many times. Differences of utilities between
/// vertices are summed in doubled precision, so that the weights are those of the exact problem. And a low temperature is
/// reached in steps: if `X_s` maximises `U.x` itself, it is `X_t` for all t below s, being optimal for every mean of U and
/// `U - s x`; so a tie of utilities is found at a temperature at which `U - s x` still shows it in double precision. A
/// query `U - t x` is rounded, hence the solution is exact for utilities within half a unit in their last place.
pub struct ActiveSet {
    pub(super) utility: Vec<f64>,
    temperature: f64,
    pub(super) unscaled_temperature: f64,
    /// Utility and temperature are the row's times this power of two.
    scale: f64,
    /// The temperature that is being solved for, on the way down.
    pub(super) rung: f64,
    largest: f64,
    pub(super) stage: Stage,
    pub(super) corral: Corral,
    /// The answer to the first question.
    best: Vec<f64>,
    pub(super) x: Vec<f64>,
    pub(super) slope: Slope,
    pub(super) query: Vec<f64>,
    gap: f64,
    answers: usize,
    pub(super) face: super::face::Face,
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
            corral: Corral::new(dimension),
            best: Vec::with_capacity(dimension),
            x: vec![0.0; dimension],
            slope: Slope::default(),
            query: vec![0.0; dimension],
            gap: 0.0,
            answers: 0,
            face: Default::default(),
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
        self.stage = Stage::Start;
    }

    /// The utilities whose maximiser over the vertices is wanted next; none when the solver has finished. Forbidden
    /// coordinates are `-inf`.
    pub fn query(&self) -> Option<&[f64]> {
        matches!(self.stage, Stage::Start | Stage::Improve | Stage::Explore).then_some(&self.query)
    }

    /// Takes the vertex that maximises [`ActiveSet::query`]: coordinates of magnitude at most 1e12, 0 where forbidden.
    pub fn answer(&mut self, vertex: &[f64]) {
        Arch::new().dispatch(
            #[inline(always)]
            || match self.stage {
                Stage::Start => self.take_first(vertex),
                Stage::Improve => self.improve(vertex),
                Stage::Explore => self.explore(vertex),
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
        &self.x
    }

    /// `max_x (U - t X_t).(x - X_t)` over the vertices x: by how much the objective at `X_t` may be below the best.
    pub fn gap(&self) -> f64 {
        // At the temperatures below the last one solved for, U's own gap of 0 takes part.
        let share = if self.rung > 0.0 { self.temperature / self.rung } else { 1.0 };
        self.gap.max(0.0) * share / self.scale
    }

    /// The vertices that `X_t` is the mean of, with their weights.
    pub fn atoms(&self) -> impl Iterator<Item = (&[f64], f64)> {
        let weights = self.corral.weights.iter().enumerate();
        weights.filter(|&(_, &weight)| weight > 0.0).map(|(index, &weight)| (self.corral.atom(index), weight))
    }

    #[inline(always)]
    fn take_first(&mut self, vertex: &[f64]) {
        self.corral.reset(vertex);
        self.best.clear();
        self.best.extend_from_slice(vertex);
        self.x.copy_from_slice(vertex);
        if self.temperature == 0.0 {
            self.rung = 0.0;
            self.stage = Stage::Done;
            return;
        }
        self.ask();
    }

    /// Asks for the vertex that the gradient prefers.
    #[inline(always)]
    fn ask(&mut self) {
        self.slope.set(&self.utility, self.rung, &self.x);
        self.query.copy_from_slice(&self.slope.high);
        self.stage = Stage::Improve;
    }

    #[inline(always)]
    fn improve(&mut self, vertex: &[f64]) {
        self.answers += 1;
        let reference = self.corral.heaviest();
        let change = self.slope.change(self.corral.atom(reference), vertex);
        let Change { mut value, mut magnitude, mut distance, mut reach } = change;
        for (index, &weight) in self.corral.weights.iter().enumerate() {
            let change = self.slope.change(self.corral.atom(reference), self.corral.atom(index));
            // Of the order of rounding, since the weights are settled.
            value -= weight * change.value;
            magnitude = magnitude.max(change.magnitude);
            distance = distance.max(change.distance);
            reach = reach.max(change.reach);
        }
        self.gap = value;
        // x is a sum of steps between atoms, rounded to their size.
        let unit = self.rung * distance * reach;
        let rounding = GAP_ROUNDINGS * f64::EPSILON * unit + EQUAL * magnitude;
        if -self.gap > WORSE * (magnitude + unit) + rounding {
            self.stage = Stage::Worse(-self.gap);
        } else if self.gap <= rounding {
            self.descend();
        } else if self.answers > 1_000 + 20 * self.x.len() {
            self.stage = Stage::Stuck;
        } else if !self.corral.push(vertex) {
            // A vertex in the affine hull, on which the gradient is constant, improves nothing but in rounding.
            if self.gap <= WORSE * unit { self.descend() } else { self.stage = Stage::Stuck }
        } else if self.settle(true) {
            self.ask();
        } else {
            self.descend();
        }
    }

    /// Ends at this temperature, or goes on with the next lower one.
    #[inline(always)]
    fn descend(&mut self) {
        if self.rung == self.temperature || self.maximises_utility() {
            self.stage = Stage::Done;
            return;
        }
        let next = self.rung * RUNG_RATIO;
        let next = if next < self.largest * LAST_RUNG { 0.0 } else { next };
        self.rung = self.temperature.max(next);
        self.slope.set(&self.utility, self.rung, &self.x);
        self.settle(false);
        self.ask();
    }

    /// Whether x maximises `U.x`: then it is the solution at every lower temperature.
    #[inline(always)]
    fn maximises_utility(&mut self) -> bool {
        self.face.utility.set(&self.utility, 0.0, &self.x);
        (0..self.corral.len()).all(|index| {
            let change = self.face.utility.change(&self.best, self.corral.atom(index));
            change.value >= -EQUAL * change.magnitude
        })
    }

    /// Moves x to the best point of the affine hull, or as far as weights stay positive and on without those that do not.
    /// Returns false if the last atom, which has just entered with weight 0, would have to leave at once: rounding had
    /// made it look better than it is.
    #[inline(always)]
    fn settle(&mut self, entered: bool) -> bool {
        let mut entering = entered;
        let mut refinements = 0;
        loop {
            self.corral.ascend(&self.slope);
            let Corral { weights, direction, .. } = &mut self.corral;
            let last = weights.len() - 1;
            if entering && (direction[last] <= 0.0 || direction[last].is_nan()) {
                self.corral.remove(last);
                return false;
            }
            entering = false;
            // How far along the direction the first weight reaches 0; the best point lies at 1/t.
            let mut limit = f64::INFINITY;
            for (&weight, &y) in weights.iter().zip(direction.iter()) {
                if y < 0.0 && weight / -y < limit {
                    limit = weight / -y;
                }
            }
            let whole = limit * self.rung >= 1.0;
            let mut moved = 0.0_f64;
            for (weight, &y) in weights.iter_mut().zip(direction.iter()) {
                let step = if whole { y / self.rung } else { y * limit };
                let out = !whole && y < 0.0 && *weight / -y <= limit;
                moved = moved.max(step.abs());
                *weight = if out { 0.0 } else { *weight + step };
            }
            for index in (0..self.corral.len()).rev() {
                if self.corral.weights[index] <= 0.0 {
                    self.corral.remove(index);
                }
            }
            self.corral.mean(&mut self.x);
            self.slope.set(&self.utility, self.rung, &self.x);
            if whole {
                refinements += 1;
                if moved <= SETTLED || refinements == MOST_REFINEMENTS {
                    return true;
                }
            }
        }
    }
}
