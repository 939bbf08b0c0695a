use super::{ArgmaxOracle, ExponentialFamily, PLAIN_SPAN, Prefix, Structure, kth_largest};
use crate::elementary::ln;
use crate::number::{Number, add_scaled};

/// The subsets of n elements with exactly k members: the corners of the hypersimplex (paper, section 6).
///
/// With Gumbel utilities the argmax follows the Plackett-Luce law, which is not the product law whose marginals the
/// exponential-family relaxation computes.
#[derive(Clone, Debug)]
pub struct TopK {
    elements: usize,
    pub(super) k: usize,
    log_count: f64,
}

impl TopK {
    /// k-subsets of `elements >= 1`, for `k <= elements`.
    pub fn new(elements: usize, k: usize) -> Self {
        assert!(k <= elements, "k must not exceed the number of elements");
        let log_count = (1..=k).map(|i| ln((elements - k + i) as f64) - ln(i as f64)).sum();
        Self { elements, k, log_count }
    }
}

impl Structure for TopK {
    fn dimension(&self) -> usize {
        self.elements
    }

    fn size(&self) -> usize {
        self.elements
    }

    fn least_size(&self) -> usize {
        self.k.max(1)
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        Prefix::new(Self::new(size, self.k), 0..size)
    }

    fn work(&self) -> usize {
        3 * self.elements * (self.k + 1)
    }

    fn check(&self, utility: &[f64], forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        if forbids {
            let allowed = utility.iter().filter(|&&u| u != f64::NEG_INFINITY).count();
            if allowed < self.k {
                return Err(format!(
                    "expected at least k = {} elements whose utility is not -Infinity, got {allowed}",
                    self.k
                ));
            }
        }
        Ok(())
    }
}

impl ArgmaxOracle for TopK {
    type Workspace = Vec<f64>;

    fn argmax_workspace(&self) -> Vec<f64> {
        Vec::with_capacity(self.elements)
    }

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Vec<f64>) {
        if self.k == 0 {
            return;
        }
        let threshold = kth_largest(utility, self.k, workspace);
        let mut left = self.k;
        for (x, &u) in vertex.iter_mut().zip(utility) {
            if u > threshold {
                *x = 1.0;
                left -= 1;
            }
        }
        for (x, &u) in vertex.iter_mut().zip(utility) {
            if u == threshold && left > 0 {
                *x = 1.0;
                left -= 1;
            }
        }
    }
}

/// The elementary symmetric polynomials of every prefix of the weights, and of one suffix.
pub struct SymmetricPolynomials<N> {
    /// `prefixes[i * (k+1) + j] = e_j(w_0, ..., w_{i-1})`.
    prefixes: Vec<N>,
    /// `suffix[k - j] = e_j(w_{i+1}, ...)`: reversed, so that its products with a prefix run forwards in both.
    suffix: Vec<N>,
}

impl TopK {
    /// `e_j(w, w_i) = e_j(w) + w_i e_{j-1}(w)` (Swersky et al., 2012).
    #[inline(always)]
    fn fill_prefixes<N: Number>(&self, weights: &[N], prefixes: &mut [N]) {
        let width = self.k + 1;
        prefixes[0] = weights[0].constant(1.0);
        prefixes[1..width].fill(weights[0].constant(0.0));
        for (i, &weight) in weights.iter().enumerate() {
            let (before, after) = prefixes[i * width..(i + 2) * width].split_at_mut(width);
            after.copy_from_slice(before);
            add_scaled(&mut after[1..], weight, &before[..self.k]);
        }
    }
}

impl ExponentialFamily for TopK {
    type Workspace<N: Number> = SymmetricPolynomials<N>;

    fn workspace<N: Number>(&self, zero: N) -> SymmetricPolynomials<N> {
        let width = self.k + 1;
        SymmetricPolynomials { prefixes: vec![zero; (self.elements + 1) * width], suffix: vec![zero; width] }
    }

    #[inline(always)]
    fn plain_shift(
        &self,
        utility: &[f64],
        _: (f64, f64),
        temperature: f64,
        scratch: &mut Vec<f64>,
    ) -> Option<f64> {
        if self.k == 0 {
            return Some(0.0);
        }
        // With the k-th largest weight at 1, every polynomial is below the number of subsets times the product of
        // the k largest weights, and one that underflows is 300 digits below the partition function.
        let threshold = kth_largest(utility, self.k, scratch);
        let excess: f64 = scratch[..self.k].iter().map(|u| u - threshold).sum();
        (excess / temperature + self.log_count <= PLAIN_SPAN).then_some(threshold)
    }

    #[inline(always)]
    fn partition<N: Number>(&self, weights: &[N], workspace: &mut SymmetricPolynomials<N>) -> N {
        self.fill_prefixes(weights, &mut workspace.prefixes);
        workspace.prefixes[(self.elements + 1) * (self.k + 1) - 1]
    }

    #[inline(always)]
    fn marginals<N: Number>(
        &self,
        weights: &[N],
        marginals: &mut [N],
        workspace: &mut SymmetricPolynomials<N>,
    ) {
        let width = self.k + 1;
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        let inverse = one / self.partition(weights, workspace);
        let SymmetricPolynomials { prefixes, suffix } = workspace;
        suffix.fill(zero);
        suffix[self.k] = one;
        for i in (0..self.elements).rev() {
            let prefix = &prefixes[i * width..i * width + self.k];
            let mut others = zero; // e_{k-1} of all weights but the i-th
            for (&before, &after) in prefix.iter().zip(&suffix[1..]) {
                others = before.mul_add(after, others);
            }
            marginals[i] = weights[i] * others * inverse;
            for j in 0..self.k {
                suffix[j] = weights[i].mul_add(suffix[j + 1], suffix[j]);
            }
        }
    }
}
