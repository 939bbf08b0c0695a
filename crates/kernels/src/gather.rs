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
    let groups = x.chunks_exact(choices * width).zip(out.chunks_exact_mut(chosen * width));
    for (group, (x, out)) in groups.enumerate() {
        let indices = &indices[group / outer * chosen..][..chosen];
        for (&index, out) in indices.iter().zip(out.chunks_exact_mut(width)) {
            out.copy_from_slice(&x[index as usize * width..][..width]);
        }
    }
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
    for (row, &id) in x.chunks_exact(width).zip(ids) {
        if let Ok(id) = usize::try_from(id)
            && id < segments
        {
            for (sum, &x) in out[id * width..][..width].iter_mut().zip(row) {
                *sum += x;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
