//! Each structure as the laws see it.

pub(crate) mod arborescence;
pub(crate) mod one_hot;
pub(crate) mod spanning_tree;
pub(crate) mod subset;
pub(crate) mod top_k;

/// All sets of coordinates of n that satisfy a condition.
fn sets(n: usize, condition: impl Fn(u32) -> bool) -> Vec<u32> {
    (0..1u32 << n).filter(|&set| condition(set)).collect()
}
