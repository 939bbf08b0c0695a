//! Utilities so far apart that `u/t` cannot be exponentiated, brought closer together.
//!
//! The contraction leaves a laminar family of nodes S (vertices, and cycles of nodes) with numbers `y_S` such that every
//! edge has a slack `s_e = u_e - sum_{S entered by e} y_S <= 0`. Therefore an arborescence T has the value
//! `u.T = sum_S y_S + sum_{e in T} s_e + sum_S y_S (k_S - 1)`, where `k_S >= 1` is how often T enters S: once, if S is a
//! vertex. Of cycles `y_S <= 0`, so all terms but the first, which is the value of the best arborescence, are `<= 0`.
//!
//! Hence a T that has an edge of slack `<= -G t`, or enters a cycle of `y_S <= -G t` twice, has at most the probability
//! `exp(-G)`. There are fewer than `n^n` of them, so that none of this matters for the [gap] G of that many. Edges of such
//! slacks are as good as forbidden; `y_S` of cycles may be raised to `-G t`, and those of vertices to 0, which changes the
//! probabilities of the others in proportion. So `s_e/t + sum of max(y_S/t, -G)` over the cycles that e enters may take
//! the place of `u_e/t`, and none of these sums is below `-n G`.
//!
//! With a single child of the root, every T enters the node that hangs from the root once, and by an edge out of the root
//! (see `argmax.rs` for the order in which this is the largest value). So its `y_S` counts as 0, and the root's edges to
//! elsewhere are in no T.

use super::Arborescence;
use super::argmax::{Contraction, NONE};
use super::entries::Sums;
use super::rank::Rank;
use crate::number::DoubleDouble;
use crate::reach::gap;
use crate::structure::scale_of;

impl Arborescence {
    /// Writes what may take the place of `u/t`.
    pub(super) fn narrow_by(
        &self,
        contraction: &mut Contraction<Sums>,
        utility: &[f64],
        temperature: f64,
        narrowed: &mut Vec<DoubleDouble>,
    ) {
        let n = self.vertices;
        self.contract(utility, contraction);
        let Contraction { parents, chosen, potentials, .. } = contraction;
        let scale = scale_of(utility);
        let least = DoubleDouble::from(-gap(n as f64 * self.log_vertices, temperature));
        let over_temperature = |difference: DoubleDouble| difference / temperature * (1.0 / scale);
        let hangs_from_root = |node: usize| self.edges[chosen[node] as usize].0 == Rank::ROOT;
        narrowed.clear();
        narrowed.extend(self.edges.iter().zip(utility).map(|(&(head, modifier), &u)| {
            if u == f64::NEG_INFINITY {
                return DoubleDouble::NEG_INFINITY;
            }
            // Up from both ends to where they meet; parents have larger numbers than their children.
            let (mut slack, mut sum) = (DoubleDouble::from(u * scale), DoubleDouble::ZERO);
            let (mut outside, mut inside) = (head.node(), modifier.node());
            while inside != outside {
                if outside < inside {
                    outside = parents[outside as usize];
                    continue;
                }
                let node = inside as usize;
                inside = parents[node];
                slack = slack - potentials[node];
                if self.single_root_child && inside == NONE && hangs_from_root(node) {
                    continue;
                }
                if self.single_root_child && inside == NONE && head == Rank::ROOT {
                    return DoubleDouble::NEG_INFINITY;
                }
                if node >= n {
                    let potential = over_temperature(potentials[node]);
                    sum = sum + if potential < least { least } else { potential };
                }
            }
            let slack = over_temperature(slack);
            if slack <= least { DoubleDouble::NEG_INFINITY } else { sum + slack }
        }));
    }
}
