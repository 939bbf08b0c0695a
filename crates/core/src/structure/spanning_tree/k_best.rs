//! The k best spanning trees by exchanges of two edges (Gabow, "Two algorithms for generating weighted spanning trees in
//! order", 1977): the second best tree differs from the best in one edge. If that edge is forced into the others they have
//! another second best; if it is banned from them, the second best is their best. So each tree leaves two problems of the
//! same kind.

use std::cmp::Ordering;
use std::rc::Rc;

use super::SpanningTree;
use crate::k_best::{Best, KBest, Queue, scale_of_sums};
use crate::number::DoubleDouble;
use crate::structure::{ArgmaxOracle, Structure};

/// An edge that is forced into the trees of a problem, or banned from them, and the number of the rule before it.
#[derive(Clone, Copy)]
struct Rule {
    edge: u32,
    forced: bool,
    before: u32,
}

/// The trees that keep to some rules: the best of them, how much less than the best of all it is worth, and the exchange that
/// makes it the second best.
struct Problem {
    tree: Rc<Vec<u32>>,
    loss: DoubleDouble,
    /// The number of the last one.
    rule: u32,
    leaves: u32,
    enters: u32,
}

/// The memory of exchanges.
#[derive(Default)]
pub struct Exchanges {
    rules: Vec<Rule>,
    /// The edges from the best on.
    order: Vec<u32>,
    /// Of each edge, whether it may leave the tree and whether it may enter.
    may_leave: Vec<bool>,
    may_enter: Vec<bool>,
    /// Of each vertex the edges of the tree, as a list: `next` of an edge at its lower and its upper vertex.
    first: Vec<u32>,
    next: Vec<[u32; 2]>,
    /// Of each vertex the next one towards vertex 0, by which edge, and how many they are.
    parents: Vec<u32>,
    by: Vec<u32>,
    depths: Vec<u32>,
    /// The highest vertex that is reached from here by edges which have found what replaces them.
    tops: Vec<u32>,
    stack: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Exchanges {
    fn top(&mut self, mut vertex: u32) -> u32 {
        while self.tops[vertex as usize] != vertex {
            let above = self.tops[self.tops[vertex as usize] as usize];
            self.tops[vertex as usize] = above;
            vertex = above;
        }
        vertex
    }

    /// Hangs a tree up at vertex 0.
    fn hang(&mut self, vertices: usize, edges: &[(u32, u32)], tree: &[u32]) {
        self.first.clear();
        self.first.resize(vertices, NONE);
        self.next.resize(edges.len(), [NONE; 2]);
        for &edge in tree {
            let (a, b) = edges[edge as usize];
            self.next[edge as usize] = [self.first[a as usize], self.first[b as usize]];
            (self.first[a as usize], self.first[b as usize]) = (edge, edge);
        }
        self.parents.resize(vertices, 0);
        self.by.resize(vertices, NONE);
        self.depths.resize(vertices, 0);
        self.tops.clear();
        self.tops.extend(0..vertices as u32);
        self.by[0] = NONE;
        self.depths[0] = 0;
        self.stack.push(0);
        while let Some(vertex) = self.stack.pop() {
            let mut edge = self.first[vertex as usize];
            while edge != NONE {
                let (a, b) = edges[edge as usize];
                let (other, side) = if a == vertex { (b, 0) } else { (a, 1) };
                if edge != self.by[vertex as usize] {
                    self.parents[other as usize] = vertex;
                    self.by[other as usize] = edge;
                    self.depths[other as usize] = self.depths[vertex as usize] + 1;
                    self.stack.push(other);
                }
                edge = self.next[edge as usize][side];
            }
        }
    }

    /// The exchange that costs least: an edge of the tree, one that is not and joins what it leaves apart, and what is lost.
    /// Edges that are not in the tree come from the best on, so that the first whose ends a path joins over an edge of the
    /// tree replaces that best; afterwards the edge is passed over. O(m a(m, n)).
    fn best(
        &mut self,
        structure: &SpanningTree,
        utility: &[f64],
        scale: f64,
        tree: &[u32],
        mut rule: u32,
    ) -> Option<(u32, u32, DoubleDouble)> {
        let edges = &structure.edges;
        self.may_leave.clear();
        self.may_leave.resize(edges.len(), true);
        self.may_enter.clear();
        self.may_enter.resize(edges.len(), true);
        tree.iter().for_each(|&edge| self.may_enter[edge as usize] = false);
        while let Some(&Rule { edge, forced, before }) = self.rules.get(rule as usize) {
            if forced {
                self.may_leave[edge as usize] = false;
            } else {
                self.may_enter[edge as usize] = false;
            }
            rule = before;
        }
        self.hang(structure.vertices, edges, tree);
        let (mut found, mut left): (Option<(u32, u32, DoubleDouble)>, _) = (None, tree.len());
        for index in 0..self.order.len() {
            let enters = self.order[index];
            if left == 0 {
                break;
            }
            if !self.may_enter[enters as usize] {
                continue;
            }
            let (a, b) = edges[enters as usize];
            let (mut a, mut b) = (self.top(a), self.top(b));
            while a != b {
                if self.depths[a as usize] < self.depths[b as usize] {
                    (a, b) = (b, a);
                }
                let leaves = self.by[a as usize];
                if self.may_leave[leaves as usize] {
                    let loss = DoubleDouble::sum(
                        utility[leaves as usize] * scale,
                        -(utility[enters as usize] * scale),
                    );
                    let better =
                        found.is_none_or(|(edge, _, least)| loss < least || loss == least && leaves < edge);
                    if better {
                        found = Some((leaves, enters, loss));
                    }
                }
                self.tops[a as usize] = self.parents[a as usize];
                left -= 1;
                a = self.top(a);
            }
        }
        found
    }
}

/// O(m log m) for the order of the edges, and for each tree O(m a(m, n)), for m edges and the inverse a of Ackermann's function.
impl KBest for SpanningTree {
    type KBestWorkspace = Exchanges;

