use crate::threads::{ELEMENT, GRAIN, Wide, for_parts};
use crate::{Mismatch, expect};

/// Slices of `x` [batch, outer, choices, width] chosen by indices [batch, chosen]: out [batch, outer, chosen, width].
///
/// Returns false, and leaves `out` unfinished, if an index is not in [0, choices).
pub fn gather(
    x: &[f32],
    indices: &[i32],
    [batch, outer, choices, width]: [usize; 4],
    out: &mut [f32],
) -> Result<bool, Mismatch> {
    let size = [batch, outer, choices, width].iter().try_fold(1usize, |size, &axis| size.checked_mul(axis));
    expect(size == Some(x.len()), "x: expected the elements that the shape says")?;
    expect(
        batch > 0 && indices.len().is_multiple_of(batch),
        "indices: expected as many for each of the batch",
    )?;
    let chosen = indices.len() / batch;
    expect(out.len() == batch * outer * chosen * width, "out: expected a slice for each index")?;
    if indices.iter().any(|&index| usize::try_from(index).map_or(true, |index| index >= choices)) {
        return Ok(false);
    }
    if out.is_empty() {
        return Ok(true);
    }
    let grain = GRAIN.div_ceil(width);
    for_parts(out.len() / width, ELEMENT * width, grain, Wide { data: out, width }, |range, out| {
        // Whole groups but for the first and the last one.
        let (mut at, mut rest) = (range.start, out.data);
        while at < range.end {
            let (group, first) = (at / chosen, at % chosen);
            let count = (chosen - first).min(range.end - at);
            let (own, after) = rest.split_at_mut(count * width);
            let x = &x[group * choices * width..][..choices * width];
            let indices = &indices[group / outer * chosen + first..][..count];
            for (&index, out) in indices.iter().zip(own.chunks_exact_mut(width)) {
                out.copy_from_slice(&x[index as usize * width..][..width]);
            }
            (at, rest) = (at + count, after);
        }
    });
    Ok(true)
}

/// Sums the rows of `x` that have the same id: out [segments, width]. Rows whose id is no segment are left out.
pub fn segment_sum(x: &[f32], ids: &[i32], width: usize, out: &mut [f32]) -> Result<(), Mismatch> {
    expect(ids.len().checked_mul(width) == Some(x.len()), "x: expected a row for each id")?;
    out.fill(0.0);
    if width == 0 {
        return Ok(());
    }
    expect(out.len().is_multiple_of(width), "out: expected whole rows")?;
    let segments = out.len() / width;
    if segments == 0 {
        return Ok(());
    }
    // Each thread reads all ids and sums the rows of its segments, in their order.
    let (work, grain) = (ELEMENT * x.len() / segments, GRAIN.div_ceil(width));
    for_parts(segments, work, grain, Wide { data: out, width }, |range, out| {
        for (row, &id) in x.chunks_exact(width).zip(ids) {
            if let Ok(id) = usize::try_from(id)
                && range.contains(&id)
            {
                for (sum, &x) in out.data[(id - range.start) * width..][..width].iter_mut().zip(row) {
                    *sum += x;
                }
            }
        }
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(
            batch in 1usize..4, outer in 0usize..4, choices in 1usize..9, width in 0usize..40,
            chosen in 0usize..40, seed: u64,
        ) {
            let index = |number: &f32| ((number + 1.0) / 2.0 * choices as f32) as i32;
            let indices: Vec<i32> = numbers(batch * chosen, seed).iter().map(index).collect();
            let x = numbers(batch * outer * choices * width, seed ^ 1);
            same_on_all(|| {
                let mut out = vec![0.0; batch * outer * chosen * width];
                assert_eq!(gather(&x, &indices, [batch, outer, choices, width], &mut out), Ok(true));
                out
            });
            let rows = numbers(indices.len() * width, seed ^ 2);
            same_on_all(|| {
                let mut out = vec![0.0; choices * width];
                segment_sum(&rows, &indices, width, &mut out).unwrap();
                out
            });
        }
    }

    #[test]
    fn slices_are_chosen_in_every_batch_and_group() {
        let x: Vec<f32> = (0..24).map(|i| i as f32).collect();
        let mut out = [0.0; 8];
        assert_eq!(gather(&x, &[2, 0], [1, 2, 3, 4], &mut [0.0; 16]), Ok(true));
        assert_eq!(gather(&x, &[2, 0], [2, 2, 3, 2], &mut out), Ok(true));
        assert_eq!(out, [4.0, 5.0, 10.0, 11.0, 12.0, 13.0, 18.0, 19.0]);
        assert_eq!(gather(&x, &[3, 0], [2, 2, 3, 2], &mut out), Ok(false));
        assert_eq!(gather(&x, &[-1, 0], [2, 2, 3, 2], &mut out), Ok(false));
        assert!(gather(&x, &[0], [2, 2, 3, 2], &mut out).is_err());
    }

    #[test]
    fn rows_are_summed_by_id() {
        let mut out = [9.0; 4];
        segment_sum(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], &[1, -1, 1, 2], 2, &mut out).unwrap();
        assert_eq!(out, [0.0, 0.0, 6.0, 8.0]);
        assert!(segment_sum(&[1.0], &[0, 0], 1, &mut out).is_err());
    }
}
