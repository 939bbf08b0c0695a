//! The best edges into groups of vertices, and what it costs to enter by them: as unevaluated sums of two doubles, or as
//! doubles where all differences are doubles.
//!
//! What it costs is at most 0 and at least the smallest utility less the largest: both the utility less that of the best
//! edge, and what is below the best such number (which is at most 0) by how much. So where utilities are multiples of a
//! number that is not too small beside the largest, as floats are, no difference is ever rounded.

use pulp::Simd;

use super::Arborescence;
use super::argmax::NONE;
use crate::number::DoubleDouble;
use crate::structure::scale_of;

/// For each group and each vertex outside it the best edge from there into the group; of equal ones that of the lowest
/// number. Groups begin as vertices.
pub trait Entries: Send {
    /// What entering costs.
    type Value: Copy + Send;
    /// Nothing.
    const ZERO: Self::Value;

    fn new(structure: &Arborescence) -> Self;

    /// Every vertex for itself.
    fn load(&mut self, structure: &Arborescence, utility: &[f64]);

    /// The best edge into a group, and its value; `alone` says whether the group is a vertex still. One from the root,
    /// where it `yields`, only if there is no other.
    fn best<S: Simd>(&self, simd: S, group: usize, alone: bool, yields: bool) -> (u32, Self::Value);

    /// Makes what enters a group relative to a value, and offers it to another group (or the same, at first).
    fn join(&mut self, into: usize, group: usize, relative_to: Self::Value, alone: bool);

    /// A vertex has become part of a group.
    fn remove(&mut self, group: usize, head: usize);
}

/// An edge into a group of vertices.
#[derive(Clone, Copy)]
struct Entry {
    /// What entering by it costs; negative infinity if there is no such edge.
    value: DoubleDouble,
    edge: u32,
}

impl Entry {
    const ABSENT: Self = Self { value: DoubleDouble::NEG_INFINITY, edge: NONE };

    #[inline(always)]
    fn beats(&self, other: &Self) -> bool {
        let (a, b) = (self.value, other.value);
        a.high > b.high || (a.high == b.high && (a.low > b.low || (a.low == b.low && self.edge < other.edge)))
    }
}

/// Unevaluated sums, for any utilities.
pub struct Sums {
    vertices: usize,
    /// Of group g and vertex h outside it the best edge from h into g, at `g * n + h`.
    entries: Vec<Entry>,
}

impl Entries for Sums {
    type Value = DoubleDouble;
    const ZERO: DoubleDouble = DoubleDouble::ZERO;

    fn new(structure: &Arborescence) -> Self {
        let vertices = structure.vertices;
        Self { vertices, entries: vec![Entry::ABSENT; vertices * vertices] }
    }

    fn load(&mut self, structure: &Arborescence, utility: &[f64]) {
        self.entries.fill(Entry::ABSENT);
        let scale = scale_of(utility);
        for (edge, (&(head, modifier), &u)) in structure.edges.iter().zip(utility).enumerate() {
            let value = DoubleDouble::from(u * scale);
            self.entries[modifier.index() * self.vertices + head.index()] =
                Entry { value, edge: edge as u32 };
        }
    }

    fn best<S: Simd>(&self, _simd: S, group: usize, _alone: bool, yields: bool) -> (u32, DoubleDouble) {
        let entries = &self.entries[group * self.vertices..][..self.vertices];
        let mut best = Entry::ABSENT;
        for entry in &entries[usize::from(yields)..] {
            if entry.beats(&best) {
                best = *entry;
            }
        }
        let best = if best.value.high == f64::NEG_INFINITY { entries[0] } else { best };
        (best.edge, best.value)
    }

    fn join(&mut self, into: usize, group: usize, potential: DoubleDouble, alone: bool) {
        let n = self.vertices;
        let relative = |entry: Entry| {
            // What enters a single vertex are doubles, of which the difference is exact: the full sum would be the same.
            let plain = DoubleDouble::sum(entry.value.high, -potential.high);
            Entry { value: if alone { plain } else { entry.value - potential }, ..entry }
        };
        if group == into {
            for entry in &mut self.entries[into * n..(into + 1) * n] {
                if entry.value.high != f64::NEG_INFINITY {
                    *entry = relative(*entry);
                }
            }
            return;
        }
        let (into, group) = two_rows(&mut self.entries, n, into, group);
        for (place, &entry) in into.iter_mut().zip(&*group) {
            if entry.value.high != f64::NEG_INFINITY {
                let entry = relative(entry);
                if entry.beats(place) {
                    *place = entry;
                }
            }
        }
    }

    fn remove(&mut self, group: usize, head: usize) {
        self.entries[group * self.vertices + head] = Entry::ABSENT;
    }
}

/// Two different rows of a matrix.
fn two_rows<T>(cells: &mut [T], width: usize, a: usize, b: usize) -> (&mut [T], &mut [T]) {
    let (before, after) = cells.split_at_mut(a.max(b) * width);
    let (first, second) = (&mut before[a.min(b) * width..][..width], &mut after[..width]);
    if a < b { (first, second) } else { (second, first) }
}

