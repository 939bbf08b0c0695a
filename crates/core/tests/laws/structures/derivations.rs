//! Forests: of the user's own, paths of a graph, and those that have names. What they stand for is enumerated by their
//! definitions, not by their nodes.

use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Derivations, ForestEdge, Prefix};

use super::Pairing;
use crate::registry::Instance;

/// A named family: how its forest is made, which sets of coordinates it stands for, and its prefixes.
#[derive(Clone, Debug)]
struct Named {
    name: &'static str,
    size: usize,
    make: fn(usize, usize) -> Derivations,
    /// Beside the size.
    option: usize,
    vertices: fn(usize, usize) -> Vec<u32>,
    count: fn(usize, usize) -> Option<f64>,
    /// Where the coordinates over the first things stand: by (first things, all, option).
    places: fn(usize, usize, usize) -> Vec<usize>,
    pairing: Pairing<Derivations>,
}

impl Instance for Named {
    fn operator(&self) -> AnyOperator {
        (self.pairing)((self.make)(self.size, self.option))
    }

    fn vertices(&self) -> Vec<u32> {
        (self.vertices)(self.size, self.option)
    }

    fn count(&self) -> Option<f64> {
        (self.count)(self.size, self.option)
    }

    fn labels(&self) -> usize {
        self.size
    }

    fn relabelled(&self, _names: &[usize]) -> Option<Prefix<AnyOperator>> {
        None
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("what remains is of another kind")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let places = (self.places)(size, self.size, self.option);
        Prefix::new(Rc::new(Self { size, ..self.clone() }), places)
    }
}

/// All sequences of so many numbers below `states`.
fn sequences(length: usize, states: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..states.pow(length as u32))
        .map(move |number| (0..length as u32).map(|i| number / states.pow(i) % states).collect())
}

fn set(coordinates: impl IntoIterator<Item = usize>) -> u32 {
    coordinates.into_iter().fold(0, |set, coordinate| {
        assert!(set >> coordinate & 1 == 0 && coordinate < 32);
        set | 1 << coordinate
    })
}

pub(crate) fn linear_chains(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let sizes = prop_oneof![(1..=4usize, Just(2)), (1..=2usize, 1..=4usize), Just((6, 1)), Just((3, 3))];
    let chain = move |(size, option)| Named {
        name: "linear chain",
        size,
        option,
        make: Derivations::linear_chain,
        vertices: |length, states| {
            let unary = length * states;
            let of = |s: Vec<usize>| {
                let pairs = (1..length).map(|i| unary + ((i - 1) * states + s[i - 1]) * states + s[i]);
                set((0..length).map(|i| i * states + s[i]).chain(pairs))
            };
            sequences(length, states).map(of).collect()
        },
        count: |length, states| Some((states as f64).powi(length as i32)),
        places: |size, length, states| {
            let (unary, pairs) = (size * states, length * states);
            (0..unary).chain(pairs..pairs + (size - 1) * states * states).collect()
        },
        pairing,
    };
    sizes.prop_map(move |sizes| Rc::new(chain(sizes)) as Rc<dyn Instance>).boxed()
}

/// A forest that stands alone, with what it should stand for.
#[derive(Debug)]
struct Lone {
    structure: Derivations,
    vertices: Vec<u32>,
    pairing: Pairing<Derivations>,
}

impl Instance for Lone {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(self.structure.clone())
    }

    fn vertices(&self) -> Vec<u32> {
        self.vertices.clone()
    }

    fn count(&self) -> Option<f64> {
        None
    }

    fn labels(&self) -> usize {
        1
    }

    fn relabelled(&self, _names: &[usize]) -> Option<Prefix<AnyOperator>> {
        None
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("what remains is another forest")
    }

    fn prefix(&self, _size: usize) -> Prefix<Rc<dyn Instance>> {
        unreachable!("a row is over all of it")
    }
}

