//! Projective dependency trees: `chart.rs` has Eisner's recurrences, `argmax.rs` finds the best tree, `abreast.rs` those of several rows, `marginals.rs` sums
//! over all of them.

mod abreast;
mod argmax;
mod chart;
mod marginals;

use chart::Goal;
pub(crate) use chart::{Deductions, Derivatives, cells_of};

use std::ops::Range;

use super::{Prefix, Structure, ordered_pair};
use crate::k_best::heads::{self, Heads};
use crate::k_best::{Best, KBest};
use argmax::Exists;

/// The projective dependency trees of a sentence, as indicator vectors of their edges from heads to modifiers.
///
/// The vertices are the root, 0, and the words 1, ..., n. Every word has one head and no edges cross when they are drawn
/// above the words; the root may have several modifiers, unless a single one is asked for. There are
/// `C(3n, n) / (2n + 1)` such trees: 1, 3, 12, 55, ...; with a single child of the root `C(3n - 2, n - 1) / n`: 1, 2, 7, 30, ...
///
/// The coordinates are the edges in the row-major order of the matrix [head, modifier], without its diagonal and without
/// the column of the root: n from the root, then n - 1 from every word.
#[derive(Clone, Debug)]
pub struct ProjectiveTree {
    words: usize,
    single_root_child: bool,
}

impl ProjectiveTree {
    /// The trees of a sentence of so many words.
    pub fn new(words: usize) -> Self {
        Self { words, single_root_child: false }
    }

    /// Those of them in which the root has one modifier.
    pub fn with_single_root_child(words: usize) -> Self {
        Self { words, single_root_child: true }
    }

    /// The places of the coordinates in the matrix [head, modifier] of `words + 1` rows.
    pub fn places(&self) -> Vec<usize> {
        self.runs().flat_map(|(_, places)| places).collect()
    }

    /// Words and root.
    pub(crate) fn vertices(&self) -> usize {
        self.words + 1
    }

    /// Coordinates that are neighbours in the matrix too, and their places there: of every head the edges to the words
    /// before it, then those to the words after it.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
        let n = self.vertices();
        let mut coordinate = 0;
        (0..n).flat_map(|head| [(head, 1, head), (head, head + 1, usize::MAX)]).map(
            move |(head, first, end)| {
                let end = end.clamp(first, n);
                let coordinates = coordinate..coordinate + end - first;
                coordinate = coordinates.end;
                (coordinates, head * n + first..head * n + end)
            },
        )
    }

    /// The coordinate of an edge.
    fn coordinate(&self, head: usize, modifier: usize) -> usize {
        // The rows of words lack the diagonal.
        let before = head * self.words - head.saturating_sub(1);
        before + modifier - 1 - usize::from(head > 0 && modifier > head)
    }
}

/// Every word has one head. O(n^4) for each of the k: an argmax for each word.
impl KBest for ProjectiveTree {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        k.saturating_mul(self.vertices().pow(4))
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        heads::k_best(self, utility, best);
    }
}

impl Heads for ProjectiveTree {
    fn choosers(&self) -> usize {
        self.words
    }

    fn chooser(&self, coordinate: usize) -> usize {
        if coordinate < self.words {
            return coordinate;
        }
        // The rows of words lack the column of the root and the diagonal.
        let (head, place) =
            ((coordinate - self.words) / (self.words - 1), (coordinate - self.words) % (self.words - 1));
        place + usize::from(place >= head)
    }
}

impl Structure for ProjectiveTree {
    fn dimension(&self) -> usize {
        self.words * self.words
    }

    fn identity(&self, coordinate: usize) -> usize {
        let head = if coordinate < self.words { 0 } else { 1 + (coordinate - self.words) / (self.words - 1) };
        let index = if head == 0 { coordinate } else { (coordinate - self.words) % (self.words - 1) };
        ordered_pair(head, index + 1 + usize::from(head > 0 && index + 1 >= head))
    }

    fn size(&self) -> usize {
        self.words
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let n = self.vertices();
        let inside = |place: &usize| place / n <= size && place % n <= size;
        let kept = self.places().into_iter().enumerate().filter(|(_, place)| inside(place));
        Prefix::new(Self { words: size, ..*self }, kept.map(|(coordinate, _)| coordinate))
    }

    fn work(&self) -> usize {
        3 * self.vertices().pow(3) / 2
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if !forbids {
            return Ok(());
        }
        let n = self.vertices();
        scratch.clear();
        scratch.resize(n * n + cells_of(n), Exists::NO);
        let (edges, chart) = scratch.split_at_mut(n * n);
        for (coordinates, places) in self.runs() {
            for (edge, &u) in edges[places].iter_mut().zip(&utility[coordinates]) {
                *edge = if u == f64::NEG_INFINITY { Exists::NO } else { Exists::YES };
            }
        }
        if self.chart(chart).fill(edges, Exists::YES, &mut Exists) == Exists::YES {
            return Ok(());
        }
        let headless = (1..n).find(|&word| (0..n).all(|head| edges[head * n + word] == Exists::NO));
        Err(match headless {
            Some(word) => {
                format!(
                    "expected every word to have a head whose edge is not -Infinity, but word {word} has none"
                )
            }
            None => format!(
                "expected the edges whose utility is not -Infinity to allow a projective tree of the {} words{}, but there is none",
                self.words,
                if self.single_root_child { " with a single child of the root" } else { "" }
            ),
        })
    }
}
