//! Vertices of zeros and ones with their convex combination, where inner products are counts.

use super::factor::Factor;
use super::slope::Slope;
use super::vector::{Part, Vector};
use crate::number::DoubleDouble;

/// A vertex of whose square no more than this part remains beside the others may be one of their affine hull.
pub(super) const UNCERTAIN: f64 = 1e-6;
/// No more than this is rounding.
pub(super) const WITHIN: f64 = 1e-10;
/// Weights change by no more than this in the last correction: by what it lacks, 2^-20 of it, they may be wrong.
const SETTLED: f64 = 1.0 / (1u128 << 76) as f64;
const MOST_CORRECTIONS: usize = 8;
/// Few rows have more atoms.
const USUAL: usize = 24;

/// One vertex: its coordinates, the bits of those that are 1, and which these are.
#[derive(Default)]
struct Corner {
    cells: Vec<f64>,
    bits: Vec<u64>,
    ones: Vec<u32>,
}

impl Corner {
    /// False if a coordinate is neither 0 nor 1.
    #[inline(always)]
    fn read(&mut self, vertex: &[f64]) -> bool {
        self.bits.clear();
        self.ones.clear();
        let mut other = false;
        for (word, cells) in vertex.chunks(64).enumerate() {
            let mut bits = 0;
            for (bit, &x) in cells.iter().enumerate() {
                other |= x != 0.0 && x != 1.0;
                bits |= u64::from(x != 0.0) << bit;
            }
            self.bits.push(bits);
            while bits != 0 {
                self.ones.push(64 * word as u32 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        !other
    }

    /// In how many coordinates both are 1.
    #[inline(always)]
    fn common(&self, other: &Self) -> f64 {
        let mut count = 0;
        for (a, b) in self.bits.iter().zip(&other.bits) {
            count += (a & b).count_ones();
        }
        f64::from(count)
    }

    #[inline(always)]
    fn value(&self, weights: &[f64]) -> f64 {
        let mut sum = 0.0;
        for &i in &self.ones {
            sum += weights[i as usize];
        }
        sum
    }

    /// The same to twice the precision.
    #[inline(always)]
    fn exact_value(&self, weights: Part) -> DoubleDouble {
        let (mut sum, mut rest) = (0.0, 0.0);
        for &i in &self.ones {
            let total = DoubleDouble::sum(sum, weights.high[i as usize]);
            sum = total.high;
            rest += total.low + weights.low[i as usize];
        }
        DoubleDouble::sum(sum, rest)
    }
}

/// A step from one vertex to another, as a gradient values it.
pub(super) struct Rise {
    pub(super) value: DoubleDouble,
    /// `sum |g_i|` over the coordinates in which they differ.
    pub(super) magnitude: f64,
    /// What g is the difference of, over them.
    pub(super) terms: f64,
    /// How many they are.
    pub(super) distance: f64,
}

/// Affinely independent vertices with the weights of a mean, and the vertex that may join them.
///
/// In doubles the factor of their inner products, which are exact, says where the best mean is; what that lacks the
/// gradient says to twice the precision, and a step for the gradient that is left makes it up: iterative refinement.
#[derive(Default)]
pub(super) struct Corral {
    /// The atoms, then the vertex that may join, then room.
    corners: Vec<Corner>,
    weights: Vec<DoubleDouble>,
    factor: Factor,
    /// The value of the first vertex, which all values are relative to.
    base: f64,
    direction: Vec<f64>,
    coefficients: Vec<DoubleDouble>,
}

impl Corral {
    /// Of vertices of so many coordinates, with room for a few.
    pub(super) fn new(dimension: usize) -> Self {
        let atoms = (dimension + 2).min(USUAL);
        Self {
            corners: Vec::with_capacity(atoms),
            weights: Vec::with_capacity(atoms),
            factor: Factor::with_capacity(atoms),
            direction: Vec::with_capacity(atoms),
            coefficients: Vec::with_capacity(atoms),
            ..Self::default()
        }
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    pub(super) fn vertex(&self, index: usize) -> &[f64] {
        &self.corners[index].cells
    }

    pub(super) fn weight(&self, index: usize) -> DoubleDouble {
        self.weights[index]
    }

    /// One atom of weight 1. False if it has coordinates that are neither 0 nor 1.
    #[inline(always)]
    pub(super) fn reset(&mut self, vertex: &[f64], utility: &[f64]) -> bool {
        self.weights.clear();
        self.factor.clear();
        if !self.read(vertex) {
            return false;
        }
        self.split();
        self.base = self.corners[0].value(utility);
        self.push(vertex, utility);
        self.weights[0] = DoubleDouble::ONE;
        true
    }

    /// Takes a vertex that may join. False if it has coordinates that are neither 0 nor 1.
    #[inline(always)]
    pub(super) fn read(&mut self, vertex: &[f64]) -> bool {
        if self.corners.len() <= self.len() {
            self.corners.push(Corner::default());
        }
        self.corners[self.weights.len()].read(vertex)
    }

    /// The part of its square that remains beside the affine hull of the others.
    #[inline(always)]
    pub(super) fn split(&mut self) -> f64 {
        let (atoms, new) = self.corners.split_at(self.weights.len());
        let new = &new[0];
        self.factor.split(|index| atoms[index].common(new), new.ones.len() as f64)
    }

    /// It joins with weight 0.
    #[inline(always)]
    pub(super) fn push(&mut self, vertex: &[f64], utility: &[f64]) {
        let corner = &mut self.corners[self.weights.len()];
        corner.cells.clear();
        corner.cells.extend_from_slice(vertex);
        self.factor.push(corner.value(utility) - self.base);
        self.weights.push(DoubleDouble::ZERO);
    }

    #[inline(always)]
    fn remove(&mut self, index: usize) {
        // Behind the vertex that may join, which stays behind the atoms.
        let end = (self.len() + 1).min(self.corners.len());
        self.corners[index..end].rotate_left(1);
        self.weights.remove(index);
        self.factor.remove(index);
    }

    /// By how much its value exceeds that of an atom, in doubles.
    #[inline(always)]
    pub(super) fn excess(&self, gradient: &[f64]) -> f64 {
        self.corners[self.len()].value(gradient) - self.corners[0].value(gradient)
    }

    /// The step to it from the first atom.
    #[inline(always)]
    pub(super) fn rise(&self, slope: &Slope) -> Rise {
        let (from, to) = (&self.corners[0], &self.corners[self.len()]);
        let (mut sum, mut rest) = (0.0, 0.0);
        let mut rise = Rise { value: DoubleDouble::ZERO, magnitude: 0.0, terms: 0.0, distance: 0.0 };
        for (word, (&from, &to)) in from.bits.iter().zip(&to.bits).enumerate() {
            let mut differ = from ^ to;
            while differ != 0 {
                let bit = differ.trailing_zeros();
                differ &= differ - 1;
                let index = 64 * word + bit as usize;
                let sign = if to >> bit & 1 == 1 { 1.0 } else { -1.0 };
                let g = slope.cells.at(index);
                let total = DoubleDouble::sum(sum, sign * g.high);
                sum = total.high;
                rest += total.low + sign * g.low;
                rise.magnitude += g.high.abs();
                rise.terms += slope.terms[index];
                rise.distance += 1.0;
            }
        }
        rise.value = DoubleDouble::sum(sum, rest);
        rise
    }

    /// `h . step` for it.
    #[inline(always)]
    pub(super) fn gain(&self, h: &[f64]) -> f64 {
        self.excess(h)
    }

    /// Writes `U - t x`, in doubles.
    #[inline(always)]
    pub(super) fn ask(&self, utility: &[f64], temperature: f64, query: &mut [f64]) {
        query.copy_from_slice(utility);
        for (corner, weight) in self.corners.iter().zip(&self.weights) {
            let step = temperature * weight.high;
            for &i in &corner.ones {
                query[i as usize] -= step;
            }
        }
    }

    /// Moves to the best mean, or as far as weights stay positive and on without those that do not. False if the atom that
    /// has just entered would have to leave at once.
    #[inline(always)]
    pub(super) fn balance(&mut self, temperature: f64) -> bool {
        let mut entering = true;
        loop {
            self.factor.best(temperature, &mut self.direction);
            for (y, weight) in self.direction.iter_mut().zip(&self.weights) {
                *y = *y / temperature - weight.high;
            }
            let rises = self.direction.last().is_some_and(|y| *y > 0.0);
            if entering && !rises {
                return false;
            }
            entering = false;
            if self.step() {
                return true;
            }
        }
    }

    /// The same from the gradient at the mean: to twice the precision, with the mean and its gradient.
    #[inline(always)]
    pub(super) fn settle(
        &mut self,
        utility: &[f64],
        temperature: f64,
        entered: bool,
        x: &mut Vector,
        slope: &mut Slope,
    ) -> bool {
        let mut entering = entered;
        let mut corrections = 0;
        loop {
            self.mean(utility.len(), x);
            slope.set_binary(utility, temperature, x);
            if self.len() == 1 {
                return true;
            }
            let direction = &mut self.direction;
            differences(&self.corners[..self.weights.len()], slope.cells.whole(), direction);
            self.factor.solve(direction);
            let mut longest = 0.0_f64;
            for y in direction.iter_mut() {
                *y /= temperature;
                longest = if y.abs() > longest { y.abs() } else { longest };
            }
            let rises = direction.last().is_some_and(|y| *y > 0.0);
            if entering && !rises || corrections == MOST_CORRECTIONS || !longest.is_finite() {
                return false;
            }
            entering = false;
            let whole = self.step();
            corrections = if whole { corrections + 1 } else { 0 };
            if whole && longest <= SETTLED {
                self.mean(utility.len(), x);
                slope.set_binary(utility, temperature, x);
                return true;
            }
        }
    }

    /// Changes the weights by the direction, as far as they stay positive, and leaves out atoms whose weights vanish. Whether
    /// it has gone all the way.
    #[inline(always)]
    fn step(&mut self) -> bool {
        let mut limit: Option<DoubleDouble> = None;
        for (&weight, &y) in self.weights.iter().zip(&self.direction) {
            if y < 0.0 && weight.high < -2.0 * y {
                let reached = weight / DoubleDouble::from(-y);
                limit = Some(limit.map_or(reached, |limit| if reached < limit { reached } else { limit }));
            }
        }
        let limit = limit.filter(|limit| *limit < DoubleDouble::ONE);
        let mut total = DoubleDouble::ZERO;
        let mut heaviest = 0;
        for index in 0..self.weights.len() {
            let (weight, y) = (self.weights[index], DoubleDouble::from(self.direction[index]));
            let moved = match limit {
                None => weight + y,
                Some(limit) if y.high < 0.0 && weight / -y <= limit => DoubleDouble::ZERO,
                Some(limit) => weight + y * limit,
            };
            self.weights[index] = moved;
            total = total + moved;
            heaviest = if moved > self.weights[heaviest] { index } else { heaviest };
        }
        // Else rounding would add up.
        self.weights[heaviest] = self.weights[heaviest] + (DoubleDouble::ONE - total);
        for index in (0..self.len()).rev() {
            if self.weights[index] <= DoubleDouble::ZERO {
                self.remove(index);
            }
        }
        limit.is_none()
    }

    #[inline(always)]
    fn mean(&self, dimension: usize, x: &mut Vector) {
        combine(&self.corners, &self.weights, dimension, x);
    }

    /// The part of a vector along the directions of the affine hull, to twice the precision; `rest` is what remains. False if
    /// the corrections do not settle.
    #[inline(always)]
    pub(super) fn project(&mut self, vector: &[f64], along: &mut Vector, rest: &mut Vector) -> bool {
        let atoms = self.len();
        self.coefficients.clear();
        self.coefficients.resize(atoms, DoubleDouble::ZERO);
        rest.zeros(vector.len());
        rest.high.copy_from_slice(vector);
        along.zeros(vector.len());
        let mut most = 0.0_f64;
        for _ in 0..MOST_CORRECTIONS {
            differences(&self.corners[..atoms], rest.whole(), &mut self.direction);
            self.factor.solve(&mut self.direction);
            let mut longest = 0.0_f64;
            for (coefficient, &y) in self.coefficients.iter_mut().zip(&self.direction) {
                *coefficient = *coefficient + DoubleDouble::from(y);
                longest = longest.max(y.abs());
            }
            most = most.max(longest);
            combine(&self.corners, &self.coefficients, vector.len(), along);
            let cells = rest.high.iter_mut().zip(&mut rest.low).zip(vector);
            for (((high, low), &whole), (&a, &a_low)) in cells.zip(along.high.iter().zip(&along.low)) {
                let difference = DoubleDouble::sum(whole, -a);
                let g = DoubleDouble::normal(difference.high, difference.low - a_low);
                (*high, *low) = (g.high, g.low);
            }
            if longest <= SETTLED * most {
                return true;
            }
        }
        false
    }

    /// Takes the part of a vector along the affine hull out of it, in doubles.
    #[inline(always)]
    pub(super) fn clean(&mut self, vector: &mut [f64]) {
        for _ in 0..2 {
            self.direction.resize(self.weights.len(), 0.0);
            for (value, atom) in self.direction.iter_mut().zip(&self.corners) {
                *value = atom.value(vector);
            }
            self.factor.solve(&mut self.direction);
            for (corner, &y) in self.corners.iter().zip(&self.direction) {
                for &i in &corner.ones {
                    vector[i as usize] -= y;
                }
            }
        }
    }
}

/// The values of the atoms, relative to the first one's.
#[inline(always)]
fn differences(atoms: &[Corner], gradient: Part, values: &mut Vec<f64>) {
    values.resize(atoms.len(), 0.0);
    let first = atoms[0].exact_value(gradient);
    for (value, atom) in values.iter_mut().zip(atoms) {
        *value = (atom.exact_value(gradient) - first).high;
    }
}

/// `sum_i c_i v_i`.
#[inline(always)]
fn combine(corners: &[Corner], coefficients: &[DoubleDouble], dimension: usize, out: &mut Vector) {
    out.zeros(dimension);
    for (corner, c) in corners.iter().zip(coefficients) {
        for &i in &corner.ones {
            let sum = DoubleDouble::sum(out.high[i as usize], c.high);
            out.high[i as usize] = sum.high;
            out.low[i as usize] += sum.low + c.low;
        }
    }
    for (high, low) in out.high.iter_mut().zip(&mut out.low) {
        let sum = DoubleDouble::sum(*high, *low);
        (*high, *low) = (sum.high, sum.low);
    }
}
