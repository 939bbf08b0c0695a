//! Utilities so far apart that `u/t` cannot be exponentiated, brought closer together.
//!
//! The contraction leaves a laminar family of nodes S (vertices, and cycles of nodes) with numbers `y_S` such that every
//! edge has a slack `s_e = u_e - sum_{S entered by e} y_S <= 0`. Therefore an arborescence T has the value
//! `u.T = sum_S y_S + sum_{e in T} s_e + sum_S y_S (k_S - 1)`, where `k_S >= 1` is how often T enters S: once, if S is a
//! vertex. Of cycles `y_S <= 0`, so all terms but the first, which is the value of the best arborescence, are `<= 0`.
//!
//! Hence a T that has an edge of slack `<= -G t`, or enters a cycle of `y_S <= -G t` twice, has at most the probability
//! `exp(-G)`; all of them, of which there are fewer than `n^n`, at most `exp(-5000)` for `G = 5000 + n ln n`. Raising such
//! slacks and `y_S` to `-G t`, and those of vertices to 0, changes the probabilities of the others in proportion, and
//! leaves those of these below the bound. So `max(s_e/t, -G) + sum of max(y_S/t, -G)` over the cycles that e enters
//! may take the place of `u_e/t`: no probability changes by more than `exp(-5000)`, and none of these sums is below
//! `-n G`.
//!
//! With a single child of the root, every T enters the node that hangs from the root once, and by an edge out of the root
//! (see `argmax.rs` for the order in which this is the largest value). So its `y_S` counts as 0, and the root's edges to
//! elsewhere are in no T.

use super::Arborescence;
use super::argmax::{Contraction, NONE, Sum, minus, scale_of};
use crate::elementary::two_sum;

/// A gap in `u/t` that no probability gets across: `exp(-5000)` times any number of arborescences is 0.
const GAP: f64 = 5_000.0;

impl Arborescence {
    /// Writes what may take the place of `u/t`.
    pub(super) fn narrow_by(
        &self,
        contraction: &mut Contraction,
        utility: &[f64],
        temperature: f64,
        sums: &mut Vec<Sum>,
    ) {
        let n = self.vertices;
        self.contract(utility, contraction);
        let Contraction { parents, chosen, potentials, .. } = contraction;
        let scale = scale_of(utility);
        let gap = GAP + n as f64 * self.log_vertices;
        let narrowed = |difference: f64| (difference / temperature / scale).max(-gap);
        let hangs_from_root = |node: usize| self.edges[chosen[node] as usize].0 == 0;
        sums.clear();
        sums.extend(self.edges.iter().zip(utility).map(|(&(head, modifier), &u)| {
            if u == f64::NEG_INFINITY {
                return (f64::NEG_INFINITY, 0.0);
            }
            // Up from both ends to where they meet; parents have larger numbers than their children.
            let (mut slack, mut sum) = ((u * scale, 0.0), (0.0, 0.0));
            let (mut outside, mut inside) = (head, modifier);
            while inside != outside {
                if outside < inside {
                    outside = parents[outside as usize];
                    continue;
                }
                let node = inside as usize;
                inside = parents[node];
                slack = minus(slack, potentials[node]);
                if self.single_root_child && inside == NONE && hangs_from_root(node) {
                    continue;
                }
                if self.single_root_child && inside == NONE && head == 0 {
                    return (f64::NEG_INFINITY, 0.0);
                }
                if node >= n {
                    sum = plus(sum, narrowed(potentials[node].0));
                }
            }
            plus(sum, narrowed(slack.0))
        }));
    }
}

fn plus(sum: Sum, term: f64) -> Sum {
    let (high, error) = two_sum(sum.0, term);
    (high, sum.1 + error)
}
