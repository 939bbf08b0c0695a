//! Whether the allowed cells hold a matching of the shorter side; if not, Hall's reason why.

use super::Matching;

/// The mark of what has no partner yet.
const NONE: u32 = u32::MAX;

/// Looks for a matching of all buyers in the cells that are not -inf by breadth-first augmentation, O(m^2 n) at worst.
///
/// # Errors
/// Names rows that have fewer columns than they are (Hall's theorem: if and only if there are such, no matching has
/// them all), or columns that have fewer rows, where these are the shorter side.
pub(super) fn check(structure: &Matching, utility: &[f64], scratch: &mut Vec<u32>) -> Result<(), String> {
    let mut search = Search::new(structure, utility, scratch);
    for start in 0..structure.market().buyers {
        if let Err(reached) = search.match_one(start, None) {
            return Err(deficiency(structure, &mut search.queue[..reached], search.reached_from));
        }
    }
    Ok(())
}

/// Marks the cells that every matching of all buyers has, given that there is one: those of one such that it cannot be put
/// right without. O(m^2 n).
pub(super) fn mark_forced(
    structure: &Matching,
    utility: &[f64],
    scratch: &mut Vec<u32>,
    mut mark: impl FnMut(usize),
) {
    let market = structure.market();
    let mut search = Search::new(structure, utility, scratch);
    for start in 0..market.buyers {
        if search.match_one(start, None).is_err() {
            return;
        }
    }
    for buyer in 0..market.buyers {
        let place = search.column_of[buyer];
        search.row_of[place as usize] = NONE;
        if search.match_one(buyer, Some(place)).is_err() {
            search.row_of[place as usize] = buyer as u32;
            mark(structure.cell(buyer, market.good_at(place as usize)));
        }
    }
}

/// A matching of some buyers in the cells that are not -inf.
struct Search<'a> {
    structure: &'a Matching,
    utility: &'a [f64],
    /// The place of each buyer.
    column_of: &'a mut [u32],
    /// The buyer of each place.
    row_of: &'a mut [u32],
    /// The buyer that each place was reached from.
    reached_from: &'a mut [u32],
    /// The buyers that were reached.
    queue: &'a mut [u32],
}

impl<'a> Search<'a> {
    fn new(structure: &'a Matching, utility: &'a [f64], scratch: &'a mut Vec<u32>) -> Self {
        let market = structure.market();
        let (buyers, places) = (market.buyers, market.places());
        scratch.clear();
        scratch.resize(2 * (buyers + places), NONE);
        let (column_of, rest) = scratch.split_at_mut(buyers);
        let (row_of, rest) = rest.split_at_mut(places);
        let (reached_from, queue) = rest.split_at_mut(places);
        Self { structure, utility, column_of, row_of, reached_from, queue }
    }

    /// Matches one more buyer, not with the place that is barred to it.
    ///
    /// # Errors
    /// How many buyers were reached, where that is impossible.
    fn match_one(&mut self, start: usize, barred: Option<u32>) -> Result<(), usize> {
        let Self { structure, utility, column_of, row_of, reached_from, queue } = self;
        let market = structure.market();
        reached_from.fill(NONE);
        queue[0] = start as u32;
        let (mut head, mut tail) = (0, 1);
        let mut free = None;
        'search: while head < tail {
            let row = queue[head] as usize;
            head += 1;
            for column in 0..market.places() {
                let u = utility[structure.cell(row, market.good_at(column))];
                if u == f64::NEG_INFINITY || reached_from[column] != NONE {
                    continue;
                }
                if row == start && barred == Some(column as u32) {
                    continue;
                }
                reached_from[column] = row as u32;
                if row_of[column] == NONE {
                    free = Some(column);
                    break 'search;
                }
                queue[tail] = row_of[column];
                tail += 1;
            }
        }
        let Some(mut column) = free else { return Err(tail) };
        loop {
            let row = reached_from[column] as usize;
            row_of[column] = row as u32;
            let next = column_of[row];
            column_of[row] = column as u32;
            if row == start {
                return Ok(());
            }
            column = next as usize;
        }
    }
}

/// Every buyer reached has been looked through, and its places all belong to the other buyers reached.
fn deficiency(structure: &Matching, buyers: &mut [u32], reached_from: &[u32]) -> String {
    buyers.sort_unstable();
    let places = reached_from.iter().filter(|&&buyer| buyer != NONE).count();
    let (one, others) = match (structure.columns_buy(), &structure.capacities) {
        (true, _) => ("column", "row"),
        (false, None) => ("row", "column"),
        (false, Some(_)) => ("row", "place"),
    };
    let wanted = if structure.market().is_square() {
        "a perfect matching".to_string()
    } else {
        format!("a matching of every {one}")
    };
    format!(
        "expected {wanted} of the cells whose utility is not -Infinity, but matrix {} no more than {places} {others}{} of such cells",
        match buyers {
            [buyer] => format!("{one} {buyer} has"),
            buyers => format!("{one}s {} together have", list(buyers)),
        },
        if places == 1 { "" } else { "s" },
    )
}

/// The first few of some numbers.
fn list(numbers: &[u32]) -> String {
    const MOST_SHOWN: usize = 8;
    let mut shown: Vec<String> = numbers.iter().take(MOST_SHOWN).map(u32::to_string).collect();
    if numbers.len() > MOST_SHOWN {
        shown.push(format!("and {} more", numbers.len() - MOST_SHOWN));
    }
    shown.join(", ")
}
