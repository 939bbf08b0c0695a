//! The edges of every tree: the bridges of the graph.

use super::SpanningTree;

const UNSEEN: u32 = u32::MAX;

impl SpanningTree {
    /// Marks the allowed edges that are on no cycle of allowed edges, by a search in depth that notes the earliest vertex which
    /// can be reached from below (Tarjan, 1974). O(n + m).
    pub(super) fn bridges(
        &self,
        allowed: impl Fn(usize) -> bool,
        scratch: &mut Vec<u32>,
        mut mark: impl FnMut(usize),
    ) {
        let (n, m) = (self.vertices, self.edges.len());
        scratch.clear();
        scratch.resize(6 * n + 2 * m, UNSEEN);
        // The edges at vertex v are those of `incident[next[v]..ends[v]]` that are still to be looked at.
        let (next, rest) = scratch.split_at_mut(n);
        let (ends, rest) = rest.split_at_mut(n);
        let (seen_at, rest) = rest.split_at_mut(n);
        let (earliest, rest) = rest.split_at_mut(n);
        // The way from where the search started: vertices, and the edges that led to them.
        let (path, rest) = rest.split_at_mut(n);
        let (by, incident) = rest.split_at_mut(n);
        let edges = || self.edges.iter().enumerate().filter(|&(edge, _)| allowed(edge));
        ends.fill(0);
        edges().for_each(|(_, &(a, b))| [a, b].into_iter().for_each(|vertex| ends[vertex as usize] += 1));
        let mut start = 0;
        for (next, end) in next.iter_mut().zip(ends.iter_mut()) {
            *next = start;
            start += *end;
            *end = *next;
        }
        for (edge, &(a, b)) in edges() {
            for vertex in [a as usize, b as usize] {
                incident[ends[vertex] as usize] = edge as u32;
                ends[vertex] += 1;
            }
        }
        let mut time = 0;
        for start in 0..n {
            if seen_at[start] != UNSEEN {
                continue;
            }
            let mut length = 1;
            (path[0], by[0]) = (start as u32, UNSEEN);
            while length > 0 {
                let (vertex, led_by) = (path[length - 1] as usize, by[length - 1]);
                if seen_at[vertex] == UNSEEN {
                    (seen_at[vertex], earliest[vertex]) = (time, time);
                    time += 1;
                }
                if next[vertex] == ends[vertex] {
                    length -= 1;
                    if length > 0 {
                        let above = path[length - 1] as usize;
                        earliest[above] = earliest[above].min(earliest[vertex]);
                        if earliest[vertex] > seen_at[above] {
                            mark(led_by as usize);
                        }
                    }
                    continue;
                }
                let edge = incident[next[vertex] as usize];
                next[vertex] += 1;
                let (a, b) = self.edges[edge as usize];
                let other = if a as usize == vertex { b } else { a };
                if edge == led_by {
                    continue;
                }
                if seen_at[other as usize] == UNSEEN {
                    (path[length], by[length]) = (other, edge);
                    length += 1;
                } else {
                    earliest[vertex] = earliest[vertex].min(seen_at[other as usize]);
                }
            }
        }
    }
}
