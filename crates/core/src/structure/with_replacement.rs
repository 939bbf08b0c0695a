use super::{ArgmaxOracle, OneHot, Prefix, Structure};

/// k choices among n elements, each made without regard to the others, merged: the sets of 1 to k elements (Chen et
/// al., 2018, "Learning to Explain"; paper, section 6).
///
/// A utility is k rows of n, one after the other, each of which chooses the element of its largest utility.
#[derive(Clone, Debug)]
pub struct WithReplacement {
    elements: usize,
    k: usize,
}

impl WithReplacement {
    /// `k >= 1` choices among `elements >= 1`.
    pub fn new(elements: usize, k: usize) -> Self {
        assert!(elements >= 1 && k >= 1, "there must be an element and a choice");
        Self { elements, k }
    }

    /// A single one of the choices.
    pub fn choice(&self) -> OneHot {
        OneHot::new(self.elements)
    }
}

impl Structure for WithReplacement {
    fn dimension(&self) -> usize {
        self.elements
    }

    fn utility_dimension(&self) -> usize {
        self.k * self.elements
    }

    /// All choices have the same parameters.
    fn parameter_dimension(&self) -> usize {
        self.elements
    }

    fn parameter(&self, coordinate: usize) -> usize {
        coordinate % self.elements
    }

    /// An element in a choice.
    fn identity(&self, coordinate: usize) -> usize {
        coordinate % self.elements * self.k + coordinate / self.elements
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let utility_places = (0..self.k).flat_map(|copy| (0..size).map(move |i| copy * self.elements + i));
        Prefix {
            structure: Self::new(size, self.k),
            parameter_places: (0..size).collect(),
            utility_places: utility_places.collect(),
            places: (0..size).collect(),
        }
    }

    fn work(&self) -> usize {
        self.k * self.choice().work()
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if !forbids {
            return Ok(());
        }
        let mut rows = utility.chunks_exact(self.elements);
        rows.try_for_each(|row| self.choice().check(row, forbids, scratch))
    }
}

impl ArgmaxOracle for WithReplacement {
    type Workspace = ();

    fn argmax_workspace(&self) {}

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], _workspace: &mut ()) {
        for row in utility.chunks_exact(self.elements) {
            self.choice().argmax(row, vertex, &mut ());
        }
    }
}
