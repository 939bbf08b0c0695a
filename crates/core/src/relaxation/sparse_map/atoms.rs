//! Affinely independent vertices ("atoms") and their convex combination: what Wolfe calls a corral.

use super::basis::Basis;
use super::slope::Slope;
use super::vector::Vector;
use crate::number::DoubleDouble;

/// Sizes that lie this far apart: of even ones what rounding hides is 2^10 roundings at most.
pub(super) const UNEVEN: f64 = 1.0 / 1024.0;

/// The atoms, their weights, and an orthonormal basis of the directions between them.
///
/// The basis is that of the differences `d_i = v_i - v_0` from the first atom.
#[derive(Default)]
pub(super) struct Atoms {
    dimension: usize,
    vertices: Vec<f64>,
    weights: Vec<DoubleDouble>,
    pub(super) basis: Basis,
    /// What [`Atoms::ascend`] found: how the weights should change.
    direction: Vec<DoubleDouble>,
    /// The largest magnitudes of the coordinates of atoms, earlier ones included.
    sizes: Vec<f64>,
    scratch: Vector,
}

impl Atoms {
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, basis: Basis::new(dimension), ..Self::default() }
    }

    /// One atom of weight 1.
    pub(super) fn reset(&mut self, vertex: &[f64]) {
        self.vertices.clear();
        self.vertices.extend_from_slice(vertex);
        self.weights.clear();
        self.weights.push(DoubleDouble::ONE);
        self.basis.clear();
        self.sizes.clear();
        self.sizes.extend(vertex.iter().map(|x| x.abs()));
    }

    pub(super) fn sizes(&self) -> &[f64] {
        &self.sizes
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether the sizes of coordinates lie far apart.
    #[inline(always)]
    pub(super) fn has_uneven_sizes(&self) -> bool {
        let (mut least, mut most) = (f64::INFINITY, 0.0);
        for &size in &self.sizes {
            least = if size > 0.0 && size < least { size } else { least };
            most = size.max(most);
        }
        least < UNEVEN * most
    }

    pub(super) fn weight(&self, index: usize) -> f64 {
        self.weights[index].high
    }

    #[inline(always)]
    pub(super) fn vertex(&self, index: usize) -> &[f64] {
        &self.vertices[index * self.dimension..(index + 1) * self.dimension]
    }

    pub(super) fn first(&self) -> &[f64] {
        &self.vertices[..self.dimension]
    }

    /// Splits the step from the first atom to a vertex: see [`Basis::split`]. False if the vertex lies in the affine hull.
    #[inline(always)]
    pub(super) fn split(&mut self, vertex: &[f64]) -> bool {
        self.basis.split_difference(vertex, &self.vertices[..self.dimension])
    }

    /// Adds the vertex that was split last, with weight 0.
    #[inline(always)]
    pub(super) fn push(&mut self, vertex: &[f64]) {
        self.basis.push();
        self.vertices.extend_from_slice(vertex);
        self.weights.push(DoubleDouble::ZERO);
        self.sizes.iter_mut().zip(vertex).for_each(|(size, x)| *size = size.max(x.abs()));
    }

    /// Weights for all atoms.
    pub(super) fn set_weights(&mut self, weights: impl Iterator<Item = DoubleDouble>) {
        self.weights.iter_mut().zip(weights).for_each(|(weight, new)| *weight = new);
    }

    #[inline(always)]
    fn remove(&mut self, index: usize) {
        let start = index * self.dimension;
        self.vertices.copy_within(start + self.dimension.., start);
        self.vertices.truncate((self.len() - 1) * self.dimension);
        self.weights.remove(index);
        match index.checked_sub(1) {
            Some(column) => self.basis.remove(column),
            None => self.basis.subtract_first(),
        }
    }

    /// The atom of the largest weight.
    #[inline(always)]
    fn heaviest(&self) -> usize {
        let mut best = 0;
        for (index, &weight) in self.weights.iter().enumerate() {
            if weight > self.weights[best] {
                best = index;
            }
        }
        best
    }

    /// Sets `direction` to the y of sum 0 with the largest `g . V y - |V y|^2 / 2`: then `V y` is the projection of g onto
    /// the directions of the affine hull.
    #[inline(always)]
    fn ascend(&mut self, slope: &Slope) {
        self.scratch.clear();
        for index in 1..self.len() {
            let value = slope.difference(self.first(), self.vertex(index));
            self.scratch.push(value);
        }
        self.basis.solve(&mut self.scratch);
        self.direction.clear();
        self.direction.push(DoubleDouble::ZERO);
        for index in 0..self.scratch.len() {
            let y = self.scratch.at(index);
            self.direction.push(y);
            self.direction[0] = self.direction[0] - y;
        }
    }

    /// Moves towards the best point of the affine hull for this gradient at this temperature, as far as weights stay positive,
    /// and leaves out atoms whose weights vanish. By how much weights have changed if it has got there, infinity if not; none
    /// if it cannot go, since the last atom, which has just entered with weight 0, would have to leave at once: rounding
    /// had made it look better than it is.
    #[inline(always)]
    pub(super) fn advance(&mut self, slope: &Slope, temperature: f64, entering: bool) -> Option<f64> {
        self.ascend(slope);
        let last = self.len() - 1;
        let rise = self.direction[last].high;
        if entering && (rise <= 0.0 || rise.is_nan()) {
            self.remove(last);
            return None;
        }
        // The best point lies at 1/t; the first weight reaches 0 at the limit.
        let mut limit: Option<DoubleDouble> = None;
        for (&weight, &y) in self.weights.iter().zip(&self.direction) {
            if y < DoubleDouble::ZERO {
                let reached = weight / -y;
                limit = Some(limit.map_or(reached, |limit| if reached < limit { reached } else { limit }));
            }
        }
        let limit = limit.filter(|limit| limit.high * temperature < 1.0);
        let longest = self.direction.iter().fold(0.0_f64, |most, y| most.max(y.high.abs()));
        let moved = if limit.is_none() { longest / temperature } else { f64::INFINITY };
        let temperature = DoubleDouble::from(temperature);
        let mut total = DoubleDouble::ZERO;
        for (weight, &y) in self.weights.iter_mut().zip(&self.direction) {
            *weight = match limit {
                None => *weight + y / temperature,
                Some(limit) if y < DoubleDouble::ZERO && *weight / -y <= limit => DoubleDouble::ZERO,
                Some(limit) => *weight + y * limit,
            };
            total = total + *weight;
        }
        // Else rounding would add up.
        let heaviest = self.heaviest();
        self.weights[heaviest] = self.weights[heaviest] + (DoubleDouble::ONE - total);
        for index in (0..self.len()).rev() {
            if self.weights[index] <= DoubleDouble::ZERO {
                self.remove(index);
            }
        }
        Some(moved)
    }

    /// The convex combination. From the heaviest atom, so that in 0/1 coordinates rounding cannot leave [0, 1], and that
    /// coordinates which all atoms share are exact.
    #[inline(always)]
    pub(super) fn mean(&mut self, x: &mut Vector) {
        let reference = self.heaviest();
        x.zeros(self.dimension);
        x.high.copy_from_slice(self.vertex(reference));
        for index in 0..self.len() {
            if index != reference {
                let (start, origin) = (index * self.dimension, reference * self.dimension);
                let vertex = &self.vertices[start..start + self.dimension];
                self.scratch.set_difference(vertex, &self.vertices[origin..origin + self.dimension]);
                x.add_multiple(self.weights[index], self.scratch.whole());
            }
        }
    }
}
