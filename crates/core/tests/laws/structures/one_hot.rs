use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{OneHot, Prefix};
use sst::trace::Tracer;
use sst::utility::Noise;

use super::{Pairing, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Categories {
    count: usize,
    pairing: Pairing<OneHot>,
}

pub(crate) fn instances(pairing: Pairing<OneHot>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize).prop_map(move |count| Rc::new(Categories { count, pairing }) as Rc<dyn Instance>).boxed()
}

impl Instance for Categories {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(OneHot::new(self.count))
    }

    fn races(&self, noise: Noise) -> bool {
        matches!(noise, Noise::Gumbel | Noise::NegativeExponential)
    }

    fn traced(&self) -> AnyOperator {
        self.operator().traced(Tracer::new(OneHot::new(self.count)))
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.count, |set| set.count_ones() == 1)
    }

    fn count(&self) -> Option<f64> {
        Some(self.count as f64)
    }

    fn labels(&self) -> usize {
        self.count
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.iter().copied()))
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        (self.pairing)(OneHot::new(self.count - forbidden.count_ones() as usize))
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Categories { count: size, ..*self }), 0..size)
    }
}
