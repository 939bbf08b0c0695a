use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Permutahedron, Prefix};

use super::{Pairing, sets};
use crate::registry::Instance;

/// Of the weights 1, ..., 1, 0, ..., 0, which make vectors of 0 and 1 of its vertices; `tests/permutahedron.rs` has other ones.
#[derive(Debug)]
struct Elements {
    count: usize,
    k: usize,
    pairing: Pairing<Permutahedron>,
}

pub(crate) fn instances(pairing: Pairing<Permutahedron>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize)
        .prop_flat_map(|count| (Just(count), 1..=count))
        .prop_map(move |(count, k)| Rc::new(Elements { count, k, pairing }) as Rc<dyn Instance>)
        .boxed()
}

impl Instance for Elements {
    fn operator(&self) -> AnyOperator {
        let weight = |i: usize| if i < self.k { 1.0 } else { 0.0 };
        (self.pairing)(Permutahedron::with_weights((0..self.count).map(weight).collect()))
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.count, |set| set.count_ones() as usize == self.k)
    }

    fn count(&self) -> Option<f64> {
        Some((0..self.k).fold(1.0, |count, i| count * (self.count - i) as f64 / (i + 1) as f64))
    }

    fn labels(&self) -> usize {
        self.count
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.to_vec()))
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("no element can be forbidden")
    }

    /// The first weights.
    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Elements { count: size, k: self.k.min(size), ..*self }), 0..size)
    }
}
