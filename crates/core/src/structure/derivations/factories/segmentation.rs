use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Segmentations of a sequence.
#[derive(Clone, Copy, Debug)]
struct Segmentation {
    length: usize,
    labels: usize,
    longest: usize,
}

impl Derivations {
    /// The segmentations of `length >= 1` positions into runs of at most `longest >= 1`, each with one of `labels >= 1` labels:
    /// one coordinate for each start, each length from 1 on and each label; those that end beyond the sequence are in none.
    ///
    /// `2^(length - 1)` segmentations of one label and runs of any length; `length longest labels` edges.
    pub fn segmentation(length: usize, labels: usize, longest: usize) -> Self {
        assert!(length > 0 && labels > 0 && longest > 0, "a segment has a length and a label");
        let mut grower = Grower::default();
        for start in (0..length).rev() {
            // The node of what begins at a position is its distance from the end, less one.
            let head = grower.nodes(1);
            for run in 1..=longest.min(length - start) {
                let rest = (start + run < length).then(|| head - run as u32);
                for label in 0..labels {
                    let coordinate = (start * longest + run - 1) * labels + label;
                    grower.edge(head, rest.as_slice(), Some(coordinate));
                }
            }
        }
        grower.finish(length * longest * labels, Segmentation { length, labels, longest })
    }
}

impl Family for Segmentation {
    fn noun(&self) -> &'static str {
        "a segmentation"
    }

    fn size(&self) -> usize {
        self.length
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let &Self { labels, longest, .. } = self;
        (Derivations::segmentation(size, labels, longest), (0..size * longest * labels).collect())
    }
}
