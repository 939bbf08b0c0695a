//! The exponential family of matchings at sizes beyond enumeration, where its permanents are known in closed form.

use std::f64::consts::LN_2;

use sst::relaxation::ExponentialFamilyEntropy;
use sst::structure::{Matching, Structure};
use sst::{AnyOperator, Question, Terms, Trick};

#[path = "support/ask.rs"]
mod asking;
#[path = "support/numbers.rs"]
mod numbers;

use asking::ask;
use numbers::{distance, noise, quarters};

struct Family(AnyOperator);

impl Family {
    fn new(matching: Matching) -> Self {
        Self(Trick::new(matching, ExponentialFamilyEntropy).into())
    }

    fn ask(&self, question: Question, inputs: &[&[f64]], terms: Terms) -> Vec<f64> {
        ask(&self.0, question, inputs, None, terms, 1, 1).expect("a feasible row")
    }

    fn log_partition(&self, utility: &[f64]) -> f64 {
        self.ask(Question::LogPartition, &[utility], Terms::default())[0]
    }

    fn softmax(&self, utility: &[f64], temperature: f64) -> Vec<f64> {
        self.ask(Question::Softmax, &[utility], Terms { temperature, ..Terms::default() })
    }
}

fn is_near(log: f64, count: f64) -> bool {
    (log - count.ln()).abs() <= 1e-14 * count.ln().max(1.0)
}

fn factorial(n: usize) -> f64 {
    (1..=n).map(|i| i as f64).product()
}

/// 0 where a cell is allowed.
fn masked(rows: usize, columns: usize, allowed: impl Fn(usize, usize) -> bool) -> Vec<f64> {
    let cells = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
    cells.map(|(i, j)| if allowed(i, j) { 0.0 } else { f64::NEG_INFINITY }).collect()
}

#[test]
fn all_permutations() {
    for n in 1..=16 {
        let family = Family::new(Matching::new(n));
        let flat = vec![0.0; n * n];
        assert!(is_near(family.log_partition(&flat), factorial(n)), "{n}");
        let soft = family.softmax(&flat, 1.0);
        let off = distance(&soft, &vec![1.0 / n as f64; n * n]);
        assert!(off <= 1e-15, "{n}: {off:e}");
    }
}

/// 0, 1, 2, 9, 44, ... permutations without a fixed point.
#[test]
fn derangements() {
    let mut counts = [1.0, 0.0];
    for n in 2..=16 {
        let next = (n - 1) as f64 * (counts[0] + counts[1]);
        counts = [counts[1], next];
        let family = Family::new(Matching::new(n));
        let hollow = masked(n, n, |i, j| i != j);
        assert!(is_near(family.log_partition(&hollow), next), "{n}");
    }
}

/// The ways to seat couples around a table, none beside each other (Touchard's menage numbers).
#[test]
fn menages() {
    for (n, count) in
        [(3, 1.0), (4, 2.0), (5, 13.0), (6, 80.0), (7, 579.0), (8, 4738.0), (9, 43387.0), (10, 439_792.0)]
    {
        let family = Family::new(Matching::new(n));
        let table = masked(n, n, |i, j| i != j && (i + 1) % n != j);
        assert!(is_near(family.log_partition(&table), count), "{n}");
    }
}

/// Permutations that move nothing by more than 1: Fibonacci's numbers.
#[test]
fn small_moves() {
    let mut counts = [1.0, 1.0];
    for n in 2..=16 {
        counts = [counts[1], counts[0] + counts[1]];
        let band = masked(n, n, |i, j| i.abs_diff(j) <= 1);
        assert!(is_near(Family::new(Matching::new(n)).log_partition(&band), counts[1]), "{n}");
    }
}

/// Rook placements on a whole board, of all of the shorter side and of any number.
#[test]
fn rooks() {
    for (m, n) in [(1, 30), (2, 9), (5, 7), (7, 5), (12, 3), (8, 8)] {
        let placements =
            |k: usize| (0..k).map(|i| ((m - i) * (n - i)) as f64 / (i + 1) as f64).product::<f64>();
        let flat = vec![0.0; m * n];
        let all = Family::new(Matching::rectangular(m, n));
        assert!(is_near(all.log_partition(&flat), placements(m.min(n))), "{m} x {n}");
        let some = Family::new(Matching::partial(m, n));
        let count = (0..=m.min(n)).map(placements).sum();
        assert!(is_near(some.log_partition(&flat), count), "{m} x {n}, partial");
    }
}

