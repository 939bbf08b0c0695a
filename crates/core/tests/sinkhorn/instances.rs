//! Utilities of the kinds that people have, and of those that are hard.

/// SplitMix64 (Steele, Lea and Flood, 2014).
pub(crate) struct Words(pub(crate) u64);

impl Words {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub(crate) fn gumbel(&mut self) -> f64 {
        -(-self.uniform().ln()).ln()
    }
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

pub(crate) const KINDS: [&str; 14] = [
    "gumbel",
    "uniform",
    "plane",
    "squared",
    "line",
    "low rank",
    "tied",
    "two-level",
    "product",
    "dominated",
    "blocks",
    "sparse",
    "masked",
    "scaled",
];

pub(crate) fn utility(kind: &str, n: usize, words: &mut Words) -> Vec<f64> {
    let cells = |cell: &mut dyn FnMut(usize, usize) -> f64| -> Vec<f64> {
        (0..n * n).map(|c| cell(c / n, c % n)).collect()
    };
    match kind {
        "gumbel" => cells(&mut |_, _| words.gumbel()),
        "uniform" => cells(&mut |_, _| words.uniform()),
        "plane" | "squared" | "line" => {
            let dimensions = if kind == "line" { 1 } else { 2 };
            let points: Vec<f64> = (0..2 * n * dimensions).map(|_| words.uniform()).collect();
            cells(&mut |i, j| {
                let square: f64 = (0..dimensions)
                    .map(|d| (points[i * dimensions + d] - points[(n + j) * dimensions + d]).powi(2))
                    .sum();
                if kind == "plane" { -square.sqrt() } else { -square }
            })
        }
        "low rank" => {
            let rank = 1 + words.below(3);
            let factors: Vec<f64> = (0..2 * n * rank).map(|_| words.normal()).collect();
            cells(&mut |i, j| (0..rank).map(|r| factors[i * rank + r] * factors[(n + j) * rank + r]).sum())
        }
        "tied" => {
            let levels = 2 + words.below(6);
            cells(&mut |_, _| words.below(levels) as f64)
        }
        "two-level" => {
            let rare = words.uniform();
            cells(&mut |_, _| if words.uniform() < rare { 1.0 } else { 0.0 })
        }
        "product" => cells(&mut |i, j| ((i + 1) * (j + 1)) as f64 / n as f64),
        "dominated" => {
            let (row, column) = (words.below(n), words.below(n));
            let (of_row, of_column) = (10.0 * words.normal(), 10.0 * words.normal());
            cells(&mut |i, j| {
                words.gumbel()
                    + if i == row { of_row } else { 0.0 }
                    + if j == column { of_column } else { 0.0 }
            })
        }
        "blocks" => {
            let (block, gap) = (1 + words.below(n), 30.0 * words.uniform());
            cells(&mut |i, j| words.normal() - if i / block == j / block { 0.0 } else { gap })
        }
        "sparse" => {
            let kept = 3.0 / n as f64;
            cells(&mut |i, j| {
                if i == j || words.uniform() < kept { words.gumbel() } else { f64::NEG_INFINITY }
            })
        }
        "masked" => {
            let mask = [-1e4, -1e32, -3.402_823_466_385_288_6e38, -1e9][words.below(4)];
            let kept = words.uniform();
            cells(&mut |_, _| if words.uniform() < kept { words.gumbel() } else { mask })
        }
        "scaled" => {
            let spread = 3.0 * words.uniform();
            cells(&mut |_, _| (spread * words.normal()).exp())
        }
        _ => unreachable!(),
    }
}
