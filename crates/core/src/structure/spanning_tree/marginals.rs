//! Edge marginals at any temperature, by elimination without subtraction.
//!
//! The matrix-tree theorem (Kirchhoff; Koo et al., 2007, section 3) is usually evaluated by an LU factorisation or
//! an inverse of the Laplacian, whose diagonal is a sum of weights: when one weight dwarfs the others, subtracting it
//! again leaves only rounding errors. Here vertices are eliminated by the star-mesh transform, which only adds and
//! multiplies positive numbers, and effective resistances are grown back. In `mu_ij = w_ij R_ij` every term of the
//! one subtraction is at most 1 after multiplication by the weight, so the error is O(n eps), absolutely, for every
//! temperature.

use std::collections::TryReserveError;

use super::SpanningTree;
use super::narrowing::Merges;
use crate::number::{DoubleDouble, MOST_BLOCK, Number, Scalar, add_product, dot, filled, sum};
use crate::reach::{Reach, Room};
use crate::sampling::{Eliminated, Scratch, Uniforms, regrow};
use crate::structure::ExponentialFamily;

/// The eliminated network and its resistances. Matrices are row-major, their rows padded to whole blocks; what stands
/// in the padding, and above the diagonal of the first two, is never looked at.
pub struct Network<N> {
    stride: usize,
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
        let Network { stride, conductances, shares, inverse_degrees, .. } = network;
        let stride = *stride;
        let one = weights[0].constant(1.0);
        if !self.complete {
            conductances.fill(weights[0].constant(0.0));
        }
        for (&(i, j), &weight) in self.edges.iter().zip(weights) {
            conductances[j as usize * stride + i as usize] = weight;
        }
        let mut partition = one;
        for k in (1..n).rev() {
            // What every vertex m eliminated before left on the edges of k: c_kj += p_mk c_mj.
            let (rest, eliminated) = conductances.split_at_mut((k + 1) * stride);
            let own = &mut rest[k * stride..];
            let rows = eliminated.chunks_exact(stride).zip(shares[(k + 1) * stride..].chunks_exact(stride));
            add_product(
                &mut own[..k.next_multiple_of(N::BLOCK)],
                rows.rev().map(|(conductances, shares)| (shares[k], conductances)),
            );
            let own = &own[..k];
            let degree = sum(own);
            let inverse = one / degree;
            inverse_degrees[k] = inverse;
            if PARTITION {
                partition = partition * degree;
            }
            for (share, &conductance) in shares[k * stride..k * stride + k].iter_mut().zip(own) {
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
        let Network { stride, shares, inverse_degrees, resistances, potentials, .. } = network;
        let stride = *stride;
        let (zero, half) = (potentials[0].constant(0.0), potentials[0].constant(0.5));
        resistances[0] = zero;
        for k in 1..n {
            let shares = &shares[k * stride..k * stride + k];
            let potentials = &mut potentials[..k.next_multiple_of(N::BLOCK)];
            potentials.fill(zero);
            add_product(potentials, shares.iter().copied().zip(resistances.chunks_exact(stride)));
            let potentials = &potentials[..k];
            let offset = inverse_degrees[k] - half * dot(shares, potentials);
            for (j, &potential) in potentials.iter().enumerate() {
                let resistance = potential + offset;
                resistances[k * stride + j] = resistance;
                resistances[j * stride + k] = resistance;
            }
            resistances[k * stride + k] = zero;
        }
    }
}

impl SpanningTree {
    /// Draws need the weights once more, by their vertices: they stand where marginals keep resistances.
    #[inline(always)]
    fn keep_weights<N: Number>(&self, weights: &[N], network: &mut Network<N>) {
        let Network { stride, resistances, .. } = network;
        if !self.complete {
            resistances.fill(weights[0].constant(0.0));
        }
        for (&(i, j), &weight) in self.edges.iter().zip(weights) {
            resistances[i as usize * *stride + j as usize] = weight;
        }
    }
}

impl<N: Scalar> Eliminated<N> for (usize, &Network<N>) {
    fn vertices(&self) -> usize {
        self.0
    }
    fn weight(&self, head: usize, modifier: usize) -> N {
        self.1.resistances[head.min(modifier) * self.1.stride + head.max(modifier)]
    }
    fn share(&self, eliminated: usize, head: usize) -> N {
        self.1.shares[eliminated * self.1.stride + head]
    }
    fn outgoing(&self, eliminated: usize, modifier: usize) -> N {
        self.1.conductances[eliminated * self.1.stride + modifier]
    }
    fn preference(&self, _eliminated: usize, _head: usize) -> N {
        self.1.potentials[0].constant(1.0)
    }
}

impl ExponentialFamily for SpanningTree {
    type Workspace<N: Number> = Network<N>;
    type Narrowing = Option<Merges>;
    const LARGEST_LANE_WORK: usize = 1 << 16;

    fn reach(&self) -> Reach {
        let n = self.vertices;
        Reach { factors: n, cells: 3 * n * n.next_multiple_of(MOST_BLOCK) }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<Network<N>, TryReserveError> {
        let n = self.vertices;
        let stride = n.next_multiple_of(N::BLOCK);
        Ok(Network {
            stride,
            conductances: filled(zero, n * stride)?,
            shares: filled(zero, n * stride)?,
            inverse_degrees: filled(zero, n)?,
            resistances: filled(zero, n * stride)?,
            potentials: filled(zero, stride)?,
        })
    }

    fn balanced(&self) -> usize {
        self.edges.len()
    }

    fn forced(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>, mark: impl FnMut(usize)) {
        if forbids {
            self.bridges(|edge| utility[edge] != f64::NEG_INFINITY, scratch, mark);
        } else {
            self.forced.iter().copied().for_each(mark);
        }
    }

    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        merges: &mut Option<Merges>,
    ) {
        let merges = merges.get_or_insert_with(|| Merges::new(self));
        self.narrow_by(merges, utility, temperature, narrowed);
    }

    #[inline(always)]
    fn plain_shift(
        &self,
        _: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        room: Room,
        _: &mut Vec<f64>,
    ) -> Option<f64> {
        ((largest - smallest) / temperature <= room.span).then_some(largest)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], network: &mut Network<N>) -> N {
        let partition = self.eliminate::<N, true>(weights, network);
        self.keep_weights(weights, network);
        partition
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], network: &mut Network<N>) {
        self.eliminate::<N, false>(weights, network);
        self.grow_resistances(network);
        let Network { stride, resistances, .. } = network;
        for ((marginal, &weight), &(i, j)) in marginals.iter_mut().zip(weights).zip(&self.edges) {
            *marginal = weight * resistances[i as usize * *stride + j as usize];
        }
    }

    /// As an arborescence from vertex 0 of the graph with edges in both directions. O(n^2).
    fn draw<N: Scalar>(
        &self,
        _weights: &[N],
        network: &mut Network<N>,
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        let heads = regrow(&(self.vertices, &*network), uniforms, scratch);
        for (x, &(i, j)) in vertex.iter_mut().zip(&self.edges) {
            *x = f64::from(heads[j as usize] == i || heads[i as usize] == j);
        }
    }
}
