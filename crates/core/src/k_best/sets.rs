//! The k best sets of elements, from those that are best by themselves: each set but the best follows one other, from which
//! it differs by one element that gives way to the next (Lawler, 1972). O(n) to choose elements, of which at most as many as
//! there are sets take part, and O(s + log k) for each set of s elements.

use std::cmp::Ordering;

use super::{Best, KBest, Queue, scale_of_sums};
use crate::number::DoubleDouble;
use crate::structure::{IndependentEdges, OneHot, Structure, Subset, TopK};

/// The first `most` of these elements by a number, largest first, and of equal ones by themselves.
fn first_by(mut elements: Vec<u32>, most: usize, number: impl Fn(u32) -> f64) -> Vec<u32> {
    let earlier =
        |&a: &u32, &b: &u32| number(b).partial_cmp(&number(a)).unwrap_or(Ordering::Equal).then(a.cmp(&b));
    if most < elements.len() {
        elements.select_nth_unstable_by(most, earlier);
        elements.truncate(most);
    }
    elements.sort_unstable_by(earlier);
    elements
}

fn allowed(utility: &[f64]) -> impl Iterator<Item = u32> {
    (0..utility.len() as u32).filter(|&i| utility[i as usize] != f64::NEG_INFINITY)
}

/// Sets of exactly `size` elements. They are told by the ranks of their elements, in order; a set is followed by those in which
/// the element that moved last, or the one before it, moves to the next rank. Of equal sets the first in lexicographic order
/// of ranks is first.
fn of_size(utility: &[f64], size: usize, best: &mut Best) {
    let room = best.room();
    let scale = scale_of_sums(utility);
    let number = |element: u32| utility[element as usize];
    let order = first_by(allowed(utility).collect(), size.saturating_add(room), number);
    let step = |rank: usize| DoubleDouble::sum(number(order[rank]) * scale, -number(order[rank + 1]) * scale);
    let mut queue = Queue::new(room);
    queue.push(DoubleDouble::ZERO, (0..size as u32).collect::<Vec<_>>(), size);
    while let Some((loss, ranks, moved)) = queue.pop() {
        best.take(ranks.iter().map(|&rank| order[rank as usize] as usize));
        for element in [moved, moved.wrapping_sub(1)] {
            // Elements before the one that moved are where they were at first.
            let Some(&rank) = ranks.get(element) else { continue };
            let end = ranks.get(element + 1).map_or(order.len(), |&next| next as usize);
            if rank as usize + 1 < end {
                let loss = loss + step(rank as usize);
                if !queue.is_late(loss) {
                    let mut ranks = ranks.clone();
                    ranks[element] += 1;
                    queue.push(loss, ranks, element);
                }
            }
        }
    }
}

/// Any sets. They are told by the elements in which they differ from the best, by rank, the cheapest first; a set is followed
/// by the one that differs in the next element too, and by the one that differs in the next in the place of the last.
fn of_any_size(utility: &[f64], best: &mut Best) {
    let room = best.room();
    let scale = scale_of_sums(utility);
    let cost = |element: u32| utility[element as usize].abs() * scale;
    let order = first_by(allowed(utility).collect(), room, |element| -cost(element));
    let mut queue = Queue::new(room);
    queue.push(DoubleDouble::ZERO, Vec::<u32>::new(), ());
    let mut differs = vec![false; utility.len()];
    while let Some((loss, ranks, ())) = queue.pop() {
        let mark = |differs: &mut [bool], is: bool| {
            ranks.iter().for_each(|&rank| differs[order[rank as usize] as usize] = is);
        };
        mark(&mut differs, true);
        best.take((0..utility.len()).filter(|&i| (utility[i] > 0.0) != differs[i]));
        mark(&mut differs, false);
        let next = ranks.last().map_or(0, |&last| last as usize + 1);
        let Some(&element) = order.get(next) else { continue };
        let more = loss + DoubleDouble::from(cost(element));
        queue.push(more, ranks.iter().copied().chain([next as u32]).collect(), ());
        if let Some((&last, before)) = ranks.split_last() {
            let difference = DoubleDouble::sum(cost(element), -cost(order[last as usize]));
            queue.push(loss + difference, before.iter().copied().chain([next as u32]).collect(), ());
        }
    }
}

/// Of choosing the elements, and of so many sets.
fn work(elements: usize, size: usize, sets: usize) -> usize {
    elements.saturating_mul(16).saturating_add(sets.saturating_mul(2 * size + 200))
}

impl KBest for OneHot {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        work(self.dimension(), 1, k)
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        of_size(utility, 1, best);
    }
}

impl KBest for TopK {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        work(self.dimension(), self.k, k)
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        of_size(utility, self.k, best);
    }
}

impl KBest for Subset {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        work(self.dimension(), k.ilog2() as usize, k)
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        of_any_size(utility, best);
    }
}

impl KBest for IndependentEdges {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        work(self.dimension(), k.ilog2() as usize, k)
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        of_any_size(utility, best);
    }
}
