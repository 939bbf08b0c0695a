//! Forests: of the user's own, paths of a graph, and those that have names. What they stand for is enumerated by their
//! definitions, not by their nodes.

use std::fmt;
use std::rc::Rc;

use proptest::collection::vec;
use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Derivations, ForestEdge, Prefix, Structure};

use super::Pairing;
use crate::registry::Instance;

/// A named family: how its forest is made, which sets of coordinates it stands for, and its prefixes.
#[derive(Clone)]
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

impl fmt::Debug for Named {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}, {}", self.name, self.size, self.option)
    }
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

/// Instances of all kinds.
pub(crate) fn every(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    prop_oneof![
        forests(pairing),
        paths(pairing),
        linear_chains(pairing),
        alignments(pairing),
        segmentations(pairing),
        binary_trees(pairing),
        monotone_alignments(pairing),
        ctcs(pairing),
        knapsacks(pairing),
        non_crossing_pairs(pairing),
    ]
    .boxed()
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
    let chain = move |size, option| Named {
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
    named(sizes, chain)
}

/// A named family beside its name's sizes.
fn named(
    sizes: impl Strategy<Value = (usize, usize)> + 'static,
    make: impl Fn(usize, usize) -> Named + 'static,
) -> BoxedStrategy<Rc<dyn Instance>> {
    sizes.prop_map(move |(size, option)| Rc::new(make(size, option)) as Rc<dyn Instance>).boxed()
}

/// Three rows at most in the way of a band of one, or of none; by columns.
const BANDS: [usize; 3] = [1, 2, usize::MAX];

/// `option` is the number of columns and which band.
pub(crate) fn alignments(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let sizes = (1..=4usize, 1..=4usize, 0..3usize)
        .prop_filter("the last cell in the band", |&(rows, columns, band)| {
            rows.abs_diff(columns) <= BANDS[band]
        })
        .prop_map(|(rows, columns, band)| (rows, 3 * columns + band));
    named(sizes, move |size, option| Named {
        name: "alignment",
        size,
        option,
        make: |rows, option| Derivations::alignment(rows, option / 3, BANDS[option % 3]),
        vertices: |rows, option| {
            let (columns, band) = (option / 3, BANDS[option % 3]);
            let mut found = Vec::new();
            let mut open = vec![vec![(0, 0)]];
            while let Some(path) = open.pop() {
                let (i, j) = path[path.len() - 1];
                if (i, j) == (rows - 1, columns - 1) {
                    found.push(set(path.iter().map(|(i, j)| i * columns + j)));
                }
                for (i, j) in [(i, j + 1), (i + 1, j), (i + 1, j + 1)] {
                    if i < rows && j < columns && i.abs_diff(j) <= band {
                        open.push([&path[..], &[(i, j)]].concat());
                    }
                }
            }
            found
        },
        // The Delannoy numbers.
        count: |rows, option| {
            let columns = option / 3;
            let binomial = |n: usize, k: usize| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
            let most = rows.min(columns) - 1;
            let term = |k| binomial(rows - 1, k) * binomial(columns - 1, k) * (1 << k) as f64;
            (option % 3 == 2).then(|| (0..=most).map(term).sum())
        },
        places: |size, _, option| (0..size * (option / 3)).collect(),
        pairing,
    })
}

pub(crate) fn segmentations(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let sizes =
        prop_oneof![(1..=5usize, Just(10 + 5)), (1..=4usize, Just(20 + 2)), Just((2, 33)), Just((3, 23))];
    named(sizes, move |size, option| Named {
        name: "segmentation",
        size,
        option,
        make: |length, option| Derivations::segmentation(length, option / 10, option % 10),
        vertices: |length, option| {
            let (labels, longest) = (option / 10, option % 10);
            // Whether a segment ends after each position but the last.
            let of = |ends: Vec<usize>| {
                let mut segments = Vec::new();
                let mut start = 0;
                for (position, end) in ends.into_iter().chain([1]).enumerate() {
                    if end == 1 {
                        segments.push((start, position + 1 - start));
                        start = position + 1;
                    }
                }
                segments
            };
            let all = sequences(length - 1, 2).map(of).filter(|s| s.iter().all(|&(_, run)| run <= longest));
            all.flat_map(|segments| {
                sequences(segments.len(), labels).map(move |given| {
                    let coordinate = |((start, run), label)| (start * longest + run - 1) * labels + label;
                    set(segments.iter().copied().zip(given).map(coordinate))
                })
            })
            .collect()
        },
        count: |length, option| (option == 15).then(|| 2f64.powi(length as i32 - 1)),
        places: |size, _, option| (0..size * (option / 10) * (option % 10)).collect(),
        pairing,
    })
}

/// All sets of spans of binary trees over leaves from one to before another, by their number.
fn bracketings(first: usize, end: usize) -> Vec<Vec<(usize, usize)>> {
    if end - first == 1 {
        return vec![vec![(first, end)]];
    }
    let splits = first + 1..end;
    splits
        .flat_map(|middle| {
            let rights = bracketings(middle, end);
            bracketings(first, middle).into_iter().flat_map(move |left| {
                rights.clone().into_iter().map(move |right| [left.clone(), right].concat())
            })
        })
        .map(|spans| [&spans[..], &[(first, end)]].concat())
        .collect()
}

pub(crate) fn binary_trees(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    fn spans(leaves: usize) -> Vec<(usize, usize)> {
        (0..leaves).flat_map(|first| (first + 1..=leaves).map(move |end| (first, end))).collect()
    }
    let sizes = prop_oneof![(1..=5usize, Just(1)), (1..=2usize, 3..=3usize), (1..=3usize, Just(2))];
    named(sizes, move |size, option| Named {
        name: "binary tree",
        size,
        option,
        make: Derivations::binary_tree,
        vertices: |leaves, labels| {
            let all = spans(leaves);
            let place =
                move |span: &(usize, usize)| all.iter().position(|other| other == span).expect("a span");
            let trees = bracketings(0, leaves).into_iter();
            trees
                .flat_map(|tree| {
                    let places: Vec<usize> = tree.iter().map(&place).collect();
                    sequences(tree.len(), labels).map(move |given| {
                        set(places.iter().zip(given).map(|(span, label)| span * labels + label))
                    })
                })
                .collect()
        },
        count: |leaves, labels| {
            let catalan = (1..leaves).fold(1.0, |c, n| c * 2.0 * (2 * n - 1) as f64 / (n + 1) as f64);
            Some(catalan * (labels as f64).powi(2 * leaves as i32 - 1))
        },
        places: |size, leaves, labels| {
            let kept = spans(leaves).into_iter().enumerate().filter(|(_, (_, end))| *end <= size);
            kept.flat_map(|(span, _)| (0..labels).map(move |label| span * labels + label)).collect()
        },
        pairing,
    })
}

/// `size` columns.
pub(crate) fn monotone_alignments(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let sizes = (1..=4usize, 0..=3usize).prop_map(|(rows, more)| (rows + more, rows));
    named(sizes, move |size, option| Named {
        name: "monotone alignment",
        size,
        option,
        make: |columns, rows| Derivations::monotone_alignment(rows, columns),
        vertices: |columns, rows| {
            // The rows of the columns: from the first to the last, by no more than one at a time.
            let of = |steps: Vec<usize>| {
                let sums = steps.iter().scan(0, |row, step| {
                    *row += step;
                    Some(*row)
                });
                std::iter::once(0).chain(sums).collect::<Vec<usize>>()
            };
            let ways = sequences(columns - 1, 2).map(of).filter(|way| way[columns - 1] + 1 == rows);
            ways.map(|way| set(way.iter().enumerate().map(|(column, row)| row * columns + column))).collect()
        },
        count: |columns, rows| {
            Some((0..rows - 1).fold(1.0, |count, i| count * (columns - 1 - i) as f64 / (i + 1) as f64))
        },
        places: |size, columns, rows| {
            (0..rows).flat_map(|row| (0..size).map(move |column| row * columns + column)).collect()
        },
        pairing,
    })
}

/// What three classes may spell, of which 0 is the blank.
const SPELLINGS: [&[u32]; 6] = [&[], &[1], &[2, 1], &[1, 1], &[1, 2, 1], &[2, 2, 1]];

/// `size` frames; `option` is what they spell.
pub(crate) fn ctcs(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    let least = |option: usize| match option {
        0 => 1,
        3 => 3,
        5 => 4,
        _ => SPELLINGS[option].len(),
    };
    let sizes =
        (0..6usize, 0..=3usize).prop_map(move |(option, more)| ((least(option) + more).min(6), option));
    named(sizes, move |size, option| Named {
        name: "ctc",
        size,
        option,
        make: |frames, option| Derivations::ctc(frames, 3, SPELLINGS[option], 0),
        vertices: |frames, option| {
            let spells = |classes: &Vec<usize>| {
                let mut heard = classes.clone();
                heard.dedup();
                heard.retain(|&class| class != 0);
                heard.iter().map(|&class| class as u32).eq(SPELLINGS[option].iter().copied())
            };
            let ways = sequences(frames, 3).filter(spells);
            ways.map(|way| set(way.iter().enumerate().map(|(frame, class)| 3 * frame + class))).collect()
        },
        count: |frames, option| {
            let labels = SPELLINGS[option].len();
            let repeats = SPELLINGS[option].windows(2).filter(|pair| pair[0] == pair[1]).count();
            let (n, k) = (frames + labels - repeats, 2 * labels);
            Some((0..k).fold(1.0, |count, i| count * (n - i) as f64 / (i + 1) as f64))
        },
        places: |size, _, _| (0..3 * size).collect(),
        pairing,
    })
}

/// The weights of items, of which the last is too heavy for most knapsacks; groups of one, or of one, two and three.
const WEIGHTS: [u32; 7] = [2, 1, 3, 0, 2, 4, 9];
const GROUPS: [[u32; 7]; 2] = [[0, 1, 2, 3, 4, 5, 6], [5, 2, 2, 8, 8, 8, 0]];

/// `option` is the capacity, and which groups.
pub(crate) fn knapsacks(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    named((1..=7usize, 0..=20usize), move |size, option| Named {
        name: "knapsack",
        size,
        option,
        make: |items, option| {
            Derivations::knapsack(&WEIGHTS[..items], &GROUPS[option % 2][..items], option / 2)
        },
        vertices: |items, option| {
            let (groups, capacity) = (GROUPS[option % 2], option as u32 / 2);
            super::sets(items, |set| {
                let chosen: Vec<usize> = (0..items).filter(|i| set >> i & 1 == 1).collect();
                let weight: u32 = chosen.iter().map(|&i| WEIGHTS[i]).sum();
                weight <= capacity && chosen.windows(2).all(|two| groups[two[0]] != groups[two[1]])
            })
        },
        count: |items, option| (option == 20 && items < 4).then(|| 2f64.powi(items as i32)),
        places: |size, _, _| (0..size).collect(),
        pairing,
    })
}

/// `option` is the least number of positions between two.
pub(crate) fn non_crossing_pairs(pairing: Pairing<Derivations>) -> BoxedStrategy<Rc<dyn Instance>> {
    fn pairs(length: usize) -> Vec<(usize, usize)> {
        (0..length).flat_map(|i| (i + 1..length).map(move |j| (i, j))).collect()
    }
    let sizes = prop_oneof![(1..=5usize, Just(0)), (1..=6usize, 1..=3usize)];
    named(sizes, move |size, option| Named {
        name: "non-crossing pairs",
        size,
        option,
        make: Derivations::non_crossing_pairs,
        vertices: |length, hairpin| {
            let pairs = pairs(length);
            let apart = |&(i, j): &(usize, usize), &(k, l): &(usize, usize)| {
                // One after the other, or one within the other.
                j < k || l < i || (i < k && l < j) || (k < i && j < l)
            };
            super::sets(pairs.len(), |set| {
                let chosen: Vec<_> =
                    (0..pairs.len()).filter(|p| set >> p & 1 == 1).map(|p| pairs[p]).collect();
                let wide = chosen.iter().all(|(i, j)| j - i > hairpin);
                wide && chosen.iter().enumerate().all(|(n, a)| chosen[..n].iter().all(|b| apart(a, b)))
            })
        },
        // Motzkin's numbers, and those of secondary structures (Stein and Waterman, 1979).
        count: |length, hairpin| match hairpin {
            0 => Some([1.0, 2.0, 4.0, 9.0, 21.0, 51.0][length - 1]),
            1 => Some([1.0, 1.0, 2.0, 4.0, 8.0, 17.0, 37.0][length - 1]),
            _ => None,
        },
        places: |size, length, _| {
            let kept = pairs(length).into_iter().enumerate().filter(|(_, (_, j))| *j < size);
            kept.map(|(place, _)| place).collect()
        },
        pairing,
    })
}

/// A forest that stands alone, with what it should stand for.
#[derive(Clone, Debug)]
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

    /// A row is over all of it.
    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let dimension = self.structure.dimension();
        assert_eq!(size, dimension.max(1));
        Prefix::new(Rc::new(self.clone()), 0..dimension)
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
