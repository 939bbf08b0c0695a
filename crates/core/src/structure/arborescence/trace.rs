//! Edmonds' algorithm as a race: the earliest edge into every vertex is chosen, and into every cycle of such edges, where
//! time starts anew at each of its vertices with the edge that was chosen there.
//!
//! A step is a node of the contraction (see `argmax.rs`); an edge takes part in those of the nodes that hold its modifier
//! but not its head.

use super::Arborescence;
use super::argmax::Contraction;
use super::entries::Sums;
use crate::trace::{NONE, Trace, Traced};

/// With a single child of the root, its edges do not race with the others: there is no trace.
impl Traced for Arborescence {
    const ORDERED: bool = false;
    type Workspace = Contraction<Sums>;

    fn trace_workspace(&self) -> Contraction<Sums> {
        Contraction::new(self)
    }

    fn trace(&self, utility: &[f64], trace: &mut Trace, contraction: &mut Contraction<Sums>) {
        self.contract(utility, contraction);
        trace.reset(utility.len());
        let Contraction { nodes, parents, chosen, .. } = contraction;
        // The root chooses nothing, so that the step of a node is one less.
        let step = |node: u32| if node == NONE { NONE } else { node - 1 };
        trace.chosen.extend_from_slice(&chosen[1..*nodes]);
        trace.successors.extend(parents[1..*nodes].iter().map(|&parent| step(parent)));
        for (edge, (&(head, modifier), &u)) in self.edges.iter().zip(utility).enumerate() {
            if u == f64::NEG_INFINITY {
                continue;
            }
            // Up from both ends to where they meet; parents have larger numbers than their children.
            let (mut outside, mut inside, mut last) = (head.node(), modifier.node(), modifier.node());
            while inside != outside {
                if outside < inside {
                    outside = parents[outside as usize];
                } else {
                    last = inside;
                    inside = parents[inside as usize];
                }
            }
            trace.take_part(edge, step(modifier.node()), step(last));
        }
    }
}
