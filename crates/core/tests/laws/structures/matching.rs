use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Matching, Prefix};

use super::{Pairing, permutation_matrices, sets};
use crate::registry::Instance;

#[derive(Debug)]
struct Square {
    size: usize,
    pairing: Pairing<Matching>,
}

pub(crate) fn instances(pairing: Pairing<Matching>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=4usize).prop_map(move |size| Rc::new(Square { size, pairing }) as Rc<dyn Instance>).boxed()
}

/// Of `sum x log x`, where x is 0 only in cells that no matching has, and of what stays alone; none where a rounding error
/// of x is more than 1e-12 of it.
pub(crate) fn gradient(instance: &dyn Instance, soft: &[f64]) -> Option<Vec<f64>> {
    let slope = |(&x, lone): (&f64, f64)| match x {
        0.0 => Some(0.0),
        x if x < 1e-3 => None,
        x => Some(x.ln() + 1.0 + lone),
    };
    soft.iter().zip(instance.gradient_of_lone(soft)?).map(slope).collect()
}

impl Instance for Square {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(Matching::new(self.size))
    }

    fn vertices(&self) -> Vec<u32> {
        permutation_matrices(self.size)
    }

    fn count(&self) -> Option<f64> {
        Some((1..=self.size).map(|i| i as f64).product())
    }

    fn labels(&self) -> usize {
        self.size
    }

    /// Row i and column i are renamed alike.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let places = names.iter().flat_map(|i| names.iter().map(move |j| i * names.len() + j));
        Some(Prefix::new(self.operator(), places))
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("a square without a cell is no square")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let places = (0..size).flat_map(|i| (0..size).map(move |j| i * self.size + j));
        Prefix::new(Rc::new(Square { size, ..*self }), places)
    }
}

#[derive(Debug)]
struct Rectangle {
    rows: usize,
    columns: usize,
    partial: bool,
    pairing: Pairing<Matching>,
}

/// All of the shorter side are matched.
pub(crate) fn rectangles(pairing: Pairing<Matching>) -> BoxedStrategy<Rc<dyn Instance>> {
    instances_of(false, pairing)
}

/// Some rows are matched with as many columns.
pub(crate) fn partial(pairing: Pairing<Matching>) -> BoxedStrategy<Rc<dyn Instance>> {
    instances_of(true, pairing)
}

fn instances_of(partial: bool, pairing: Pairing<Matching>) -> BoxedStrategy<Rc<dyn Instance>> {
    (1..=4usize, 1..=4usize)
        .prop_filter("few cells", |(rows, columns)| rows * columns <= 12)
        .prop_map(move |(rows, columns)| {
            Rc::new(Rectangle { rows, columns, partial, pairing }) as Rc<dyn Instance>
        })
        .boxed()
}

impl Rectangle {
    fn structure(&self) -> Matching {
        if self.partial {
            Matching::partial(self.rows, self.columns)
        } else {
            Matching::rectangular(self.rows, self.columns)
        }
    }

    /// How many of a matrix's cells each row and each column has.
    fn sums(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let rows = x.chunks_exact(self.columns).map(|row| row.iter().sum()).collect();
        let columns = (0..self.columns).map(|j| x.iter().skip(j).step_by(self.columns).sum()).collect();
        (rows, columns)
    }
}

impl Instance for Rectangle {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(self.structure())
    }

    fn vertices(&self) -> Vec<u32> {
        let cells = self.rows * self.columns;
        let shorter = self.rows.min(self.columns) as u32;
        sets(cells, |set| {
            let x: Vec<f64> = (0..cells).map(|cell| f64::from(set >> cell & 1)).collect();
            let (rows, columns) = self.sums(&x);
            rows.iter().chain(&columns).all(|&sum| sum <= 1.0)
                && (self.partial || set.count_ones() == shorter)
        })
    }

    fn count(&self) -> Option<f64> {
        let (shorter, longer) = (self.rows.min(self.columns), self.rows.max(self.columns));
        // k of the shorter side, in all ways, times k of the longer side in order.
        let choices = |k: usize| -> f64 {
            (0..k).map(|i| ((shorter - i) * (longer - i)) as f64 / (i + 1) as f64).product()
        };
        Some(if self.partial { (0..=shorter).map(choices).sum() } else { choices(shorter) })
    }

    /// Of `s log s` for what a row or a column leaves, and for as many as are matched.
    fn gradient_of_lone(&self, soft: &[f64]) -> Option<Vec<f64>> {
        let (rows, columns) = self.sums(soft);
        let lone = |may: bool, sums: &[f64]| -> Option<Vec<f64>> {
            let logarithm = |&sum: &f64| match 1.0 - sum {
                _ if !may => Some(0.0),
                rest if rest < 1e-3 => None,
                rest => Some(rest.ln() + 1.0),
            };
            sums.iter().map(logarithm).collect()
        };
        let of_rows = lone(self.partial || self.columns < self.rows, &rows)?;
        let of_columns = lone(self.partial || self.rows < self.columns, &columns)?;
        let matched: f64 = rows.iter().sum();
        let of_matched = if self.partial { matched.ln() + 1.0 } else { 0.0 };
        let cell =
            |place: usize| of_matched - of_rows[place / self.columns] - of_columns[place % self.columns];
        Some((0..soft.len()).map(cell).collect())
    }

    fn labels(&self) -> usize {
        self.rows
    }

    /// Rows are renamed.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let places = names.iter().flat_map(|i| (0..self.columns).map(move |j| i * self.columns + j));
        Some(Prefix::new(self.operator(), places))
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("a rectangle without a cell is no rectangle")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        Prefix::new(Rc::new(Rectangle { rows: size, ..*self }), 0..size * self.columns)
    }
}
