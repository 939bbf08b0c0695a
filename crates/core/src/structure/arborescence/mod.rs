//! Rooted directed spanning trees (paper, section 6), of a root that is given or is chosen too: `argmax.rs` finds the maximum one (on `entries.rs`), `marginals.rs` sums over all,
//! `narrowing.rs` brings utilities of any size into the range of the sums.

mod argmax;
mod entries;
mod marginals;
mod narrowing;
mod rank;
mod trace;

use super::{Prefix, Structure, distinct, ordered_pair};
use crate::elementary::ln;
use crate::k_best::heads::{self, Heads};
use crate::k_best::{Best, KBest};
use rank::Rank;

/// The arborescences of a directed graph, as indicator vectors of its edges: every vertex but the root has one head,
/// and following the heads leads to the root.
#[derive(Clone, Debug)]
pub struct Arborescence {
    vertices: usize,
    root: usize,
    single_root_child: bool,
    /// Whether the root is no vertex of the graph but stands before it: its one child may be any that has an edge from it.
    any_root: bool,
    /// The [head, modifier] of each coordinate.
    edges: Vec<(Rank, Rank)>,
    /// The edges by their heads: those of rank h are `by_head[starts[h]..starts[h + 1]]`.
    by_head: Vec<u32>,
    starts: Vec<u32>,
    /// Whether the edges are all that there may be.
    complete: bool,
    /// Whether there is an arborescence at all.
    feasible: bool,
    log_vertices: f64,
    /// The edges that are alone to enter a vertex, or to leave a root of a single child.
    forced: Vec<u32>,
}

impl Arborescence {
    /// The arborescences of the complete graph; see [`Arborescence::complete_edges`].
    pub fn complete(vertices: usize, root: usize, single_root_child: bool) -> Self {
        Self::with_edges(vertices, root, single_root_child, Self::complete_edges(vertices, root))
    }

    /// All pairs [head, modifier] of distinct vertices but those whose modifier is the root, in row-major order.
    pub fn complete_edges(vertices: usize, root: usize) -> impl Iterator<Item = (u32, u32)> {
        let (n, root) = (vertices as u32, root as u32);
        let modifiers = move |head| (0..n).filter(move |&modifier| modifier != head && modifier != root);
        (0..n).flat_map(move |head| modifiers(head).map(move |modifier| (head, modifier)))
    }

    /// The arborescences of the complete graph with any of its vertices for a root; see [`Arborescence::all_pairs`].
    pub fn complete_with_any_root(vertices: usize) -> Self {
        Self::with_any_root(vertices, Self::all_pairs(vertices))
    }

    /// All pairs [head, modifier] in row-major order; of a vertex with itself, where it is the root.
    pub fn all_pairs(vertices: usize) -> impl Iterator<Item = (u32, u32)> {
        let n = vertices as u32;
        (0..n).flat_map(move |head| (0..n).map(move |modifier| (head, modifier)))
    }

    /// The arborescences of the graph with these edges, each [head, modifier] of vertices below `vertices`, none repeated,
    /// whose root is any vertex v with a pair [v, v]: that coordinate is 1 where v is the root.
    ///
    /// They are those with a single child of one more vertex, which stands before the others.
    pub fn with_any_root(vertices: usize, edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let behind = |(head, modifier)| (if head == modifier { 0 } else { head + 1 }, modifier + 1);
        let edges = edges.into_iter().map(behind);
        Self { any_root: true, ..Self::with_edges(vertices + 1, 0, true, edges) }
    }

    /// The arborescences of the graph with these edges, each [head, modifier] of distinct vertices below `vertices`, none
    /// into the root, none repeated. With `single_root_child`, only those in which one edge leaves the root.
    pub fn with_edges(
        vertices: usize,
        root: usize,
        single_root_child: bool,
        edges: impl IntoIterator<Item = (u32, u32)>,
    ) -> Self {
        assert!(root < vertices, "the root must be a vertex");
        let rank = |vertex: u32| Rank::of(vertex, root);
        let edges: Vec<_> = edges.into_iter().map(|(head, modifier)| (rank(head), rank(modifier))).collect();
        assert!(
            edges.iter().all(|&(head, modifier)| {
                head != modifier && modifier != Rank::ROOT && head.max(modifier).index() < vertices
            }),
            "an edge must join two distinct vertices of the graph and not enter the root"
        );
        assert!(distinct(&edges), "no edge may be there twice");
        let mut starts = vec![0; vertices + 1];
        edges.iter().for_each(|&(head, _)| starts[head.index() + 1] += 1);
        (0..vertices).for_each(|head| starts[head + 1] += starts[head]);
        let mut by_head: Vec<u32> = (0..edges.len() as u32).collect();
        by_head.sort_by_key(|&edge| edges[edge as usize].0);
        let complete = edges.len() == (vertices - 1) * (vertices - 1);
        let log_vertices = ln(vertices as f64);
        let mut structure = Self {
            vertices,
            root,
            single_root_child,
            any_root: false,
            edges,
            by_head,
            starts,
            complete,
            feasible: true,
            log_vertices,
            forced: Vec::new(),
        };
        let mut forced = Vec::new();
        structure.lone_edges(|_| true, &mut Vec::new(), |edge| forced.push(edge as u32));
        structure.forced = forced;
        structure.feasible = structure.obstacle(|_| true, &mut Vec::new()).is_none();
        structure
    }

    /// The [head, modifier] of a coordinate, as vertices of the graph; of the choice of a root twice this root.
    fn ends(&self, coordinate: usize) -> (u32, u32) {
        let (head, modifier) = self.edges[coordinate];
        match (self.any_root, head) {
            (true, Rank::ROOT) => (self.vertex(modifier), self.vertex(modifier)),
            _ => (self.vertex(head), self.vertex(modifier)),
        }
    }

