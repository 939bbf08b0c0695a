use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{CorrelatedTopK, Prefix};

use super::{Pairing, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Chain {
    elements: usize,
    k: usize,
    pairing: Pairing<CorrelatedTopK>,
}

/// k = 0 and k = n among them.
pub(crate) fn instances(pairing: Pairing<CorrelatedTopK>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=6usize)
        .prop_flat_map(|elements| (Just(elements), 0..=elements))
        .prop_map(move |(elements, k)| Rc::new(Chain { elements, k, pairing }) as Rc<dyn Instance>)
        .boxed()
}

impl Instance for Chain {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(CorrelatedTopK::new(self.elements, self.k))
    }

    /// Whether neighbours are together.
    fn deterministic(&self) -> usize {
        self.elements - 1
    }

    /// The k-subsets, each with a bit for every two neighbours that it has.
    fn vertices(&self) -> Vec<u32> {
        let subsets = sets(self.elements, |set| set.count_ones() as usize == self.k);
        subsets.into_iter().map(|set| set | (set & set >> 1) << self.elements).collect()
    }

    /// The binomial coefficient.
    fn count(&self) -> Option<f64> {
        Some((0..self.k).fold(1.0, |count, i| count * (self.elements - i) as f64 / (i + 1) as f64))
    }

    fn labels(&self) -> usize {
        self.elements
    }

    /// From the last to the first.
    fn relabelled(&self, _names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let n = self.elements;
        Some(Prefix::new(self.operator(), (0..n).rev().chain((n..2 * n - 1).rev())))
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("what remains is no chain")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let places = (0..size).chain(self.elements..self.elements + size - 1);
        Prefix::new(Rc::new(Chain { elements: size, ..*self }), places)
    }
}
