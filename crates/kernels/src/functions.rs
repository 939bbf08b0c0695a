//! Functions of one number in single precision, computed in double precision and rounded once: within half a unit in
//! the last place and a trifle. Free of branches on the data, so that loops over them run in SIMD lanes.

use sst::elementary;

/// One of two values, both computed: a select in lanes rather than a branch.
#[inline(always)]
pub(crate) fn choose<T>(condition: bool, yes: T, no: T) -> T {
    std::hint::select_unpredictable(condition, yes, no)
}

/// `e^x`.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f64 {
    elementary::exp(f64::from(x))
}

/// Natural logarithm: NaN below 0, minus infinity at 0.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    let finite = elementary::ln(x.clamp(f64::MIN_POSITIVE, f64::MAX));
    let limited = choose(x == 0.0, f64::NEG_INFINITY, choose(x == f64::INFINITY, x, finite));
    choose(x >= 0.0, limited, f64::NAN)
}

/// Below this size the formulas of [`expm1`], [`ln_1p`] and [`tanh`] cancel, and three terms of their series do.
const SMALL: f64 = 1.0 / 4096.0;

/// `e^x - 1`.
#[inline(always)]
pub(crate) fn expm1(x: f32) -> f64 {
    let x = f64::from(x);
    let series = x + x * x * (0.5 + x / 6.0);
    choose(x.abs() < SMALL, series, elementary::exp(x) - 1.0)
}

/// `ln(1 + x)`.
#[inline(always)]
pub(crate) fn ln_1p(x: f32) -> f64 {
    let x = f64::from(x);
    let series = x - x * x * (0.5 - x / 3.0);
    choose(x.abs() < SMALL, series, ln(1.0 + x))
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f64 {
    let x = f64::from(x);
    let series = x - x * x * x / 3.0;
    // Beyond 20 the value is 1 in double precision.
    let square = elementary::exp(2.0 * x.clamp(-20.0, 20.0));
    choose(x.abs() < SMALL, series, (square - 1.0) / (square + 1.0))
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// `ln(1 + e^x)`; x itself where the rest is beyond single precision, `e^x` where that is all there is.
#[inline(always)]
pub(crate) fn softplus(x: f32) -> f64 {
    // -ln(2^-23) - 2, as in TensorFlow.
    const BOUND: f64 = 13.942_385_152_878_742;
    let power = exp(x);
    let x = f64::from(x);
    choose(x > BOUND, x, choose(x < -BOUND, power, ln(1.0 + power)))
}

/// `x^y` as JavaScript has it: NaN for an exponent of NaN, and for a base of 1 or -1 with an infinite one.
#[inline(always)]
pub(crate) fn pow(x: f32, y: f32) -> f64 {
    if y.is_nan() || (x.abs() == 1.0 && y.is_infinite()) { f64::NAN } else { f64::from(x).powf(f64::from(y)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every size and sign, and the special ones.
    fn samples() -> impl Iterator<Item = f32> {
        let sizes = (-140..=127).flat_map(|power| {
            [1.0, 1.1, 1.37, 1.9].map(|mantissa: f64| (mantissa * 2f64.powi(power)) as f32)
        });
        let special = [0.0, -0.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE];
        sizes.flat_map(|x| [x, -x]).chain(special)
    }

    fn agrees(name: &str, ours: impl Fn(f32) -> f64, theirs: impl Fn(f64) -> f64) {
        for x in samples() {
            let (got, expected) = (ours(x) as f32, theirs(f64::from(x)) as f32);
            let neighbours = got.to_bits().abs_diff(expected.to_bits()) <= 1;
            assert!(
                neighbours || (got.is_nan() && expected.is_nan()) || got == expected,
                "{name}({x}): {got} {expected}"
            );
        }
    }

    #[test]
    fn functions_agree_with_the_systems_in_double_precision() {
        agrees("exp", exp, f64::exp);
        agrees("ln", |x| ln(f64::from(x)), f64::ln);
        agrees("expm1", expm1, f64::exp_m1);
        agrees("ln_1p", ln_1p, f64::ln_1p);
        agrees("tanh", tanh, f64::tanh);
        agrees("sigmoid", sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
        agrees("softplus", softplus, |x| x.max(0.0) + (-x.abs()).exp().ln_1p());
    }
}
