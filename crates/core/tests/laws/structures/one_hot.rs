use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::{BinaryEntropy, CategoricalEntropy, Euclidean, ExponentialFamilyEntropy};
use sst::structure::{OneHot, Prefix};
use sst::{AnyOperator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Categories {
    count: usize,
    relax: fn(OneHot) -> AnyOperator,
}

pub(crate) fn exponential_family() -> BoxedStrategy<Rc<dyn Instance>> {
    instances(|structure| AnyOperator::from(Trick::new(structure, ExponentialFamilyEntropy)))
}

pub(crate) fn euclidean() -> BoxedStrategy<Rc<dyn Instance>> {
    instances(|structure| AnyOperator::from(Trick::new(structure, Euclidean)))
}

pub(crate) fn categorical_entropy() -> BoxedStrategy<Rc<dyn Instance>> {
    instances(|structure| AnyOperator::from(Trick::new(structure, CategoricalEntropy)))
}

pub(crate) fn binary_entropy() -> BoxedStrategy<Rc<dyn Instance>> {
    instances(|structure| AnyOperator::from(Trick::new(structure, BinaryEntropy)))
}

pub(crate) fn sparse_map() -> BoxedStrategy<Rc<dyn Instance>> {
    instances(super::sparse_map)
}

fn instances(relax: fn(OneHot) -> AnyOperator) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=8usize).prop_map(move |count| Rc::new(Categories { count, relax }) as Rc<dyn Instance>).boxed()
}

impl Instance for Categories {
    fn operator(&self) -> AnyOperator {
        (self.relax)(OneHot::new(self.count))
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
        (self.relax)(OneHot::new(self.count - forbidden.count_ones() as usize))
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Categories { count: size, ..*self }), 0..size)
    }
}
