//! What the rows and the columns of a plan sum to.

use crate::structure::Market;

/// 1 everywhere, in a square. Else a plan has a row for each good and a column for each buyer, and a last column for what
/// stays alone: all goods but as many as there are buyers, or, where these may stay alone too (in a last row), as many as
/// there are goods. So both of the last sum to more than 1.
pub(super) struct Marginals {
    pub(super) rows: Vec<f64>,
    /// `1 / rows`.
    pub(super) inverses: Vec<f64>,
    pub(super) columns: Vec<f64>,
    /// The largest of them all.
    pub(super) largest: f64,
}

impl Marginals {
    pub(super) fn new(market: Market) -> Self {
        let Market { buyers, goods, open } = market;
        let mut rows = vec![1.0; market.columns()];
        let mut columns = vec![1.0; buyers];
        if !market.is_square() {
            columns.push(if open { goods } else { goods - buyers } as f64);
        }
        if open {
            rows[goods] = buyers as f64;
        }
        let inverses = rows.iter().map(|sum| 1.0 / sum).collect();
        let largest = rows.iter().chain(&columns).copied().fold(1.0, f64::max);
        Self { rows, inverses, columns, largest }
    }
}
