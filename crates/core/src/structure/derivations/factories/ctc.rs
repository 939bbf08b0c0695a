use super::Grower;
use crate::structure::derivations::{Derivations, Family};

/// Labellings of frames that collapse to a string of labels.
#[derive(Clone, Debug)]
struct Ctc {
    frames: usize,
    classes: usize,
    labels: Vec<u32>,
    blank: u32,
}

impl Derivations {
    /// The classes of `frames` frames, out of `classes`, that read as the labels once repeated classes are one and blanks are
    /// left out (connectionist temporal classification; Graves et al., 2006): one coordinate for each frame and class.
    ///
    /// `C(frames + l - r, 2 l)` of them for l labels of which r are like the one before; at most `6 frames (l + 1)` edges. Of
    /// equal ones that is taken which stays longest, from the first frame on, with a blank or label once it has it.
    pub fn ctc(frames: usize, classes: usize, labels: &[u32], blank: u32) -> Self {
        assert!((blank as usize) < classes && labels.iter().all(|&label| (label as usize) < classes));
        assert!(!labels.contains(&blank) && frames >= least_frames(labels), "room for all labels");
        // Blanks before, between and after the labels.
        let states = 2 * labels.len() + 1;
        let class = |state: usize| if state % 2 == 1 { labels[state / 2] } else { blank };
        let skips = |state: usize| state % 2 == 1 && state + 2 < states && class(state) != class(state + 2);
        let mut grower = Grower::default();
        // Of the frame after, the states from the first on.
        let mut after: Option<u32> = None;
        for frame in (0..frames).rev() {
            let nodes = grower.nodes(states);
            for state in 0..states {
                let (head, cell) = (nodes + state as u32, frame * classes + class(state) as usize);
                match after {
                    None if state + 2 >= states => grower.edge(head, &[], Some(cell)),
                    None => {}
                    Some(first) => {
                        let most = if skips(state) { state + 2 } else { (state + 1).min(states - 1) };
                        for next in state..=most {
                            grower.edge(head, &[first + next as u32], Some(cell));
                        }
                    }
                }
            }
            after = Some(nodes);
        }
        let (goal, first) = (grower.nodes(1), after.unwrap_or(0));
        for state in 0..states.min(2) {
            grower.edge(goal, &[first + state as u32], None);
        }
        grower.finish(frames * classes, Ctc { frames, classes, labels: labels.to_vec(), blank })
    }
}

/// A frame for each label, and one for the blank between two that are alike.
fn least_frames(labels: &[u32]) -> usize {
    let repeats = labels.windows(2).filter(|pair| pair[0] == pair[1]).count();
    (labels.len() + repeats).max(1)
}

impl Family for Ctc {
    fn noun(&self) -> &'static str {
        "a labelling"
    }

    fn size(&self) -> usize {
        self.frames
    }

    fn least_size(&self) -> usize {
        least_frames(&self.labels)
    }

    fn prefix(&self, size: usize) -> (Derivations, Vec<usize>) {
        let structure = Derivations::ctc(size, self.classes, &self.labels, self.blank);
        (structure, (0..size * self.classes).collect())
    }
}
