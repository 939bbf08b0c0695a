use crate::functions::{choose, exp, expm1, ln, ln_1p, sigmoid, softplus, tanh};
use crate::lanes::in_lanes;
use crate::threads::{FUNCTION, GRAIN, for_parts};
use crate::{Mismatch, expect};

/// Scale and scale times alpha of the self-normalising unit (Klambauer et al., 2017).
const SELU: [f64; 2] = [1.050_700_987_355_480_5, 1.758_099_340_847_376_8];

/// Declares the functions once: names, codes and what they compute from a number and two parameters.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident($x:ident, $parameters:pat): $value:expr,)*) => {
        /// A function of one number, elementwise, under the name of its TensorFlow.js kernel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Unary {
            $($(#[$doc])* $name,)*
        }

        impl Unary {
            /// All functions with their names.
            pub const ALL: &[(&str, Unary)] = &[$((stringify!($name), Unary::$name),)*];

            /// Applies the function to every element.
            pub fn apply(self, x: &[f32], parameters: [f64; 2], out: &mut [f32]) -> Result<(), Mismatch> {
                expect(x.len() == out.len(), "out: expected as many elements as the input has")?;
                match self {
                    $(Unary::$name => {
                        #[inline(always)]
                        fn function($x: f32, $parameters: [f64; 2]) -> f32 {
                            $value
                        }
                        map(x, out, #[inline(always)] move |x| function(x, parameters));
                    })*
                }
                Ok(())
            }

            /// Replaces every element by the function's value.
            pub fn apply_in_place(self, parameters: [f64; 2], out: &mut [f32]) {
                match self {
                    $(Unary::$name => {
                        #[inline(always)]
                        fn function($x: f32, $parameters: [f64; 2]) -> f32 {
                            $value
                        }
                        update(out, #[inline(always)] move |x| function(x, parameters));
                    })*
                }
            }
        }
    };
}

functions! {
    /// |x|.
    Abs(x, _): x.abs(),
    /// -x.
    Neg(x, _): -x,
    /// -1, 0 or 1; 0 for NaN.
    Sign(x, _): choose(x < 0.0, -1.0, choose(x > 0.0, 1.0, 0.0)),
    /// x^2.
    Square(x, _): x * x,
    /// Square root.
    Sqrt(x, _): x.sqrt(),
    /// 1 / sqrt(x).
    Rsqrt(x, _): (1.0 / f64::from(x).sqrt()) as f32,
    /// 1 / x.
    Reciprocal(x, _): 1.0 / x,
    /// e^x.
    Exp(x, _): exp(x) as f32,
    /// e^x - 1.
    Expm1(x, _): expm1(x) as f32,
    /// ln x.
    Log(x, _): ln(f64::from(x)) as f32,
    /// ln(1 + x).
    Log1p(x, _): ln_1p(x) as f32,
    /// 1 / (1 + e^-x).
    Sigmoid(x, _): sigmoid(x) as f32,
    /// Hyperbolic tangent.
    Tanh(x, _): tanh(x) as f32,
    /// ln(1 + e^x).
    Softplus(x, _): softplus(x) as f32,
    /// max(x, 0).
    Relu(x, _): choose(x <= 0.0, 0.0, x),
    /// max(x, 0) up to 6.
    Relu6(x, _): choose(x <= 0.0, 0.0, choose(x > 6.0, 6.0, x)),
    /// x above 0, the first parameter times x below.
    LeakyRelu(x, [slope, _]): choose(x < 0.0, (slope * f64::from(x)) as f32, x),
    /// x above 0, e^x - 1 below.
    Elu(x, _): choose(x >= 0.0, x, (exp(x) - 1.0) as f32),
    /// The self-normalising unit: a multiple of x above 0, of e^x - 1 below.
    Selu(x, _): {
        let [scale, scale_alpha] = SELU;
        choose(x >= 0.0, (scale * f64::from(x)) as f32, (scale_alpha * (exp(x) - 1.0)) as f32)
    },
    /// 1 above 0, the first parameter elsewhere, NaN for NaN.
    Step(x, [elsewhere, _]): choose(x.is_nan(), x, choose(x > 0.0, 1.0, elsewhere as f32)),
    /// x between the two parameters.
    ClipByValue(x, [least, most]): {
        let (least, most) = (least as f32, most as f32);
        choose(x > most, most, choose(x < least, least, x))
    },
}

#[inline(always)]
fn map(x: &[f32], out: &mut [f32], function: impl Fn(f32) -> f32 + Sync) {
    for_parts(out.len(), FUNCTION, GRAIN, out, |range, out| {
        let x = &x[range];
        in_lanes(
            #[inline(always)]
            || {
                for (out, &x) in out.iter_mut().zip(x) {
                    *out = function(x);
                }
            },
        );
    });
}

#[inline(always)]
fn update(out: &mut [f32], function: impl Fn(f32) -> f32 + Sync) {
    for_parts(out.len(), FUNCTION, GRAIN, out, |_, out| {
        in_lanes(
            #[inline(always)]
            || {
                for out in out.iter_mut() {
                    *out = function(*out);
                }
            },
        );
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::testing::{numbers, same_on_all};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn threads_leave_no_trace(length in 0usize..2000, seed: u64) {
            let x = numbers(length, seed);
            for &(_, function) in Unary::ALL {
                same_on_all(|| {
                    let mut out = vec![0.0; length];
                    function.apply(&x, [-0.5, 0.5], &mut out).unwrap();
                    out
                });
                same_on_all(|| {
                    let mut out = x.clone();
                    function.apply_in_place([-0.5, 0.5], &mut out);
                    out
                });
            }
        }
    }

    #[test]
    fn in_place_is_the_same_function_and_a_nan_stays_one() {
        let x: Vec<f32> =
            (0..100).map(|i| (i as f32 - 50.0) * 0.3).chain([f32::NAN, f32::INFINITY, -0.0]).collect();
        for &(name, function) in Unary::ALL {
            let (mut apart, mut in_place) = (vec![0.0; x.len()], x.clone());
            function.apply(&x, [-1.0, 2.0], &mut apart).unwrap();
            function.apply_in_place([-1.0, 2.0], &mut in_place);
            let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&apart), bits(&in_place), "{name}");
            assert_eq!(apart[100].is_nan(), function != Unary::Sign, "{name}");
        }
    }

    #[test]
    fn parameters_are_slopes_and_bounds() {
        let run = |function: Unary, x: f32| {
            let mut out = [0.0];
            function.apply(&[x], [-0.5, 2.0], &mut out).unwrap();
            out[0]
        };
        assert_eq!([-3.0, 1.0, 3.0].map(|x| run(Unary::ClipByValue, x)), [-0.5, 1.0, 2.0]);
        assert_eq!([-3.0, 1.0].map(|x| run(Unary::LeakyRelu, x)), [1.5, 1.0]);
        assert_eq!([-3.0, 0.0, 1.0].map(|x| run(Unary::Step, x)), [-0.5, -0.5, 1.0]);
        assert!(Unary::Abs.apply(&[1.0], [0.0; 2], &mut [0.0; 2]).is_err());
    }
}
