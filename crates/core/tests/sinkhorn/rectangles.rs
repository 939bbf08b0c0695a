//! Matchings in which something stays alone, against the squares that tell the same: whatever may stay alone gets partners
//! of utility 0. Their copies share what the relaxation gives to the one row or column that stands for all of them, and
//! `sum x log x` of equal shares differs by a constant.

use sst::relaxation::{Relaxation, Sinkhorn};
use sst::structure::{ArgmaxOracle, Matching, Structure};

use super::exact::best_value;
use super::instances::{KINDS, Words, utility};
use super::{distance, setting};

/// Some rows and columns, of which some may stay alone.
struct Shape {
    rows: usize,
    columns: usize,
    partial: bool,
    /// How many rows each column may have, where that is more than one.
    capacities: Option<Vec<u32>>,
}

impl Shape {
    fn any(words: &mut Words, most: usize) -> Self {
        let side = |words: &mut Words| 1 + words.below(most);
        let (rows, columns, partial) = (side(words), side(words), words.below(2) == 0);
        let mut capacities: Vec<u32> = (0..columns).map(|_| 1 + words.below(4) as u32).collect();
        let enough = partial || capacities.iter().sum::<u32>() as usize >= rows;
        if !enough {
            capacities[words.below(columns)] += rows as u32;
        }
        let capacities = (words.below(2) == 0).then_some(capacities);
        Self { rows, columns, partial, capacities }
    }

    fn structure(&self) -> Matching {
        match &self.capacities {
            Some(capacities) => Matching::with_capacities(self.rows, capacities, self.partial),
            None if self.partial => Matching::partial(self.rows, self.columns),
            None => Matching::rectangular(self.rows, self.columns),
        }
    }

    /// The column of each place that it may be had at.
    fn places(&self) -> Vec<usize> {
        let capacity = |column: usize| self.capacities.as_ref().map_or(1, |capacities| capacities[column]);
        (0..self.columns).flat_map(|column| vec![column; capacity(column) as usize]).collect()
    }

    /// Rows of the square.
    fn side(&self) -> usize {
        let places = self.places().len();
        if self.partial { self.rows + places } else { self.rows.max(places) }
    }

    /// The cells of a matrix in the square, in each of their column's places, and something else everywhere else.
    fn extend<T: Copy>(&self, matrix: &[T], rest: T) -> Vec<T> {
        let n = self.side();
        let mut square = vec![rest; n * n];
        for (row, cells) in matrix.chunks_exact(self.columns).enumerate() {
            for (place, column) in self.places().into_iter().enumerate() {
                square[row * n + place] = cells[column];
            }
        }
        square
    }

    /// What the places of a column have in a square, together.
    fn restrict(&self, square: &[f64]) -> Vec<f64> {
        let mut matrix = vec![0.0; self.rows * self.columns];
        for (row, cells) in square.chunks_exact(self.side()).take(self.rows).enumerate() {
            for (&column, &cell) in self.places().iter().zip(cells) {
                matrix[row * self.columns + column] += cell;
            }
        }
        matrix
    }

    /// Whether every row must be matched.
    fn rows_buy(&self) -> bool {
        self.capacities.is_some() || self.rows <= self.columns
    }

    /// Part of a square of utilities of one kind.
    fn utility(&self, kind: &str, words: &mut Words) -> Vec<f64> {
        let side = self.rows.max(self.columns);
        let whole = utility(kind, side, words);
        whole.chunks_exact(side).take(self.rows).flat_map(|row| &row[..self.columns]).copied().collect()
    }
}

