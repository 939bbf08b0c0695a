use std::rc::Rc;

use proptest::prelude::*;
use sst::AnyOperator;
use sst::structure::{Prefix, ProjectiveTree};

use super::Pairing;
use crate::registry::Instance;

#[derive(Debug)]
struct Sentence {
    words: usize,
    single_root_child: bool,
    pairing: Pairing<ProjectiveTree>,
}

pub(crate) fn instances(pairing: Pairing<ProjectiveTree>) -> BoxedStrategy<Rc<dyn Instance>> {
    of_words(false, pairing)
}

pub(crate) fn with_a_single_root_child(pairing: Pairing<ProjectiveTree>) -> BoxedStrategy<Rc<dyn Instance>> {
    of_words(true, pairing)
}

fn of_words(single_root_child: bool, pairing: Pairing<ProjectiveTree>) -> BoxedStrategy<Rc<dyn Instance>> {
    let sentence = move |words| Rc::new(Sentence { words, single_root_child, pairing }) as Rc<dyn Instance>;
    (1..=4usize).prop_map(sentence).boxed()
}

/// Head and modifier of every coordinate.
fn edges(words: usize) -> Vec<(usize, usize)> {
    let all = (0..=words).flat_map(|head| (1..=words).map(move |modifier| (head, modifier)));
    all.filter(|(head, modifier)| head != modifier).collect()
}

/// Whether every word descends from the root, and from its own head every word that stands between the two.
fn is_projective_tree(heads: &[usize]) -> bool {
    let descends = |word: usize, from: usize| {
        let mut at = word;
        // A path that is longer than there are words has come round a cycle.
        for _ in 0..=heads.len() {
            if at == from {
                return true;
            }
            at = if at == 0 { 0 } else { heads[at - 1] };
        }
        false
    };
    (1..=heads.len()).all(|word| {
        let head = heads[word - 1];
        descends(word, 0) && (word.min(head) + 1..word.max(head)).all(|between| descends(between, head))
    })
}

impl Instance for Sentence {
    fn operator(&self) -> AnyOperator {
        (self.pairing)(if self.single_root_child {
            ProjectiveTree::with_single_root_child(self.words)
        } else {
            ProjectiveTree::new(self.words)
        })
    }

    /// All choices of a head for every word that make a projective tree.
    fn vertices(&self) -> Vec<u32> {
        let (words, edges) = (self.words, edges(self.words));
        let choices = (0..(words + 1).pow(words as u32)).map(|number| {
            (0..words as u32).map(|word| number / (words + 1).pow(word) % (words + 1)).collect::<Vec<usize>>()
        });
        let has_children = |heads: &[usize]| heads.iter().filter(|&&head| head == 0).count();
        let trees = choices.filter(|heads| {
            is_projective_tree(heads) && (!self.single_root_child || has_children(heads) == 1)
        });
        trees
            .map(|heads| {
                let present = edges.iter().enumerate().filter(|(_, (head, word))| heads[word - 1] == *head);
                present.fold(0, |set, (coordinate, _)| set | 1 << coordinate)
            })
            .collect()
    }

    /// `C(3n, n) / (2n + 1)`: 1, 3, 12, 55; with a single child of the root `C(3n - 2, n - 1) / n`: 1, 2, 7, 30.
    fn count(&self) -> Option<f64> {
        let n = self.words;
        let choices = |of: usize, k: usize| (0..k).map(|i| (of - i) as f64 / (i + 1) as f64).product::<f64>();
        Some(if self.single_root_child {
            choices(3 * n - 2, n - 1) / n as f64
        } else {
            choices(3 * n, n) / (2 * n + 1) as f64
        })
    }

    fn labels(&self) -> usize {
        self.words
    }

    fn relabelled(&self, _names: &[usize]) -> Option<Prefix<AnyOperator>> {
        None
    }

    fn without(&self, _forbidden: u32) -> AnyOperator {
        unreachable!("what remains are not the trees of a sentence")
    }

    fn prefix(&self, size: usize) -> Prefix<Rc<dyn Instance>> {
        let kept = edges(self.words).into_iter().enumerate();
        let kept = kept.filter(|(_, (head, modifier))| *head <= size && *modifier <= size);
        Prefix::new(Rc::new(Sentence { words: size, ..*self }), kept.map(|(coordinate, _)| coordinate))
    }
}
