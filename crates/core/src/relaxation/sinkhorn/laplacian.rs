//! Linear systems in the Laplacian of the columns, which is that of an electrical network, by star-mesh elimination.
//!
//! Let P have rows that sum to r_i. With the rows' unknowns eliminated, what is left of
//! `[diag(r) P; P^T diag(c)] (alpha, beta) = right-hand side` is `diag(c) - P^T diag(r)^-1 P`, the Laplacian of the network
//! in which columns j and k are joined by the conductance `sum_i P_ij P_ik / r_i`: every row is a star whose centre is
//! eliminated.
//! Gaussian elimination of a Laplacian need not subtract: its diagonal is the sum of the other entries (Grassmann,
//! Taksar and Heyman, 1985). So nearly separate parts, which a low temperature makes, are solved as well as others.
//!
//! The gradient's right-hand side would lose what those parts exchange. It comes from voltage sources, one in each cell,
//! so it is kept as the flow that they drive through each edge, and is eliminated along with the conductances.

use std::f64::consts::LN_2;

use super::plan::Plan;
use crate::elementary::ln;
use crate::number::{Number, add_product, dot, sum};

/// A charge that is this part of all of them is their rounding error.
const NOISE: f64 = 4.0 * f64::EPSILON;

/// What is known of F along the step from here: how fast it falls, `-F'`, and `F''`.
pub(super) struct Step {
    pub(super) slope: f64,
    pub(super) curvature: f64,
}

/// Matrices are row-major with rows padded to whole blocks; in row k the columns j < k count.
pub(super) struct Laplacian {
    n: usize,
    stride: usize,
    /// `c_kj` when k is eliminated.
    conductances: Vec<f64>,
    /// `c_kj / d_k` with the degree `d_k = sum_j c_kj`; 0 where k stands alone.
    shares: Vec<f64>,
    degrees: Vec<f64>,
    /// What the voltage sources drive from j to k, short-circuited: antisymmetric.
    flows: Vec<f64>,
    /// What is to leave the network at k.
    charges: Vec<f64>,
    /// The solution beta.
    pub(super) potentials: Vec<f64>,
}

impl Laplacian {
    pub(super) fn new(n: usize) -> Self {
        let stride = n.next_multiple_of(f64::BLOCK);
        Self {
            n,
            stride,
            conductances: vec![0.0; n * stride],
            shares: vec![0.0; n * stride],
            degrees: vec![0.0; n],
            flows: Vec::new(),
            charges: vec![0.0; n],
            potentials: vec![0.0; stride],
        }
    }

    /// The step of the log-scalings that corrects the columns' sums: Newton's, where it is small. In any case it goes down:
    /// with `L = U^T D U`, U unit triangular, Newton's step solves `U step = q` for `q = D^-1 U^-T charges`, and here q is
    /// replaced by `asinh(q)`, which has the same signs.
    #[inline(always)]
    pub(super) fn correct(&mut self, plan: &Plan) -> Step {
        self.join_columns(plan);
        self.eliminate(false);
        let Self { n, stride, shares, degrees, charges, potentials, .. } = self;
        charges.copy_from_slice(&plan.charges);
        let noise = NOISE * charges.iter().map(|charge| charge.abs()).sum::<f64>();
        for k in (1..*n).rev() {
            let charge = charges[k];
            for (other, share) in charges.iter_mut().zip(&shares[k * *stride..k * *stride + k]) {
                *other = share.mul_add(charge, *other);
            }
        }
        let mut step = Step { slope: 0.0, curvature: 0.0 };
        potentials[0] = 0.0;
        for k in 1..*n {
            potentials[k] = dot(&shares[k * *stride..][..k], &potentials[..k]);
            if charges[k].abs() > noise && degrees[k] > 0.0 {
                let own = asinh(charges[k] / degrees[k]);
                potentials[k] += own;
                step.slope = own.mul_add(charges[k], step.slope);
                step.curvature = (degrees[k] * own).mul_add(own, step.curvature);
            }
        }
        step
    }

