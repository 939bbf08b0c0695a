//! Matchings in which something stays alone, against the squares that tell the same: whatever may stay alone gets partners
//! of utility 0. Their copies share what the relaxation gives to the one row or column that stands for all of them, and
//! `sum x log x` of equal shares differs by a constant.

use sst::relaxation::{Relaxation, Sinkhorn};
use sst::structure::{ArgmaxOracle, Matching};

use super::exact::best_value;
use super::instances::{KINDS, Words, utility};
use super::{distance, setting};

/// Some rows and columns, of which some may stay alone.
struct Shape {
    rows: usize,
    columns: usize,
    partial: bool,
}

impl Shape {
    fn any(words: &mut Words, most: usize) -> Self {
        let side = |words: &mut Words| 1 + words.below(most);
        Self { rows: side(words), columns: side(words), partial: words.below(2) == 0 }
    }

    fn structure(&self) -> Matching {
        if self.partial {
            Matching::partial(self.rows, self.columns)
        } else {
            Matching::rectangular(self.rows, self.columns)
        }
    }

    /// Rows of the square.
    fn side(&self) -> usize {
        if self.partial { self.rows + self.columns } else { self.rows.max(self.columns) }
    }

    /// The cells of a matrix in the square, and something else everywhere else.
    fn extend<T: Copy>(&self, matrix: &[T], rest: T) -> Vec<T> {
        let n = self.side();
        let mut square = vec![rest; n * n];
        for (row, cells) in matrix.chunks_exact(self.columns).enumerate() {
            square[row * n..row * n + self.columns].copy_from_slice(cells);
        }
        square
    }

    /// The matrix in a square.
    fn restrict(&self, square: &[f64]) -> Vec<f64> {
        square
            .chunks_exact(self.side())
            .take(self.rows)
            .flat_map(|row| &row[..self.columns])
            .copied()
            .collect()
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
    for index in 0..setting("SINKHORN_INSTANCES", 3_000) / 3 {
        let kind = KINDS[words.below(KINDS.len())];
        let shape = Shape::any(&mut words, if index % 50 == 49 { 40 } else { 9 });
        let (n, structure) = (shape.side(), shape.structure());
        let temperature = 10.0_f64.powf(1.0 - 4.0 * words.uniform());
        let utility = shape.utility(kind, &mut words);
        let cotangent: Vec<f64> = utility.iter().map(|_| words.normal()).collect();
        let name = format!(
            "instance {index}: {kind}, {} x {}, partial: {}, t = {temperature:e}",
            shape.rows, shape.columns, shape.partial
        );
        let (relaxation, square) = (Sinkhorn::new(1e-13, 100), Matching::new(n));
        let mut expected = vec![f64::NAN; n * n];
        relaxation.softmax(&square, &shape.extend(&utility, 0.0), temperature, &mut expected).expect(&name);
        let mut soft = vec![f64::NAN; utility.len()];
        relaxation.softmax(&structure, &utility, temperature, &mut soft).expect(&name);
        let off = distance(&soft, &shape.restrict(&expected));
        assert!(off <= 1e-13, "{name}: {off:e}");

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
            assert!(cells.sum::<f64>() <= 1.0, "column {column} of {vertex:?}");
        }
        let matched = vertex.iter().sum::<f64>();
        assert!(shape.partial || matched == shape.rows.min(shape.columns) as f64, "{vertex:?}");
        let chosen = vertex.iter().zip(&integers).filter(|&(&x, _)| x == 1.0);
        let best = best_value(shape.side(), &shape.extend(&integers, 0));
        assert_eq!(
            chosen.map(|(_, u)| u).sum::<i128>(),
            best,
            "{} x {}: {utility:?}",
            shape.rows,
            shape.columns
        );
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
        let inner = Shape::any(&mut words, 6);
        let outer = Shape {
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
