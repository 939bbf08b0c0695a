//! The elementary symmetric polynomials of every prefix of the weights, without a table of all of them.
//!
//! They are wanted from the last prefix to the first, but come from the first to the last. Where the whole table would not
//! stay in the cache, the elements are taken in blocks of about sqrt(n): what stands before each block is kept, and the
//! prefixes that end in a block are computed a second time when it is their turn (Griewank, 1992), by the same operations
//! and so to the same bits. That takes O(n + k sqrt n) numbers, and 8 nk operations in place of 6 nk.

use std::collections::TryReserveError;
use std::mem::{align_of, size_of};
use std::ops::Range;

use crate::number::{Number, Scalar, filled};
use crate::sampling::{Uniforms, choose};

/// A table of at most so many numbers is kept whole.
const LARGEST_TABLE: usize = 1 << 14;

/// A table of numbers of several rows that takes at most so many bytes, which the first cache holds.
const LARGEST_TABLE_OF_LANES: usize = 24 << 10;

/// So many numbers of a type are the largest table that is kept whole.
const fn largest_table<N>() -> usize {
    // Numbers of several rows are as long as cache lines.
    if align_of::<N>() < 64 { LARGEST_TABLE } else { LARGEST_TABLE_OF_LANES / size_of::<N>() }
}

/// How the elements are divided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks {
    elements: usize,
    k: usize,
    /// The elements of every block but the last, which may have fewer.
    length: usize,
}

impl Blocks {
    /// Of tables of numbers of a type.
    pub(super) fn new<N>(elements: usize, k: usize) -> Self {
        let whole = (elements + 1) * (k + 1) <= largest_table::<N>();
        let length = if whole { elements } else { elements.isqrt().max(1) };
        Self { elements, k, length }
    }

    /// How many numbers a workspace has.
    pub(super) fn cells(self) -> usize {
        let kept = if self.count() > 1 { 2 * self.count() } else { 1 };
        (self.length + 2 + kept) * self.width()
    }

    fn width(self) -> usize {
        self.k + 1
    }

    fn count(self) -> usize {
        self.elements.div_ceil(self.length)
    }

    fn range(self, block: usize) -> Range<usize> {
        block * self.length..self.elements.min((block + 1) * self.length)
    }
}

/// Polynomials of prefixes, of blocks, and of one suffix. A row has `e_0, ..., e_k` of some weights.
pub struct SymmetricPolynomials<N> {
    blocks: Blocks,
    /// For every block, those of all elements before it.
    before: Vec<N>,
    /// For every block, those of its own elements; for draws, where there are several.
    own: Vec<N>,
    /// Whether `own` is of these weights.
    has_own: bool,
    /// Of the block at hand those of every prefix of its elements, with all elements before it.
    prefixes: Vec<N>,
    /// `suffix[k - j] = e_j(w_{i+1}, ...)`: reversed, so that its products with a prefix run forwards in both.
    suffix: Vec<N>,
}

impl<N: Number> SymmetricPolynomials<N> {
    pub(super) fn new(blocks: Blocks, zero: N) -> Result<Self, TryReserveError> {
        let (width, count) = (blocks.width(), blocks.count());
        Ok(Self {
            blocks,
            before: filled(zero, count * width)?,
            own: filled(zero, if count > 1 { count * width } else { 0 })?,
            has_own: false,
            prefixes: filled(zero, (blocks.length + 1) * width)?,
            suffix: filled(zero, width)?,
        })
    }

    /// The polynomials before every block; returns `e_k` of all weights. The last block is left at hand.
    #[inline(always)]
    pub(super) fn fill(&mut self, weights: &[N]) -> N {
        let Blocks { k, elements, .. } = self.blocks;
        let width = k + 1;
        self.has_own = false;
        set_to_none(&mut self.before[..width], weights[0]);
        for block in 0..self.blocks.count() {
            let of_block = self.blocks.range(block);
            self.take(block, weights);
            if of_block.end < elements {
                let last = &self.prefixes[of_block.len() * width..][..width];
                self.before[(block + 1) * width..][..width].copy_from_slice(last);
            }
        }
        let last = self.blocks.range(self.blocks.count() - 1).len();
        self.prefixes[(last + 1) * width - 1]
    }

    /// Takes a block at hand.
    #[inline(always)]
    fn take(&mut self, block: usize, weights: &[N]) {
        let width = self.blocks.width();
        self.prefixes[..width].copy_from_slice(&self.before[block * width..][..width]);
        multiply(&weights[self.blocks.range(block)], width, &mut self.prefixes);
    }

