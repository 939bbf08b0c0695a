//! The value of the best matching in exact arithmetic.

/// The Hungarian method on integers, O(n^3) (Kuhn, 1955; Munkres, 1957), with rows and columns counted from 1.
pub(crate) fn best_value(n: usize, utility: &[i128]) -> i128 {
    let (mut row_prices, mut column_prices) = (vec![0_i128; n + 1], vec![0_i128; n + 1]);
    let (mut row_of, mut previous) = (vec![0; n + 1], vec![0; n + 1]);
    for start in 1..=n {
        row_of[0] = start;
        let mut column = 0;
        let (mut distances, mut settled) = (vec![i128::MAX / 4; n + 1], vec![false; n + 1]);
        while row_of[column] != 0 {
            settled[column] = true;
            let row = row_of[column];
            for other in (1..=n).filter(|&other| !settled[other]) {
                let reduced = -utility[(row - 1) * n + other - 1] - row_prices[row] - column_prices[other];
                if reduced < distances[other] {
                    (distances[other], previous[other]) = (reduced, column);
                }
            }
            let nearest = (1..=n).filter(|&other| !settled[other]).min_by_key(|&other| distances[other]);
            let nearest = nearest.expect("an open column");
            let step = distances[nearest];
            for other in 0..=n {
                if settled[other] {
                    row_prices[row_of[other]] += step;
                    column_prices[other] -= step;
                } else {
                    distances[other] -= step;
                }
            }
            column = nearest;
        }
        while column != 0 {
            row_of[column] = row_of[previous[column]];
            column = previous[column];
        }
    }
    (1..=n).map(|column| utility[(row_of[column] - 1) * n + column - 1]).sum()
}
