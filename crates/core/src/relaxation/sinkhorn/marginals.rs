//! What the rows and the columns of a plan sum to.

use crate::structure::Market;

/// 1 everywhere, in a square. Else a plan has a row for each good, whose sum is its capacity, and a column for each buyer. A
/// last column has what is not sold, and where buyers may stay alone, a last row has them: these are as many as there are
/// buyers, and goods for all of them are not sold.
pub(super) struct Marginals {
    pub(super) rows: Vec<f64>,
    /// `1 / rows`.
    pub(super) inverses: Vec<f64>,
    pub(super) columns: Vec<f64>,
    /// The largest of them all.
    pub(super) largest: f64,
}

impl Marginals {
    pub(super) fn new(market: &Market) -> Self {
        let height = market.goods() + usize::from(market.open);
        let rows: Vec<f64> = (0..height).map(|good| f64::from(market.capacity(good))).collect();
        let mut columns = vec![1.0; market.buyers];
        if market.unsold() > 0 {
            columns.push(market.unsold() as f64);
        }
        let inverses = rows.iter().map(|sum| 1.0 / sum).collect();
        let largest = rows.iter().chain(&columns).copied().fold(1.0, f64::max);
        Self { rows, inverses, columns, largest }
    }
}
