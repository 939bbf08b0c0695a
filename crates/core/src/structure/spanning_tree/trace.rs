//! Kruskal's algorithm as a race: in every step the earliest of the edges between different trees is chosen.

use std::cmp::Ordering;

use super::SpanningTree;
use crate::trace::{Trace, Traced};

/// Disjoint sets that remember when they were joined: the smaller set hangs from the root of the larger, so that paths are
/// no longer than the logarithm of its size.
#[derive(Default)]
pub struct Mergers {
    order: Vec<u32>,
    parents: Vec<u32>,
    sizes: Vec<u32>,
    /// The step that hung each vertex from its parent.
    steps: Vec<u32>,
}

impl Mergers {
    fn reset(&mut self, vertices: usize) {
        self.parents.clear();
        self.parents.extend(0..vertices as u32);
        self.sizes.clear();
        self.sizes.resize(vertices, 1);
        self.steps.clear();
        self.steps.resize(vertices, u32::MAX);
    }

    fn root(&self, mut vertex: u32) -> u32 {
        while self.parents[vertex as usize] != vertex {
            vertex = self.parents[vertex as usize];
        }
        vertex
    }

    /// Joins two sets in a step; false if they are one.
    fn join(&mut self, (a, b): (u32, u32), step: u32) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return false;
        }
        let (larger, smaller) = if self.sizes[a as usize] < self.sizes[b as usize] { (b, a) } else { (a, b) };
        self.parents[smaller as usize] = larger;
        self.steps[smaller as usize] = step;
        self.sizes[larger as usize] += self.sizes[smaller as usize];
        true
    }

    /// The step that brought two vertices together: the last one on the paths to where they meet. Steps grow upwards.
    fn joined_in(&self, (mut a, mut b): (u32, u32)) -> u32 {
        let mut step = 0;
        while a != b {
            let (of_a, of_b) = (self.steps[a as usize], self.steps[b as usize]);
            let lower = if of_a < of_b { &mut a } else { &mut b };
            step = of_a.min(of_b);
            *lower = self.parents[*lower as usize];
        }
        step
    }
}

impl Traced for SpanningTree {
    type Workspace = Mergers;

    fn trace_workspace(&self) -> Mergers {
        Mergers::default()
    }

    fn trace(&self, utility: &[f64], trace: &mut Trace, mergers: &mut Mergers) {
        trace.reset(utility.len());
        mergers.reset(self.vertices);
        mergers.order.clear();
        let allowed = |&edge: &u32| utility[edge as usize] != f64::NEG_INFINITY;
        mergers.order.extend((0..utility.len() as u32).filter(allowed));
        let mut order = std::mem::take(&mut mergers.order);
        order.sort_unstable_by(|&a, &b| {
            let descending = utility[b as usize].partial_cmp(&utility[a as usize]).unwrap_or(Ordering::Equal);
            descending.then(a.cmp(&b))
        });
        for &edge in &order {
            if trace.chosen.len() + 1 == self.vertices {
                break;
            }
            if mergers.join(self.edges[edge as usize], trace.chosen.len() as u32) {
                trace.follow(edge);
            }
        }
        for &edge in &order {
            // A chosen edge brought its ends together itself.
            trace.take_part(edge as usize, 0, mergers.joined_in(self.edges[edge as usize]));
        }
        mergers.order = order;
    }
}
