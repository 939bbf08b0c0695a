use super::Grower;
use crate::error::{Error, ErrorKind};
use crate::structure::derivations::{Alone, Derivations, Forest};

/// The most vertices of a cycle that an error names.
const MOST_NAMED: usize = 12;

impl Derivations {
    /// The paths from one vertex of a directed acyclic graph to another, as indicator vectors of their edges (from, to).
    ///
    /// # Errors
    /// `INVALID_ARGUMENT`, with a cycle of the graph, or if there is no path.
    pub fn paths(vertices: usize, edges: &[(u32, u32)], source: usize, target: usize) -> Result<Self, Error> {
        let order = topological_order(vertices, edges)?;
        let mut places = vec![0_u32; vertices];
        order.iter().enumerate().for_each(|(place, &vertex)| places[vertex as usize] = place as u32);
        let mut grower = Grower::default();
        grower.nodes(vertices);
        // Against the direction of the graph, so that the first of equal edges from the source on is taken.
        let node = |vertex: u32| vertices as u32 - 1 - places[vertex as usize];
        grower.edge(node(target as u32), &[], None);
        for (coordinate, &(from, to)) in edges.iter().enumerate() {
            grower.edge(node(from), &[node(to)], Some(coordinate));
        }
        let forest = Forest::new(vertices, &grower.edges, node(source as u32) as usize, edges.len());
        let forest = forest.map_err(|_| {
            let message =
                format!("edges: expected a path from vertex {source} to vertex {target}, but there is none");
            Error::new(ErrorKind::InvalidArgument, message)
        })?;
        Ok(Self::alone(forest, Alone { noun: "a path", size: edges.len().max(1) }))
    }
}

/// The vertices such that every edge leads to a later one.
fn topological_order(vertices: usize, edges: &[(u32, u32)]) -> Result<Vec<u32>, Error> {
    let mut entering = vec![0_u32; vertices];
    let mut starts = vec![0_u32; vertices + 1];
    for &(from, to) in edges {
        entering[to as usize] += 1;
        starts[from as usize + 1] += 1;
    }
    (0..vertices).for_each(|vertex| starts[vertex + 1] += starts[vertex]);
    let mut next = starts.clone();
    let mut leaving = vec![0_u32; edges.len()];
    for &(from, to) in edges {
        leaving[next[from as usize] as usize] = to;
        next[from as usize] += 1;
    }
    let mut order: Vec<u32> = (0..vertices as u32).filter(|&vertex| entering[vertex as usize] == 0).collect();
    let mut done = 0;
    while done < order.len() {
        let vertex = order[done] as usize;
        for &to in &leaving[starts[vertex] as usize..starts[vertex + 1] as usize] {
            entering[to as usize] -= 1;
            if entering[to as usize] == 0 {
                order.push(to);
            }
        }
        done += 1;
    }
    if order.len() == vertices {
        return Ok(order);
    }
    let cycle = cycle(edges, &entering);
    let named: Vec<String> = cycle.iter().take(MOST_NAMED).map(u32::to_string).collect();
    let rest = if cycle.len() > MOST_NAMED { " -> ..." } else { "" };
    let message = format!("edges: expected a graph without cycles, got {}{rest}", named.join(" -> "));
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// A cycle among the vertices that edges still enter, the first vertex again at its end.
fn cycle(edges: &[(u32, u32)], entering: &[u32]) -> Vec<u32> {
    // Each of them is entered from another one of them.
    let mut before = vec![u32::MAX; entering.len()];
    for &(from, to) in edges.iter().filter(|(from, _)| entering[*from as usize] > 0) {
        before[to as usize] = from;
    }
    let mut at = entering.iter().position(|&count| count > 0).unwrap_or(0) as u32;
    for _ in 0..entering.len() {
        at = before[at as usize];
    }
    let mut cycle = vec![at];
    loop {
        at = before[at as usize];
        cycle.push(at);
        if at == cycle[0] {
            cycle.reverse();
            return cycle;
        }
    }
}
