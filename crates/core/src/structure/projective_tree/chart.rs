//! Eisner's chart (Eisner, 1996): every projective tree is derived from spans of words in exactly one way.
//!
//! Over the vertices i <= j there are four items, each a forest on the span that hangs on one of its ends:
//! `right(i, j)` on i and `left(i, j)` on j, to which nothing inside the span will be added; and `arc(h, m)`, its ends h
//! and m in either order, with the edge from h to m, where m may still get modifiers beyond h's far side.
//!
//! ```text
//! span(i, j)  = right(i, k) left(k + 1, j)          i <= k < j
//! arc(i, j)   = span(i, j) edge(i, j)
//! arc(j, i)   = span(i, j) edge(j, i)
//! right(i, j) = arc(i, k) right(k, j)               i < k <= j
//! left(i, j)  = left(i, k) arc(j, k)                i <= k < j
//! ```
//!
//! A tree is `right(0, n)`. Where the root shall have a single child, an edge from it is added to `span(0, j)` with k = 0
//! alone, beside which nothing hangs on the root yet. The recurrences are written once, for anything that an item may be worth ([`Deductions`]).
//! Both kinds of pairs that a line has run along rows of matrices.

use super::ProjectiveTree;

/// What items are worth together.
pub(crate) trait Deductions {
    /// The worth of an item.
    type Item: Copy;

    /// Of an item that is made of `firsts[s]` and `seconds[s]` for any one split s.
    fn join(&mut self, firsts: &[Self::Item], seconds: &[Self::Item]) -> Self::Item;

    /// Of an item and an edge.
    fn attach(&self, item: Self::Item, edge: Self::Item) -> Self::Item;
}

/// The way back: from what depends on an item to what depends on its parts.
pub(crate) trait Derivatives: Deductions {
    /// The derivative of the result in an item.
    type Share: Copy;

    /// Adds to the shares of the parts what the share of an item made of them is worth to them.
    fn part(
        &mut self,
        share: Self::Share,
        firsts: &[Self::Item],
        seconds: &[Self::Item],
        first_shares: &mut [Self::Share],
        second_shares: &mut [Self::Share],
    );

    /// The share of an item in that of the item and an edge.
    fn detach(&self, share: Self::Share, edge: Self::Item) -> Self::Share;

    fn add(&self, a: Self::Share, b: Self::Share) -> Self::Share;
}

/// The worth of every item, or what depends on it, in memory of the caller's.
pub(crate) struct Chart<'a, T> {
    /// At [i, j] and at [j, i] `right(i, j)`; of shares, those as the first and as the second part.
    right: &'a mut [T],
    /// `left(i, j)`, likewise.
    left: &'a mut [T],
    /// At [h, m] `arc(h, m)`.
    pub(crate) arcs: &'a mut [T],
    single_root_child: bool,
}

/// How many numbers a chart over so many vertices, words and root, has.
pub(crate) fn cells_of(vertices: usize) -> usize {
    3 * vertices * vertices
}

impl<'a, T: Copy> Chart<'a, T> {
    /// `right(i, j)` of all j.
    #[inline(always)]
    fn right(&self, i: usize, vertices: usize) -> &[T] {
        &self.right[i * vertices..(i + 1) * vertices]
    }

    /// `left(i, j)` of all i.
    #[inline(always)]
    fn left(&self, j: usize, vertices: usize) -> &[T] {
        &self.left[j * vertices..(j + 1) * vertices]
    }

    /// `arc(h, m)` of all m.
    #[inline(always)]
    fn arcs(&self, h: usize, vertices: usize) -> &[T] {
        &self.arcs[h * vertices..(h + 1) * vertices]
    }

    /// Fills the chart from the edges, a matrix with what forbids an edge in the column of the root; returns what all
    /// trees are worth. `single` is the worth of one vertex. O(n^3).
    #[inline(always)]
    pub(crate) fn fill<D: Deductions<Item = T>>(&mut self, edges: &[T], single: T, deductions: &mut D) -> T {
        let n = vertices_of(edges.len());
        let Self { right, left, arcs, single_root_child } = self;
        for j in 0..n {
            right[j * n + j] = single;
            left[j * n + j] = single;
            for i in (0..j).rev() {
                let (row_i, row_j) = (i * n, j * n);
                let splits = splits_of_span(*single_root_child, i, j);
                let span = deductions.join(&right[row_i + i..][..splits], &left[row_j + i + 1..][..splits]);
                arcs[row_i + j] = deductions.attach(span, edges[row_i + j]);
                arcs[row_j + i] = deductions.attach(span, edges[row_j + i]);
                let whole = deductions
                    .join(&arcs[row_i + i + 1..row_i + j + 1], &right[row_j + i + 1..row_j + j + 1]);
                right[row_i + j] = whole;
                right[row_j + i] = whole;
                if i > 0 {
                    let whole = deductions.join(&left[row_i + i..row_i + j], &arcs[row_j + i..row_j + j]);
                    left[row_i + j] = whole;
                    left[row_j + i] = whole;
                }
            }
        }
        right[n - 1]
    }

