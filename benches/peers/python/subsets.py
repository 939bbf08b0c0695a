"""One or k of n elements: sparsemax, binary entropy by Newton's method, the exponential family by its recurrence, SoftSub."""

import math

import numpy
from differentiated import jax_relaxation, relaxed_call, torch_arrays, torch_relaxation
from registry import peer


@peer("binary entropy", "PyTorch Newton", "torch")
def binary_entropy_torch(parameters, utility, cotangent):
    """`sigmoid(u + m)` of sum k. Newton's method on the logit of the mean, which is close to linear in m."""
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    k, n = parameters["k"], utility.shape[1]
    goal = math.log(k / (n - k))
    enough = 1e-12 if utility.dtype == torch.float64 else 1e-6

    def call():
        with torch.no_grad():
            m = goal - utility.mean(1, keepdim=True)
            for _ in range(50):
                soft = torch.sigmoid(utility + m)
                slope = torch.addcmul(soft, soft, soft, value=-1)
                mean = soft.mean(1, keepdim=True)
                off = torch.logit(mean) - goal
                if float(off.abs().max()) < enough:
                    break
                m = m - off * mean * (1 - mean) / slope.mean(1, keepdim=True)
            weighted = slope * cotangent
            shift = weighted.sum(1, keepdim=True) / slope.sum(1, keepdim=True)
            return soft, torch.addcmul(weighted, slope, shift, value=-1)

    return call


def compiled_family():
    """Marginals and their derivative along the cotangent by prefixes and suffixes, on dual numbers of doubles."""
    import numba

    @numba.njit(fastmath=True)
    def family(utility, cotangent, k, soft, gradient):
        rows, n = utility.shape
        value, tangent = numpy.empty((n + 1, k)), numpy.empty((n + 1, k))
        weight, slope = numpy.empty(n), numpy.empty(n)
        for row in range(rows):
            shift = utility[row].max()
            for i in range(n):
                weight[i] = math.exp(utility[row, i] - shift)
                slope[i] = weight[i] * cotangent[row, i]
            # Sums over the subsets of a prefix that have j elements.
            value[0, :], tangent[0, :] = 0, 0
            value[0, 0] = 1
            for i in range(n):
                w, dw = weight[i], slope[i]
                value[i + 1, 0], tangent[i + 1, 0] = 1, 0
                for j in range(1, k):
                    value[i + 1, j] = value[i, j] + w * value[i, j - 1]
                    tangent[i + 1, j] = tangent[i, j] + w * tangent[i, j - 1] + dw * value[i, j - 1]
            # Sums over the subsets of a suffix that have k - 1 - j elements: aligned with those of the prefix.
            after, dafter = numpy.zeros(k), numpy.zeros(k)
            after[k - 1] = 1
            total, dtotal = 0.0, 0.0
            for i in range(n - 1, -1, -1):
                w, dw = weight[i], slope[i]
                with_it, dwith = 0.0, 0.0
                for j in range(k):
                    with_it += value[i, j] * after[j]
                    dwith += value[i, j] * dafter[j] + tangent[i, j] * after[j]
                soft[row, i] = w * with_it
                gradient[row, i] = w * dwith + dw * with_it
                total += soft[row, i]
                dtotal += gradient[row, i]
                for j in range(k - 1):
                    dafter[j] += w * dafter[j + 1] + dw * after[j + 1]
                    after[j] += w * after[j + 1]
            total, dtotal = total / k, dtotal / k
            for i in range(n):
                soft[row, i] /= total
                gradient[row, i] = (gradient[row, i] - soft[row, i] * dtotal) / total

    return family


@peer("exponential family", "numba, doubles", "numba")
def exponential_family_numba(parameters, utility, cotangent):
    family = compiled_family()
    utility, cotangent = (x.reshape(parameters["rows"], -1) for x in (utility, cotangent))
    soft, gradient = numpy.empty_like(utility), numpy.empty_like(utility)

    def call():
        family(utility, cotangent, parameters["k"], soft, gradient)
        return soft, gradient

    return call


def softsub_torch(torch, parameters):
    def relax(logits):
        least = torch.finfo(logits.dtype).tiny
        soft = torch.zeros_like(logits)
        for _ in range(parameters["k"]):
            chosen = torch.softmax(logits, 1)
            soft = soft + chosen
            logits = logits + torch.log((1 - chosen).clamp(min=least))
        return soft

    return relax


def softsub_jax(jax, parameters):
    jnp = jax.numpy

    def relax(logits):
        least = jnp.finfo(logits.dtype).tiny

        def step(state, _):
            soft, logits = state
            chosen = jax.nn.softmax(logits, 1)
            return (soft + chosen, logits + jnp.log(jnp.maximum(1 - chosen, least))), None

        start = (jnp.zeros_like(logits), logits)
        (soft, _), _ = jax.lax.scan(step, start, None, length=parameters["k"])
        return soft

    return relax


torch_relaxation("softsub", softsub_torch)
jax_relaxation("softsub", softsub_jax)


@peer("sparsemax", "entmax", "entmax", "torch")
def sparsemax_entmax(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    from entmax import sparsemax

    return relaxed_call(torch, lambda rows: sparsemax(rows, dim=1), utility, cotangent)
