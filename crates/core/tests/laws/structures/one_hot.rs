use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::OneHot;
use sst::{Operator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Categories(usize);

pub(crate) fn instances() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize).prop_map(|n| Rc::new(Categories(n)) as Rc<dyn Instance>).boxed()
}

fn operator(categories: usize) -> Box<dyn Operator> {
    Box::new(Trick::new(OneHot::new(categories), ExponentialFamilyEntropy))
}

impl Instance for Categories {
    fn operator(&self) -> Box<dyn Operator> {
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

    fn relabelled(&self, names: &[usize]) -> (Box<dyn Operator>, Vec<usize>) {
        (self.operator(), names.to_vec())
    }

    fn without(&self, forbidden: u32) -> Box<dyn Operator> {
        operator(self.0 - forbidden.count_ones() as usize)
    }
}
