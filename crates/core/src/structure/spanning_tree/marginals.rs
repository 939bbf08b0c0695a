//! Edge marginals at any temperature, by elimination without subtraction.
//!
//! The matrix-tree theorem (Kirchhoff; Koo et al., 2007, section 3) is usually evaluated by an LU factorisation or
//! an inverse of the Laplacian, whose diagonal is a sum of weights: when one weight dwarfs the others, subtracting it
//! again leaves only rounding errors. Here vertices are eliminated by the star-mesh transform, which only adds and
//! multiplies positive numbers, and effective resistances are grown back. In `mu_ij = w_ij R_ij` every term of the
//! one subtraction is at most 1 after multiplication by the weight, so the error is O(n eps), absolutely, for every
//! temperature.

use super::SpanningTree;
use crate::number::{Number, add_product, dot, sum};
use crate::structure::{ExponentialFamily, PLAIN_SPAN};

/// The eliminated network and its resistances; all matrices are n x n, row-major.
pub struct Network<N> {
    /// Row k, columns j < k: the conductances `c_kj` to the vertices that remain when vertex k is eliminated.
    conductances: Vec<N>,
    /// Row k, columns j < k: the shares `p_kj = c_kj / d_k` of the degree `d_k = sum_j c_kj`.
    shares: Vec<N>,
    /// `1 / d_k`.
    inverse_degrees: Vec<N>,
    /// Effective resistances, symmetric, of the vertices grown back so far.
    resistances: Vec<N>,
    potentials: Vec<N>,
}

impl SpanningTree {
    /// Star-mesh elimination of the vertices n-1, ..., 1; returns the product of their degrees, the number of
    /// trees counted by weight.
    #[inline(always)]
    fn eliminate<N: Number, const PARTITION: bool>(&self, weights: &[N], network: &mut Network<N>) -> N {
        let n = self.vertices;
        let Network { conductances, shares, inverse_degrees, .. } = network;
        if !self.complete {
            conductances.fill(N::ZERO);
        }
        for (&(i, j), &weight) in self.edges.iter().zip(weights) {
            conductances[j as usize * n + i as usize] = weight;
        }
        let mut partition = N::ONE;
        for k in (1..n).rev() {
            // What every vertex m eliminated before left on the edges of k: c_kj += p_mk c_mj.
            let (rest, eliminated) = conductances.split_at_mut((k + 1) * n);
            let own = &mut rest[k * n..k * n + k];
            let rows = eliminated.chunks_exact(n).zip(shares[(k + 1) * n..].chunks_exact(n));
            add_product(own, rows.rev().map(|(conductances, shares)| (shares[k], conductances)));
            let degree = sum(own);
            let inverse = N::ONE / degree;
            inverse_degrees[k] = inverse;
            if PARTITION {
                partition = partition * degree;
            }
            for (share, &conductance) in shares[k * n..k * n + k].iter_mut().zip(own.iter()) {
                *share = conductance * inverse;
            }
        }
        partition
    }

    /// The effective resistance between every two vertices, from vertex 0 outwards: with `q = R p` and
    /// `s = p.q / 2`, vertex k is `R_kj = 1/d_k + q_j - s` away from vertex j.
    #[inline(always)]
    fn grow_resistances<N: Number>(&self, network: &mut Network<N>) {
        let n = self.vertices;
        let Network { shares, inverse_degrees, resistances, potentials, .. } = network;
        resistances[0] = N::ZERO;
        for k in 1..n {
            let shares = &shares[k * n..k * n + k];
            let potentials = &mut potentials[..k];
            potentials.fill(N::ZERO);
            add_product(potentials, shares.iter().copied().zip(resistances.chunks_exact(n)));
            let offset = inverse_degrees[k] - N::HALF * dot(shares, potentials);
            for (j, &potential) in potentials.iter().enumerate() {
                let resistance = potential + offset;
                resistances[k * n + j] = resistance;
                resistances[j * n + k] = resistance;
            }
            resistances[k * n + k] = N::ZERO;
        }
    }
}

impl ExponentialFamily for SpanningTree {
    type Workspace<N: Number> = Network<N>;
    const MATROID: bool = true;

    fn workspace<N: Number>(&self) -> Network<N> {
        let n = self.vertices;
        Network {
            conductances: vec![N::ZERO; n * n],
            shares: vec![N::ZERO; n * n],
            inverse_degrees: vec![N::ZERO; n],
            resistances: vec![N::ZERO; n * n],
            potentials: vec![N::ZERO; n],
        }
    }

    #[inline(always)]
    fn plain_shift(
        &self,
        _: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        _: &mut Vec<f64>,
    ) -> Option<f64> {
        ((largest - smallest) / temperature <= PLAIN_SPAN).then_some(largest)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], network: &mut Network<N>) -> N {
        self.eliminate::<N, true>(weights, network)
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], network: &mut Network<N>) {
        self.eliminate::<N, false>(weights, network);
        self.grow_resistances(network);
        let resistances = &network.resistances;
        for ((marginal, &weight), &(i, j)) in marginals.iter_mut().zip(weights).zip(&self.edges) {
            *marginal = weight * resistances[i as usize * self.vertices + j as usize];
        }
    }
}
