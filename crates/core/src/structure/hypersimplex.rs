use super::{OneHot, Structure, TopK};

/// All sets of exactly k of the elements: the corners of the hypersimplex `0 <= x <= 1, sum_i x_i = k`.
pub trait Hypersimplex: Structure {
    /// The size k of the sets.
    fn chosen(&self) -> usize;
}

impl Hypersimplex for OneHot {
    fn chosen(&self) -> usize {
        1
    }
}

impl Hypersimplex for TopK {
    fn chosen(&self) -> usize {
        self.k
    }
}

/// The k-th largest utility, `1 <= k <= n`, and in `scratch` all of them: the k largest, of which it is the last, and
/// then the others. O(n).
pub(crate) fn kth_largest(utility: &[f64], k: usize, scratch: &mut Vec<f64>) -> f64 {
    scratch.clear();
    scratch.extend_from_slice(utility);
    let (_, &mut threshold, _) = scratch.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a));
    threshold
}
