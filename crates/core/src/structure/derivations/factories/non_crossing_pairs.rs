use super::Grower;
use crate::structure::derivations::{Derivations, Family};
use crate::structure::unordered_pair;

/// Sets of pairs of positions that do not cross.
#[derive(Clone, Copy, Debug)]
struct NonCrossingPairs {
    length: usize,
    hairpin: usize,
}

impl Derivations {
    /// The sets of pairs of `length >= 1` positions, such that no position is in two, no two pairs cross when they are drawn
    /// as arcs, and at least `hairpin` positions are between the two of a pair: one coordinate for each pair i < j, row by row.
    ///
    /// The Motzkin numbers 1, 2, 4, 9, ... of sets without a least distance; some `length^3 / 6` edges. From the first position
    /// on, of equal sets the one is taken that leaves it alone, or else pairs it with the nearest.
    pub fn non_crossing_pairs(length: usize, hairpin: usize) -> Self {
        assert!(length > 0, "there is a position");
        let family = NonCrossingPairs { length, hairpin };
        let mut grower = Grower::default();
        // The positions of a span are all alone, if there are no more than between two of a pair and one of these.
        let alone = grower.nodes(1);
        grower.edge(alone, &[], None);
        // Of spans from a position to before another.
        let mut nodes = vec![alone; (length + 1) * (length + 1)];
        for width in hairpin.saturating_add(2)..=length {
            for first in 0..=length - width {
                let (head, end) = (grower.nodes(1), first + width);
                let node = |from: usize, to: usize| nodes[from * (length + 1) + to];
                grower.edge(head, &[node(first + 1, end)], None);
                for other in first + 1 + hairpin..end {
                    let parts = [node(first + 1, other), node(other + 1, end)];
                    grower.edge(head, &parts, Some(family.pair(first, other)));
                }
                nodes[first * (length + 1) + end] = head;
            }
        }
        grower.finish(length * (length - 1) / 2, family)
    }
}

impl NonCrossingPairs {
    fn pair(self, first: usize, other: usize) -> usize {
        first * self.length - first * (first + 1) / 2 + other - first - 1
    }
}

impl Family for NonCrossingPairs {
    fn noun(&self) -> &'static str {
        "a set of pairs"
    }

    fn size(&self) -> usize {
        self.length
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let pairs = (0..size).flat_map(|first| (first + 1..size).map(move |other| self.pair(first, other)));
        (Derivations::non_crossing_pairs(size, self.hairpin), pairs.collect())
    }

    fn identity(&self, coordinate: usize) -> usize {
        let (mut first, mut begins) = (0, 0);
        while begins + self.length - first - 1 <= coordinate {
            begins += self.length - first - 1;
            first += 1;
        }
        unordered_pair(first, first + 1 + coordinate - begins)
    }
}
