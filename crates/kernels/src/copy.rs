use crate::lanes::in_lanes;
use crate::nest::Inner;
use crate::{Mismatch, Nest, expect};

/// A transposition goes tile by tile of this side, so that every line of memory is fetched once.
const TILE: usize = 16;

/// Copies between two strided views: from `bases[0]` of `x` with the nest's first strides, to `bases[1]` of `out` with
/// its second ones. What the second view does not cover stays as it is.
pub fn copy(x: &[f32], out: &mut [f32], bases: [usize; 2], nest: &Nest) -> Result<(), Mismatch> {
    expect(nest.fits(0, bases[0], x.len()), "x: expected the elements that the shape says")?;
    expect(nest.fits(1, bases[1], out.len()), "out: expected the elements that the shape says")?;
    let inner = nest.inner();
    let outer = nest.rank().saturating_sub(1);
    let contiguous = (0..outer).find(|&axis| nest.axis(axis).strides[0] == 1);
    match (contiguous, inner.strides) {
        (Some(axis), [step, 1]) if step != 1 => {
            let mut nest = *nest;
            nest.sink(axis);
            let across = nest.axis(outer - 1);
            nest.walk(2, bases, |offsets| transpose(x, out, offsets, across, inner));
        }
        _ => in_lanes(
            #[inline(always)]
            || nest.walk(1, bases, |offsets| copy_row(x, out, offsets, inner)),
        ),
    }
    Ok(())
}

#[inline(always)]
fn copy_row(x: &[f32], out: &mut [f32], [from, to]: [usize; 2], Inner { length, strides }: Inner) {
    match strides {
        [1, 1] => out[to..to + length].copy_from_slice(&x[from..from + length]),
        [0, 1] => out[to..to + length].fill(x[from]),
        [-1, 1] => {
            let row = &x[from + 1 - length..=from];
            for (out, &x) in out[to..to + length].iter_mut().zip(row.iter().rev()) {
                *out = x;
            }
        }
        [step_from, step_to] => {
            for index in 0..length as isize {
                out[to.wrapping_add_signed(index * step_to)] = x[from.wrapping_add_signed(index * step_from)];
            }
        }
    }
}

/// A matrix transposed: `along` is contiguous in the result, `across` in the input.
fn transpose(x: &[f32], out: &mut [f32], [from, to]: [usize; 2], across: Inner, along: Inner) {
    for first in (0..across.length).step_by(TILE) {
        for start in (0..along.length).step_by(TILE) {
            let end = along.length.min(start + TILE);
            for row in first..across.length.min(first + TILE) {
                let to = to.wrapping_add_signed(row as isize * across.strides[1]);
                for (column, out) in (start..end).zip(&mut out[to + start..to + end]) {
                    *out = x[from.wrapping_add_signed(row as isize + column as isize * along.strides[0])];
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same copy, element by element.
    fn plain(x: &[f32], out: &mut [f32], bases: [usize; 2], nest: &Nest) {
        nest.walk(0, bases, |[from, to]| out[to] = x[from]);
    }

    #[test]
    fn copies_agree_with_single_elements() {
        let x: Vec<f32> = (0..40 * 50).map(|i| i as f32).collect();
        let cases: [(&[i32], [usize; 2]); 8] = [
            (&[50, 40, 1, 50, 40, 1], [0, 0]),
            (&[10, 40, 5, 1, 50, 10, 200, 5, 1], [0, 0]),
            (&[5, 4, 10, 10, 50, 1, 40, 10, 1], [250, 100]),
            (&[40, 50, 50, -1, 50, 1], [49, 0]),
            (&[40, 50, -50, 1, 50, 1], [39 * 50, 0]),
            (&[3, 40, 0, 1, 40, 1], [7, 0]),
            (&[40, 3, 1, 0, 3, 1], [0, 0]),
            (&[7, 5, 3, 2, 20, 2], [1, 5]),
        ];
        for (specification, bases) in cases {
            let nest = Nest::parse(specification).unwrap();
            let (mut got, mut expected) = (vec![-1.0; 2000], vec![-1.0; 2000]);
            copy(&x, &mut got, bases, &nest).unwrap();
            plain(&x, &mut expected, bases, &nest);
            assert_eq!(got, expected, "{specification:?}");
        }
    }

    #[test]
    fn a_view_that_leaves_its_array_is_refused() {
        let nest = Nest::parse(&[3, 1, 1]).unwrap();
        assert!(copy(&[0.0; 3], &mut [0.0; 3], [1, 0], &nest).is_err());
        assert!(copy(&[0.0; 3], &mut [0.0; 2], [0, 0], &nest).is_err());
    }
}