    fn k_best_work(&self, k: usize) -> usize {
        k.saturating_add(16).saturating_mul(20 * (self.edges.len() + self.vertices))
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, exchanges: &mut Exchanges) {
        let scale = scale_of_sums(utility);
        exchanges.order.clear();
        exchanges
            .order
            .extend((0..self.dimension() as u32).filter(|&i| utility[i as usize] != f64::NEG_INFINITY));
        exchanges.order.sort_unstable_by(|&a, &b| {
            let descending = utility[b as usize].partial_cmp(&utility[a as usize]).unwrap_or(Ordering::Equal);
            descending.then(a.cmp(&b))
        });
        let mut vertex = vec![0.0; self.dimension()];
        self.argmax(utility, &mut vertex, &mut self.argmax_workspace());
        let tree: Vec<u32> = (0..self.dimension() as u32).filter(|&i| vertex[i as usize] != 0.0).collect();
        best.take(tree.iter().map(|&edge| edge as usize));
        let (mut queue, mut number) = (Queue::new(best.room()), 0_usize);
        exchanges.rules.clear();
        let mut offer = |queue: &mut Queue<usize, Problem>, tree: Rc<Vec<u32>>, loss, rule: Option<Rule>| {
            if queue.is_late(loss) {
                return;
            }
            let last = exchanges.rules.len() as u32;
            exchanges.rules.extend(rule);
            let rule = if rule.is_some() { last } else { NONE };
            if let Some((leaves, enters, more)) = exchanges.best(self, utility, scale, &tree, rule) {
                queue.push(loss + more, number, Problem { tree, loss, rule, leaves, enters });
                number += 1;
            }
        };
        offer(&mut queue, Rc::new(tree), DoubleDouble::ZERO, None);
        while let Some((total, _, Problem { tree, loss, rule: before, leaves, enters })) = queue.pop() {
            let exchange = |&edge: &u32| if edge == leaves { enters } else { edge };
            let second: Vec<u32> = tree.iter().map(exchange).collect();
            best.take(second.iter().map(|&edge| edge as usize));
            offer(&mut queue, Rc::new(second), total, Some(Rule { edge: leaves, forced: false, before }));
            offer(&mut queue, tree, loss, Some(Rule { edge: leaves, forced: true, before }));
        }
    }
}