    /// Fills a chart of shares, given that of the whole. O(n^3).
    #[inline(always)]
    pub(crate) fn fill_shares<D: Derivatives<Share = T>>(
        &mut self,
        items: &Chart<'_, D::Item>,
        edges: &[D::Item],
        (whole, nothing): (T, T),
        deductions: &mut D,
    ) {
        let n = vertices_of(edges.len());
        let Self { right, left, arcs, single_root_child } = self;
        right.fill(nothing);
        left.fill(nothing);
        arcs.fill(nothing);
        right[n - 1] = whole;
        for j in (1..n).rev() {
            for i in 0..j {
                let (row_i, row_j) = (i * n, j * n);
                let (after_i, before_j) = (row_i + i..row_i + j, row_j + i..row_j + j);
                let (beyond_i, up_to_j) = (row_i + i + 1..row_i + j + 1, row_j + i + 1..row_j + j + 1);
                deductions.part(
                    deductions.add(right[row_i + j], right[row_j + i]),
                    &items.arcs[beyond_i.clone()],
                    &items.right[up_to_j.clone()],
                    &mut arcs[beyond_i],
                    &mut right[up_to_j.clone()],
                );
                if i > 0 {
                    deductions.part(
                        deductions.add(left[row_i + j], left[row_j + i]),
                        &items.left[after_i.clone()],
                        &items.arcs[before_j.clone()],
                        &mut left[after_i.clone()],
                        &mut arcs[before_j],
                    );
                }
                let rightwards = deductions.detach(arcs[row_i + j], edges[row_i + j]);
                let leftwards = deductions.detach(arcs[row_j + i], edges[row_j + i]);
                let splits = splits_of_span(*single_root_child, i, j);
                let (of_right, of_left) =
                    (row_i + i..row_i + i + splits, row_j + i + 1..row_j + i + 1 + splits);
                deductions.part(
                    deductions.add(rightwards, leftwards),
                    &items.right[of_right.clone()],
                    &items.left[of_left.clone()],
                    &mut right[of_right],
                    &mut left[of_left],
                );
            }
        }
    }
}

/// How many of the splits of `span(i, j)` an edge may be added to.
#[inline(always)]
fn splits_of_span(single_root_child: bool, i: usize, j: usize) -> usize {
    if single_root_child && i == 0 { 1 } else { j - i }
}

/// An item whose parts are to be found.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    Right(usize, usize),
    Left(usize, usize),
    /// Head and modifier.
    Arc(usize, usize),
}

impl ProjectiveTree {
    /// A chart of its trees in [`cells_of`] cells, whatever they hold.
    #[inline(always)]
    pub(crate) fn chart<'a, T>(&self, cells: &'a mut [T]) -> Chart<'a, T> {
        let matrix = cells.len() / 3;
        let (right, rest) = cells.split_at_mut(matrix);
        let (left, arcs) = rest.split_at_mut(matrix);
        Chart { right, left, arcs, single_root_child: self.single_root_child }
    }

    /// Takes the whole apart into the edges of one tree; `split` says which of the splits that two rows of items offer is
    /// taken.
    #[inline(always)]
    pub(super) fn derive<T: Copy>(
        &self,
        chart: &Chart<'_, T>,
        vertex: &mut [f64],
        goals: &mut Vec<Goal>,
        mut split: impl FnMut(&[T], &[T]) -> usize,
    ) {
        let n = self.vertices();
        goals.clear();
        goals.push(Goal::Right(0, self.words));
        while let Some(goal) = goals.pop() {
            match goal {
                Goal::Right(i, j) if i < j => {
                    let k = i + 1 + split(&chart.arcs(i, n)[i + 1..j + 1], &chart.right(j, n)[i + 1..j + 1]);
                    goals.push(Goal::Arc(i, k));
                    goals.push(Goal::Right(k, j));
                }
                Goal::Left(i, j) if i < j => {
                    let k = i + split(&chart.left(i, n)[i..j], &chart.arcs(j, n)[i..j]);
                    goals.push(Goal::Left(i, k));
                    goals.push(Goal::Arc(j, k));
                }
                Goal::Right(..) | Goal::Left(..) => {}
                Goal::Arc(head, modifier) => {
                    vertex[self.coordinate(head, modifier)] = 1.0;
                    let (i, j) = (head.min(modifier), head.max(modifier));
                    let splits = splits_of_span(self.single_root_child, i, j);
                    let k =
                        i + split(&chart.right(i, n)[i..][..splits], &chart.left(j, n)[i + 1..][..splits]);
                    goals.push(Goal::Right(i, k));
                    goals.push(Goal::Left(k + 1, j));
                }
            }
        }
    }
}

/// The side of a square matrix.
fn vertices_of(cells: usize) -> usize {
    cells.isqrt()
}
