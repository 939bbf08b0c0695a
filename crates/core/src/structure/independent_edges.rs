use super::{ArgmaxOracle, Prefix, Structure, distinct, ordered_pair, unordered_pair};

/// Any set of the edges of a graph: the corners of the cube, with the rows of the graph's trees ("Indep. Undirected" and
/// "Indep. Directed": paper, section 8).
#[derive(Clone, Debug)]
pub struct IndependentEdges {
    vertices: usize,
    directed: bool,
    /// The two vertices of each coordinate; head and modifier of directed ones.
    edges: Vec<(u32, u32)>,
}

impl IndependentEdges {
    /// Sets of these edges between distinct vertices below `vertices`, none repeated.
    pub fn new(vertices: usize, directed: bool, edges: impl IntoIterator<Item = (u32, u32)>) -> Self {
        let edges: Vec<_> = edges.into_iter().collect();
        assert!(
            edges.iter().all(|&(a, b)| a != b && (a.max(b) as usize) < vertices),
            "an edge must join two distinct vertices of the graph"
        );
        let ends = |&(a, b): &(u32, u32)| if directed { (a, b) } else { (a.min(b), a.max(b)) };
        assert!(distinct(&edges.iter().map(ends).collect::<Vec<_>>()), "no edge may be there twice");
        Self { vertices, directed, edges }
    }
}

impl Structure for IndependentEdges {
    fn dimension(&self) -> usize {
        self.edges.len()
    }

    fn identity(&self, coordinate: usize) -> usize {
        let (a, b) = self.edges[coordinate];
        let pair = if self.directed { ordered_pair } else { unordered_pair };
        pair(a as usize, b as usize)
    }

    fn size(&self) -> usize {
        self.vertices
    }

    fn prefix(&self, size: usize) -> Prefix<Self> {
        let inside = |&place: &usize| (self.edges[place].0.max(self.edges[place].1) as usize) < size;
        let places: Vec<usize> = (0..self.edges.len()).filter(inside).collect();
        let edges = places.iter().map(|&place| self.edges[place]);
        Prefix::new(Self::new(size, self.directed, edges), places)
    }

    fn work(&self) -> usize {
        4 * self.edges.len()
    }

    fn check(&self, _utility: &[f64], _forbids: bool, _scratch: &mut Vec<u32>) -> Result<(), String> {
        Ok(()) // The empty set is always there.
    }
}

impl ArgmaxOracle for IndependentEdges {
    type Workspace = ();

    fn argmax_workspace(&self) {}

    #[inline(always)]
    fn argmax(&self, utility: &[f64], vertex: &mut [f64], _workspace: &mut ()) {
        super::subset::positive(utility, vertex);
    }
}
