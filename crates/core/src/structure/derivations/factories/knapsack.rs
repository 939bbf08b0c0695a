use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Choices of items that fit.
#[derive(Clone, Debug)]
struct Knapsack {
    weights: Vec<u32>,
    groups: Vec<u32>,
    capacity: usize,
}

impl Derivations {
    /// The sets of items, at least one of them, whose weights add up to at most the capacity, at most one item of each group:
    /// indicators of the items. `groups[i]` is the group of item i, and the items of a group stand next to one another.
    ///
    /// `items (capacity + 1)` edges and as many without an item. A prefix has the first items. Of equal sets the one is taken
    /// that leaves out the first item in which they differ.
    pub fn knapsack(weights: &[u32], groups: &[u32], capacity: usize) -> Self {
        assert!(!weights.is_empty() && weights.len() == groups.len(), "every item has a weight and a group");
        let mut grower = Grower::default();
        // What may follow by the capacity that is left, from none to all.
        let mut after: Option<u32> = None;
        let mut end = weights.len();
        for items in groups.chunk_by(|a, b| a == b).rev() {
            let start = end - items.len();
            let nodes = grower.nodes(capacity + 1);
            for left in 0..=capacity {
                let head = nodes + left as u32;
                let rest = |left: usize| after.map(|first| first + left as u32);
                grower.edge(head, rest(left).as_slice(), None);
                for (item, &weight) in weights[start..end].iter().enumerate() {
                    if let Some(left) = left.checked_sub(weight as usize) {
                        grower.edge(head, rest(left).as_slice(), Some(start + item));
                    }
                }
            }
            after = Some(nodes);
            end = start;
        }
        let family = Knapsack { weights: weights.to_vec(), groups: groups.to_vec(), capacity };
        grower.finish(weights.len(), family)
    }
}

impl Family for Knapsack {
    fn noun(&self) -> &'static str {
        "a set of items"
    }

    fn size(&self) -> usize {
        self.weights.len()
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let structure = Derivations::knapsack(&self.weights[..size], &self.groups[..size], self.capacity);
        (structure, (0..size).collect())
    }
}
