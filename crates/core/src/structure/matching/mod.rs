//! Perfect matchings: `shortest_paths.rs` finds the best one but for rounding errors, `reduced_utilities.rs` puts those
//! right, `assignment.rs` does both; `feasibility.rs` says whether a mask leaves any.

mod assignment;
mod feasibility;
mod reduced_utilities;
mod scans;
mod shortest_paths;

use super::{ArgmaxOracle, Prefix, Structure, ordered_pair};
use assignment::Assignment;
pub(crate) use reduced_utilities::ReducedUtilities;
pub(crate) use shortest_paths::ShortestPaths;

/// The perfect matchings of n rows with n columns, as permutation matrices in row-major order: the corners of the
/// Birkhoff polytope (Mena, Belanger, Linderman and Snoek, 2018; paper, section 6).
///
/// A utility of -inf forbids its cell.
#[derive(Clone, Debug)]
pub struct Matching {
    size: usize,
}

impl Matching {
    /// Matchings of `size >= 1` rows and columns.
    pub fn new(size: usize) -> Self {
        assert!(size >= 1, "there must be a row");
        Self { size }
    }
}

impl Structure for Matching {
    fn dimension(&self) -> usize {
        self.size * self.size
    }

    fn identity(&self, coordinate: usize) -> usize {
        ordered_pair(coordinate / self.size, coordinate % self.size)
    }

    fn size(&self) -> usize {
        self.size
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let places = (0..size).flat_map(|i| (0..size).map(move |j| i * self.size + j));
        Prefix::new(Self::new(size), places)
    }

    /// Of the relaxation: some ten eliminations of n columns, and as many exponentials of each cell.
    fn work(&self) -> usize {
        10 * self.size.pow(2) * (self.size + 20)
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids { feasibility::check(self.size, utility, scratch) } else { Ok(()) }
    }
}

impl ArgmaxOracle for Matching {
    type Workspace = Assignment;

    fn argmax_workspace(&self) -> Assignment {
        Assignment::new(self.size)
    }

    /// Jonker and Volgenant's method, O(n^3). Where several matchings are best, which of them is returned is a
    /// function of the utility alone.
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Assignment) {
        for (row, &column) in workspace.solve(utility).iter().enumerate() {
            vertex[row * self.size + column as usize] = 1.0;
        }
    }
}
