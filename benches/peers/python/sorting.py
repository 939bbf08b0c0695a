"""NeuralSort, and Gumbel noise."""

import numpy
from registry import jax_ready, peer, torch_on_one_thread


def neural_sort(xp, scores):
    """`((n + 1 - 2i) s - A 1) / t` at t = 1, before its softmax."""
    n = scores.shape[1]
    gaps = abs(scores[:, :, None] - scores[:, None, :]).sum(2)
    places = n - 1 - 2 * xp.arange(n)
    return places[None, :, None] * scores[:, None, :] - gaps[:, None, :]


def neural_sort_torch(compiled):
    def prepare(parameters, utility, cotangent):
        torch = torch_on_one_thread()
        utility = torch.from_numpy(utility).view(parameters["rows"], -1)
        cotangent = torch.from_numpy(cotangent).view(*utility.shape, -1)
        relax = lambda scores: torch.softmax(neural_sort(torch, scores), 2)
        if compiled:
            relax = torch.compile(relax, dynamic=False)

        def call():
            leaf = utility.detach().requires_grad_()
            soft = relax(leaf)
            (gradient,) = torch.autograd.grad(soft, leaf, cotangent)
            return soft.detach(), gradient

        return call

    return prepare


peer("neural sort", "PyTorch eager", "torch")(neural_sort_torch(False))
peer("neural sort", "PyTorch compiled", "torch", slow=True)(neural_sort_torch(True))


@peer("neural sort", "JAX jitted", "jax")
def neural_sort_jax(parameters, utility, cotangent):
    import jax
    from jax import numpy as jnp

    def both(utility, cotangent):
        relax = lambda scores: jax.nn.softmax(neural_sort(jnp, scores), 2)
        soft, pull_back = jax.vjp(relax, utility)
        return soft, pull_back(cotangent.reshape(soft.shape))[0]

    return jax_ready(both, utility.reshape(parameters["rows"], -1), cotangent)


@peer("gumbel noise", "PyTorch -log(-log(rand))", "torch")
def noise_torch_uniform(parameters, theta):
    torch = torch_on_one_thread()
    theta = torch.from_numpy(theta)

    def call():
        uniform = torch.rand_like(theta).clamp_(min=torch.finfo(theta.dtype).tiny)
        return (theta.sub(uniform.log_().neg_().log_()),)

    return call


@peer("gumbel noise", "PyTorch exponential", "torch")
def noise_torch_exponential(parameters, theta):
    torch = torch_on_one_thread()
    theta = torch.from_numpy(theta)
    return lambda: (theta.sub(torch.empty_like(theta).exponential_().log_()),)


@peer("gumbel noise", "JAX jitted", "jax")
def noise_jax(parameters, theta):
    import jax

    key = jax.random.key(1)
    return jax_ready(lambda key, theta: (theta + jax.random.gumbel(key, theta.shape, theta.dtype),), key, theta)
