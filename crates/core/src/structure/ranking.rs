use std::cmp::Ordering;

use super::{ArgmaxOracle, Prefix, Structure};

/// The rankings of n elements by their scores, as permutation matrices in row-major order: row i marks the element of
/// the i-th largest score (Grover, Wang, Zweig and Ermon, 2019).
///
/// A utility is one score for each element; X maximises `sum_ij (n + 1 - 2i) s_j x_ij` for i = 1, ..., n.
#[derive(Clone, Debug)]
pub struct Ranking {
    elements: usize,
}

impl Ranking {
    /// Rankings of `elements >= 1`.
    pub fn new(elements: usize) -> Self {
        assert!(elements >= 1, "there must be an element");
        Self { elements }
    }
}

/// Sorts elements by decreasing score; equal ones by index.
pub(crate) fn rank(scores: &[f64], order: &mut Vec<u32>) {
    order.clear();
    order.extend(0..scores.len() as u32);
    order.sort_unstable_by(|&a, &b| {
        let descending = scores[b as usize].partial_cmp(&scores[a as usize]).unwrap_or(Ordering::Equal);
        descending.then(a.cmp(&b))
    });
}

impl Structure for Ranking {
    fn dimension(&self) -> usize {
        self.elements * self.elements
    }

    fn utility_dimension(&self) -> usize {
        self.elements
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let place = |cell: usize| cell / size * self.elements + cell % size;
        Prefix {
            structure: Self::new(size),
            parameter_places: (0..size).collect(),
            utility_places: (0..size).collect(),
            places: (0..size * size).map(place).collect(),
        }
    }

    fn work(&self) -> usize {
        20 * self.elements.pow(2)
    }

    fn check(&self, _utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids {
            return Err(
                "expected finite scores, since a ranking has a place for every element, got -Infinity".into(),
            );
        }
        Ok(())
    }
}

impl ArgmaxOracle for Ranking {
    type Workspace = Vec<u32>;

    fn argmax_workspace(&self) -> Vec<u32> {
        Vec::with_capacity(self.elements)
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], order: &mut Vec<u32>) {
        rank(utility, order);
        for (row, &element) in vertex.chunks_exact_mut(self.elements).zip(order.iter()) {
            row[element as usize] = 1.0;
        }
    }
}
