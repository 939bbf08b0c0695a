//! Edge marginals at any temperature, by elimination without subtraction.
//!
//! The directed matrix-tree theorem (Tutte, 1948; Koo et al., 2007, section 3) is usually evaluated by an inverse, which
//! loses all digits when one weight dwarfs the others. Here vertices are eliminated one by one: a vertex k of weights
//! `w_ik` from its heads, with `d_k = sum_i w_ik` and `p_i = w_ik / d_k`, leaves `w_ij += p_i w_kj` behind, and
//! `Z = prod_k d_k`. The derivatives `A_ij = d log Z / d w_ij` are grown back in the opposite order,
//! `A_kj = sum_i p_i A_ij` and `A_ik = (1 + sum_j A_ij w_kj - sum_j A_kj w_kj) / d_k`. In the marginals
//! `mu_ij = w_ij A_ij` every term of the one subtraction is at most 1, since `p_i w_kj A_ij` is at most the probability
//! of an edge; so the error is O(n eps), absolutely, for every temperature.
//!
//! A single child of the root: only the terms of Z that are linear in the root's weights count. So the root has the
//! share `d_k = delta w_0k + sum_{i > 0} w_ik` in degrees, for a `delta` so small that it counts only where there is
//! nothing else: `2^(-2^57)`, which among plain doubles is 0. For the last vertex, which has no other head, it is 1.

use std::collections::TryReserveError;

use super::Arborescence;
use super::argmax::Contraction;
use super::entries::Sums;
use super::rank::Rank;
use crate::number::{DoubleDouble, MOST_BLOCK, Number, Scalar, add_product, dot, filled, sum};
use crate::reach::{Reach, Room};
use crate::sampling::{Eliminated, Scratch, Uniforms, regrow};
use crate::structure::ExponentialFamily;

/// The eliminated graph and the derivatives. Vertices are ranks, the root is 0. Matrices are row-major, their rows padded
/// to whole blocks; what stands in the padding, and above the diagonal of the first two, is never looked at.
pub struct Elimination<N> {
    stride: usize,
    /// Row k, columns j < k: the weights `w_kj` to the modifiers that remain when vertex k is eliminated.
    outgoing: Vec<N>,
    /// Row k, columns i < k: the weights `w_ik` from the heads that remain, then their shares `p_i`.
    incoming: Vec<N>,
    /// `1 / d_k`.
    inverse_degrees: Vec<N>,
    /// `A_ij`, by heads; the diagonal and the root's column are 0.
    derivatives: Vec<N>,
    /// The same, by modifiers.
    transposed: Vec<N>,
    products: Vec<N>,
    /// `delta`; 1 where the root may have many children.
    root_share: N,
}

/// How often 1/2 is squared to make `delta`: it is to be below every quotient of products of weights, which are within
/// `2^(2^56)` by [`Reach`].
const SQUARINGS: usize = 57;

impl Arborescence {
    /// Eliminates the vertices n-1, ..., 1; returns the product of their degrees.
    #[inline(always)]
    fn eliminate<N: Number, const PARTITION: bool>(
        &self,
        weights: &[N],
        elimination: &mut Elimination<N>,
    ) -> N {
        let n = self.vertices;
        let Elimination { stride, outgoing, incoming, inverse_degrees, root_share, .. } = elimination;
        let (stride, root_share) = (*stride, *root_share);
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        if !self.complete {
            outgoing.fill(zero);
            incoming.fill(zero);
        }
        for (&(head, modifier), &weight) in self.edges.iter().zip(weights) {
            let (i, j) = (head.index(), modifier.index());
            if i > j {
                outgoing[i * stride + j] = weight;
            } else {
                incoming[j * stride + i] = weight;
            }
        }
        let mut partition = one;
        for k in (1..n).rev() {
            // What every vertex m eliminated before left on the edges of k.
            let (outgoing, out_after) = outgoing.split_at_mut((k + 1) * stride);
            let (incoming, in_after) = incoming.split_at_mut((k + 1) * stride);
            let (outgoing, incoming) = (&mut outgoing[k * stride..], &mut incoming[k * stride..]);
            let after = out_after.chunks_exact(stride).zip(in_after.chunks_exact(stride)).rev();
            let width = k.next_multiple_of(N::BLOCK);
            add_product(&mut outgoing[..width], after.clone().map(|(weights, shares)| (shares[k], weights)));
            add_product(&mut incoming[..width], after.map(|(weights, shares)| (weights[k], shares)));
            let heads = &mut incoming[..k];
            let degree = if k == 1 { heads[0] } else { heads[0].mul_add(root_share, sum(&heads[1..])) };
            let inverse = one / degree;
            inverse_degrees[k] = inverse;
            if PARTITION {
                partition = partition * degree;
            }
            for share in heads {
                *share = *share * inverse;
            }
        }
        partition
    }

