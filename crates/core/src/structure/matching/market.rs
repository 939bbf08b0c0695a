//! Matchings told as a market: the shorter side buys from the longer one.

/// Who buys, and what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Market {
    /// Things of the shorter side, each of which needs a good.
    pub(crate) buyers: usize,
    /// Things of the longer side, each of which has at most one buyer.
    pub(crate) goods: usize,
    /// Whether buyers may stay alone: they take one more good then, the last one, that never runs out.
    pub(crate) open: bool,
}

impl Market {
    /// Goods, with the one that never runs out.
    pub(crate) fn columns(self) -> usize {
        self.goods + usize::from(self.open)
    }

    /// Where the good that never runs out stands.
    pub(super) fn open_column(self) -> Option<usize> {
        self.open.then_some(self.goods)
    }

    /// Whether every good must have a buyer.
    pub(crate) fn is_square(self) -> bool {
        self.buyers == self.goods && !self.open
    }
}
