use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::OneHot;
use sst::structure::Prefix;

use super::{Pairing, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Categories {
    categories: usize,
    pairing: Pairing<OneHot>,
}

pub(crate) fn instances(pairing: Pairing<OneHot>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize)
        .prop_map(move |categories| Rc::new(Categories { categories, pairing }) as Rc<dyn Instance>)
        .boxed()
}

impl Instance for Categories {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(OneHot::new(self.categories))
    }

    fn vertices(&self) -> Vec<u32> {
        sets(self.categories, |set| set.count_ones() == 1)
    }

    fn count(&self) -> Option<f64> {
        Some(self.categories as f64)
    }

    fn labels(&self) -> usize {
        self.categories
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix::new(self.operator(), names.iter().copied()))
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        (self.pairing)(OneHot::new(self.categories - forbidden.count_ones() as usize))
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Categories { categories: size, ..*self }), 0..size)
    }
}
