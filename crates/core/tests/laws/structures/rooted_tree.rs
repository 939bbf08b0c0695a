//! Arborescences of which any vertex may be the root.

use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Arborescence, Prefix};

use super::Pairing;
use crate::registry::Instance;

type Edge = (u32, u32);

#[derive(Debug)]
struct AnyRoot {
    vertices: usize,
    /// With a pair of each vertex that may be the root with itself; none: all that there are.
    edges: Option<Vec<Edge>>,
    pairing: Pairing<Arborescence>,
}

/// Complete graphs, one vertex among them, and random graphs with their edges in any order, some of whose vertices may be
/// the root.
pub(crate) fn instances(pairing: Pairing<Arborescence>) -> BoxedStrategy<Rc<dyn Instance>> {
    let complete = (1..=4usize).prop_map(move |vertices| AnyRoot { vertices, edges: None, pairing });
    let parents = proptest::collection::vec(any::<u32>(), 5);
    let sparse = (1..=5usize, any::<usize>(), parents, any::<u64>(), any::<usize>()).prop_map(
        move |(vertices, root, parents, extra, turn)| {
            // A tree, whose vertices follow one another from a root.
            let order: Vec<u32> = (0..vertices).map(|i| ((root % vertices + i) % vertices) as u32).collect();
            let parent = |i: usize| order[parents[i - 1] as usize % i];
            let mut edges: Vec<Edge> = (1..vertices).map(|i| (parent(i), order[i])).collect();
            edges.push((order[0], order[0]));
            for (index, pair) in all_pairs(vertices).into_iter().enumerate() {
                if extra >> index & 1 == 1 && edges.len() < 11 && !edges.contains(&pair) {
                    edges.push(pair);
                }
            }
            let turn = turn % edges.len();
            edges.rotate_left(turn);
            AnyRoot { vertices, edges: Some(edges), pairing }
        },
    );
    prop_oneof![complete, sparse].prop_map(|graph| Rc::new(graph) as Rc<dyn Instance>).boxed()
}

/// Every [head, modifier] in row-major order.
fn all_pairs(vertices: usize) -> Vec<Edge> {
    let n = vertices as u32;
    (0..n).flat_map(|head| (0..n).map(move |modifier| (head, modifier))).collect()
}

impl AnyRoot {
    fn edges(&self) -> Vec<Edge> {
        self.edges.clone().unwrap_or_else(|| all_pairs(self.vertices))
    }

    fn trick(&self, edges: Vec<Edge>) -> AnyOperator {
        (self.pairing)(Arborescence::with_any_root(self.vertices, edges))
    }
}

/// Whether one vertex is its own head and following the heads leads to it from everywhere.
fn is_rooted(heads: &[usize]) -> bool {
    let ends: Vec<usize> =
        (0..heads.len()).map(|start| heads.iter().fold(start, |vertex, _| heads[vertex])).collect();
    heads[ends[0]] == ends[0] && ends.iter().all(|&end| end == ends[0])
}

impl Instance for AnyRoot {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(match &self.edges {
            None => Arborescence::complete_with_any_root(self.vertices),
            Some(edges) => Arborescence::with_any_root(self.vertices, edges.iter().copied()),
        })
    }

    /// All choices of a head or of itself for every vertex, of which those are rooted trees that lead to one that chose itself.
    fn vertices(&self) -> Vec<u32> {
        let edges = self.edges();
        let mut choices = vec![(0_u32, Vec::new())];
        for modifier in 0..self.vertices {
            let into: Vec<usize> = (0..edges.len()).filter(|&i| edges[i].1 as usize == modifier).collect();
            choices = choices
                .iter()
                .flat_map(|(set, heads)| into.iter().map(move |&edge| (set, heads, edge)))
                .map(|(set, heads, edge)| {
                    let heads: Vec<usize> = heads.iter().copied().chain([edges[edge].0 as usize]).collect();
                    (set | 1 << edge, heads)
                })
                .collect();
        }
        choices.into_iter().filter(|(_, heads)| is_rooted(heads)).map(|(set, _)| set).collect()
    }

    /// Cayley's n^(n-2) trees, each with any of its n vertices for a root.
    fn count(&self) -> Option<f64> {
        let n = self.vertices as f64;
        self.edges.is_none().then(|| n.powf(n - 1.0))
    }

    fn labels(&self) -> usize {
        self.vertices
    }

    /// A complete graph stays one; an edge list is reversed, so that its order changes too.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let rename = |(a, b): Edge| (names[a as usize] as u32, names[b as usize] as u32);
        let renamed: Vec<Edge> = self.edges().into_iter().map(rename).collect();
        Some(match &self.edges {
            None => {
                let all = all_pairs(self.vertices);
                let place = |edge: &Edge| all.iter().position(|other| other == edge).expect("an edge");
                let places: Vec<usize> = renamed.iter().map(place).collect();
                Prefix::new(self.trick(all), places)
            }
            Some(edges) => {
                let reversed = renamed.into_iter().rev().collect();
                Prefix::new(self.trick(reversed), (0..edges.len()).rev())
            }
        })
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        let kept = self.edges().into_iter().enumerate().filter(|(index, _)| forbidden >> index & 1 == 0);
        self.trick(kept.map(|(_, edge)| edge).collect())
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let edges = self.edges();
        let inside = |&place: &usize| (edges[place].0.max(edges[place].1) as usize) < size;
        let places: Vec<usize> = (0..edges.len()).filter(inside).collect();
        let kept = self.edges.as_ref().map(|_| places.iter().map(|&place| edges[place]).collect());
        Prefix::new(Rc::new(Self { vertices: size, edges: kept, ..*self }), places)
    }
}
