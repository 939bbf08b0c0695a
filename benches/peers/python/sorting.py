"""NeuralSort, and Gumbel noise."""

from differentiated import jax_relaxation, torch_relaxation
from registry import jax_ready, peer, torch_on_one_thread


def neural_sort(xp, scores):
    """`((n + 1 - 2i) s - A 1) / t` at t = 1, before its softmax."""
    n = scores.shape[1]
    gaps = abs(scores[:, :, None] - scores[:, None, :]).sum(2)
    places = n - 1 - 2 * xp.arange(n)
    return places[None, :, None] * scores[:, None, :] - gaps[:, None, :]


torch_relaxation(
    "neural sort", lambda torch, _: lambda scores: torch.softmax(neural_sort(torch, scores), 2)
)
jax_relaxation(
    "neural sort", lambda jax, _: lambda scores: jax.nn.softmax(neural_sort(jax.numpy, scores), 2)
)


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