/// Paths of random acyclic graphs whose vertices are in no particular order, some edges in parallel.
pub(crate) fn paths(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let graphs = (2..=6usize).prop_flat_map(|vertices| {
        let order = Just((0..vertices as u32).collect::<Vec<u32>>()).prop_shuffle();
        (Just(vertices), order, vec((0..vertices, 0..vertices), 0..=9))
    });
    graphs
        .prop_map(move |(vertices, order, pairs)| {
            let (source, target) = (order[0], order[vertices - 1]);
            let mut edges: Vec<(u32, u32)> = pairs
                .into_iter()
                .filter(|(i, j)| i != j)
                .map(|(i, j)| (order[i.min(j)], order[i.max(j)]))
                .collect();
            // So that there is a path.
            edges.insert(edges.len() / 2, (source, target));
            let structure =
                Derivations::paths(vertices, &edges, source as usize, target as usize).expect("acyclic");
            let mut found = Vec::new();
            walk(&edges, source, target, 0, &mut found);
            Rc::new(Lone { structure, vertices: found, pairing }) as Rc<dyn Instance>
        })
        .boxed()
}

fn walk(edges: &[(u32, u32)], at: u32, target: u32, taken: u32, found: &mut Vec<u32>) {
    if at == target {
        found.push(taken);
    }
    for (index, &(from, to)) in edges.iter().enumerate() {
        if from == at {
            walk(edges, to, target, taken | 1 << index, found);
        }
    }
}

type Edges = Vec<(u32, Vec<u32>, Option<u32>)>;

/// All derivations of a node, as sets of coordinates.
fn derived(edges: &Edges, node: u32) -> Vec<u32> {
    let mut all = Vec::new();
    for (_, tails, coordinate) in edges.iter().filter(|(head, _, _)| *head == node) {
        let mut sets = vec![coordinate.map_or(0, |c| 1 << c)];
        for &tail in tails {
            let below = derived(edges, tail);
            sets = sets.iter().flat_map(|&set| below.iter().map(move |&other| set | other)).collect();
        }
        all.extend(sets);
    }
    all
}

/// Bracketings of a few leaves, each with one or two coordinates, of which some splits and spans are left out, some have a
/// coordinate, and spans may be leaves themselves; edges in no particular order.
pub(crate) fn forests(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let choices = (1..=4u32, vec(any::<u8>(), 40), any::<u64>());
    choices
        .prop_filter_map("ambiguous, or without derivation", move |(leaves, choices, shuffle)| {
            let spans: Vec<(u32, u32)> = (1..=leaves)
                .flat_map(|length| (0..=leaves - length).map(move |start| (start, start + length)))
                .collect();
            let node =
                |span: (u32, u32)| spans.iter().position(|&other| other == span).map(|place| place as u32);
            let (mut edges, mut dimension): (Edges, u32) = (Vec::new(), 0);
            let mut choice = choices.into_iter().cycle();
            let mut next = || choice.next().unwrap_or(0);
            let mut coordinate = |wanted: bool| {
                dimension += u32::from(wanted);
                wanted.then(|| dimension - 1)
            };
            for &(start, end) in &spans {
                let head = node((start, end)).expect("a span");
                for middle in start + 1..end {
                    if next() % 4 > 0 {
                        let tails =
                            [node((start, middle)), node((middle, end))].map(|tail| tail.expect("a span"));
                        edges.push((head, tails.to_vec(), coordinate(next() % 2 > 0)));
                    }
                }
                if end - start == 1 || next() % 3 == 0 {
                    (0..=next() % 2).for_each(|_| edges.push((head, Vec::new(), coordinate(true))));
                }
            }
            // The whole once more, by one tail.
            let goal = spans.len() as u32;
            edges.push((goal, vec![goal - 1], coordinate(next() % 2 > 0)));
            let mut sets = derived(&edges, goal);
            let count = sets.len();
            sets.sort_unstable();
            sets.dedup();
            if sets.is_empty() || sets.len() != count || dimension > 24 {
                return None;
            }
            let rotation = shuffle as usize % edges.len();
            edges.rotate_left(rotation);
            let listed: Vec<ForestEdge> = edges
                .iter()
                .map(|(head, tails, coordinate)| ForestEdge::new(*head, tails, *coordinate))
                .collect();
            let structure = Derivations::new(goal as usize + 1, &listed, goal as usize, dimension as usize);
            let structure = structure.expect("a forest");
            Some(Rc::new(Lone { structure, vertices: sets, pairing }) as Rc<dyn Instance>)
        })
        .boxed()
}
