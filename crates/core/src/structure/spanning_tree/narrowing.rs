//! Utilities so far apart that `u/t` cannot be exponentiated, brought closer together.
//!
//! Joining vertices by the edges of the best tree, from the best to the worst, makes a binary tree of sets S of vertices,
//! each with the utility `b_S` of the edge that made it, which falls towards the root R. An edge e whose ends first meet
//! in S has a slack `s_e = u_e - b_S <= 0`. With `d_S = b_S - b_parent(S) >= 0`, a tree T has the value
//! `u.T = b_R (n - 1) + sum_{e in T} s_e + sum_{S != R} d_S |T within S|`, in which T has at most |S| - 1 edges within S,
//! as the best tree has.
//!
//! A T with an edge of slack `<= -G t`, or that lacks one within an S of `d_S >= G t`, becomes likelier by the factor
//! `exp(G)` if one edge is exchanged for one of the best tree; there are at most `n^3` ways to get from one tree to
//! another, so for the [gap] G of that many none of these T matters. Such an edge is as good as forbidden, and `d_S` may
//! be lowered to `G t`: this changes the probabilities of the others in proportion. So
//! `s_e/t + sum of min(d_S/t, G)` over the S that have both ends of e, but R, may take the place of `u_e/t`.

use super::SpanningTree;
use super::argmax::Workspace;
use crate::elementary::ln;
use crate::number::DoubleDouble;
use crate::reach::gap;
use crate::structure::{ArgmaxOracle, relative, scale_of};

/// Memory: the sets are numbered as they are made.
pub struct Merges {
    argmax: Workspace,
    tree: Vec<f64>,
    /// The edges of the best tree, from the best on: the k-th makes the k-th set.
    order: Vec<u32>,
    /// Of each vertex the one that it was joined to, and the set made by that; itself, and none, if it has not been.
    above: Vec<u32>,
    joined: Vec<u32>,
    sizes: Vec<u32>,
    /// The newest set of the vertices below a vertex that has not been joined to another.
    newest: Vec<u32>,
    /// Of each set the next that contains it, then what its edges gain by all that contain them.
    parents: Vec<u32>,
    gains: Vec<DoubleDouble>,
}

const NONE: u32 = u32::MAX;

impl Merges {
    pub(super) fn new(structure: &SpanningTree) -> Self {
        Self {
            argmax: structure.argmax_workspace(),
            tree: Vec::new(),
            order: Vec::new(),
            above: Vec::new(),
            joined: Vec::new(),
            sizes: Vec::new(),
            newest: Vec::new(),
            parents: Vec::new(),
            gains: Vec::new(),
        }
    }

    /// Joins the smaller group to the larger, so that no vertex is below more than `log2 n` others.
    fn join(&mut self, (a, b): (u32, u32), set: u32) {
        let top = |mut vertex: u32| {
            while self.joined[vertex as usize] != NONE {
                vertex = self.above[vertex as usize];
            }
            vertex as usize
        };
        let (a, b) = (top(a), top(b));
        let (upper, lower) = if self.sizes[a] >= self.sizes[b] { (a, b) } else { (b, a) };
        for group in [upper, lower] {
            if self.newest[group] != NONE {
                self.parents[self.newest[group] as usize] = set;
            }
        }
        (self.above[lower], self.joined[lower]) = (upper as u32, set);
        self.sizes[upper] += self.sizes[lower];
        self.newest[upper] = set;
    }

    /// The set in which two vertices first meet. On the way up sets come later and later.
    fn meeting(&self, (a, b): (u32, u32)) -> usize {
        let (mut a, mut b, mut set) = (a as usize, b as usize, NONE);
        while a != b {
            let lower = if self.joined[a] < self.joined[b] { &mut a } else { &mut b };
            set = self.joined[*lower];
            *lower = self.above[*lower] as usize;
        }
        set as usize
    }
}

impl SpanningTree {
    /// Writes what may take the place of `u/t`.
    pub(super) fn narrow_by(
        &self,
        merges: &mut Merges,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
    ) {
        let (n, sets) = (self.vertices, self.vertices - 1);
        let scale = scale_of(utility);
        let above = |u: f64, reference: f64| relative(u * scale, reference * scale, temperature, scale);
        let most = gap(3.0 * ln(n as f64), temperature);
        let Merges { argmax, tree, order, above: tops, joined, sizes, newest, parents, gains } = &mut *merges;
        tree.clear();
        tree.resize(self.edges.len(), 0.0);
        self.argmax(utility, tree, argmax);
        order.clear();
        order.extend((0..self.edges.len() as u32).filter(|&edge| tree[edge as usize] != 0.0));
        order.sort_unstable_by(|&a, &b| utility[b as usize].total_cmp(&utility[a as usize]).then(a.cmp(&b)));
        tops.clear();
        tops.extend(0..n as u32);
        for (cells, count, value) in
            [(joined, n, NONE), (sizes, n, 1), (newest, n, NONE), (parents, sets, NONE)]
        {
            cells.clear();
            cells.resize(count, value);
        }
        gains.clear();
        gains.resize(sets, DoubleDouble::ZERO);
        for set in 0..sets {
            merges.join(self.edges[merges.order[set] as usize], set as u32);
        }
        let made_by = |merges: &Merges, set: usize| utility[merges.order[set] as usize];
        for set in (0..sets.saturating_sub(1)).rev() {
            let parent = merges.parents[set] as usize;
            let step = above(made_by(merges, set), made_by(merges, parent));
            let step = if step.high >= most { DoubleDouble::from(most) } else { step };
            merges.gains[set] = merges.gains[parent] + step;
        }
        narrowed.clear();
        narrowed.extend(self.edges.iter().zip(utility).map(|(&edge, &u)| {
            let set = merges.meeting(edge);
            match above(u, made_by(merges, set)) {
                slack if slack.high <= -most => DoubleDouble::NEG_INFINITY,
                slack => merges.gains[set] + slack,
            }
        }));
    }
}
