//! Whether the allowed cells hold a perfect matching; if not, Hall's reason why.

/// The mark of what has no partner yet.
const NONE: u32 = u32::MAX;

/// Looks for a perfect matching of the cells that are not -inf by breadth-first augmentation, O(n^3) at worst.
///
/// # Errors
/// Names rows that have fewer columns than they are (Hall's theorem: if and only if there are such, no matching is
/// perfect).
pub(super) fn check(n: usize, utility: &[f64], scratch: &mut Vec<u32>) -> Result<(), String> {
    scratch.clear();
    scratch.resize(4 * n, NONE);
    let (column_of, rest) = scratch.split_at_mut(n);
    let (row_of, rest) = rest.split_at_mut(n);
    let (reached_from, queue) = rest.split_at_mut(n);
    for start in 0..n {
        reached_from.fill(NONE);
        queue[0] = start as u32;
        let (mut head, mut tail) = (0, 1);
        let mut free = None;
        'search: while head < tail {
            let row = queue[head] as usize;
            head += 1;
            for (column, &u) in utility[row * n..(row + 1) * n].iter().enumerate() {
                if u == f64::NEG_INFINITY || reached_from[column] != NONE {
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
        let Some(mut column) = free else {
            return Err(deficiency(&mut queue[..tail], reached_from));
        };
        loop {
            let row = reached_from[column] as usize;
            row_of[column] = row as u32;
            let next = column_of[row];
            column_of[row] = column as u32;
            if row == start {
                break;
            }
            column = next as usize;
        }
    }
    Ok(())
}

/// Every row reached has been looked through, and its columns all belong to the other rows reached.
fn deficiency(rows: &mut [u32], reached_from: &[u32]) -> String {
    rows.sort_unstable();
    let columns = reached_from.iter().filter(|&&row| row != NONE).count();
    format!(
        "expected a perfect matching of the cells whose utility is not -Infinity, but matrix {} no more than {columns} column{} of such cells",
        match rows {
            [row] => format!("row {row} has"),
            rows => format!("rows {} together have", list(rows)),
        },
        if columns == 1 { "" } else { "s" },
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
