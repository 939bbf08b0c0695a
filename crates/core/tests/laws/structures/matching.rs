use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Matching, Prefix};

use super::{Pairing, permutation_matrices};
use crate::registry::Instance;

#[derive(Debug)]
struct Square {
    size: usize,
    pairing: Pairing<Matching>,
}

pub(crate) fn instances(pairing: Pairing<Matching>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=4usize).prop_map(move |size| Rc::new(Square { size, pairing }) as Rc<dyn Instance>).boxed()
}

/// Of `sum x log x`, where x is 0 only in cells that no matching has; none where a rounding error of x is more than 1e-12
/// of it.
pub(crate) fn gradient(soft: &[f64]) -> Option<Vec<f64>> {
    let slope = |&x: &f64| match x {
        0.0 => Some(0.0),
        x if x < 1e-3 => None,
        x => Some(x.ln() + 1.0),
    };
    soft.iter().map(slope).collect()
}

impl Instance for Square {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(Matching::new(self.size))
    }

    fn vertices(&self) -> Vec<u32> {
        permutation_matrices(self.size)
    }

    fn count(&self) -> Option<f64> {
        Some((1..=self.size).map(|i| i as f64).product())
    }

    fn labels(&self) -> usize {
        self.size
    }

    /// Row i and column i are renamed alike.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let places = names.iter().flat_map(|i| names.iter().map(move |j| i * names.len() + j));
        Some(Prefix::new(self.operator(), places))
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("a square without a cell is no square")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let places = (0..size).flat_map(|i| (0..size).map(move |j| i * self.size + j));
        Prefix::new(Rc::new(Square { size, ..*self }), places)
    }
}
