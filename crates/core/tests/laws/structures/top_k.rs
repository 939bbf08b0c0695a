use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::Prefix;
use sst::structure::TopK;
use sst::{AnyOperator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Choice {
    elements: usize,
    k: usize,
}

/// k = 0 and k = n among them.
pub(crate) fn instances() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize)
        .prop_flat_map(|elements| (Just(elements), 0..=elements))
        .prop_map(|(elements, k)| Rc::new(Choice { elements, k }) as Rc<dyn Instance>)
        .boxed()
}

fn operator(elements: usize, k: usize) -> AnyOperator {
    AnyOperator::family(Trick::new(TopK::new(elements, k), ExponentialFamilyEntropy))
}

impl Instance for Choice {
    fn operator(&self) -> AnyOperator {
        operator(self.elements, self.k)
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.elements, |set| set.count_ones() as usize == self.k)
    }

    /// The binomial coefficient.
    fn count(&self) -> Option<f64> {
        Some((0..self.k).fold(1.0, |count, i| count * (self.elements - i) as f64 / (i + 1) as f64))
    }

    fn labels(&self) -> usize {
        self.elements
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.iter().copied()))
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        operator(self.elements - forbidden.count_ones() as usize, self.k)
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Choice { elements: size, k: self.k }), 0..size)
    }
}
