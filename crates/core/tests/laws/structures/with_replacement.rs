use std::rc::Rc;

use proptest::prelude::*;
use sst::relaxation::L2x;
use sst::structure::{Prefix, WithReplacement};
use sst::{AnyOperator, Trick};

use super::sets;
use crate::registry::Instance;

#[derive(Debug)]
struct Choices {
    elements: usize,
    k: usize,
}

pub(crate) fn l2x() -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=6usize, 1..=4usize)
        .prop_map(|(elements, k)| Rc::new(Choices { elements, k }) as Rc<dyn Instance>)
        .boxed()
}

fn operator(elements: usize, k: usize) -> AnyOperator {
    AnyOperator::from(Trick::new(WithReplacement::new(elements, k), L2x))
}

/// The places of utilities whose element i stands at `places[i]` of n.
fn utility_places(places: &[usize], n: usize, k: usize) -> Vec<usize> {
    (0..k).flat_map(|copy| places.iter().map(move |place| copy * n + place)).collect()
}

impl Instance for Choices {
    fn operator(&self) -> AnyOperator {
        operator(self.elements, self.k)
    }

    /// What k choices with repetition can cover.
    fn vertices(&self) -> Vec<u32> {
        sets(self.elements, |set| (1..=self.k).contains(&(set.count_ones() as usize)))
    }

    fn count(&self) -> Option<f64> {
        let binomial =
            |size| (0..size).fold(1.0, |count, i| count * (self.elements - i) as f64 / (i + 1) as f64);
        Some((1..=self.k.min(self.elements)).map(binomial).sum())
    }

    /// The union of the argmaxes of the rows.
    fn coefficients(&self, _utility: &[f64]) -> Option<Vec<f64>> {
        None
    }

    fn labels(&self) -> usize {
        self.elements
    }

    /// The gradient of an element goes to the first choice of the largest share. Where two choices have the same utilities
    /// but for their order, rounding decides between their shares.
    fn has_hidden_order(&self, utility: &[f64]) -> bool {
        let choices: Vec<&[f64]> = utility.chunks_exact(self.elements).collect();
        let beside = |choice: &[f64], i: usize| {
            let mut differences: Vec<f64> = choice.iter().map(|u| u - choice[i]).collect();
            differences.sort_by(f64::total_cmp);
            differences
        };
        let equal = |(a, b): (&f64, &f64)| a == b || (a - b).abs() <= 1e-12 * a.abs().max(1.0);
        (0..self.elements).any(|i| {
            choices
                .iter()
                .enumerate()
                .any(|(k, a)| choices[..k].iter().any(|b| beside(a, i).iter().zip(&beside(b, i)).all(equal)))
        })
    }

    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        Some(Prefix {
            structure: self.operator(),
            parameter_places: names.to_vec(),
            utility_places: utility_places(names, self.elements, self.k),
            places: names.to_vec(),
        })
    }

    /// Each choice may have its own forbidden elements, which leaves no smaller problem of the kind.
    fn without(&self, _forbidden: u32) -> AnyOperator {
        self.operator()
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let places: Vec<usize> = (0..size).collect();
        Prefix {
            structure: Rc::new(Choices { elements: size, k: self.k }),
            parameter_places: places.clone(),
            utility_places: utility_places(&places, self.elements, self.k),
            places,
        }
    }
}
