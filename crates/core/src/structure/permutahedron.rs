use super::{ArgmaxOracle, Prefix, Structure, rank};

/// The vectors that give each of n elements one of n weights `w_1 >= ... >= w_n`: the vertices of the permutahedron
/// `P(w)` (Blondel, Teboul, Berthet and Djolonga, 2020). The element of the i-th largest utility gets `w_i`, of equal
/// ones that of the lowest index first.
///
/// Of the weights n, ..., 1 the embedding is the vector of ranks, counted from below. O(n log n).
#[derive(Clone, Debug)]
pub struct Permutahedron {
    weights: Vec<f64>,
    /// Whether shorter rows have ranks of their own; of other weights they have the first.
    ranks: bool,
}

impl Permutahedron {
    /// The ranks n, ..., 1 of `elements >= 1`.
    pub fn ranks(elements: usize) -> Self {
        assert!(elements >= 1, "there must be an element");
        Self { weights: (1..=elements).rev().map(|rank| rank as f64).collect(), ranks: true }
    }

    /// At least one weight, none above the one before; each 0, or from 1e-100 to 1e100 in magnitude.
    pub fn with_weights(weights: Vec<f64>) -> Self {
        let bounded = |w: f64| w == 0.0 || (1e-100..=1e100).contains(&w.abs());
        assert!(!weights.is_empty(), "there must be an element");
        assert!(weights.iter().all(|&w| bounded(w)), "weights must be moderate");
        assert!(weights.is_sorted_by(|a, b| a >= b), "weights must not increase");
        Self { weights, ranks: false }
    }

    /// `w_1 >= ... >= w_n`.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }
}

impl Structure for Permutahedron {
    fn dimension(&self) -> usize {
        self.weights.len()
    }

    fn size(&self) -> usize {
        self.weights.len()
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let structure = if self.ranks {
            Self::ranks(size)
        } else {
            Self { weights: self.weights[..size].to_vec(), ranks: false }
        };
        Prefix::new(structure, 0..size)
    }

    fn work(&self) -> usize {
        100 * self.weights.len()
    }

    fn check(&self, _utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids {
            return Err(
                "expected finite utilities, since every element gets one of the weights, got -Infinity"
                    .into(),
            );
        }
        Ok(())
    }
}

impl ArgmaxOracle for Permutahedron {
    type Workspace = Vec<u32>;

    fn argmax_workspace(&self) -> Vec<u32> {
        Vec::with_capacity(self.weights.len())
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], order: &mut Vec<u32>) {
        rank(utility, order);
        for (&element, &weight) in order.iter().zip(&self.weights) {
            vertex[element as usize] = weight;
        }
    }
}
