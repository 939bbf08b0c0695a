use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::Prefix;
use sst::structure::Subset;

use super::{Pairing, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Elements {
    elements: usize,
    pairing: Pairing<Subset>,
}

pub(crate) fn instances(pairing: Pairing<Subset>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=7usize).prop_map(move |elements| Rc::new(Elements { elements, pairing }) as Rc<dyn Instance>).boxed()
}

impl Instance for Elements {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(Subset::new(self.elements))
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.elements, |_| true)
    }

    fn count(&self) -> Option<f64> {
        Some(2.0_f64.powi(self.elements as i32))
    }

    fn labels(&self) -> usize {
        self.elements
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.iter().copied()))
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        (self.pairing)(Subset::new(self.elements - forbidden.count_ones() as usize))
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Elements { elements: size, ..*self }), 0..size)
    }
}
