use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Prefix, SpanningTree};
use sst::trace::Tracer;
use sst::utility::Noise;

use super::{Pairing, sets};
use crate::registry::Instance;

type Edge = (u32, u32);

#[derive(Debug)]
struct Graph {
    vertices: usize,
    /// None: the complete graph.
    edges: Option<Vec<Edge>>,
    pairing: Pairing<SpanningTree>,
}

/// Complete graphs, one vertex and one edge among them; cycles; trees, all bridges; random connected graphs with their
/// edges in any order and direction.
pub(crate) fn instances(pairing: Pairing<SpanningTree>) -> BoxedStrategy<Rc<dyn Instance>> {
    let graph = move |vertices, edges| Graph { vertices, edges: Some(edges), pairing };
    let complete = (1..=5usize).prop_map(move |vertices| Graph { vertices, edges: None, pairing });
    let cycle = (3..=7usize).prop_map(move |vertices| {
        let n = vertices as u32;
        graph(vertices, (0..n).map(|i| (i, (i + 1) % n)).collect())
    });
    let tree =
        (2..=7usize).prop_flat_map(random_tree).prop_map(move |(vertices, edges)| graph(vertices, edges));
    let connected = (3..=6usize).prop_flat_map(|n| (random_tree(n), 0..1u32 << 15, any::<u64>())).prop_map(
        move |((vertices, mut edges), extra, order)| {
            let joined =
                |edges: &[Edge], (a, b): Edge| edges.iter().any(|&edge| edge == (a, b) || edge == (b, a));
            for (index, pair) in pairs(vertices).into_iter().enumerate() {
                if extra >> index & 1 == 1 && edges.len() < 11 && !joined(&edges, pair) {
                    edges.push(pair);
                }
            }
            let turn = order as usize % edges.len();
            edges.rotate_left(turn);
            graph(vertices, edges)
        },
    );
    prop_oneof![complete, cycle, tree, connected].prop_map(|graph| Rc::new(graph) as Rc<dyn Instance>).boxed()
}

/// Every vertex but the first hangs on an earlier one, as the higher or the lower end of its edge.
fn random_tree(vertices: usize) -> impl Strategy<Value = (usize, Vec<Edge>)> {
    proptest::collection::vec(any::<(u32, bool)>(), vertices - 1).prop_map(move |parents| {
        let edge = |(i, &(parent, turned)): (usize, &(u32, bool))| {
            let (a, b) = (parent % (i as u32 + 1), i as u32 + 1);
            if turned { (b, a) } else { (a, b) }
        };
        (vertices, parents.iter().enumerate().map(edge).collect())
    })
}

/// The pairs i < j in row-major order.
fn pairs(vertices: usize) -> Vec<Edge> {
    let n = vertices as u32;
    (0..n).flat_map(|i| (i + 1..n).map(move |j| (i, j))).collect()
}

impl Graph {
    fn edges(&self) -> Vec<Edge> {
        self.edges.clone().unwrap_or_else(|| pairs(self.vertices))
    }

    fn structure(&self) -> SpanningTree {
        match &self.edges {
            None => SpanningTree::complete(self.vertices),
            Some(edges) => SpanningTree::with_edges(self.vertices, edges.iter().copied()),
        }
    }

    fn with_edges(&self, edges: impl IntoIterator<Item = Edge>) -> AnyOperator {
        (self.pairing)(SpanningTree::with_edges(self.vertices, edges))
    }
}

/// Whether a set of edges reaches every vertex from vertex 0: by spreading until nothing changes.
fn connects(vertices: usize, edges: &[Edge], set: u32) -> bool {
    let mut reached = 1u32;
    for _ in 0..vertices {
        for (index, &(a, b)) in edges.iter().enumerate() {
            if set >> index & 1 == 1 && (reached >> a & 1 == 1 || reached >> b & 1 == 1) {
                reached |= 1 << a | 1 << b;
            }
        }
    }
    reached.count_ones() as usize == vertices
}

impl Instance for Graph {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(self.structure())
    }

    fn races(&self, noise: Noise) -> bool {
        matches!(noise, Noise::Gumbel | Noise::NegativeExponential)
    }

    fn traced(&self) -> AnyOperator {
        self.operator().traced(Tracer::new(self.structure()))
    }

    /// The connecting sets of n - 1 edges.
    fn vertices(&self) -> Vec<u32> {
        let edges = self.edges();
        sets(edges.len(), |set| {
            set.count_ones() as usize == self.vertices - 1 && connects(self.vertices, &edges, set)
        })
    }

    /// Cayley's n^(n-2) for complete graphs, one for a tree, n for a cycle.
    fn count(&self) -> Option<f64> {
        let n = self.vertices as f64;
        match &self.edges {
            None => Some(n.powf(n - 2.0)),
            Some(edges) if edges.len() + 1 == self.vertices => Some(1.0),
            Some(edges) if edges.windows(2).all(|pair| pair[0].1 == pair[1].0) => Some(n),
            Some(_) => None,
        }
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
                let all = pairs(self.vertices);
                let place = |&(a, b): &Edge| {
                    all.iter().position(|&pair| pair == (a.min(b), a.max(b))).expect("a pair")
                };
                Prefix::new(self.operator(), renamed.iter().map(place))
            }
            Some(edges) => Prefix::new(self.with_edges(renamed.into_iter().rev()), (0..edges.len()).rev()),
        })
    }

    fn without(&self, forbidden: u32) -> AnyOperator {
        let kept = self.edges().into_iter().enumerate().filter(|(index, _)| forbidden >> index & 1 == 0);
        self.with_edges(kept.map(|(_, edge)| edge))
    }

    /// The graph that the first vertices induce; it need not be connected.
    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let edges = self.edges();
        let inside = |&place: &usize| (edges[place].0.max(edges[place].1) as usize) < size;
        let places: Vec<usize> = (0..edges.len()).filter(inside).collect();
        let kept = self.edges.as_ref().map(|_| places.iter().map(|&place| edges[place]).collect());
        Prefix::new(Rc::new(Graph { vertices: size, edges: kept, ..*self }), places)
    }
}
