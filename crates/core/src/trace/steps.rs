/// No step.
pub const NONE: u32 = u32::MAX;

/// The steps of an algorithm. A coordinate that is not chosen in a step may be a candidate in the step's successor; the
/// steps of a coordinate are a path from its first to its last one.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The coordinate that each step chooses, the earliest of its candidates.
    pub chosen: Vec<u32>,
    /// The successor of each step, or [`NONE`].
    pub successors: Vec<u32>,
    /// The first step of each coordinate; [`NONE`] if it takes part in none.
    pub first: Vec<u32>,
    /// The last one: in which it is chosen, or after which it does not matter any more.
    pub last: Vec<u32>,
}

impl Trace {
    /// Forgets everything; `coordinates` of them take part in nothing.
    pub(crate) fn reset(&mut self, coordinates: usize) {
        self.chosen.clear();
        self.successors.clear();
        for ends in [&mut self.first, &mut self.last] {
            ends.clear();
            ends.resize(coordinates, NONE);
        }
    }

    /// Appends a step that follows the one before it.
    pub(crate) fn follow(&mut self, chosen: u32) {
        let step = self.chosen.len() as u32;
        if let Some(last) = self.successors.last_mut() {
            *last = step;
        }
        self.chosen.push(chosen);
        self.successors.push(NONE);
        self.take_part(chosen as usize, 0, step);
    }

    /// Says in which steps a coordinate is a candidate.
    pub(crate) fn take_part(&mut self, coordinate: usize, first: u32, last: u32) {
        (self.first[coordinate], self.last[coordinate]) = (first, last);
    }

    /// The steps in which a coordinate is a candidate.
    pub(crate) fn steps(&self, coordinate: usize) -> impl Iterator<Item = usize> {
        let (first, last) = (self.first[coordinate], self.last[coordinate]);
        let start = (first != NONE).then_some(first);
        std::iter::successors(start, move |&step| (step != last).then(|| self.successors[step as usize]))
            .map(|step| step as usize)
    }

    /// Whether a coordinate is chosen in some step.
    pub(crate) fn is_chosen(&self, coordinate: usize) -> bool {
        let last = self.last[coordinate];
        last != NONE && self.chosen[last as usize] as usize == coordinate
    }
}