/// Sums of a number for the row and one for the column: all permutations are alike, at any temperature.
#[test]
fn sums_of_rows_and_columns_are_uniform() {
    for (n, scale) in [(6, 1.0), (9, 40.0), (11, 1.0), (14, 3.0)] {
        // Quarters, so that no sum is rounded.
        let (rows, columns) = (quarters(n, 3), quarters(n, 4));
        let utility: Vec<f64> =
            rows.iter().flat_map(|r| columns.iter().map(move |c| scale * (r + c))).collect();
        let family = Family::new(Matching::new(n));
        for temperature in [1e3, 1.0, 1e-3] {
            let soft = family.softmax(&utility, temperature);
            let off = distance(&soft, &vec![1.0 / n as f64; n * n]);
            assert!(off <= 4e-15, "{n} at {temperature}: {off:e}");
        }
    }
}

/// Blocks along the diagonal that do not mix: marginals of each block, and a permanent that is a product.
#[test]
fn blocks_are_apart() {
    let (a, b) = (5, 6);
    let n = a + b;
    let (first, second) = (noise(a * a, 5), noise(b * b, 6));
    let mut utility = vec![f64::NEG_INFINITY; n * n];
    for (offset, size, block) in [(0, a, &first), (a, b, &second)] {
        for i in 0..size {
            let start = (offset + i) * n + offset;
            utility[start..start + size].copy_from_slice(&block[i * size..(i + 1) * size]);
        }
    }
    let whole = Family::new(Matching::new(n));
    let parts = [Family::new(Matching::new(a)), Family::new(Matching::new(b))];
    let logs = parts[0].log_partition(&first) + parts[1].log_partition(&second);
    assert!((whole.log_partition(&utility) - logs).abs() <= 1e-14 * logs.abs().max(1.0));
    for temperature in [1.0, 0.05, 1e-4] {
        let soft = whole.softmax(&utility, temperature);
        for (family, offset, size, block) in [(&parts[0], 0, a, &first), (&parts[1], a, b, &second)] {
            let alone = family.softmax(block, temperature);
            let inside: Vec<f64> =
                (0..size).flat_map(|i| soft[(offset + i) * n + offset..][..size].to_vec()).collect();
            let off = distance(&inside, &alone);
            assert!(off <= 4e-15, "{temperature}: {off:e}");
        }
    }
}

/// Rows and columns sum to 1, and gradients to 0, where weights leave the range of doubles too.
#[test]
fn rows_and_columns_sum_to_1() {
    for n in [13, 16] {
        let family = Family::new(Matching::new(n));
        let (utility, cotangent) = (noise(n * n, 7), noise(n * n, 8));
        for temperature in [10.0, 1.0, 0.1, 0.01] {
            let soft = family.softmax(&utility, temperature);
            let terms = Terms { temperature, ..Terms::default() };
            let gradient = family.ask(Question::SoftmaxVjp, &[&utility, &cotangent], terms);
            for i in 0..n {
                let row: f64 = soft[i * n..(i + 1) * n].iter().sum();
                let column: f64 = soft.iter().skip(i).step_by(n).sum();
                assert!((row - 1.0).abs() <= 1e-14 && (column - 1.0).abs() <= 1e-14, "{row}, {column}");
                let row: f64 = gradient[i * n..(i + 1) * n].iter().sum();
                assert!(row.abs() <= 1e-13 / temperature, "{n} at {temperature}: {row:e}");
            }
        }
    }
}

/// The chain rule of entropy: `H = log Z - <u, mu> / t`.
#[test]
fn entropies() {
    let n = 12;
    let family = Family::new(Matching::new(n));
    let flat = family.ask(Question::Entropy, &[&vec![0.0; n * n]], Terms::default())[0];
    assert!(is_near(flat, factorial(n)));
    let pairs = masked(n, n, |i, j| i / 2 == j / 2);
    let entropy = family.ask(Question::Entropy, &[&pairs], Terms::default())[0];
    assert!((entropy - 6.0 * LN_2).abs() <= 1e-14 * entropy);
}

/// Which draws are matchings, and how often each cell is in one.
#[test]
fn draws_have_the_marginals() {
    const SAMPLES: usize = 4_000;
    for matching in [Matching::new(9), Matching::rectangular(4, 9), Matching::partial(7, 5)] {
        let cells = matching.dimension();
        let family = Family::new(matching.clone());
        let utility: Vec<f64> = noise(cells, 9).iter().map(|u| 2.0 * u).collect();
        let terms = Terms { seed: 5, samples: SAMPLES, ..Terms::default() };
        let drawn = family.ask(Question::FamilySample, &[&utility], terms);
        let soft = family.softmax(&utility, 1.0);
        for (cell, &p) in soft.iter().enumerate() {
            let seen: f64 = drawn.iter().skip(cell).step_by(cells).sum();
            // Hoeffding's bound: a false alarm has a probability below 2 exp(-23), some 1e-8 of all cells together.
            let off = (seen / SAMPLES as f64 - p).abs();
            assert!(off <= (23.0 / (2.0 * SAMPLES as f64)).sqrt(), "{matching:?}, cell {cell}: {off}");
        }
    }
}
