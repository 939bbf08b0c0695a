use super::{Scratch, Uniforms, choose};
use crate::number::Scalar;

/// A directed graph whose vertices n-1, ..., 1 have been eliminated one by one, as sums over its arborescences from the
/// root 0 are computed: a vertex k whose heads i < k have the weights `w_ik`, of sum `d_k`, has left
/// `w_ij += (w_ik / d_k) w_kj` behind. Of an undirected graph both directions of an edge have its weight.
pub(crate) trait Eliminated<N> {
    fn vertices(&self) -> usize;

    /// `w_ij` before any elimination, for i, j of any order.
    fn weight(&self, head: usize, modifier: usize) -> N;

    /// `w_ik / d_k` when k is eliminated, for i < k.
    fn share(&self, eliminated: usize, head: usize) -> N;

    /// `w_kj` when k is eliminated, for j < k.
    fn outgoing(&self, eliminated: usize, modifier: usize) -> N;

    /// What [`Eliminated::share`] is multiplied by when a head is chosen for k.
    fn preference(&self, eliminated: usize, head: usize) -> N;
}

/// The origin of an edge that was there from the beginning.
const ORIGINAL: u32 = u32::MAX;

/// The head of every vertex of an arborescence drawn in proportion to the product of its weights, by adding the vertices
/// back in the opposite order. O(n^2), for as long as most vertices have few children.
///
/// An edge from i to j after the elimination of k is one that was there before, or stands for a path i, k, j, in
/// proportion to their weights. What is left of an arborescence without the edges that stand for paths hangs from the
/// root or from their ends j. The latter become the children of k, and k gets a head among the former, i in proportion to
/// `w_ik`. Why: fix the edges that are left, with the ends j of p paths, and let a(C) be the sum of `w_ik` over the i of a
/// tree C that is left, a(R) that of the root's. The ways to join these trees by paths have, by Cayley's formula, the
/// weight `(1/d_k)^p prod_j w_kj a(R) d_k^{p-1}`; times `d_k`, by which the elimination of k divides all sums, that is
/// the weight of all arborescences that result.
pub(crate) fn regrow<'a, N: Scalar>(
    graph: &impl Eliminated<N>,
    uniforms: &mut Uniforms,
    scratch: &'a mut Scratch<N>,
) -> &'a [u32] {
    let n = graph.vertices();
    let indices = &mut scratch.indices;
    indices.clear();
    indices.resize(3 * n, 0);
    let (heads, rest) = indices.split_at_mut(n);
    // The vertex whose elimination left the edge into each modifier; and whether that hangs from the root.
    let (origins, hangs) = rest.split_at_mut(n);
    hangs[0] = YES;
    for k in 1..n {
        mark_hanging(k, heads, origins, hangs);
        let candidates = (0..k).filter(|&i| hangs[i] == YES);
        let weighted = candidates.map(|i| (i, graph.share(k, i) * graph.preference(k, i)));
        let head = choose(weighted, uniforms).unwrap_or(0);
        for j in 1..k {
            if origins[j] == k as u32 {
                heads[j] = k as u32;
                origins[j] = origin(graph, k, j, uniforms);
            }
        }
        heads[k] = head as u32;
        origins[k] = origin(graph, head, k, uniforms);
    }
    heads
}

const UNKNOWN: u32 = 0;
const NO: u32 = 1;
const YES: u32 = 2;

/// Finds out which of the vertices below k hang from the root by edges that k did not leave.
fn mark_hanging(k: usize, heads: &[u32], origins: &[u32], hangs: &mut [u32]) {
    hangs[1..k].fill(UNKNOWN);
    for vertex in 1..k {
        let mut above = vertex;
        while hangs[above] == UNKNOWN && origins[above] != k as u32 {
            above = heads[above] as usize;
        }
        let hanging = if hangs[above] == UNKNOWN { NO } else { hangs[above] };
        hangs[above] = hanging;
        let mut below = vertex;
        while below != above {
            hangs[below] = hanging;
            below = heads[below] as usize;
        }
    }
}

/// The vertex whose elimination left an edge that is there when all vertices after its ends are eliminated.
fn origin<N: Scalar>(
    graph: &impl Eliminated<N>,
    head: usize,
    modifier: usize,
    uniforms: &mut Uniforms,
) -> u32 {
    let later = (head.max(modifier) + 1..graph.vertices())
        .map(|v| (v as u32, graph.share(v, head) * graph.outgoing(v, modifier)));
    let weighted = later.chain([(ORIGINAL, graph.weight(head, modifier))]);
    choose(weighted, uniforms).unwrap_or(ORIGINAL)
}
