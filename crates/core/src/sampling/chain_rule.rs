use super::{Scratch, Uniforms};
use crate::number::Scalar;
use crate::structure::ExponentialFamily;

/// Draws one coordinate after the other, each by its marginal given those before it: for any exponential family, at the
/// cost of as many runs of the marginals as there are coordinates that are not decided by the others.
///
/// A coordinate that came out absent gets the weight 0. One that came out present, of probability at least 2^-53, gets
/// 2^128 times its weight, after which it is absent with a probability below 2^-74: the law is that of the family to
/// that many bits, where a uniform has 53.
pub(crate) fn chain_rule<S: ExponentialFamily, N: Scalar>(
    structure: &S,
    weights: &[N],
    workspace: &mut S::Workspace<N>,
    uniforms: &mut Uniforms,
    scratch: &mut Scratch<N>,
    vertex: &mut [f64],
) {
    let numbers = &mut scratch.numbers;
    numbers.clear();
    numbers.extend_from_slice(weights);
    numbers.extend_from_slice(weights);
    let (conditioned, marginals) = numbers.split_at_mut(weights.len());
    let (zero, required) = (weights[0].constant(0.0), weights[0].constant(REQUIRED));
    structure.marginals(conditioned, marginals, workspace);
    for i in 0..weights.len() {
        let probability = marginals[i].to_f64();
        let present = uniforms.happens(probability);
        vertex[i] = f64::from(present);
        if 0.0 < probability && probability < 1.0 {
            conditioned[i] = if present { conditioned[i] * required } else { zero };
            structure.marginals(conditioned, marginals, workspace);
        }
    }
}

const REQUIRED: f64 = (1_u128 << 127) as f64 * 2.0;
