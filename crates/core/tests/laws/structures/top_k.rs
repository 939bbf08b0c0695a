use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Prefix, TopK};
use sst::trace::Tracer;
use sst::utility::Noise;

use super::{Pairing, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Choice {
    elements: usize,
    k: usize,
    pairing: Pairing<TopK>,
}

/// k = 0 and k = n among them.
pub(crate) fn instances(pairing: Pairing<TopK>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize)
        .prop_flat_map(|elements| (Just(elements), 0..=elements))
        .prop_map(move |(elements, k)| Rc::new(Choice { elements, k, pairing }) as Rc<dyn Instance>)
        .boxed()
}

impl Instance for Choice {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(TopK::new(self.elements, self.k))
    }

    fn races(&self, noise: Noise) -> bool {
        matches!(noise, Noise::Gumbel | Noise::NegativeExponential)
    }

    fn traced(&self) -> AnyOperator {
        self.operator().traced(Tracer::new(TopK::new(self.elements, self.k)))
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
        (self.pairing)(TopK::new(self.elements - forbidden.count_ones() as usize, self.k))
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Choice { elements: size, ..*self }), 0..size)
    }
}
