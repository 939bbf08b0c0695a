use super::separable::Separable;

/// `f(x) = ||x||^2 / 2`: the point of the polytope nearest to `u / t`.
///
/// On the hypersimplex `X_t = clip(u/t + m, 0, 1)`; for one-hot, sparsemax (Martins and Astudillo, 2016). Sparse: most
/// entries are exactly 0 or 1. O(n) a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Euclidean;

impl Separable for Euclidean {
    type Memory = ();

    /// With the least of the top positions at 0, m is in (0, 1]: at m <= 0 at most k - 1 elements are above 0, and
    /// at m = 1 the k largest are full. There a top element lacks `max(0, a - m)` of being full, for `a = 1 - v`, and
    /// another has `max(0, m - b)`, for `b = -v`; both sums are equal. Of the active elements, those where they are not 0,
    /// m is the mean of all a and b. They are found by halving: a median tells for half of the elements whether they
    /// are active.
    #[inline(always)]
    fn multiplier(self, top: &mut Vec<f64>, rest: &mut Vec<f64>) -> f64 {
        top.retain(|&v| v < 1.0);
        rest.retain(|&v| v > -1.0);
        top.iter_mut().for_each(|v| *v = 1.0 - *v);
        rest.iter_mut().for_each(|v| *v = -*v);
        let (mut active, mut total) = (0.0, 0.0);
        while !(top.is_empty() && rest.is_empty()) {
            let longer = if top.len() > rest.len() { &mut *top } else { &mut *rest };
            let middle = longer.len() / 2;
            let (_, &mut median, _) = longer.select_nth_unstable_by(middle, f64::total_cmp);
            let lacking: f64 = top.iter().map(|a| (a - median).max(0.0)).sum();
            let given: f64 = rest.iter().map(|b| (median - b).max(0.0)).sum();
            let enough = active * median - total + given >= lacking;
            let mut activate = |x: f64| {
                active += 1.0;
                total += x;
            };
            // Each keeps those that are still undecided.
            if enough {
                top.iter().filter(|&&a| a >= median).for_each(|&a| activate(a));
                top.retain(|&a| a < median);
                rest.retain(|&b| b < median);
            } else {
                rest.iter().filter(|&&b| b <= median).for_each(|&b| activate(b));
                rest.retain(|&b| b > median);
                top.retain(|&a| a > median);
            }
        }
        // Not 0 / 0: at the median 1 there is always enough, so that the least of the top elements becomes active.
        total / active
    }

    #[inline(always)]
    fn entry(self, position: f64, multiplier: f64) -> (f64, f64) {
        let x = (position + multiplier).clamp(0.0, 1.0);
        (x, if x > 0.0 && x < 1.0 { 1.0 } else { 0.0 })
    }
}
