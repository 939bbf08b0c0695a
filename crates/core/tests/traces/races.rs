//! All traces of a structure by the definition of the races, with sets of coordinates and of vertices.

use std::collections::{BTreeMap, BTreeSet};

/// What was chosen in each step: by its number, or by the set of vertices that is entered.
pub(crate) type Steps = BTreeSet<(u32, u32)>;

/// The probability of each trace, and the structure it leads to as a set of coordinates.
pub(crate) type Law = BTreeMap<Steps, (f64, u32)>;

/// Choices one after the other, each in proportion to exp(theta); `candidates` says among which after a set, nothing when
/// it is complete.
pub(crate) fn one_after_another(theta: &[f64], candidates: &dyn Fn(u32) -> Vec<usize>) -> Law {
    fn extend(
        (steps, set, p): (Steps, u32, f64),
        theta: &[f64],
        candidates: &dyn Fn(u32) -> Vec<usize>,
        law: &mut Law,
    ) {
        let next = candidates(set);
        if next.is_empty() {
            law.insert(steps, (p, set));
            return;
        }
        let total: f64 = next.iter().map(|&i| theta[i].exp()).sum();
        for i in next {
            let longer = steps.iter().copied().chain([(steps.len() as u32, i as u32)]).collect();
            extend((longer, set | 1 << i, p * theta[i].exp() / total), theta, candidates, law);
        }
    }
    let mut law = Law::new();
    extend((Steps::new(), 0, 1.0), theta, candidates, &mut law);
    law
}

/// The edges between different trees of a forest.
pub(crate) fn between_trees(vertices: usize, edges: &[(u32, u32)], forest: u32) -> Vec<usize> {
    let mut label: Vec<usize> = (0..vertices).collect();
    for (i, &(a, b)) in edges.iter().enumerate() {
        if forest >> i & 1 == 1 {
            let (old, new) = (label[a as usize], label[b as usize]);
            label.iter_mut().filter(|l| **l == old).for_each(|l| *l = new);
        }
    }
    (0..edges.len()).filter(|&i| label[edges[i].0 as usize] != label[edges[i].1 as usize]).collect()
}

/// Edmonds' algorithm on sets of vertices, with the root 0 and edges [head, modifier]: a group of vertices chooses an edge
/// from outside in proportion to exp(theta); groups whose choices close a cycle become one, which has yet to choose.
pub(crate) fn into_every_group(theta: &[f64], vertices: u32, edges: &[(u32, u32)]) -> Law {
    let groups = (1..vertices).map(|vertex| (1 << vertex, None)).collect();
    let mut law = Law::new();
    choose(groups, Steps::new(), 1.0, theta, edges, &mut law);
    law
}

/// The outermost groups with their choices.
type Groups = BTreeMap<u32, Option<u32>>;

fn choose(groups: Groups, steps: Steps, p: f64, theta: &[f64], edges: &[(u32, u32)], law: &mut Law) {
    let Some((&group, _)) = groups.iter().find(|(_, choice)| choice.is_none()) else {
        let structure = groups
            .iter()
            .fold(0, |set, (&group, choice)| set | expanded(group, choice.expect("a choice"), &steps, edges));
        law.insert(steps, (p, structure));
        return;
    };
    let enters = |&(head, modifier): &(u32, u32)| group >> head & 1 == 0 && group >> modifier & 1 == 1;
    let candidates: Vec<usize> = (0..edges.len()).filter(|&i| enters(&edges[i])).collect();
    let total: f64 = candidates.iter().map(|&i| theta[i].exp()).sum();
    for edge in candidates {
        let (mut groups, mut steps) = (groups.clone(), steps.clone());
        groups.insert(group, Some(edge as u32));
        steps.insert((group, edge as u32));
        merge_cycle(&mut groups, group, edges);
        choose(groups, steps, p * theta[edge].exp() / total, theta, edges, law);
    }
}

/// Makes one group of those on the way from a group back to itself, if there is such a way.
fn merge_cycle(groups: &mut Groups, start: u32, edges: &[(u32, u32)]) {
    let (mut way, mut group) = (Vec::new(), start);
    loop {
        way.push(group);
        let Some(Some(edge)) = groups.get(&group) else { return };
        let head = edges[*edge as usize].0;
        let Some((&next, _)) = groups.iter().find(|(group, _)| **group >> head & 1 == 1) else { return };
        if next == start {
            break;
        }
        group = next;
    }
    way.iter().for_each(|group| _ = groups.remove(group));
    groups.insert(way.into_iter().fold(0, |union, group| union | group), None);
}

/// The edges into the vertices of a group that is entered by an edge: its parts keep their choices, but the one entered.
fn expanded(group: u32, edge: u32, steps: &Steps, edges: &[(u32, u32)]) -> u32 {
    if group.count_ones() == 1 {
        return 1 << edge;
    }
    let inside = |&&(part, _): &&(u32, u32)| part & group == part && part != group;
    let largest = |&&(part, _): &&(u32, u32)| {
        !steps.iter().any(|&(other, _)| {
            other & part == part && other != part && other & group == other && other != group
        })
    };
    steps.iter().filter(inside).filter(largest).fold(0, |set, &(part, choice)| {
        let entered = part >> edges[edge as usize].1 & 1 == 1;
        set | expanded(part, if entered { edge } else { choice }, steps, edges)
    })
}