    #[inline(always)]
    pub(super) fn marginals(&mut self, weights: &[N], marginals: &mut [N]) {
        let Blocks { k, .. } = self.blocks;
        let width = k + 1;
        let (zero, one) = (weights[0].constant(0.0), weights[0].constant(1.0));
        let inverse = one / self.fill(weights);
        self.suffix.fill(zero);
        self.suffix[k] = one;
        let last = self.blocks.count() - 1;
        for block in (0..=last).rev() {
            if block < last {
                self.take(block, weights);
            }
            let of_block = self.blocks.range(block);
            let Self { prefixes, suffix, .. } = self;
            for (i, prefix) in of_block.zip(prefixes.chunks_exact(width)).rev() {
                // e_{k-1} of all weights but the i-th
                let others = multiply_and_extend(&prefix[..k], weights[i], suffix);
                // None of no elements, though their weights may be beyond doubles.
                marginals[i] = if k == 0 { zero } else { weights[i] * others * inverse };
            }
        }
    }
}

impl<N: Scalar> SymmetricPolynomials<N> {
    /// Chooses how many elements of every block, from the last to the first, and then which: with j to choose, m of a
    /// block in proportion to `e_m` of its own elements times `e_{j-m}` of those before it. O(n + k sqrt n) a draw.
    pub(super) fn draw(&mut self, weights: &[N], uniforms: &mut Uniforms, vertex: &mut [f64]) {
        let width = self.blocks.width();
        if self.blocks.count() == 1 {
            return choose_elements(weights, &self.prefixes, width, self.blocks.k, uniforms, vertex);
        }
        if !self.has_own {
            self.fill_own(weights);
        }
        let mut left = self.blocks.k;
        for block in (0..self.blocks.count()).rev() {
            if left == 0 {
                break;
            }
            let of_block = self.blocks.range(block);
            let before = &self.before[block * width..][..=left];
            let own = &self.own[block * width..][..=left.min(of_block.len())];
            let weighted =
                own.iter().zip(before.iter().rev()).enumerate().map(|(m, (&own, &b))| (m, own * b));
            let chosen = choose(weighted, uniforms).unwrap_or(left.min(of_block.len()));
            if chosen > 0 {
                let (weights, vertex) = (&weights[of_block.clone()], &mut vertex[of_block]);
                set_to_none(&mut self.prefixes[..=chosen], weights[0]);
                multiply(weights, chosen + 1, &mut self.prefixes);
                choose_elements(weights, &self.prefixes, chosen + 1, chosen, uniforms, vertex);
            }
            left -= chosen;
        }
    }

    fn fill_own(&mut self, weights: &[N]) {
        let width = self.blocks.width();
        for (block, own) in self.own.chunks_exact_mut(width).enumerate() {
            let of_block = self.blocks.range(block);
            let (filled, length) = (width.min(of_block.len() + 1), of_block.len());
            set_to_none(&mut self.prefixes[..filled], weights[0]);
            multiply(&weights[of_block], filled, &mut self.prefixes);
            own[..filled].copy_from_slice(&self.prefixes[length * filled..][..filled]);
        }
        self.has_own = true;
    }
}

/// `e_0, ...` of no weights.
#[inline(always)]
fn set_to_none<N: Number>(row: &mut [N], like: N) {
    row.fill(like.constant(0.0));
    row[0] = like.constant(1.0);
}

/// From the first row of a table all others: `e_j(w, w_i) = e_j(w) + w_i e_{j-1}(w)` (Swersky et al., 2012).
#[inline(always)]
fn multiply<N: Number>(weights: &[N], width: usize, table: &mut [N]) {
    for (i, &weight) in weights.iter().enumerate() {
        let (before, after) = table[i * width..(i + 2) * width].split_at_mut(width);
        after[0] = before[0];
        for (after, pair) in after[1..].iter_mut().zip(before.windows(2)) {
            *after = weight.mul_add(pair[0], pair[1]);
        }
    }
}

