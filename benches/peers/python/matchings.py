"""Matchings: Sinkhorn's relaxation with the gradient of its fixed point, and assignments."""

import numpy
from registry import Unsuited, jax_ready, peer, torch_on_one_thread

MOST_SWEEPS = 20000
# Of cold problems, on which sweeps hardly contract: all that patience has.
MOST_COLD_SWEEPS = 2000
# Sweeps between two in the log domain, which keep the scaled kernel within doubles at any temperature.
SCALED_SWEEPS = 25
ERROR = 1e-9


def fixed_point_gradient(plan, cotangent, temperature):
    """`P (c - a - b) / t` with a and b such that rows and columns of it sum to 0: conjugate gradients on the columns'
    equations `(C - P^T P / R) b = s - P^T r / R`, batched, with PyTorch's or NumPy's arrays. R and C are the sums of
    rows and columns, 1 where the plan has converged."""
    weighted = plan * cotangent
    rows, columns = plan.sum(2)[:, :, None], plan.sum(1)[:, :, None]
    r = weighted.sum(2)[:, :, None]
    transposed = plan.swapaxes(1, 2)
    residual = weighted.sum(1)[:, :, None] - transposed @ (r / rows)
    b, direction = 0 * residual, residual
    square = (residual * residual).sum(1)[:, None]
    for _ in range(200):
        if float(square.max()) < 1e-24:
            break
        image = columns * direction - transposed @ (plan @ direction / rows)
        step = square / ((direction * image).sum(1)[:, None] + 1e-300)
        b, residual = b + step * direction, residual - step * image
        following = (residual * residual).sum(1)[:, None]
        direction = residual + following / (square + 1e-300) * direction
        square = following
    a = (r - plan @ b) / rows
    return (weighted - plan * (a + b.swapaxes(1, 2))) / temperature


@peer("sinkhorn", "PyTorch scaling", "torch")
def sinkhorn_torch(parameters, utility, cotangent):
    torch = torch_on_one_thread()
    shape = (parameters["rows"], parameters["size"], parameters["size"])
    utility, cotangent = (torch.from_numpy(x).view(shape) for x in (utility, cotangent))
    temperature = parameters["temperature"]

    def plan_of(score):
        g = score.new_zeros(shape[0], 1, shape[2])
        most = MOST_SWEEPS if temperature > 0.1 else MOST_COLD_SWEEPS
        for _ in range(most // SCALED_SWEEPS):
            f = -torch.logsumexp(score + g, 2, keepdim=True)
            g = -torch.logsumexp(score + f, 1, keepdim=True)
            kernel = torch.exp(score + f + g)
            transposed = kernel.mT
            a, sums = torch.ones_like(f), kernel.sum(2, keepdim=True)
            for sweep in range(SCALED_SWEEPS):
                a = 1 / sums
                b = 1 / (transposed @ a)
                sums = kernel @ b
                if sweep % 4 == 3 and float((a * sums - 1).abs().max()) < ERROR:
                    return a * kernel * b.mT
            f, g = f + a.log(), g + b.mT.log()
        return a * kernel * b.mT

    def call():
        with torch.no_grad():
            plan = plan_of(utility / temperature)
            return plan, fixed_point_gradient(plan, cotangent, temperature)

    return call


@peer("sinkhorn", "POT", "POT")
def sinkhorn_pot(parameters, utility, cotangent):
    import ot

    shape = (parameters["rows"], parameters["size"], parameters["size"])
    temperature = parameters["temperature"]
    if temperature < 0.1:
        raise Unsuited("its scaling underflows at such temperatures")
    utility, cotangent = utility.reshape(shape), cotangent.reshape(shape)
    ones = numpy.ones(shape[1])
    options = {"reg": temperature, "stopThr": ERROR, "numItermax": MOST_SWEEPS}

    def call():
        plan = numpy.stack([ot.sinkhorn(ones, ones, -matrix, **options) for matrix in utility])
        return plan, fixed_point_gradient(plan, cotangent, temperature)

    return call


@peer("sinkhorn", "OTT, Anderson", "ott-jax", "jax")
def sinkhorn_ott(parameters, utility, cotangent):
    import jax
    from jax import numpy as jnp
    from ott.geometry import geometry
    from ott.problems.linear import linear_problem
    from ott.solvers.linear import acceleration, sinkhorn

    size, temperature = parameters["size"], parameters["temperature"]
    if temperature < 0.1:
        raise Unsuited("it takes minutes there")
    shape = (parameters["rows"], size, size)
    solver = sinkhorn.Sinkhorn(
        threshold=ERROR / size,
        max_iterations=MOST_SWEEPS,
        anderson=acceleration.AndersonAcceleration(),
        inner_iterations=4,
    )

    def plan_of(matrix):
        cost = geometry.Geometry(cost_matrix=-matrix, epsilon=temperature)
        return size * solver(linear_problem.LinearProblem(cost)).matrix

    def both(utility, cotangent):
        plan, pull_back = jax.vjp(jax.vmap(plan_of), utility)
        return plan, pull_back(cotangent)[0]

    return jax_ready(both, utility.reshape(shape), cotangent.reshape(shape))


@peer("assignment", "SciPy", "scipy")
def assignment_scipy(parameters, utility):
    from scipy.optimize import linear_sum_assignment

    cost = -utility.reshape(parameters["height"], -1)
    return lambda: linear_sum_assignment(cost)


def lapx(name):
    def prepare(parameters, utility):
        import lap

        solve = getattr(lap, name)
        cost = -utility.reshape(parameters["height"], -1)
        return lambda: solve(cost, extend_cost=True, return_cost=False)

    return prepare


peer("assignment", "lapx lapjvr", "lapx")(lapx("lapjvr"))
peer("assignment", "lapx lapjvh", "lapx")(lapx("lapjvh"))
