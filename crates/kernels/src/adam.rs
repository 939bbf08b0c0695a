use crate::lanes::in_lanes;
use crate::threads::{ELEMENT, GRAIN, for_parts};
use crate::{Mismatch, expect};

/// Adam (Kingma and Ba, 2015): decay rates, and what a step depends on.
///
/// Every operation is rounded to single precision as TensorFlow.js rounds it, so that results have the same bits.
#[derive(Clone, Copy, Debug)]
pub struct Adam {
    /// Decay rates of the two moments.
    pub decay: [f32; 2],
    /// The weights of a new gradient and of its square: 1 minus the decay rates, rounded once.
    pub fresh: [f32; 2],
    /// 1 minus the decay rates to the power of the step.
    pub correction: [f32; 2],
    /// Minus the step size.
    pub rate: f32,
    /// Keeps the divisor from 0.
    pub epsilon: f32,
}

/// The averages of the gradients and of their squares.
#[derive(Debug)]
pub struct Moments<S> {
    /// First moment.
    pub mean: S,
    /// Second moment.
    pub square: S,
}

impl Adam {
    /// Moves `values` along `gradient`: new values into `out`, new moments into `updated`.
    pub fn step(
        &self,
        values: &[f32],
        gradient: &[f32],
        moments: Moments<&[f32]>,
        updated: Moments<&mut [f32]>,
        out: &mut [f32],
    ) -> Result<(), Mismatch> {
        let Moments { mean, square } = moments;
        let Moments { mean: new_mean, square: new_square } = updated;
        let lengths =
            [values.len(), gradient.len(), mean.len(), square.len(), new_mean.len(), new_square.len()];
        expect(lengths.iter().all(|&length| length == out.len()), "out: expected one length of all arrays")?;
        let Self { decay, fresh, correction, rate, epsilon } = *self;
        let arrays = (out, new_mean, new_square);
        for_parts(values.len(), 2 * ELEMENT, GRAIN, arrays, |range, (out, new_mean, new_square)| {
            let [values, gradient, mean, square] =
                [values, gradient, mean, square].map(|array| &array[range.clone()]);
            in_lanes(
                #[inline(always)]
                || {
                    let inputs = values.iter().zip(gradient).zip(mean).zip(square);
                    let outputs = out.iter_mut().zip(new_mean.iter_mut()).zip(new_square.iter_mut());
                    for ((((&value, &g), &mean), &square), ((out, new_mean), new_square)) in
                        inputs.zip(outputs)
                    {
                        let mean = mean * decay[0] + g * fresh[0];
                        let square = square * decay[1] + (g * g) * fresh[1];
                        let step = (mean / correction[0]) / ((square / correction[1]).sqrt() + epsilon);
                        (*new_mean, *new_square, *out) = (mean, square, step * rate + value);
                    }
                },
            );
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(length in 0usize..2000, seed: u64) {
            let [values, gradient, mean] = [0, 1, 2].map(|shift| numbers(length, seed ^ shift));
            let square = numbers(length, seed ^ 3).into_iter().map(f32::abs).collect::<Vec<_>>();
            let adam = Adam {
                decay: [0.9, 0.999],
                fresh: [0.1, 0.001],
                correction: [0.3, 0.01],
                rate: -0.01,
                epsilon: 1e-8,
            };
            same_on_all(|| {
                let mut results = [vec![0.0; length], vec![0.0; length], vec![0.0; length]];
                let [out, new_mean, new_square] = &mut results;
                let moments = Moments { mean: &mean[..], square: &square[..] };
                let updated = Moments { mean: &mut new_mean[..], square: &mut new_square[..] };
                adam.step(&values, &gradient, moments, updated, out).unwrap();
                results.concat()
            });
        }
    }

    #[test]
    fn the_first_step_has_the_size_of_the_rate() {
        let adam = Adam {
            decay: [0.9, 0.999],
            fresh: [0.1, 0.001],
            correction: [0.1, 0.001],
            rate: -0.01,
            epsilon: 1e-8,
        };
        let (mut mean, mut square, mut out) = ([0.0; 3], [0.0; 3], [0.0; 3]);
        adam.step(
            &[1.0; 3],
            &[2.0, -3.0, 0.0],
            Moments { mean: &[0.0; 3], square: &[0.0; 3] },
            Moments { mean: &mut mean, square: &mut square },
            &mut out,
        )
        .unwrap();
        for (got, expected) in out.into_iter().zip([0.99, 1.01, 1.0f32]) {
            assert!((got - expected).abs() < 1e-6);
        }
        assert!((mean[0] - 0.2).abs() < 1e-7 && (square[1] - 0.009).abs() < 1e-7);
    }
}
