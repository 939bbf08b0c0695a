//! The k best derivations, lazily (Huang and Chiang, 2005, algorithm 3): after the best of every node, O(E), only those
//! nodes are looked at again whose second, third, ... derivations are asked for.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Derivations;
use super::forest::Forest;
use crate::k_best::{Best, KBest};
use crate::number::Fixed;
use crate::structure::score::{Score, doubles_suffice};

/// An edge with the ranks of the derivations of its tails.
#[derive(Clone, Copy)]
struct Candidate<T> {
    score: T,
    edge: u32,
    ranks: [u32; 2],
}

/// By score; of equal scores the one of the lowest edge, and then of the lowest ranks, is the largest.
impl<T: Score> Ord for Candidate<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        let scores = self.score.partial_cmp(&other.score).unwrap_or(Ordering::Equal);
        scores.then(other.edge.cmp(&self.edge)).then(other.ranks.cmp(&self.ranks))
    }
}

impl<T: Score> PartialOrd for Candidate<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Score> PartialEq for Candidate<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Score> Eq for Candidate<T> {}

/// What is known of a node's derivations.
struct Known<T> {
    /// From the best on.
    found: Vec<Candidate<T>>,
    /// One of them is the next.
    open: BinaryHeap<Candidate<T>>,
    /// The derivations after the last that was found, whose scores have not been asked for: edges with ranks.
    next: Vec<(u32, [u32; 2])>,
    exhausted: bool,
}

impl<T: Score> Known<T> {
    fn new() -> Self {
        Self { found: Vec::new(), open: BinaryHeap::new(), next: Vec::new(), exhausted: false }
    }

    fn clear(&mut self) {
        self.found.clear();
        self.open.clear();
        self.next.clear();
        self.exhausted = false;
    }
}

/// The scores of one row.
struct Ranking<T> {
    best: Vec<T>,
    known: Vec<Known<T>>,
    /// The nodes of which something is known.
    touched: Vec<u32>,
    /// Nodes whose derivation of some rank is wanted.
    wanted: Vec<(u32, u32)>,
}

impl<T> Default for Ranking<T> {
    fn default() -> Self {
        Self { best: Vec::new(), known: Vec::new(), touched: Vec::new(), wanted: Vec::new() }
    }
}

impl<T: Score> Ranking<T> {
    fn begin(&mut self, forest: &Forest, utility: &[f64]) {
        forest.fill_best(utility, &mut self.best);
        self.known.resize_with(forest.nodes(), Known::new);
        for node in self.touched.drain(..) {
            self.known[node as usize].clear();
        }
    }

    /// The score of an edge with the derivations of these ranks; none where one of them is not known yet, which it names.
    fn score(&self, forest: &Forest, utility: &[f64], edge: usize, ranks: [u32; 2]) -> Result<T, (u32, u32)> {
        let mut score = forest.coordinate(edge).map_or(T::NOTHING, |coordinate| T::of(utility[coordinate]));
        for (tail, rank) in forest.tails(edge).zip(ranks) {
            score = score.plus(match self.known[tail].found.get(rank as usize) {
                Some(candidate) => candidate.score,
                None if rank == 0 => self.best[tail],
                None => return Err((tail as u32, rank)),
            });
        }
        Ok(score)
    }

    /// Finds a node's derivation of this rank, if it has that many.
    fn find(&mut self, forest: &Forest, utility: &[f64], node: u32, rank: u32) -> Option<Candidate<T>> {
        self.wanted.clear();
        self.wanted.push((node, rank));
        while let Some(&(node, rank)) = self.wanted.last() {
            let known = &self.known[node as usize];
            if known.found.len() > rank as usize || known.exhausted {
                self.wanted.pop();
            } else if known.found.is_empty() {
                self.open(forest, utility, node as usize);
            } else if let Some(&(edge, ranks)) = known.next.last() {
                match self.score(forest, utility, edge as usize, ranks) {
                    // What is asked for has been found not to exist.
                    Err((tail, _)) if self.known[tail as usize].exhausted => {
                        self.known[node as usize].next.pop();
                    }
                    Err(wanted) => self.wanted.push(wanted),
                    Ok(score) => {
                        let known = &mut self.known[node as usize];
                        known.next.pop();
                        known.open.push(Candidate { score, edge, ranks });
                    }
                }
            } else {
                self.take(forest, node as usize);
            }
        }
        self.known[node as usize].found.get(rank as usize).copied()
    }

    /// The first derivations of all edges of a node are open; the best is found.
    fn open(&mut self, forest: &Forest, utility: &[f64], node: usize) {
        self.touched.push(node as u32);
        for edge in forest.edges(node) {
            let score = forest.score(edge, utility, &self.best);
            if score > T::FORBIDDEN {
                let candidate = Candidate { score, edge: edge as u32, ranks: [0, 0] };
                self.known[node].open.push(candidate);
            }
        }
        self.take(forest, node);
    }

    /// The best of the open derivations is the next; it is followed by those with the next derivation of one of its tails. Each
    /// pair of ranks follows one other only: by its second rank, or where that is 0, by its first.
    fn take(&mut self, forest: &Forest, node: usize) {
        let known = &mut self.known[node];
        let Some(candidate) = known.open.pop() else {
            known.exhausted = true;
            return;
        };
        known.found.push(candidate);
        let Candidate { edge, ranks: [first, second], .. } = candidate;
        let tails = forest.tails(edge as usize).count();
        if tails > 0 && second == 0 {
            known.next.push((edge, [first + 1, 0]));
        }
        if tails > 1 {
            known.next.push((edge, [first, second + 1]));
        }
    }

    /// Takes the derivations of the goal from the best on.
    fn take_best(&mut self, forest: &Forest, utility: &[f64], best: &mut Best) {
        self.begin(forest, utility);
        let goal = forest.goal() as u32;
        let (mut waiting, mut coordinates) = (Vec::new(), Vec::new());
        for rank in 0..best.room() as u32 {
            if self.find(forest, utility, goal, rank).is_none() {
                return;
            }
            coordinates.clear();
            waiting.push((goal, rank));
            while let Some((node, rank)) = waiting.pop() {
                // The best ones have not been looked at yet.
                let Some(candidate) = self.find(forest, utility, node, rank) else { continue };
                let edge = candidate.edge as usize;
                coordinates.extend(forest.coordinate(edge));
                waiting
                    .extend(forest.tails(edge).zip(candidate.ranks).map(|(tail, rank)| (tail as u32, rank)));
            }
            best.take(coordinates.iter().copied());
        }
    }
}

/// Memory of the k best derivations.
#[derive(Default)]
pub struct Rankings {
    plain: Ranking<f64>,
    exact: Option<Ranking<Option<Fixed>>>,
}

/// Of equal ones the order is that of their edges, from the goal on. O(edges) for the best, and for each of the k of D edges
/// O(D log k) at most.
impl KBest for Derivations {
    type KBestWorkspace = Rankings;

    fn k_best_work(&self, k: usize) -> usize {
        k.saturating_mul(200).saturating_add(4 * self.edges())
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, rankings: &mut Rankings) {
        if doubles_suffice(utility) {
            rankings.plain.take_best(&self.forest, utility, best);
        } else {
            let exact = rankings.exact.get_or_insert_with(Ranking::default);
            exact.take_best(&self.forest, utility, best);
        }
    }
}