/// Whether no difference of differences of utilities is rounded: they are floats of 24 digits, whose last one in the
/// smallest is at least `2^-53` of the largest difference.
#[inline(always)]
pub(super) fn doubles_are_exact(utility: &[f64]) -> bool {
    const NO_FLOAT: u64 = (1 << 29) - 1;
    const LARGEST: f64 = 1e300;
    const LARGEST_RATIO: f64 = (1 << 28) as f64;
    // Sizes are ordered as their bits are.
    let infinite = f64::INFINITY.to_bits() as i64;
    let (mut digits, mut largest, mut smallest) = (0, 0, infinite);
    for u in utility {
        let size = u.abs().to_bits() as i64;
        digits |= size as u64;
        largest = largest.max(if size < infinite { size } else { 0 });
        smallest = smallest.min(if size > 0 { size } else { infinite });
    }
    let (largest, smallest) = (f64::from_bits(largest as u64), f64::from_bits(smallest as u64));
    digits & NO_FLOAT == 0 && largest <= LARGEST && largest / LARGEST_RATIO <= smallest
}

/// Doubles, for utilities with exact differences.
pub(super) struct Doubles {
    vertices: usize,
    /// What entering group g from vertex h costs, at `g * n + h`; negative infinity if there is no such edge.
    values: Vec<f64>,
    /// The edges of all pairs of vertices, likewise.
    first_edges: Vec<u32>,
    /// Those of groups of several vertices.
    edges: Vec<u32>,
}

impl Doubles {
    #[inline(always)]
    fn edges(&self, group: usize, alone: bool) -> &[u32] {
        let edges = if alone { &self.first_edges } else { &self.edges };
        &edges[group * self.vertices..][..self.vertices]
    }
}

impl Entries for Doubles {
    type Value = f64;
    const ZERO: f64 = 0.0;

    fn new(structure: &Arborescence) -> Self {
        let vertices = structure.vertices;
        let mut first_edges = vec![NONE; vertices * vertices];
        for (edge, &(head, modifier)) in structure.edges.iter().enumerate() {
            first_edges[modifier.index() * vertices + head.index()] = edge as u32;
        }
        let (values, edges) = (vec![f64::NEG_INFINITY; vertices * vertices], first_edges.clone());
        Self { vertices, values, first_edges, edges }
    }

    #[inline(always)]
    fn load(&mut self, _structure: &Arborescence, utility: &[f64]) {
        for (value, &edge) in self.values.iter_mut().zip(&self.first_edges) {
            *value = utility.get(edge as usize).copied().unwrap_or(f64::NEG_INFINITY);
        }
    }

    #[inline(always)]
    fn best<S: Simd>(&self, simd: S, group: usize, alone: bool, yields: bool) -> (u32, f64) {
        let values = &self.values[group * self.vertices..][..self.vertices];
        let edges = self.edges(group, alone);
        let first = usize::from(yields);
        let best = largest(simd, &values[first..]);
        if best == f64::NEG_INFINITY {
            return (edges[0], values[0]);
        }
        let mut lowest = NONE;
        for (&value, &edge) in values[first..].iter().zip(&edges[first..]) {
            lowest = lowest.min(if value == best { edge } else { NONE });
        }
        (lowest, best)
    }

    #[inline(always)]
    fn join(&mut self, into: usize, group: usize, potential: f64, alone: bool) {
        let n = self.vertices;
        if group == into {
            if alone {
                let row = into * n..(into + 1) * n;
                self.edges[row.clone()].copy_from_slice(&self.first_edges[row]);
            }
            for value in &mut self.values[into * n..(into + 1) * n] {
                *value -= potential;
            }
            return;
        }
        let (values, offered) = two_rows(&mut self.values, n, into, group);
        let (edges, offered_edges) = two_rows(&mut self.edges, n, into, group);
        let offered_edges = if alone { &self.first_edges[group * n..][..n] } else { &*offered_edges };
        for (((value, edge), &offered), &other) in
            values.iter_mut().zip(edges).zip(&*offered).zip(offered_edges)
        {
            let offered = offered - potential;
            let better = (offered > *value) | ((offered == *value) & (other < *edge));
            *value = if better { offered } else { *value };
            *edge = if better { other } else { *edge };
        }
    }

    #[inline(always)]
    fn remove(&mut self, group: usize, head: usize) {
        self.values[group * self.vertices + head] = f64::NEG_INFINITY;
    }
}

/// The largest of some numbers.
#[inline(always)]
fn largest<S: Simd>(simd: S, values: &[f64]) -> f64 {
    let (registers, rest) = S::as_simd_f64s(values);
    let (blocks, lone) = registers.as_chunks::<4>();
    let mut best = [simd.splat_f64s(f64::NEG_INFINITY); 4];
    for block in blocks {
        for i in 0..4 {
            best[i] = simd.max_f64s(block[i], best[i]);
        }
    }
    for &register in lone {
        best[0] = simd.max_f64s(register, best[0]);
    }
    let halves = [simd.max_f64s(best[0], best[1]), simd.max_f64s(best[2], best[3])];
    let best = simd.reduce_max_f64s(simd.max_f64s(halves[0], halves[1]));
    rest.iter().fold(best, |best, &value| if value > best { value } else { best })
}
