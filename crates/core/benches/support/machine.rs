//! What one core can do: multiply-adds a second, and bytes a second.

use std::hint::black_box;

use pulp::{Arch, Simd, WithSimd};
use sst::number::{Bytes32, Lanes, Number};

/// Chains of fused multiply-adds: enough of them that none waits for another, few enough to stay in registers.
const CHAINS: usize = 12;
const STEPS: usize = 100_000;

struct MultiplyAdds;

impl WithSimd for MultiplyAdds {
    type Output = usize;

    #[inline(always)]
    fn with_simd<A: Simd>(self, simd: A) -> usize {
        let zero = Lanes::<A, Bytes32>::new(simd, simd.splat_f64s(black_box(0.0)));
        let (factor, addend) = (zero.constant(black_box(0.5)), zero.constant(black_box(1.0)));
        let mut chains = [zero; CHAINS];
        for _ in 0..STEPS {
            for chain in &mut chains {
                *chain = chain.mul_add(factor, addend);
            }
        }
        black_box(chains);
        2 * STEPS * CHAINS * A::F64_LANES
    }
}

/// Runs the chains and returns how many floating-point operations they were.
pub(crate) fn multiply_adds() -> usize {
    Arch::new().dispatch(MultiplyAdds)
}

struct Width;

impl WithSimd for Width {
    type Output = usize;
    fn with_simd<A: Simd>(self, _: A) -> usize {
        A::F64_LANES
    }
}

/// How many doubles a register holds.
pub(crate) fn width() -> usize {
    Arch::new().dispatch(Width)
}
