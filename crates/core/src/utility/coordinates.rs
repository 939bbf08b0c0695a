use crate::structure::Structure;

/// How the coordinates of a structure's utilities follow from parameters, and what keys their noise.
#[derive(Clone, Debug)]
pub struct Coordinates {
    /// The length of a row of parameters.
    pub(super) parameters: usize,
    /// The length of a utility.
    pub(super) utilities: usize,
    /// How many coordinates are drawn, the first ones; the others are their parameters, `U = theta`.
    pub(super) random: usize,
    /// The parameter of each coordinate; none: that of the same index.
    pub(super) parameter_of: Option<Vec<u32>>,
    /// The key of each random coordinate's noise; none: its index.
    pub(super) keys: Option<Vec<u32>>,
    /// So many uniforms are drawn in a row, of which the keys choose theirs; 0: one by one.
    pub(super) span: usize,
}

/// Up to so many uniforms for each coordinate, drawing them in a row is cheaper than one by one.
const DENSE: usize = 4;

impl Coordinates {
    /// Those of a structure; `everywhere`: its deterministic coordinates are random too.
    pub fn of(structure: &impl Structure, everywhere: bool) -> Self {
        let utilities = structure.utility_dimension();
        let random = if everywhere { utilities } else { structure.random_coordinates() };
        let list = |count: usize, of: &dyn Fn(usize) -> usize| {
            let moved = (0..count).any(|coordinate| of(coordinate) != coordinate);
            moved.then(|| (0..count).map(|coordinate| of(coordinate) as u32).collect::<Vec<_>>())
        };
        let keys = list(random, &|coordinate| structure.identity(coordinate));
        let span = keys.iter().flatten().max().map_or(0, |&largest| largest as usize + 1);
        Self {
            parameters: structure.parameter_dimension(),
            utilities,
            random,
            parameter_of: list(utilities, &|coordinate| structure.parameter(coordinate)),
            span: if span > DENSE * random { 0 } else { span },
            keys,
        }
    }

    /// Coordinates that are known by their positions.
    pub fn plain(dimension: usize) -> Self {
        Self {
            parameters: dimension,
            utilities: dimension,
            random: dimension,
            parameter_of: None,
            keys: None,
            span: 0,
        }
    }

    pub(super) fn parameter(&self, coordinate: usize) -> usize {
        self.parameter_of.as_ref().map_or(coordinate, |parameters| parameters[coordinate] as usize)
    }
}
