//! Where the coordinates of an operator stand in longer rows.

use crate::question::Space;

/// The place of each coordinate of the spaces.
pub(crate) struct Places {
    pub(crate) parameter: Vec<usize>,
    pub(crate) utility: Vec<usize>,
    pub(crate) embedding: Vec<usize>,
    /// Of embeddings and of the number after them.
    pub(crate) valued: Vec<usize>,
    /// Of embeddings and of utilities after them.
    pub(crate) both: Vec<usize>,
}

impl Places {
    /// Those of parameters, utilities and embeddings, these in rows of `width` numbers.
    pub(crate) fn new(
        parameter: Vec<usize>,
        utility: Vec<usize>,
        embedding: Vec<usize>,
        width: usize,
    ) -> Self {
        let valued = embedding.iter().copied().chain([width]).collect();
        let both = embedding.iter().copied().chain(utility.iter().map(|place| width + place)).collect();
        Self { parameter, utility, embedding, valued, both }
    }

    /// The same in all spaces, of rows of `width` numbers.
    pub(crate) fn all(places: Vec<usize>, width: usize) -> Self {
        Self::new(places.clone(), places.clone(), places, width)
    }

    /// The places, in the rows that `outer` is of, of coordinates that stand at these among those of `outer`.
    pub(crate) fn within(self, outer: &Self) -> Self {
        let composed =
            |inner: Vec<usize>, outer: &[usize]| inner.into_iter().map(|place| outer[place]).collect();
        Self {
            parameter: composed(self.parameter, &outer.parameter),
            utility: composed(self.utility, &outer.utility),
            embedding: composed(self.embedding, &outer.embedding),
            valued: composed(self.valued, &outer.valued),
            both: composed(self.both, &outer.both),
        }
    }

    /// Those of a space; a number stands for itself.
    pub(crate) fn of(&self, space: Space) -> &[usize] {
        match space {
            Space::Parameter => &self.parameter,
            Space::Utility => &self.utility,
            Space::Embedding => &self.embedding,
            Space::Number => &[0],
            Space::Valued => &self.valued,
            Space::Both => &self.both,
        }
    }
}

/// Some rows of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Gather<'a> {
    /// Rows of the batch.
    pub(crate) rows: &'a [usize],
    /// How many rows of the array belong to each.
    pub(crate) times: usize,
    /// The length of a row of the array.
    pub(crate) width: usize,
    /// The coordinates in it.
    pub(crate) places: &'a [usize],
}

impl Gather<'_> {
    /// The starts of the array's rows.
    fn starts(&self) -> impl Iterator<Item = usize> {
        self.rows
            .iter()
            .flat_map(move |row| (0..self.times).map(move |k| (row * self.times + k) * self.width))
    }

    /// Appends the coordinates of these rows.
    pub(crate) fn read(&self, cells: &[f64], into: &mut Vec<f64>) {
        for start in self.starts() {
            into.extend(self.places.iter().map(|place| cells[start + place]));
        }
    }

    /// Writes them.
    pub(crate) fn write(&self, own: &[f64], cells: &mut [f64]) {
        for (start, own) in self.starts().zip(own.chunks_exact(self.places.len().max(1))) {
            for (place, &x) in self.places.iter().zip(own) {
                cells[start + place] = x;
            }
        }
    }
}
