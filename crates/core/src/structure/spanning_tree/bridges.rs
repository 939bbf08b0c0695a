//! The edges of every tree: the bridges of the graph.

use super::SpanningTree;

const UNSEEN: usize = usize::MAX;

impl SpanningTree {
    /// The allowed edges that are on no cycle of allowed edges, by a search in depth that notes the earliest vertex that can
    /// be reached from below (Tarjan, 1974). O(n + m).
    pub(super) fn bridges(&self, allowed: impl Fn(usize) -> bool) -> Vec<usize> {
        let n = self.vertices;
        // The edges at vertex v are those of `incident[next[v]..ends[v]]` that are still to be looked at.
        let edges = || self.edges.iter().copied().enumerate().filter(|&(edge, _)| allowed(edge));
        let mut ends = vec![0_usize; n];
        edges().for_each(|(_, (a, b))| [a, b].into_iter().for_each(|vertex| ends[vertex as usize] += 1));
        let mut next = Vec::with_capacity(n);
        let mut end = 0;
        for degree in &mut ends {
            next.push(end);
            end += *degree;
            *degree = next[next.len() - 1];
        }
        let mut incident = vec![0_usize; end];
        for (edge, (a, b)) in edges() {
            for vertex in [a as usize, b as usize] {
                incident[ends[vertex]] = edge;
                ends[vertex] += 1;
            }
        }
        let (mut seen_at, mut earliest) = (vec![UNSEEN; n], vec![UNSEEN; n]);
        let (mut bridges, mut time) = (Vec::new(), 0);
        for start in 0..n {
            if seen_at[start] != UNSEEN {
                continue;
            }
            // The way from the start: vertices, each with the edge that led to it.
            let mut path = vec![(start, UNSEEN)];
            while let Some(&(vertex, by)) = path.last() {
                if seen_at[vertex] == UNSEEN {
                    (seen_at[vertex], earliest[vertex]) = (time, time);
                    time += 1;
                }
                if next[vertex] < ends[vertex] {
                    let edge = incident[next[vertex]];
                    next[vertex] += 1;
                    let (a, b) = self.edges[edge];
                    let other = if a as usize == vertex { b } else { a } as usize;
                    if edge == by {
                        continue;
                    }
                    if seen_at[other] == UNSEEN {
                        path.push((other, edge));
                    } else {
                        earliest[vertex] = earliest[vertex].min(seen_at[other]);
                    }
                    continue;
                }
                path.pop();
                if let Some(&(above, _)) = path.last() {
                    earliest[above] = earliest[above].min(earliest[vertex]);
                    if earliest[vertex] > seen_at[above] {
                        bridges.push(by);
                    }
                }
            }
        }
        bridges
    }
}
