use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::BinaryEntropy;
use sst::structure::Prefix;
use sst::structure::Subset;
use sst::{AnyOperator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Elements(usize);

pub(crate) fn instances() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=7usize).prop_map(|n| Rc::new(Elements(n)) as Rc<dyn Instance>).boxed()
}

fn operator(elements: usize) -> AnyOperator {
    AnyOperator::from(Trick::new(Subset::new(elements), BinaryEntropy))
}

impl Instance for Elements {
    fn operator(&self) -> AnyOperator {
        operator(self.0)
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.0, |_| true)
    }

    fn count(&self) -> Option<f64> {
        Some(2.0_f64.powi(self.0 as i32))
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
        Prefix::new(Rc::new(Elements(size)), 0..size)
    }
}
