use crate::functions::exp;
use crate::lanes::in_lanes;
use crate::{Mismatch, expect};

/// Softmax of each row of so many columns: `exp(x - max) / sum`, the sum in double precision. O(elements).
pub fn softmax(x: &[f32], columns: usize, out: &mut [f32]) -> Result<(), Mismatch> {
    expect(x.len() == out.len(), "out: expected as many elements as the input has")?;
    expect(columns > 0 && x.len().is_multiple_of(columns), "x: expected whole rows")?;
    in_lanes(
        #[inline(always)]
        || {
            for (x, out) in x.chunks_exact(columns).zip(out.chunks_exact_mut(columns)) {
                let largest = x.iter().fold(f32::NEG_INFINITY, |largest, &x| {
                    if largest.is_nan() || largest > x { largest } else { x }
                });
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = exp(x - largest) as f32;
                }
                let sum = out.iter().fold(0.0, |sum, &x| sum + f64::from(x)) as f32;
                for out in out.iter_mut() {
                    *out /= sum;
                }
            }
        },
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