#[test]
fn soft_matchings_and_their_gradients_are_those_of_a_square() {
    let mut words = Words(setting("SINKHORN_SEED", 1));
    let mut infeasible = 0;
    let count = setting("SINKHORN_INSTANCES", 3_000) / 3;
    for index in 0..count {
        let kind = KINDS[words.below(KINDS.len())];
        let shape = Shape::any(&mut words, if index % 50 == 49 { 40 } else { 9 });
        let (n, structure) = (shape.side(), shape.structure());
        let temperature = 10.0_f64.powf(1.0 - 4.0 * words.uniform());
        let utility = shape.utility(kind, &mut words);
        let cotangent: Vec<f64> = utility.iter().map(|_| words.normal()).collect();
        let name = format!(
            "instance {index}: {kind}, {} x {}, {:?}, partial: {}, t = {temperature:e}",
            shape.rows, shape.columns, shape.capacities, shape.partial
        );
        let (relaxation, square) = (Sinkhorn::new(1e-13, 100), Matching::new(n));
        let feasible = structure.check(&utility, true, &mut Vec::new()).is_ok();
        let whole = square.check(&shape.extend(&utility, 0.0), true, &mut Vec::new());
        assert_eq!(feasible, whole.is_ok(), "{name}");
        if !feasible {
            infeasible += 1;
            continue;
        }
        let mut expected = vec![f64::NAN; n * n];
        relaxation.softmax(&square, &shape.extend(&utility, 0.0), temperature, &mut expected).expect(&name);
        let mut soft = vec![f64::NAN; utility.len()];
        relaxation.softmax(&structure, &utility, temperature, &mut soft).expect(&name);
        let off = distance(&soft, &shape.restrict(&expected));
        // Each of the two is within 1e-13 of its own sums.
        assert!(off <= 3e-13, "{name}: {off:e}");

        let mut gradient = vec![f64::NAN; utility.len()];
        relaxation.softmax_vjp(&structure, &utility, temperature, &cotangent, &mut gradient).expect(&name);
        relaxation
            .softmax_vjp(
                &square,
                &shape.extend(&utility, 0.0),
                temperature,
                &shape.extend(&cotangent, 0.0),
                &mut expected,
            )
            .expect(&name);
        let off = distance(&gradient, &shape.restrict(&expected)) * temperature;
        assert!(off <= 1e-12, "{name}: the gradient is off by {off:e}");
    }
    assert!(0 < infeasible && infeasible < count / 10, "{infeasible} of {count} have no matching");
}

/// Against integers: values of 20 bits below the point, and masks of either sign, some of which no matching avoids.
#[test]
fn hard_matchings_are_best_whatever_large_utilities_swallow() {
    const UNIT: f64 = (1_u32 << 20) as f64;
    let mut words = Words(setting("SINKHORN_SEED", 1));
    let masks = [1e4, 1e9, 1e16, 1e28];
    for _ in 0..setting("SINKHORN_INSTANCES", 3_000) {
        let shape = Shape::any(&mut words, 15);
        let rare = words.uniform() * 1.5;
        let levels = [2, 5, 1 << 24][words.below(3)];
        let utility: Vec<f64> = (0..shape.rows * shape.columns)
            .map(|_| {
                if words.uniform() < rare {
                    words.below(levels) as f64 / UNIT - if words.below(2) == 0 { 8.0 } else { 0.0 }
                } else {
                    masks[words.below(4)] * if words.below(3) == 0 { 1.0 } else { -1.0 }
                }
            })
            .collect();
        let integers: Vec<i128> = utility.iter().map(|u| (u * UNIT) as i128).collect();
        let structure = shape.structure();
        let mut vertex = vec![0.0; utility.len()];
        structure.argmax(&utility, &mut vertex, &mut structure.argmax_workspace());
        for (row, cells) in vertex.chunks_exact(shape.columns).enumerate() {
            assert!(cells.iter().sum::<f64>() <= 1.0, "row {row} of {vertex:?}");
        }
        for column in 0..shape.columns {
            let cells = vertex.iter().skip(column).step_by(shape.columns);
            let most = shape.capacities.as_ref().map_or(1, |capacities| capacities[column]);
            assert!(cells.sum::<f64>() <= f64::from(most), "column {column} of {vertex:?}");
        }
        let matched = vertex.iter().sum::<f64>();
        let most = if shape.rows_buy() { shape.rows } else { shape.columns };
        assert!(shape.partial || matched == most as f64, "{vertex:?}");
        let chosen = vertex.iter().zip(&integers).filter(|&(&x, _)| x == 1.0);
        let best = best_value(shape.side(), &shape.extend(&integers, 0));
        let name =
            format!("{} x {}, {:?}, partial: {}", shape.rows, shape.columns, shape.capacities, shape.partial);
        assert_eq!(chosen.map(|(_, u)| u).sum::<i128>(), best, "{name}: {utility:?}");
    }
}

