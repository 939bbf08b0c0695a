//! Isotonic regression by pooling adjacent violators (Best, Chakravarti and Ubhaya, 2000).

/// Neighbouring places of a sequence that share a level.
pub(super) trait Pool: Copy {
    /// Whether the level of the block after this one is higher. Levels must not increase.
    fn is_below(self, next: Self) -> bool;

    /// Both blocks as one, whose level is between theirs.
    fn with(self, next: Self) -> Self;
}

/// Adds places to the blocks of those before them, each with the number of its places, until no level is above the one before
/// it; blocks from before `start` stay as they are. O(1) amortised a place.
#[inline(always)]
pub(super) fn pool<B: Pool>(places: impl Iterator<Item = B>, blocks: &mut Vec<(B, usize)>) {
    let start = blocks.len();
    for place in places {
        let (mut block, mut count) = (place, 1);
        while blocks.len() > start {
            let (before, places) = blocks[blocks.len() - 1];
            if !before.is_below(block) {
                break;
            }
            blocks.pop();
            (block, count) = (before.with(block), places + count);
        }
        blocks.push((block, count));
    }
}
