//! What an enumeration of the vertices says that a structure's operators should give.
//!
//! Sums of utilities are exact: utilities are multiples of 2^-60 (see `inputs.rs`), added as integers. So ties are
//! ties, and the differences that are exponentiated carry one rounding error each.

/// Utilities are whole numbers of this.
pub(crate) const UNIT: f64 = 1.0 / (1u64 << 60) as f64;

/// A structure's vertices as sets of coordinates.
#[derive(Debug)]
pub(crate) struct Enumeration {
    pub(crate) dimension: usize,
    pub(crate) vertices: Vec<u32>,
}

/// The vertices that avoid the forbidden coordinates, with their probabilities.
struct Law {
    log_partition: f64,
    terms: Vec<(u32, f64)>,
}

pub(crate) fn has(set: u32, coordinate: usize) -> bool {
    set >> coordinate & 1 == 1
}

impl Enumeration {
    /// A set of coordinates as a 0/1 vector.
    pub(crate) fn indicator(&self, set: u32) -> Vec<f64> {
        (0..self.dimension).map(|i| if has(set, i) { 1.0 } else { 0.0 }).collect()
    }

    /// The vertices without a forbidden coordinate.
    pub(crate) fn allowed(&self, utility: &[f64]) -> Vec<u32> {
        let forbidden =
            |set: u32| (0..self.dimension).any(|i| has(set, i) && utility[i] == f64::NEG_INFINITY);
        self.vertices.iter().copied().filter(|&set| !forbidden(set)).collect()
    }

    /// `u.x` of every allowed vertex, in units of 2^-60.
    fn values(&self, utility: &[f64]) -> Vec<(u32, i128)> {
        let units: Vec<Option<i128>> = utility.iter().map(|&u| in_units(u)).collect();
        let value =
            |set: u32| (0..self.dimension).filter(|&i| has(set, i)).map(|i| units[i]).sum::<Option<i128>>();
        self.vertices.iter().filter_map(|&set| Some((set, value(set)?))).collect()
    }

    /// The vertex that the argmax should choose: of the largest value; among those of the fewest elements (an element
    /// of utility 0 is left out of a free subset); among those the one whose elements, ordered by decreasing utility
    /// and increasing index, come first.
    pub(crate) fn best(&self, utility: &[f64]) -> u32 {
        let mut order: Vec<usize> = (0..self.dimension).collect();
        // A stable sort, in which 0 and -0 are equal.
        order.sort_by(|&a, &b| utility[b].partial_cmp(&utility[a]).expect("numbers"));
        let ranks = |set: u32| order.iter().map(|&i| has(set, i)).collect::<Vec<bool>>();
        let best = self
            .values(utility)
            .into_iter()
            .max_by_key(|&(set, value)| (value, std::cmp::Reverse(set.count_ones()), ranks(set)));
        best.expect("a feasible row").0
    }

    /// By how much the best vertex beats the second best; 0 for a tie, infinity for an only vertex.
    pub(crate) fn gap(&self, utility: &[f64]) -> f64 {
        let mut values: Vec<i128> = self.values(utility).into_iter().map(|(_, value)| value).collect();
        values.sort_unstable_by(|a, b| b.cmp(a));
        values.get(1).map_or(f64::INFINITY, |second| (values[0] - second) as f64 * UNIT)
    }

    /// By how much a vertex is worse than the best one; infinity if it is forbidden.
    pub(crate) fn shortfall(&self, utility: &[f64], set: u32) -> f64 {
        let values = self.values(utility);
        let best = values.iter().map(|&(_, value)| value).max().expect("a feasible row");
        let own = values.iter().find(|&&(vertex, _)| vertex == set);
        own.map_or(f64::INFINITY, |&(_, value)| (best - value) as f64 * UNIT)
    }

    fn law(&self, utility: &[f64], temperature: f64) -> Law {
        let values = self.values(utility);
        let most = values.iter().map(|&(_, value)| value).max().expect("a feasible row");
        let weigh = |(set, value): (u32, i128)| (set, ((value - most) as f64 * UNIT / temperature).exp());
        let weights: Vec<(u32, f64)> = values.into_iter().map(weigh).collect();
        let total: f64 = weights.iter().map(|&(_, weight)| weight).sum();
        Law {
            log_partition: most as f64 * UNIT / temperature + total.ln(),
            terms: weights.into_iter().map(|(set, weight)| (set, weight / total)).collect(),
        }
    }