/// One row of n columns is one of n with the binary entropy: `x_j / (1 - x_j) = c exp(u_j / t)`.
#[test]
fn one_row_is_one_choice_with_the_binary_entropy() {
    let mut words = Words(17);
    for n in [2, 3, 10, 300] {
        let utility: Vec<f64> = (0..n).map(|_| words.gumbel()).collect();
        for temperature in [0.3, 1.0, 10.0] {
            for structure in [Matching::rectangular(1, n), Matching::rectangular(n, 1)] {
                let mut soft = vec![f64::NAN; n];
                Sinkhorn::default()
                    .softmax(&structure, &utility, temperature, &mut soft)
                    .expect("convergence");
                let sum: f64 = soft.iter().sum();
                assert!((sum - 1.0).abs() <= 1e-13, "{sum}");
                let constant = |j: usize| soft[j].ln() - (1.0 - soft[j]).ln() - utility[j] / temperature;
                for j in 1..n {
                    assert!((constant(j) - constant(0)).abs() <= 1e-11, "n = {n}, t = {temperature}, {j}");
                }
            }
        }
    }
}

/// A pair that may stay alone is matched with probability `1 / (1 + exp(-u / 2t))`.
#[test]
fn one_pair_is_half_as_steep_as_a_coin() {
    for u in [-700.0, -3.0, 0.0, 1e-3, 2.0, 40.0] {
        for temperature in [0.1, 1.0, 7.0] {
            let mut soft = [f64::NAN];
            let structure = Matching::partial(1, 1);
            Sinkhorn::default().softmax(&structure, &[u], temperature, &mut soft).expect("convergence");
            let expected = 1.0 / (1.0 + f64::exp(-u / (2.0 * temperature)));
            assert!((soft[0] - expected).abs() <= 1e-15, "u = {u}, t = {temperature}: {}", soft[0]);
        }
    }
}

/// A column, or a row of partial matchings, that nobody may have is as good as none: matrices of several sizes go
/// beside one another.
#[test]
fn masked_columns_are_as_good_as_none() {
    let mut words = Words(23);
    for _ in 0..200 {
        let inner = Shape { capacities: None, ..Shape::any(&mut words, 6) };
        let outer = Shape {
            capacities: None,
            rows: if inner.partial { inner.rows + words.below(4) } else { inner.rows },
            columns: inner.columns + words.below(4),
            ..inner
        };
        // Of rectangles the longer side may be padded.
        if !inner.partial && inner.columns < inner.rows {
            continue;
        }
        let temperature = 0.1 + words.uniform();
        let utility = inner.utility("gumbel", &mut words);
        let mut masked = vec![f64::NEG_INFINITY; outer.rows * outer.columns];
        for (row, cells) in utility.chunks_exact(inner.columns).enumerate() {
            masked[row * outer.columns..][..inner.columns].copy_from_slice(cells);
        }
        let (mut small, mut large) = (vec![f64::NAN; utility.len()], vec![f64::NAN; masked.len()]);
        let relaxation = Sinkhorn::default();
        relaxation.softmax(&inner.structure(), &utility, temperature, &mut small).expect("convergence");
        relaxation.softmax(&outer.structure(), &masked, temperature, &mut large).expect("convergence");
        let own = large.chunks_exact(outer.columns).take(inner.rows).flat_map(|row| &row[..inner.columns]);
        let own: Vec<f64> = own.copied().collect();
        assert!(distance(&own, &small) <= 1e-13, "{own:?}, not {small:?}");
        let rest: f64 = large.iter().sum::<f64>() - own.iter().sum::<f64>();
        assert_eq!(rest, 0.0);
    }
}
