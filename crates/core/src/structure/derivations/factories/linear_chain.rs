use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Labellings of a sequence by pairs of neighbours.
#[derive(Clone, Copy, Debug)]
struct LinearChain {
    length: usize,
    states: usize,
}

impl Derivations {
    /// The labellings of `length >= 1` positions by `states >= 1` states: one coordinate for each position and state, then one
    /// for each position but the last and each state there and at the next.
    ///
    /// `states^length` labellings; `length states^2` edges. From the last position to the first, so that the goal decides the
    /// first.
    pub fn linear_chain(length: usize, states: usize) -> Self {
        assert!(length > 0 && states > 0, "a chain has a position and a state");
        let family = LinearChain { length, states };
        let mut grower = Grower::default();
        // Of the position after, each state with all that follows.
        let mut after = None;
        for position in (0..length).rev() {
            let onwards = after.map(|first: u32| {
                let nodes = grower.nodes(states);
                for state in 0..states {
                    for next in 0..states {
                        let pair = family.pair(position, state, next);
                        grower.edge(nodes + state as u32, &[first + next as u32], Some(pair));
                    }
                }
                nodes
            });
            let nodes = grower.nodes(states);
            for state in 0..states {
                let tail = onwards.map(|first| first + state as u32);
                grower.edge(nodes + state as u32, tail.as_slice(), Some(position * states + state));
            }
            after = Some(nodes);
        }
        let goal = grower.nodes(1);
        let first = goal - states as u32;
        (first..goal).for_each(|node| grower.edge(goal, &[node], None));
        grower.finish(family.dimension(), family)
    }
}

impl LinearChain {
    fn dimension(self) -> usize {
        self.length * self.states + (self.length - 1) * self.states * self.states
    }

    /// The coordinate of a state followed by another.
    fn pair(self, position: usize, state: usize, next: usize) -> usize {
        self.length * self.states + (position * self.states + state) * self.states + next
    }
}

impl Family for LinearChain {
    fn noun(&self) -> &'static str {
        "a labelling"
    }

    fn size(&self) -> usize {
        self.length
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let pairs = self.length * self.states;
        let pairs = pairs..pairs + (size - 1) * self.states * self.states;
        (Derivations::linear_chain(size, self.states), (0..size * self.states).chain(pairs).collect())
    }

    /// A state at a position, or after all that there may be, a pair.
    fn identity(&self, coordinate: usize) -> usize {
        const FIRST_PAIR: usize = 1 << 30;
        let unary = self.length * self.states;
        if coordinate < unary { coordinate } else { FIRST_PAIR + coordinate - unary }
    }
}
