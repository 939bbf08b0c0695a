//! The k best of structures in which every thing of several chooses one of its coordinates: the heads of the vertices of a
//! tree. What is left when the best is found falls apart, by the first thing that chooses otherwise, into problems of the same
//! kind with more forbidden coordinates, each solved by an argmax (Murty, 1968; Lawler, 1972): at most as many for each
//! embedding as there are things.

use super::{Best, Queue, scale_of_sums};
use crate::number::DoubleDouble;
use crate::structure::ArgmaxOracle;

/// A structure whose embeddings have one coordinate of each chooser.
pub(crate) trait Heads: ArgmaxOracle {
    /// How many choosers there are.
    fn choosers(&self) -> usize;

    /// Which one has a coordinate.
    fn chooser(&self, coordinate: usize) -> usize;
}

/// The best of a part: in it the choosers before one choose as they do here, and that one none of the coordinates that others
/// have had there.
struct Part {
    choices: Vec<u32>,
    first_free: usize,
    had: Vec<u32>,
}

/// Takes the best embeddings in order.
pub(crate) fn k_best<S: Heads>(structure: &S, utility: &[f64], best: &mut Best) {
    let (n, choosers) = (structure.dimension(), structure.choosers());
    let scale = scale_of_sums(utility);
    let mut by_chooser = vec![Vec::new(); choosers];
    (0..n).for_each(|coordinate| by_chooser[structure.chooser(coordinate)].push(coordinate));
    let (mut workspace, mut scratch) = (structure.argmax_workspace(), Vec::new());
    let mut vertex = vec![0.0; n];
    // The best choices under a mask, in order, and what they are worth.
    let mut solve = |masked: &[f64], forbids: bool| {
        if forbids && structure.check(masked, true, &mut scratch).is_err() {
            return None;
        }
        vertex.fill(0.0);
        structure.argmax(masked, &mut vertex, &mut workspace);
        let mut choices = vec![0; choosers];
        let mut value = DoubleDouble::ZERO;
        for coordinate in (0..n).filter(|&coordinate| vertex[coordinate] != 0.0) {
            choices[structure.chooser(coordinate)] = coordinate as u32;
            value = value + DoubleDouble::from(utility[coordinate] * scale);
        }
        Some((choices, value))
    };
    let Some((choices, most)) = solve(utility, false) else { return };
    let (mut queue, mut number) = (Queue::new(best.room()), 0_usize);
    queue.push(DoubleDouble::ZERO, number, Part { choices, first_free: 0, had: Vec::new() });
    let mut masked = utility.to_vec();
    while let Some((loss, _, Part { choices, first_free, had })) = queue.pop() {
        best.take(choices.iter().map(|&coordinate| coordinate as usize));
        // No part of what is left is worth more than the whole.
        if queue.is_late(loss) || best.room() == 0 {
            continue;
        }
        masked.copy_from_slice(utility);
        let fix = |masked: &mut [f64], chooser: usize| {
            let chosen = choices[chooser] as usize;
            by_chooser[chooser]
                .iter()
                .filter(|&&other| other != chosen)
                .for_each(|&other| masked[other] = f64::NEG_INFINITY);
        };
        (0..first_free).for_each(|chooser| fix(&mut masked, chooser));
        for chooser in first_free..choosers {
            let inherited: &[u32] = if chooser == first_free { &had } else { &[] };
            let had: Vec<u32> = inherited.iter().copied().chain([choices[chooser]]).collect();
            had.iter().for_each(|&coordinate| masked[coordinate as usize] = f64::NEG_INFINITY);
            if let Some((choices, value)) = solve(&masked, true) {
                number += 1;
                queue.push(most - value, number, Part { choices, first_free: chooser, had });
            }
            by_chooser[chooser].iter().for_each(|&coordinate| masked[coordinate] = utility[coordinate]);
            fix(&mut masked, chooser);
        }
    }
}
