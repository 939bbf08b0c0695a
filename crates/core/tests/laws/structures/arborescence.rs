use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Arborescence, Prefix};
use sst::trace::Tracer;
use sst::utility::Noise;

use super::Pairing;
use crate::registry::Instance;

type Edge = (u32, u32);

#[derive(Debug)]
struct Digraph {
    vertices: usize,
    root: usize,
    single_root_child: bool,
    /// None: all that there are.
    edges: Option<Vec<Edge>>,
    pairing: Pairing<Arborescence>,
}

/// Complete graphs, one vertex and one edge among them, and random graphs with their edges in any order.
pub(crate) fn instances(pairing: Pairing<Arborescence>) -> BoxedStrategy<Rc<dyn Instance>> {
    any_of(false, pairing)
}

/// The same with a single child of the root.
pub(crate) fn with_a_single_root_child(pairing: Pairing<Arborescence>) -> BoxedStrategy<Rc<dyn Instance>> {
    any_of(true, pairing)
}

fn any_of(single_root_child: bool, pairing: Pairing<Arborescence>) -> BoxedStrategy<Rc<dyn Instance>> {
    let complete = (1..=4usize, any::<usize>()).prop_map(move |(vertices, root)| Digraph {
        vertices,
        root: root % vertices,
        single_root_child,
        edges: None,
        pairing,
    });
    let order = proptest::collection::vec(any::<u32>(), 6);
    let sparse = (2..=6usize, any::<usize>(), order, any::<u64>(), any::<usize>()).prop_map(
        move |(vertices, root, parents, extra, turn)| {
            let root = root % vertices;
            // Each vertex in turn hangs on one before it; the second on the root, the others not, if it may have one child.
            let order: Vec<u32> = (0..vertices).map(|i| ((root + i) % vertices) as u32).collect();
            let parent = |i: usize| {
                let from = usize::from(single_root_child && i > 1);
                order[from + parents[i - 1] as usize % (i - from)]
            };
            let mut edges: Vec<Edge> = (1..vertices).map(|i| (parent(i), order[i])).collect();
            for (index, pair) in all_edges(vertices, root).into_iter().enumerate() {
                if extra >> index & 1 == 1 && edges.len() < 11 && !edges.contains(&pair) {
                    edges.push(pair);
                }
            }
            let turn = turn % edges.len();
            edges.rotate_left(turn);
            Digraph { vertices, root, single_root_child, edges: Some(edges), pairing }
        },
    );
    prop_oneof![complete, sparse].prop_map(|graph| Rc::new(graph) as Rc<dyn Instance>).boxed()
}

/// Every [head, modifier] in row-major order.
fn all_edges(vertices: usize, root: usize) -> Vec<Edge> {
    let (n, root) = (vertices as u32, root as u32);
    let pairs = (0..n).flat_map(|head| (0..n).map(move |modifier| (head, modifier)));
    pairs.filter(|&(head, modifier)| head != modifier && modifier != root).collect()
}

impl Digraph {
    fn edges(&self) -> Vec<Edge> {
        self.edges.clone().unwrap_or_else(|| all_edges(self.vertices, self.root))
    }

    fn structure(&self) -> Arborescence {
        let Self { vertices, root, single_root_child, .. } = *self;
        match &self.edges {
            None => Arborescence::complete(vertices, root, single_root_child),
            Some(edges) => Arborescence::with_edges(vertices, root, single_root_child, edges.iter().copied()),
        }
    }

    fn trick(&self, root: usize, edges: Vec<Edge>) -> AnyOperator {
        let structure = Arborescence::with_edges(self.vertices, root, self.single_root_child, edges);
        (self.pairing)(structure)
    }

    /// Whether following the heads leads from every vertex to the root, from one of them at most past the root's edge.
    fn leads_to_root(&self, heads: &[usize]) -> bool {
        let leads = |start: usize| (0..self.vertices).fold(start, |vertex, _| heads[vertex]) == self.root;
        let children = (0..self.vertices).filter(|&v| v != self.root && heads[v] == self.root).count();
        (0..self.vertices).all(leads) && (!self.single_root_child || children <= 1)
    }
}

impl Instance for Digraph {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(self.structure())
    }

    /// Sums of utilities are compared, which must be times.
    fn races(&self, noise: Noise) -> bool {
        matches!(noise, Noise::NegativeExponential) && !self.single_root_child
    }

    fn traced(&self) -> AnyOperator {
        match self.single_root_child {
            true => self.operator(),
            false => self.operator().traced(Tracer::new(self.structure())),
        }
    }

    /// All choices of a head for every vertex but the root, without those that have cycles.
    fn vertices(&self) -> Vec<u32> {
        let edges = self.edges();
        let mut choices = vec![(0_u32, vec![self.root; self.vertices])];
        for modifier in (0..self.vertices).filter(|&modifier| modifier != self.root) {
            let into: Vec<usize> = (0..edges.len()).filter(|&i| edges[i].1 as usize == modifier).collect();
            choices = choices
                .iter()
                .flat_map(|(set, heads)| into.iter().map(move |&edge| (set, heads, edge)))
                .map(|(set, heads, edge)| {
                    let mut heads = heads.clone();
                    heads[modifier] = edges[edge].0 as usize;
                    (set | 1 << edge, heads)
                })
                .collect();
        }
        choices.into_iter().filter(|(_, heads)| self.leads_to_root(heads)).map(|(set, _)| set).collect()
    }

    /// Cayley's n^(n-2) for complete graphs; below a single child of the root stands one of (n-1)^(n-2) rooted trees.
    fn count(&self) -> Option<f64> {
        let n = self.vertices as f64;
        let base = if self.single_root_child && self.vertices > 1 { n - 1.0 } else { n };
        self.edges.is_none().then(|| base.powf(n - 2.0))
    }

    fn labels(&self) -> usize {
        self.vertices
    }

    /// A complete graph stays one; an edge list is reversed, so that its order changes too.
    fn relabelled(&self, names: &[usize]) -> Option<Prefix<AnyOperator>> {
        let rename = |(a, b): Edge| (names[a as usize] as u32, names[b as usize] as u32);
        let renamed: Vec<Edge> = self.edges().into_iter().map(rename).collect();
        let root = names[self.root];
        Some(match &self.edges {
            None => {
                let all = all_edges(self.vertices, root);
                let place = |edge: &Edge| all.iter().position(|other| other == edge).expect("an edge");
                let places: Vec<usize> = renamed.iter().map(place).collect();
                Prefix::new(self.trick(root, all), places)
            }
            Some(edges) => {
                let reversed = renamed.into_iter().rev().collect();
                Prefix::new(self.trick(root, reversed), (0..edges.len()).rev())
            }
        })
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        let kept = self.edges().into_iter().enumerate().filter(|(index, _)| forbidden >> index & 1 == 0);
        self.trick(self.root, kept.map(|(_, edge)| edge).collect())
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let edges = self.edges();
        let inside = |&place: &usize| (edges[place].0.max(edges[place].1) as usize) < size;
        let places: Vec<usize> = (0..edges.len()).filter(inside).collect();
        let kept = self.edges.as_ref().map(|_| places.iter().map(|&place| edges[place]).collect());
        let Self { root, single_root_child, .. } = *self;
        Prefix::new(Rc::new(Self { vertices: size, root, single_root_child, edges: kept, ..*self }), places)
    }
}
