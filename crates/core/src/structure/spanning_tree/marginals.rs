//! Edge marginals at any temperature, by elimination without subtraction.
//!
//! The matrix-tree theorem (Kirchhoff; Koo et al., 2007, section 3) is usually evaluated by an LU factorisation or
//! an inverse of the Laplacian, whose diagonal is a sum of weights: when one weight dwarfs the others, subtracting it
//! again leaves only rounding errors. Here vertices are eliminated by the star-mesh transform, which only adds and
//! multiplies positive numbers, and effective resistances are grown back. In `mu_ij = w_ij R_ij` every term of the
//! one subtraction is at most 1 after multiplication by the weight, so the error is O(n eps), absolutely, for every
//! temperature.

use super::SpanningTree;
use crate::number::{Number, add_scaled, sum};
use crate::structure::{ExponentialFamily, PLAIN_SPAN, extremes};

/// The eliminated network and its resistances.
pub struct Network<N> {
    /// Row k, columns below k: the conductances `w_kj` until vertex k is eliminated, then `p_j = w_kj / d_k`.
    conductances: Vec<N>,
    /// `1 / d_k`.
    inverse_degrees: Vec<N>,
    /// Effective resistances, symmetric, of the vertices grown back so far.
    resistances: Vec<N>,
    row: Vec<N>,
}

impl SpanningTree {
    /// Star-mesh elimination of the vertices n-1, ..., 1; returns the product of their degrees, the number of
    /// trees counted by weight.
    #[inline(always)]
    fn eliminate<N: Number, const PARTITION: bool>(&self, weights: &[N], network: &mut Network<N>) -> N {
        let n = self.vertices;
        if !self.complete {
            network.conductances.fill(N::ZERO);
        }
        for (&(i, j), &weight) in self.edges.iter().zip(weights) {
            network.conductances[j as usize * n + i as usize] = weight;
        }
        let mut partition = N::ONE;
        for k in (1..n).rev() {
            let (others, own) = network.conductances.split_at_mut(k * n);
            let own = &mut own[..k];
            let degree = sum(own);
            let inverse = N::ONE / degree;
            network.inverse_degrees[k] = inverse;
            if PARTITION {
                partition = partition * degree;
            }
            let shares = &mut network.row[..k];
            for (share, &conductance) in shares.iter_mut().zip(own.iter()) {
                *share = conductance * inverse;
            }
            for i in 1..k {
                add_scaled(&mut others[i * n..i * n + i], shares[i], &own[..i]);
            }
            own.copy_from_slice(shares);
        }
        partition
    }

    /// The effective resistance between every two vertices, from vertex 0 outwards: with `q = R p` and
    /// `s = p.q / 2`, vertex k is `R_kj = 1/d_k + q_j - s` away from vertex j.
    #[inline(always)]
    fn grow_resistances<N: Number>(&self, network: &mut Network<N>) {
        let n = self.vertices;
        network.resistances[0] = N::ZERO;
        for k in 1..n {
            let shares = &network.conductances[k * n..k * n + k];
            let potentials = &mut network.row[..k];
            potentials.fill(N::ZERO);
            for (i, &share) in shares.iter().enumerate() {
                add_scaled(potentials, share, &network.resistances[i * n..i * n + k]);
            }
            let mut mean = N::ZERO;
            for (&share, &potential) in shares.iter().zip(potentials.iter()) {
                mean = mean + share * potential;
            }
            mean = N::HALF * mean;
            let inverse = network.inverse_degrees[k];
            for (j, &potential) in potentials.iter().enumerate() {
                let resistance = inverse + potential - mean;
                network.resistances[k * n + j] = resistance;
                network.resistances[j * n + k] = resistance;
            }
            network.resistances[k * n + k] = N::ZERO;
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
            inverse_degrees: vec![N::ZERO; n],
            resistances: vec![N::ZERO; n * n],
            row: vec![N::ZERO; n],
        }
    }

    #[inline(always)]
    fn plain_shift(&self, utility: &[f64], temperature: f64, _scratch: &mut Vec<f64>) -> Option<f64> {
        let (largest, smallest) = extremes(utility);
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