    /// The derivatives of `log Z`, from the root outwards.
    #[inline(always)]
    fn differentiate<N: Number>(&self, elimination: &mut Elimination<N>) {
        let n = self.vertices;
        let Elimination {
            stride,
            outgoing,
            incoming,
            inverse_degrees,
            derivatives,
            transposed,
            products,
            root_share,
            ..
        } = elimination;
        let stride = *stride;
        let (zero, one) = (root_share.constant(0.0), root_share.constant(1.0));
        derivatives[0] = zero;
        transposed[0] = zero;
        for k in 1..n {
            let row = k * stride..k * stride + k;
            let (weights, shares) = (&outgoing[row.clone()], &incoming[row.clone()]);
            let products = &mut products[..k.next_multiple_of(N::BLOCK)];
            // A_kj = sum_i p_i A_ij
            products.fill(zero);
            add_product(products, shares.iter().copied().zip(derivatives.chunks_exact(stride)));
            derivatives[row.clone()].copy_from_slice(&products[..k]);
            for (j, &derivative) in products[..k].iter().enumerate() {
                transposed[j * stride + k] = derivative;
            }
            let rest = one - dot(weights, &products[..k]);
            // A_ik = (1 + sum_j A_ij w_kj - sum_j A_kj w_kj) / d_k
            products.fill(zero);
            add_product(products, weights.iter().copied().zip(transposed.chunks_exact(stride)));
            for (i, &product) in products[..k].iter().enumerate() {
                let share = if i == 0 && k > 1 { *root_share } else { one };
                let derivative = share.mul_add(rest, product) * inverse_degrees[k];
                derivatives[i * stride + k] = derivative;
                transposed[k * stride + i] = derivative;
            }
            derivatives[k * stride + k] = zero;
            transposed[k * stride + k] = zero;
        }
    }

    /// The smallest utility of the edges from the first vertex of the elimination to all others, if all are allowed.
    fn anchor(&self, utility: &[f64]) -> Option<f64> {
        let first = Rank::from_index(usize::from(self.single_root_child));
        let others = self.vertices - 1 - first.index();
        let edges = self.edges_of(first);
        let least = edges.iter().map(|&edge| utility[edge as usize]).fold(f64::INFINITY, f64::min);
        (edges.len() == others && least != f64::NEG_INFINITY).then_some(least)
    }
}

impl Arborescence {
    /// Draws need the weights once more, by their vertices: they stand where marginals keep derivatives.
    #[inline(always)]
    fn keep_weights<N: Number>(&self, weights: &[N], elimination: &mut Elimination<N>) {
        let Elimination { stride, derivatives, .. } = elimination;
        if !self.complete {
            derivatives.fill(weights[0].constant(0.0));
        }
        for (&(head, modifier), &weight) in self.edges.iter().zip(weights) {
            derivatives[head.index() * *stride + modifier.index()] = weight;
        }
    }
}

/// The weights of the root's edges are `delta` times what is kept of them, which matters for the choice of a head only.
impl<N: Scalar> Eliminated<N> for (usize, &Elimination<N>) {
    fn vertices(&self) -> usize {
        self.0
    }
    fn weight(&self, head: usize, modifier: usize) -> N {
        self.1.derivatives[head * self.1.stride + modifier]
    }
    fn share(&self, eliminated: usize, head: usize) -> N {
        self.1.incoming[eliminated * self.1.stride + head]
    }
    fn outgoing(&self, eliminated: usize, modifier: usize) -> N {
        self.1.outgoing[eliminated * self.1.stride + modifier]
    }
    fn preference(&self, _eliminated: usize, head: usize) -> N {
        if head == 0 { self.1.root_share } else { self.1.root_share.constant(1.0) }
    }
}

