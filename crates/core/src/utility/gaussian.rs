use super::Utility;
use crate::elementary::{horner, ln};

/// `U = theta + scale Z`, Z standard normal.
#[derive(Clone, Copy, Debug)]
pub struct Gaussian {
    scale: f64,
}

impl Gaussian {
    /// A finite standard deviation > 0.
    pub fn new(scale: f64) -> Self {
        Self { scale }
    }
}

impl Utility for Gaussian {
    #[inline(always)]
    fn draw(&self, theta: f64, uniform: f64) -> f64 {
        self.scale.mul_add(normal_quantile(uniform), theta)
    }

    fn derivative(&self, _theta: f64, _utility: f64) -> f64 {
        1.0
    }

    /// `(U - theta) / scale^2`.
    fn score(&self, theta: f64, utility: f64) -> f64 {
        (utility - theta) / self.scale / self.scale
    }

    /// `(theta / scale)^2 / 2`.
    fn divergence(&self, theta: f64) -> f64 {
        let standard = theta / self.scale;
        0.5 * standard * standard
    }

    /// `theta / scale^2`.
    fn divergence_derivative(&self, theta: f64) -> f64 {
        theta / self.scale / self.scale
    }
}

/// The inverse of the standard normal distribution function on (0, 1), to about 1e-16 relatively (Wichura, algorithm
/// AS 241, Applied Statistics 37, 1988): a rational function in the middle, and one of `sqrt(-log p)` for either tail.
/// All three are computed and one is selected, so that a loop over it runs in lanes.
#[inline(always)]
fn normal_quantile(p: f64) -> f64 {
    let centred = p - 0.5;
    let square = 0.180_625 - centred * centred;
    let middle = centred * (horner(square, MIDDLE.0) / horner(square, MIDDLE.1));
    // Exact on both sides: the uniforms are multiples of 2^-53.
    let tail = if centred < 0.0 { p } else { 1.0 - p };
    let distance = (-ln(tail)).sqrt();
    let (near, far) = (distance - 1.6, distance - 5.0);
    let near = horner(near, NEAR_TAIL.0) / horner(near, NEAR_TAIL.1);
    let far = horner(far, FAR_TAIL.0) / horner(far, FAR_TAIL.1);
    let outer = if distance <= 5.0 { near } else { far };
    if centred.abs() <= 0.425 { middle } else { outer.copysign(centred) }
}

type Quotient = ([f64; 8], [f64; 8]);

/// Numerator and denominator, highest power first.
const MIDDLE: Quotient = (
    [
        2.509_080_928_730_122_7e3,
        3.343_057_558_358_813e4,
        6.726_577_092_700_87e4,
        4.592_195_393_154_987e4,
        1.373_169_376_550_946e4,
        1.971_590_950_306_551_3e3,
        1.331_416_678_917_843_8e2,
        3.387_132_872_796_366_5,
    ],
    [
        5.226_495_278_852_854e3,
        2.872_908_573_572_194_3e4,
        3.930_789_580_009_271e4,
        2.121_379_430_158_659_7e4,
        5.394_196_021_424_751e3,
        6.871_870_074_920_579e2,
        4.231_333_070_160_091e1,
        1.0,
    ],
);

const NEAR_TAIL: Quotient = (
    [
        7.745_450_142_783_414e-4,
        2.272_384_498_926_918_4e-2,
        2.417_807_251_774_506e-1,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        1.519_866_656_361_645_7e-2,
        1.481_039_764_274_800_8e-1,
        6.897_673_349_851e-1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
);

const FAR_TAIL: Quotient = (
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        1.242_660_947_388_078_4e-3,
        2.653_218_952_657_612_4e-2,
        2.965_605_718_285_048_7e-1,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_7e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        1.487_536_129_085_061_5e-2,
        1.369_298_809_227_358e-1,
        5.998_322_065_558_88e-1,
        1.0,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;

    /// From 40-digit arithmetic.
    #[test]
    fn quantiles_are_those_of_more_digits() {
        for (p, expected) in QUANTILES {
            for (p, expected) in [(p, expected), (1.0 - p, -expected)] {
                let off = (normal_quantile(p) - expected).abs();
                assert!(
                    off <= 4e-16 * expected.abs().max(0.1),
                    "{p}: {}, not {expected}",
                    normal_quantile(p)
                );
            }
        }
        assert_eq!(normal_quantile(0.5), 0.0);
    }

    #[allow(clippy::excessive_precision)]
    const QUANTILES: [(f64, f64); 17] = [
        (1.1102230246251565e-16, -8.209536151601387),
        (3.3306690738754696e-16, -8.076571004130125),
        (9.094947017729282e-13, -7.047700256664409),
        (7.275957614183426e-12, -6.752300431407015),
        (1.4551915228366852e-11, -6.651035379893011),
        (9.5367431640625e-07, -4.7630010342678135),
        (0.0009765625, -3.0972690781987846),
        (0.015625, -2.1538746940614564),
        (0.0625, -1.5341205443525463),
        (0.074951171875, -1.4398764965970952),
        (0.0751953125, -1.4381530790030161),
        (0.125, -1.150349380376008),
        (0.25, -0.6744897501960817),
        (0.375, -0.31863936396437514),
        (0.4375, -0.1573106846101707),
        (0.4990234375, -0.0024478816191106775),
        (0.4999999990686774, -2.3344794983332983e-09),
    ];
}
