use super::{ArgmaxOracle, Prefix, Structure};

/// Any subset of n elements: the corners of the cube (paper, section 6, "Indep. S").
#[derive(Clone, Debug)]
pub struct Subset {
    elements: usize,
}

impl Subset {
    /// Subsets of so many elements.
    pub fn new(elements: usize) -> Self {
        Self { elements }
    }
}

impl Structure for Subset {
    fn dimension(&self) -> usize {
        self.elements
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        Prefix::new(Self::new(size), 0..size)
    }

    fn work(&self) -> usize {
        4 * self.elements
    }

    fn check(&self, _utility: &[f64], _forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        Ok(()) // The empty set is always there.
    }
}

impl ArgmaxOracle for Subset {
    type Workspace = ();

    fn argmax_workspace(&self) {}

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], _workspace: &mut ()) {
        positive(utility, vertex);
    }
}

/// The coordinates of positive utility.
#[inline(always)]
pub(super) fn positive(utility: &[f64], vertex: &mut [f64]) {
    for (x, &u) in vertex.iter_mut().zip(utility) {
        *x = if u > 0.0 { 1.0 } else { 0.0 };
    }
}