/// The product of a prefix with a suffix, in four interleaved parts: additions wait for one another. On the way the suffix
/// is extended by an element.
#[inline(always)]
fn multiply_and_extend<N: Number>(prefix: &[N], weight: N, suffix: &mut [N]) -> N {
    let mut parts = [weight.constant(0.0); 4];
    let (blocks, rest) = prefix.as_chunks::<4>();
    for (index, prefix) in blocks.iter().enumerate() {
        let suffix = &mut suffix[4 * index..][..5];
        for lane in 0..4 {
            parts[lane] = prefix[lane].mul_add(suffix[lane + 1], parts[lane]);
            suffix[lane] = weight.mul_add(suffix[lane + 1], suffix[lane]);
        }
    }
    let suffix = &mut suffix[4 * blocks.len()..];
    // With indices that the compiler knows, the parts stay in registers.
    for lane in 0..3 {
        if lane < rest.len() {
            parts[lane] = rest[lane].mul_add(suffix[lane + 1], parts[lane]);
            suffix[lane] = weight.mul_add(suffix[lane + 1], suffix[lane]);
        }
    }
    (parts[0] + parts[1]) + (parts[2] + parts[3])
}

/// Chooses so many elements by the polynomials of their prefixes, from the last to the first.
fn choose_elements<N: Scalar>(
    weights: &[N],
    prefixes: &[N],
    width: usize,
    mut left: usize,
    uniforms: &mut Uniforms,
    vertex: &mut [f64],
) {
    for i in (0..weights.len()).rev() {
        if left == 0 {
            break;
        }
        let chosen = weights[i] * prefixes[i * width + left - 1];
        if uniforms.happens(chosen.over(prefixes[(i + 1) * width + left])) {
            vertex[i] = 1.0;
            left -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{Dual, Wide};
    use crate::random::Purpose;

    fn weights<N>(n: usize, make: impl Fn(f64) -> N) -> Vec<N> {
        (0..n).map(|i| make((1.7 * (i * i) as f64).sin().exp())).collect()
    }

    #[test]
    fn blocks_of_any_length_give_the_bits_of_the_whole_table() {
        for (n, k) in [(1, 0), (1, 1), (23, 0), (23, 5), (24, 24), (40, 39)] {
            let weights = weights(n, |x| Dual { value: x, tangent: 1.0 - x });
            let run = |length| {
                let blocks = Blocks { elements: n, k, length };
                let mut polynomials = SymmetricPolynomials::new(blocks, weights[0]).expect("memory");
                let mut marginals = weights.clone();
                polynomials.marginals(&weights, &mut marginals);
                marginals.push(polynomials.fill(&weights));
                let bits = |x: &Dual<f64>| [x.value.to_bits(), x.tangent.to_bits()];
                marginals.iter().map(bits).collect::<Vec<_>>()
            };
            let whole = run(n);
            for length in 1..n {
                assert!(run(length) == whole, "n = {n}, k = {k}, blocks of {length}");
            }
        }
    }

    /// Every set of three of seven, one of which is forbidden, by its probability.
    #[test]
    fn draws_by_blocks_follow_the_law() {
        const DRAWS: u64 = 200_000;
        let (n, k) = (7, 3);
        let mut weights = weights(n, Wide::from_f64);
        weights[4] = Wide::ZERO;
        let sets = || (0_u32..1 << n).filter(|set| set.count_ones() == k as u32);
        let product =
            |set: u32| -> f64 { (0..n).filter(|i| set >> i & 1 == 1).map(|i| weights[i].to_f64()).product() };
        let total: f64 = sets().map(product).sum();
        for length in 1..=n {
            let blocks = Blocks { elements: n, k, length };
            let mut polynomials = SymmetricPolynomials::new(blocks, Wide::ZERO).expect("memory");
            polynomials.fill(&weights);
            let mut counts = vec![0.0; 1 << n];
            for row in 0..DRAWS {
                let mut vertex = [0.0; 7];
                polynomials.draw(&weights, &mut Uniforms::new(Purpose::Vertices, 1, row, 0), &mut vertex);
                counts[(0..n).map(|i| usize::from(vertex[i] != 0.0) << i).sum::<usize>()] += 1.0;
            }
            for set in sets() {
                let (p, part) = (product(set) / total, counts[set as usize] / DRAWS as f64);
                let deviation = (p * (1.0 - p) / DRAWS as f64).sqrt();
                assert!((part - p).abs() <= 5.0 * deviation, "blocks of {length}, {set:b}: {part}, not {p}");
            }
            assert_eq!(sets().map(|set| counts[set as usize]).sum::<f64>(), DRAWS as f64, "sets of k");
        }
    }

    #[test]
    fn a_workspace_grows_with_the_root_of_the_elements() {
        let cells = |n| Blocks::new::<f64>(n, 100).cells();
        assert!(cells(100_000) < 101 * 1000 && cells(10_000_000) < 11 * cells(100_000));
        assert_eq!(cells(45), 48 * 101); // A small table is whole.
    }
}
