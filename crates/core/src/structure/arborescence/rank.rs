//! Vertices in the order in which the algorithms number them.

/// The number of a vertex where the root comes first: it has rank 0, the others follow in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(u32);

impl Rank {
    pub(super) const ROOT: Self = Self(0);

    /// That of a vertex.
    pub(super) fn of(vertex: u32, root: usize) -> Self {
        Self(match vertex as usize {
            vertex if vertex == root => 0,
            vertex if vertex < root => vertex as u32 + 1,
            vertex => vertex as u32,
        })
    }

    /// The vertex.
    pub(super) fn vertex(self, root: usize) -> u32 {
        match self.index() {
            0 => root as u32,
            rank if rank <= root => rank as u32 - 1,
            rank => rank as u32,
        }
    }

    pub(super) fn from_index(index: usize) -> Self {
        Self(index as u32)
    }

    #[inline(always)]
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    /// What it is among the nodes of a contraction, which begins with every vertex for itself.
    #[inline(always)]
    pub(super) fn node(self) -> u32 {
        self.0
    }
}