    /// `log sum_x exp(u.x / t)`.
    pub(crate) fn log_partition(&self, utility: &[f64], temperature: f64) -> f64 {
        self.law(utility, temperature).log_partition
    }

    /// `p(x)` of the vertices that are not forbidden.
    pub(crate) fn probabilities(&self, utility: &[f64], temperature: f64) -> Vec<(u32, f64)> {
        self.law(utility, temperature).terms
    }

    /// `log p(x)` of all vertices, negative infinity of a forbidden one.
    pub(crate) fn log_probabilities(&self, utility: &[f64], temperature: f64) -> Vec<(u32, f64)> {
        let values = self.values(utility);
        let most = values.iter().map(|&(_, value)| value).max().expect("a feasible row");
        let distance = |value: i128| (value - most) as f64 * UNIT / temperature;
        let total: f64 = values.iter().map(|&(_, value)| distance(value).exp()).sum();
        let log = |set: u32| {
            let own = values.iter().find(|&&(vertex, _)| vertex == set);
            own.map_or(f64::NEG_INFINITY, |&(_, value)| distance(value) - total.ln())
        };
        self.vertices.iter().map(|&set| (set, log(set))).collect()
    }

    /// `E[x]` under `p(x) ~ exp(u.x / t)`.
    pub(crate) fn marginals(&self, utility: &[f64], temperature: f64) -> Vec<f64> {
        let mut means = vec![0.0; self.dimension];
        for (set, probability) in self.law(utility, temperature).terms {
            (0..self.dimension).filter(|&i| has(set, i)).for_each(|i| means[i] += probability);
        }
        means
    }

    /// `Cov(x) g`, from centred products, so that nothing cancels.
    pub(crate) fn covariance(&self, utility: &[f64], temperature: f64, direction: &[f64]) -> Vec<f64> {
        let means = self.marginals(utility, temperature);
        let mut products = vec![0.0; self.dimension];
        for (set, probability) in self.law(utility, temperature).terms {
            let centred: Vec<f64> =
                self.indicator(set).iter().zip(&means).map(|(x, mean)| x - mean).collect();
            let along: f64 = centred.iter().zip(direction).map(|(x, g)| x * g).sum();
            products.iter_mut().zip(centred).for_each(|(product, x)| *product += probability * along * x);
        }
        products
    }

    /// `-Cov(x) u / t^2`, the gradient of the entropy: of the exact sums over vertices only what they lack of the best.
    pub(crate) fn entropy_gradient(&self, utility: &[f64], temperature: f64) -> Vec<f64> {
        let values = self.values(utility);
        let most = values.iter().map(|&(_, value)| value).max().expect("a feasible row");
        let lack = |value: i128| (value - most) as f64 * UNIT / temperature;
        let total: f64 = values.iter().map(|&(_, value)| lack(value).exp()).sum();
        let terms: Vec<(u32, f64, f64)> =
            values.iter().map(|&(set, value)| (set, lack(value).exp() / total, lack(value))).collect();
        let mean: f64 = terms.iter().map(|&(_, probability, lack)| probability * lack).sum();
        let means = self.marginals(utility, temperature);
        let slope = |i: usize| {
            let x = |set: u32| if has(set, i) { 1.0 } else { 0.0 };
            let along = terms.iter().map(|&(set, p, lack)| p * (lack - mean) * (x(set) - means[i]));
            -along.sum::<f64>() / temperature
        };
        (0..self.dimension).map(slope).collect()
    }

    /// The largest `d.x` over all vertices: the support function of the polytope.
    pub(crate) fn support(&self, direction: &[f64]) -> f64 {
        let value =
            |set: u32| (0..self.dimension).filter(|&i| has(set, i)).map(|i| direction[i]).sum::<f64>();
        self.vertices.iter().map(|&set| value(set)).fold(f64::NEG_INFINITY, f64::max)
    }

    /// The number of elements of all vertices, if they agree.
    pub(crate) fn size(&self) -> Option<u32> {
        let size = self.vertices[0].count_ones();
        self.vertices.iter().all(|set| set.count_ones() == size).then_some(size)
    }
}

/// A utility in units of 2^-60; none if it is forbidden.
fn in_units(utility: f64) -> Option<i128> {
    if utility == f64::NEG_INFINITY {
        return None;
    }
    let units = utility / UNIT;
    assert!(units == units.trunc() && units.abs() < 1e36, "{utility} is not a moderate multiple of 2^-60");
    Some(units as i128)
}
