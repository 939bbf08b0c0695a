use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::OneHot;
use sst::structure::Prefix;
use sst::{AnyOperator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Categories(usize);

pub(crate) fn instances() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize).prop_map(|n| Rc::new(Categories(n)) as Rc<dyn Instance>).boxed()
}

fn operator(categories: usize) -> AnyOperator {
    AnyOperator::family(Trick::new(OneHot::new(categories), ExponentialFamilyEntropy))
}

impl Instance for Categories {
    fn operator(&self) -> AnyOperator {
        operator(self.0)
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.0, |set| set.count_ones() == 1)
    }

    fn count(&self) -> Option<f64> {
        Some(self.0 as f64)
    }

    fn labels(&self) -> usize {
        self.0
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.iter().copied()))
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        operator(self.0 - forbidden.count_ones() as usize)
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Categories(size)), 0..size)
    }
}
