use crate::functions::exp;
use crate::lanes::in_lanes;
use crate::threads::{FUNCTION, GRAIN, Wide, for_parts};
use crate::{Mismatch, expect};

/// Softmax of each row of so many columns: `exp(x - max) / sum`, the sum in double precision. O(elements).
pub fn softmax(x: &[f32], columns: usize, out: &mut [f32]) -> Result<(), Mismatch> {
    expect(x.len() == out.len(), "out: expected as many elements as the input has")?;
    expect(columns > 0 && x.len().is_multiple_of(columns), "x: expected whole rows")?;
    let (rows, grain) = (x.len() / columns, GRAIN.div_ceil(columns));
    for_parts(rows, FUNCTION * columns, grain, Wide { data: out, width: columns }, |range, out| {
        let x = &x[range.start * columns..range.end * columns];
        in_lanes(
            #[inline(always)]
            || {
                for (x, out) in x.chunks_exact(columns).zip(out.data.chunks_exact_mut(columns)) {
                    softmax_row(x, out);
                }
            },
        );
    });
    Ok(())
}

#[inline(always)]
fn softmax_row(x: &[f32], out: &mut [f32]) {
    let largest = x.iter().fold(
        f32::NEG_INFINITY,
        |largest, &x| {
            if largest.is_nan() || largest > x { largest } else { x }
        },
    );
    for (out, &x) in out.iter_mut().zip(x) {
        *out = exp(x - largest) as f32;
    }
    let sum = out.iter().fold(0.0, |sum, &x| sum + f64::from(x)) as f32;
    for out in out.iter_mut() {
        *out /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(rows in 0usize..300, columns in 1usize..30, seed: u64) {
            let x = numbers(rows * columns, seed);
            same_on_all(|| {
                let mut out = vec![0.0; x.len()];
                softmax(&x, columns, &mut out).unwrap();
                out
            });
        }
    }

    #[test]
    fn rows_are_independent_and_sum_to_one() {
        let x = [0.0, 1.0, 2.0, 1000.0, 1000.0, f32::NEG_INFINITY, f32::NAN, 0.0, 0.0];
        let mut out = [0.0; 9];
        softmax(&x, 3, &mut out).unwrap();
        let total = 1f64 + 1f64.exp() + 2f64.exp();
        for (index, &value) in out[..3].iter().enumerate() {
            assert!((f64::from(value) - (index as f64).exp() / total).abs() < 1e-7);
        }
        assert_eq!(out[3..6], [0.5, 0.5, 0.0]);
        assert!(out[6..].iter().all(|value| value.is_nan()));
        assert!(softmax(&x, 0, &mut out).is_err() && softmax(&x, 2, &mut out).is_err());
    }
}
