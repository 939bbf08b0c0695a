use super::Grower;
use crate::structure::derivations::{Derivations, Family};
use crate::structure::unordered_pair;

/// Binary trees over a sequence.
#[derive(Clone, Copy, Debug)]
struct BinaryTree {
    leaves: usize,
    labels: usize,
}

impl Derivations {
    /// The binary trees over `leaves >= 1` leaves in a row, whose spans, single leaves among them, have one of `labels >= 1`
    /// labels each: one coordinate for each span from a leaf to itself or a later one, row by row, and each label.
    ///
    /// `Catalan(leaves - 1) labels^(2 leaves - 1)` trees; some `leaves^3 / 6` edges.
    pub fn binary_tree(leaves: usize, labels: usize) -> Self {
        assert!(leaves > 0 && labels > 0, "a tree has a leaf and a label");
        let family = BinaryTree { leaves, labels };
        let mut grower = Grower::default();
        // Of the span from a leaf to another the node of its labelled trees.
        let mut labelled = vec![0_u32; leaves * leaves];
        for width in 1..=leaves {
            for first in 0..=leaves - width {
                let last = first + width - 1;
                let splits = (width > 1).then(|| {
                    let splits = grower.nodes(1);
                    for middle in first..last {
                        let parts =
                            [labelled[first * leaves + middle], labelled[(middle + 1) * leaves + last]];
                        grower.edge(splits, &parts, None);
                    }
                    splits
                });
                let head = grower.nodes(1);
                for label in 0..labels {
                    let coordinate = family.span(first, last) * labels + label;
                    grower.edge(head, splits.as_slice(), Some(coordinate));
                }
                labelled[first * leaves + last] = head;
            }
        }
        grower.finish(leaves * (leaves + 1) / 2 * labels, family)
    }

    /// The places of the coordinates of binary trees in an array [first leaf, last leaf, label].
    pub fn binary_tree_places(leaves: usize, labels: usize) -> Vec<usize> {
        let spans = (0..leaves).flat_map(|first| (first..leaves).map(move |last| first * leaves + last));
        spans.flat_map(|span| (0..labels).map(move |label| span * labels + label)).collect()
    }
}

impl BinaryTree {
    fn span(self, first: usize, last: usize) -> usize {
        // Of every leaf before, as many spans as there are leaves from it on.
        first * self.leaves - first * first.saturating_sub(1) / 2 + last - first
    }
}

impl Family for BinaryTree {
    fn noun(&self) -> &'static str {
        "a binary tree"
    }

    fn size(&self) -> usize {
        self.leaves
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let spans = (0..size).flat_map(|first| (first..size).map(move |last| self.span(first, last)));
        let places = spans.flat_map(|span| (0..self.labels).map(move |label| span * self.labels + label));
        (Derivations::binary_tree(size, self.labels), places.collect())
    }

    fn identity(&self, coordinate: usize) -> usize {
        let span = coordinate / self.labels;
        let (mut first, mut begins) = (0, 0);
        while begins + self.leaves - first <= span {
            begins += self.leaves - first;
            first += 1;
        }
        unordered_pair(first, first + span - begins + 1) * self.labels + coordinate % self.labels
    }
}
