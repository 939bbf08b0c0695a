//! The instruction sets that computations are compiled for.

#[cfg(not(target_family = "wasm"))]
pub(crate) use pulp::Arch;

/// WebAssembly has no fused multiply-add: each is a function call, so that its lanes would gain nothing and double the
/// module.
#[cfg(target_family = "wasm")]
#[derive(Clone, Copy)]
pub(crate) struct Arch;

#[cfg(target_family = "wasm")]
impl Arch {
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn dispatch<O: pulp::WithSimd>(self, operation: O) -> O::Output {
        pulp::Simd::vectorize(pulp::Scalar::new(), operation)
    }
}