impl ExponentialFamily for Arborescence {
    type Workspace<N: Number> = Elimination<N>;
    const LARGEST_LANE_WORK: usize = 1 << 17;
    type Narrowing = Option<Contraction<Sums>>;

    fn reach(&self) -> Reach {
        let n = self.vertices;
        Reach { factors: n, cells: 4 * n * n.next_multiple_of(MOST_BLOCK) }
    }

    fn workspace<N: Number>(&self, zero: N) -> Result<Elimination<N>, TryReserveError> {
        let n = self.vertices;
        let stride = n.next_multiple_of(N::BLOCK);
        let matrix = || filled(zero, n * stride);
        let root_share = if self.single_root_child {
            (0..SQUARINGS).fold(zero.constant(0.5), |delta, _| delta * delta)
        } else {
            zero.constant(1.0)
        };
        Ok(Elimination {
            stride,
            outgoing: matrix()?,
            incoming: matrix()?,
            inverse_degrees: filled(zero, n)?,
            derivatives: matrix()?,
            transposed: matrix()?,
            products: filled(zero, stride)?,
            root_share,
        })
    }

    fn balanced(&self) -> usize {
        self.edges.len()
    }

    fn forced(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>, mut mark: impl FnMut(usize)) {
        if forbids {
            self.lone_edges(|edge| utility[edge] != f64::NEG_INFINITY, scratch, mark);
        } else {
            self.forced.iter().for_each(|&edge| mark(edge as usize));
        }
    }

    /// Every weight that is left by an elimination is a quotient of sums of products of at most n weights, so that within
    /// `n (spread + ln n)` nothing leaves the range. Where the root leads to every vertex more is possible: a degree is at
    /// least the root's weight, by which derivatives are bounded too, and a weight far below it does not matter.
    ///
    /// With a single child of the root, `delta` is 0, and it is the first other vertex that must lead to all others.
    fn plain_shift(
        &self,
        utility: &[f64],
        (largest, smallest): (f64, f64),
        temperature: f64,
        room: Room,
        _: &mut Vec<f64>,
    ) -> Option<f64> {
        let anchor = self.anchor(utility);
        let spread = (largest - smallest) / temperature;
        let every = self.vertices as f64 * (spread + self.log_vertices) <= room.span;
        let plain = if self.single_root_child {
            every && anchor.is_some()
        } else {
            every || anchor.is_some_and(|least| (largest - least) / temperature <= room.span)
        };
        plain.then_some(largest)
    }

    fn narrow(
        &self,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
        contraction: &mut Option<Contraction<Sums>>,
    ) {
        let contraction = contraction.get_or_insert_with(|| Contraction::new(self));
        self.narrow_by(contraction, utility, temperature, narrowed);
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], elimination: &mut Elimination<N>) -> N {
        let partition = self.eliminate::<N, true>(weights, elimination);
        self.keep_weights(weights, elimination);
        partition
    }

    #[inline(always)]
    fn marginals<N: Number>(&self, weights: &[N], marginals: &mut [N], elimination: &mut Elimination<N>) {
        self.eliminate::<N, false>(weights, elimination);
        self.differentiate(elimination);
        let Elimination { stride, derivatives, .. } = elimination;
        for ((marginal, &weight), &(head, modifier)) in marginals.iter_mut().zip(weights).zip(&self.edges) {
            *marginal = weight * derivatives[head.index() * *stride + modifier.index()];
        }
    }

    fn draw<N: Scalar>(
        &self,
        _weights: &[N],
        elimination: &mut Elimination<N>,
        uniforms: &mut Uniforms,
        scratch: &mut Scratch<N>,
        vertex: &mut [f64],
    ) {
        let heads = regrow(&(self.vertices, &*elimination), uniforms, scratch);
        for (x, &(head, modifier)) in vertex.iter_mut().zip(&self.edges) {
            *x = f64::from(heads[modifier.index()] == head.node());
        }
    }
}