    /// The vertex of the graph.
    fn vertex(&self, rank: Rank) -> u32 {
        rank.vertex(self.root) - u32::from(self.any_root)
    }

    /// The allowed edges that are alone to enter a vertex, or to leave a root of a single child: every arborescence has them.
    fn lone_edges(
        &self,
        allowed: impl Fn(usize) -> bool,
        degrees: &mut Vec<u32>,
        mut mark: impl FnMut(usize),
    ) {
        // Of every vertex the number of its heads; of the root that of its children.
        degrees.clear();
        degrees.resize(self.vertices, 0);
        let counted = |(head, modifier): (Rank, Rank)| {
            let child = self.single_root_child && head == Rank::ROOT;
            [Some(modifier.index()), child.then_some(0)].into_iter().flatten()
        };
        let edges = || self.edges.iter().copied().enumerate().filter(|&(edge, _)| allowed(edge));
        edges().flat_map(|(_, edge)| counted(edge)).for_each(|vertex| degrees[vertex] += 1);
        for (index, edge) in edges() {
            if counted(edge).any(|vertex| degrees[vertex] == 1) {
                mark(index);
            }
        }
    }

    fn edges_of(&self, head: Rank) -> &[u32] {
        let head = head.index();
        &self.by_head[self.starts[head] as usize..self.starts[head + 1] as usize]
    }

    /// What keeps the allowed edges from holding an arborescence, if anything does.
    fn obstacle(&self, allowed: impl Fn(u32) -> bool, scratch: &mut Vec<u32>) -> Option<String> {
        let n = self.vertices;
        scratch.clear();
        scratch.resize(2 * n, 0);
        let (reached, stack) = scratch.split_at_mut(n);
        // Every vertex is put on the stack at most once.
        let mut spread = |from: Rank, reached: &mut [u32]| {
            (stack[0], reached[from.index()]) = (from.index() as u32, 1);
            let mut height = 1;
            while height > 0 {
                height -= 1;
                let head = Rank::from_index(stack[height] as usize);
                for &edge in self.edges_of(head).iter().filter(|&&edge| allowed(edge)) {
                    let modifier = self.edges[edge as usize].1;
                    if reached[modifier.index()] == 0 {
                        (stack[height], reached[modifier.index()]) = (modifier.index() as u32, 1);
                        height += 1;
                    }
                }
            }
        };
        reached[0] = 1;
        let mut last = None;
        for &edge in self.edges_of(Rank::ROOT).iter().filter(|&&edge| allowed(edge)) {
            let child = self.edges[edge as usize].1;
            if reached[child.index()] == 0 {
                spread(child, reached);
                last = Some(child);
            }
        }
        if let Some(apart) = reached.iter().position(|&reached| reached == 0) {
            let apart = self.vertex(Rank::from_index(apart));
            return Some(match self.any_root {
                true => format!("but no path leads from a vertex that may be the root to vertex {apart}"),
                false => format!("but no path leads from the root {} to vertex {apart}", self.root),
            });
        }
        // If some child of the root leads everywhere, so does the last one that the others do not lead to.
        if let (true, Some(child)) = (self.single_root_child, last) {
            reached[1..].fill(0);
            spread(child, reached);
            if reached.contains(&0) {
                return Some(match self.any_root {
                    true => "but no vertex that may be the root leads to all others".to_owned(),
                    false => format!("but no single child of the root {} leads to all others", self.root),
                });
            }
        }
        None
    }
}

/// Every vertex but the root has one head. O(n^3) for each of the k: an argmax for each vertex.
impl KBest for Arborescence {
    type KBestWorkspace = ();

    fn k_best_work(&self, k: usize) -> usize {
        k.saturating_mul(8 * self.vertices.pow(3))
    }

    fn k_best(&self, utility: &[f64], best: &mut Best, (): &mut ()) {
        heads::k_best(self, utility, best);
    }
}

impl Heads for Arborescence {
    fn choosers(&self) -> usize {
        self.vertices - 1
    }

    fn chooser(&self, coordinate: usize) -> usize {
        self.edges[coordinate].1.index() - 1
    }
}

impl Structure for Arborescence {
    fn dimension(&self) -> usize {
        self.edges.len()
    }

    fn identity(&self, coordinate: usize) -> usize {
        let (head, modifier) = self.ends(coordinate);
        ordered_pair(head as usize, modifier as usize)
    }

    fn size(&self) -> usize {
        self.vertices - usize::from(self.any_root)
    }

    /// As many as hold the root; any one may be it.
    fn least_size(&self) -> usize {
        self.root + 1
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let inside = |&place: &usize| {
            let (head, modifier) = self.ends(place);
            (head.max(modifier) as usize) < size
        };
        let places: Vec<usize> = (0..self.edges.len()).filter(inside).collect();
        let edges: Vec<_> = places.iter().map(|&place| self.ends(place)).collect();
        let structure = match self.any_root {
            true => Self::with_any_root(size, edges),
            false => Self::with_edges(size, self.root, self.single_root_child, edges),
        };
        Prefix::new(structure, places)
    }

    fn work(&self) -> usize {
        self.vertices.pow(3) + 8 * self.edges.len()
    }

    fn check(&self, utility: &[f64], forbids: bool, scratch: &mut Vec<u32>) -> Result<(), String> {
        if self.feasible && !forbids {
            return Ok(());
        }
        match self.obstacle(|edge| utility[edge as usize] != f64::NEG_INFINITY, scratch) {
            None => Ok(()),
            Some(obstacle) => Err(format!(
                "expected the edges whose utility is not -Infinity to hold an arborescence of {} vertices, {obstacle}",
                self.size()
            )),
        }
    }
}
