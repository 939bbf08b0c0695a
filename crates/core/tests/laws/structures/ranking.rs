use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::NeuralSort;
use sst::structure::{Prefix, Ranking};
use sst::{AnyOperator, Trick};

use super::permutation_matrices;
use crate::registry::Instance;

#[derive(Debug)]
struct Elements {
    count: usize,
}

pub(crate) fn instances() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=4usize).prop_map(|count| Rc::new(Elements { count }) as Rc<dyn Instance>).boxed()
}

impl Instance for Elements {
    fn operator(&self) -> AnyOperator {
        AnyOperator::from(Trick::new(Ranking::new(self.count), NeuralSort))
    }

    fn vertices(&self) -> Vec<u32> {
        permutation_matrices(self.count)
    }

    fn count(&self) -> Option<f64> {
        Some((1..=self.count).map(|i| i as f64).product())
    }

    /// `U_ij = (n + 1 - 2i) s_j`, i = 1, ..., n.
    fn coefficients(&self, scores: &[f64]) -> Option<Vec<f64>> {
        let n = self.count as f64;
        let row = |i: usize| scores.iter().map(move |s| (n - 1.0 - 2.0 * i as f64) * s);
        Some((0..self.count).flat_map(row).collect())
    }

    /// Distances of scores have a kink at 0.
    fn has_kink(&self, scores: &[f64], reach: f64) -> bool {
        scores.iter().enumerate().any(|(i, a)| scores[..i].iter().any(|b| (a - b).abs() <= reach))
    }

    fn labels(&self) -> usize {
        self.count
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let n = self.count;
        Some(Prefix {
            structure: self.operator(),
            parameter_places: names.to_vec(),
            utility_places: names.to_vec(),
            places: (0..n).flat_map(|i| names.iter().map(move |j| i * n + j)).collect(),
        })
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("no element can be forbidden")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix {
            structure: Rc::new(Elements { count: size }),
            parameter_places: (0..size).collect(),
            utility_places: (0..size).collect(),
            places: (0..size).flat_map(|i| (0..size).map(move |j| i * self.count + j)).collect(),
        }
    }
}
