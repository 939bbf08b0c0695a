//! Affinely independent vertices ("atoms") and their convex combination: Wolfe's corral.

use super::factor::Factor;
use super::slope::Slope;

/// The atoms, their weights, and a factor that solves least-squares problems on their affine hull.
///
/// With `d_i = v_i - o` for a fixed origin o, `G_ij = d_i.d_j` and any `c > 0`, the matrix `H = G + c 1 1^T` is positive
/// definite exactly if the atoms are affinely independent, and on vectors of sum 0 it is G (Wolfe, 1976).
#[derive(Default)]
pub(super) struct Corral {
    dimension: usize,
    atoms: Vec<f64>,
    pub(super) weights: Vec<f64>,
    origin: Vec<f64>,
    /// The c of H: the squared distance of the first two atoms.
    spread: f64,
    factor: Factor,
    /// What [`Corral::ascend`] found: how the weights should change.
    pub(super) direction: Vec<f64>,
    /// `H^-1 1`.
    ones: Vec<f64>,
    products: Vec<f64>,
}

impl Corral {
    pub(super) fn new(dimension: usize) -> Self {
        Self { dimension, ..Self::default() }
    }

    /// One atom of weight 1.
    pub(super) fn reset(&mut self, vertex: &[f64]) {
        self.atoms.clear();
        self.atoms.extend_from_slice(vertex);
        self.weights.clear();
        self.weights.push(1.0);
    }

    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    #[inline(always)]
    pub(super) fn atom(&self, index: usize) -> &[f64] {
        &self.atoms[index * self.dimension..(index + 1) * self.dimension]
    }

    /// Adds an atom of weight 0. Returns false, and adds nothing, if it lies in the affine hull of the others.
    #[inline(always)]
    pub(super) fn push(&mut self, vertex: &[f64]) -> bool {
        if self.len() == 1 {
            self.origin.clear();
            self.origin.extend_from_slice(&self.atoms);
            self.spread = product(&self.origin, vertex, vertex);
            self.factor.clear();
            // A vertex twice has no spread, and is refused here.
            if !self.factor.push(&mut [], self.spread) {
                return false;
            }
        }
        self.products.clear();
        for atom in self.atoms.chunks_exact(self.dimension) {
            self.products.push(product(&self.origin, atom, vertex) + self.spread);
        }
        let diagonal = product(&self.origin, vertex, vertex) + self.spread;
        let independent = self.factor.push(&mut self.products, diagonal);
        if independent {
            self.atoms.extend_from_slice(vertex);
            self.weights.push(0.0);
        }
        independent
    }

    #[inline(always)]
    pub(super) fn remove(&mut self, index: usize) {
        let start = index * self.dimension;
        self.atoms.copy_within(start + self.dimension.., start);
        self.atoms.truncate((self.len() - 1) * self.dimension);
        self.weights.remove(index);
        self.factor.remove(index);
    }

    /// The atom of the largest weight.
    #[inline(always)]
    pub(super) fn heaviest(&self) -> usize {
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
    pub(super) fn ascend(&mut self, slope: &Slope) {
        self.direction.clear();
        if self.len() == 1 {
            self.direction.push(0.0);
            return;
        }
        let reference = self.heaviest();
        for index in 0..self.len() {
            let value = slope.change(self.atom(reference), self.atom(index)).value;
            self.direction.push(value);
        }
        // G y + m 1 = V^T g and 1.y = 0.
        self.factor.solve(&mut self.direction);
        self.ones.clear();
        self.ones.resize(self.weights.len(), 1.0);
        self.factor.solve(&mut self.ones);
        let multiplier = self.direction.iter().sum::<f64>() / self.ones.iter().sum::<f64>();
        let mut others = 0.0;
        for (index, (y, &one)) in self.direction.iter_mut().zip(&self.ones).enumerate() {
            *y = (-multiplier).mul_add(one, *y);
            others += if index == reference { 0.0 } else { *y };
        }
        // To the last bit, so that what one atom gains others lose, however far the step goes.
        self.direction[reference] = -others;
    }

    /// `out += sum_i y_i (v_i - v_r)`, where v_r is the heaviest atom: coordinates that all atoms share are not touched.
    #[inline(always)]
    pub(super) fn combine(&self, coefficients: &[f64], out: &mut [f64]) {
        let reference = self.heaviest();
        for (index, &y) in coefficients.iter().enumerate() {
            if index == reference {
                continue;
            }
            for ((out, &v), &r) in out.iter_mut().zip(self.atom(index)).zip(self.atom(reference)) {
                *out = y.mul_add(v - r, *out);
            }
        }
    }

    /// The convex combination. From the heaviest atom, so that in 0/1 coordinates rounding cannot leave [0, 1].
    #[inline(always)]
    pub(super) fn mean(&self, x: &mut [f64]) {
        x.copy_from_slice(self.atom(self.heaviest()));
        self.combine(&self.weights, x);
    }
}

/// `(a - o).(b - o)`.
#[inline(always)]
fn product(origin: &[f64], a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for ((&o, &a), &b) in origin.iter().zip(a).zip(b) {
        sum = (a - o).mul_add(b - o, sum);
    }
    sum
}
