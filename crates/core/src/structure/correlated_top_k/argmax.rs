//! The best set: Viterbi's algorithm, O(nk).

use super::CorrelatedTopK;
use crate::number::Fixed;
use crate::structure::ArgmaxOracle;
use crate::structure::score::{Score, doubles_suffice};

/// The best scores of the elements from one position on, `[last bit][number chosen before]`, and from the one before; and
/// for all positions whether an element is chosen.
pub(super) struct Scores<T: Score> {
    after: Vec<T>,
    before: Vec<T>,
    /// `[position][last bit][number chosen before]`.
    choices: Vec<T::Taken>,
}

impl<T: Score> Scores<T> {
    fn new() -> Self {
        Self { after: Vec::new(), before: Vec::new(), choices: Vec::new() }
    }
}

/// The better of choosing an element and not, for each number chosen before, where one more makes them `present`. Slices
/// of their own let the loop run in SIMD lanes.
#[inline(always)]
fn choose<T: Score>(gain: T, present: &[T], absent: &[T], best: &mut [T], choices: &mut [T::Taken]) {
    let scores = present.iter().zip(absent);
    for ((best, choice), (&present, &absent)) in best.iter_mut().zip(choices).zip(scores) {
        let chosen = gain.plus(present);
        let better = chosen >= absent;
        *choice = T::taken(better);
        *best = if better { chosen } else { absent };
    }
}

/// Memory of the argmax.
pub struct Viterbi {
    pub(super) plain: Scores<f64>,
    exact: Scores<Option<Fixed>>,
}

impl CorrelatedTopK {
    /// Viterbi's algorithm from the last element to the first; then the choices from the first to the last, an element
    /// being chosen if that is as good as not.
    #[inline(always)]
    pub(super) fn best<T: Score>(&self, utility: &[f64], vertex: &mut [f64], scores: &mut Scores<T>) {
        let (n, k, width) = (self.elements, self.k, self.k + 1);
        let Scores { after, before, choices } = scores;
        choices.resize(n * 2 * width, T::taken(false));
        // After the last element, k have been chosen.
        after.clear();
        after.resize(2 * width, T::FORBIDDEN);
        after[k] = T::NOTHING;
        after[width + k] = T::NOTHING;
        before.resize(2 * width, T::FORBIDDEN);
        for i in (0..n).rev() {
            let (absent, present) = after.split_at(width);
            let element = T::of(utility[i]);
            let rows = before.chunks_exact_mut(width);
            let choices = choices[i * 2 * width..(i + 1) * 2 * width].chunks_exact_mut(width);
            for (last, (row, choices)) in rows.zip(choices).enumerate() {
                let gain = if last == 1 && i > 0 { element.plus(T::of(utility[n + i - 1])) } else { element };
                choose(gain, &present[1..], &absent[..k], &mut row[..k], &mut choices[..k]);
                row[k] = absent[k];
            }
            std::mem::swap(after, before);
        }
        let (mut chosen, mut last) = (0, 0);
        for i in 0..n {
            let choose = chosen < k && T::is_taken(choices[(2 * i + last) * width + chosen]);
            if choose {
                vertex[i] = 1.0;
                if last == 1 {
                    vertex[n + i - 1] = 1.0;
                }
                chosen += 1;
            }
            last = usize::from(choose);
        }
    }
}

impl ArgmaxOracle for CorrelatedTopK {
    type Workspace = Viterbi;

    fn argmax_workspace(&self) -> Viterbi {
        Viterbi { plain: Scores::new(), exact: Scores::new() }
    }

    fn argmax(&self, utility: &[f64], vertex: &mut [f64], workspace: &mut Viterbi) {
        let Viterbi { plain, exact } = workspace;
        if doubles_suffice(utility) {
            self.best(utility, vertex, plain);
        } else {
            self.best(utility, vertex, exact);
        }
    }
}