    /// `beta` of the gradient: cell (i, j) holds a voltage source `G_ij`.
    #[inline(always)]
    pub(super) fn follow(&mut self, plan: &Plan, driven: &[f64]) {
        self.join_columns(plan);
        self.flows.clear();
        self.flows.resize(self.n * self.stride, 0.0);
        let stride = self.stride;
        for (k, flows) in self.flows.chunks_exact_mut(stride).enumerate().skip(1) {
            let flows = &mut flows[..k.next_multiple_of(f64::BLOCK)];
            let rows = plan.cells.chunks_exact(stride).zip(driven.chunks_exact(stride));
            let rows = rows.zip(&plan.marginals.inverses);
            add_product(flows, rows.clone().map(|((cells, driven), inverse)| (inverse * cells[k], driven)));
            add_product(flows, rows.map(|((cells, driven), inverse)| (-inverse * driven[k], cells)));
        }
        self.eliminate(true);
        let Self { n, shares, degrees, flows, potentials, .. } = self;
        potentials[0] = 0.0;
        for k in 1..*n {
            let own = k * stride..k * stride + k;
            potentials[k] = dot(&shares[own.clone()], &potentials[..k]);
            if degrees[k] > 0.0 {
                potentials[k] += sum(&flows[own]) / degrees[k];
            }
        }
    }

    /// Eliminates the rows: the conductances between columns.
    #[inline(always)]
    fn join_columns(&mut self, plan: &Plan) {
        let stride = self.stride;
        self.conductances.fill(0.0);
        for (k, conductances) in self.conductances.chunks_exact_mut(stride).enumerate().skip(1) {
            let rows = plan.cells.chunks_exact(stride).zip(&plan.marginals.inverses);
            let rows = rows.map(|(cells, inverse)| (inverse * cells[k], cells));
            add_product(&mut conductances[..k.next_multiple_of(f64::BLOCK)], rows);
        }
    }

    /// Eliminates the columns n-1, ..., 1.
    #[inline(always)]
    fn eliminate(&mut self, with_flows: bool) {
        let Self { n, stride, conductances, shares, degrees, flows, .. } = self;
        let (n, stride) = (*n, *stride);
        for k in (1..n).rev() {
            let width = k.next_multiple_of(f64::BLOCK);
            let (rest, eliminated) = conductances.split_at_mut((k + 1) * stride);
            let own = &mut rest[k * stride..];
            let (own_shares, other_shares) = shares[k * stride..].split_at_mut(stride);
            let rows = eliminated.chunks_exact(stride).zip(other_shares.chunks_exact(stride));
            // c_kj += p_mk c_mj for every m eliminated before.
            add_product(
                &mut own[..width],
                rows.clone().map(|(conductances, shares)| (shares[k], conductances)),
            );
            if with_flows {
                // The sources along j - m - k add up: f_kj += p_mk f_mj - f_mk p_mj.
                let (rest, eliminated) = flows.split_at_mut((k + 1) * stride);
                let own = &mut rest[k * stride..][..width];
                let rows = eliminated.chunks_exact(stride).zip(other_shares.chunks_exact(stride));
                add_product(own, rows.clone().map(|(flows, shares)| (shares[k], flows)));
                add_product(own, rows.map(|(flows, shares)| (-flows[k], shares)));
            }
            let own = &own[..k];
            let degree = sum(own);
            // A column that stands alone, but for what no double resolves.
            let joined = degree > f64::MIN_POSITIVE;
            degrees[k] = if joined { degree } else { 0.0 };
            let inverse = if joined { 1.0 / degree } else { 0.0 };
            for (share, &conductance) in own_shares.iter_mut().zip(own) {
                *share = conductance * inverse;
            }
        }
    }
}

/// Far from the solution, the scaling that a node needs grows like the logarithm of its charge.
#[inline(always)]
fn asinh(x: f64) -> f64 {
    let size = x.abs();
    let value = if size < 1e-4 {
        size
    } else if size < 1e8 {
        ln(size + (size.mul_add(size, 1.0)).sqrt())
    } else {
        ln(size.min(1e300)) + LN_2
    };
    value.copysign(x)
}
