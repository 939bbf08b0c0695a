//! The best projective trees of several rows abreast, one in each lane of two registers. Only scores are kept: the splits of
//! the best tree are found again on the way back, for its own items alone.

use pulp::bytemuck::{cast_slice, cast_slice_mut};
use pulp::{Simd, WithSimd};

use super::argmax::EisnerWorkspace;
use super::{Deductions, ProjectiveTree, cells_of};
use crate::structure::score::doubles_suffice;
use crate::structure::{ArgmaxOracle, Structure};

/// Registers side by side, lest one comparison wait for the last.
const REGISTERS: usize = 2;
/// Charts that are larger, in bytes, outgrow the cache.
const LARGEST_CHART: usize = 1 << 20;

/// The same score of several rows. No register of AVX2 straddles a cache line.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Abreast<S: Simd>([S::f64s; REGISTERS]);

impl<S: Simd> Abreast<S> {
    /// So many rows.
    const ROWS: usize = REGISTERS * S::F64_LANES;

    #[inline(always)]
    fn of(simd: S, score: f64) -> Self {
        Self([simd.splat_f64s(score); REGISTERS])
    }

    #[inline(always)]
    fn row(&self, row: usize) -> f64 {
        cast_slice::<S::f64s, f64>(&self.0)[row]
    }

    #[inline(always)]
    fn set_row(&mut self, row: usize, score: f64) {
        cast_slice_mut::<S::f64s, f64>(&mut self.0)[row] = score;
    }
}

/// The scores of the best trees.
struct BestAbreast<S>(S);

impl<S: Simd> Deductions for BestAbreast<S> {
    type Item = Abreast<S>;

    /// The largest of sums, whatever their order: that of each row alone.
    #[inline(always)]
    fn join(&mut self, firsts: &[Abreast<S>], seconds: &[Abreast<S>]) -> Abreast<S> {
        let [mut even, mut odd] = [Abreast::of(self.0, f64::NEG_INFINITY); 2];
        let ((firsts, last_first), (seconds, last_second)) =
            (firsts.as_chunks::<2>(), seconds.as_chunks::<2>());
        for (first, second) in firsts.iter().zip(seconds) {
            even = self.larger(self.attach(first[0], second[0]), even);
            odd = self.larger(self.attach(first[1], second[1]), odd);
        }
        for (&first, &second) in last_first.iter().zip(last_second) {
            even = self.larger(self.attach(first, second), even);
        }
        self.larger(odd, even)
    }

    #[inline(always)]
    fn attach(&self, item: Abreast<S>, edge: Abreast<S>) -> Abreast<S> {
        let (Abreast([a, b]), Abreast([c, d])) = (item, edge);
        Abreast([self.0.add_f64s(a, c), self.0.add_f64s(b, d)])
    }
}

impl<S: Simd> BestAbreast<S> {
    #[inline(always)]
    fn larger(&self, a: Abreast<S>, b: Abreast<S>) -> Abreast<S> {
        let (Abreast([a, b]), Abreast([c, d])) = (a, b);
        Abreast([self.0.max_f64s(a, c), self.0.max_f64s(b, d)])
    }
}

/// Rows of utilities and, filled with zeros, their trees.
pub(super) struct Rows<'a> {
    pub(super) structure: &'a ProjectiveTree,
    pub(super) utilities: &'a [f64],
    pub(super) trees: &'a mut [f64],
    pub(super) workspace: &'a mut EisnerWorkspace,
}

impl WithSimd for Rows<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { structure, utilities, trees, workspace } = self;
        let (n, dimension) = (structure.vertices(), structure.dimension());
        let cells = cells_of(n);
        let abreast = cells * size_of::<Abreast<S>>() <= LARGEST_CHART;
        let forbidden = Abreast::of(simd, f64::NEG_INFINITY);
        let (mut edges, mut chart) = (Vec::new(), Vec::new());
        let mut pending = Vec::with_capacity(Abreast::<S>::ROWS);
        let rows = utilities.len() / dimension;
        for row in 0..rows {
            let of_row = row * dimension..(row + 1) * dimension;
            if abreast && doubles_suffice(&utilities[of_row.clone()]) {
                pending.push(row);
            } else {
                structure.argmax(&utilities[of_row.clone()], &mut trees[of_row], workspace);
            }
            if pending.len() < Abreast::<S>::ROWS && row + 1 < rows {
                continue;
            }
            if let [row] = pending[..] {
                let of_row = row * dimension..(row + 1) * dimension;
                structure.argmax(&utilities[of_row.clone()], &mut trees[of_row], workspace);
            } else if !pending.is_empty() {
                edges.resize(n * n, forbidden);
                chart.resize(cells, forbidden);
                structure.load(utilities, &pending, &mut edges);
                let mut chart = structure.chart(&mut chart);
                chart.fill(&edges, Abreast::of(simd, 0.0), &mut BestAbreast(simd));
                for (lane, row) in pending.iter().enumerate() {
                    let tree = &mut trees[row * dimension..(row + 1) * dimension];
                    structure.derive(
                        &chart,
                        tree,
                        &mut workspace.goals,
                        #[inline(always)]
                        |firsts, seconds| best_split(firsts, seconds, lane),
                    );
                }
            }
            pending.clear();
        }
    }
}

impl ProjectiveTree {
    /// Rows into their lanes. What the lanes without one hold does not matter.
    #[inline(always)]
    fn load<S: Simd>(&self, utilities: &[f64], rows: &[usize], edges: &mut [Abreast<S>]) {
        let dimension = self.words * self.words;
        for (coordinates, places) in self.runs() {
            for (lane, row) in rows.iter().enumerate() {
                let start = row * dimension;
                let utility = &utilities[start + coordinates.start..start + coordinates.end];
                for (edge, &u) in edges[places.clone()].iter_mut().zip(utility) {
                    edge.set_row(lane, u);
                }
            }
        }
    }
}

/// The first split of the largest score of a row.
#[inline(always)]
fn best_split<S: Simd>(firsts: &[Abreast<S>], seconds: &[Abreast<S>], row: usize) -> usize {
    let (mut place, mut best) = (0, f64::NEG_INFINITY);
    for (split, (first, second)) in firsts.iter().zip(seconds).enumerate() {
        let score = first.row(row) + second.row(row);
        (place, best) = if score > best { (split, score) } else { (place, best) };
    }
    place
}
