"""Chains, alignments and binary trees: sums in the log domain, differentiated twice by the library itself.

The marginals are the gradient of the log-partition; the gradient through them is a product with its Hessian. Loops go
over positions, diagonals and widths of spans only, never over rows, states or cells.
"""

from differentiated import autograd_call, torch_arrays
from registry import jax_ready, peer

# In place of -Infinity, whose gradients are no numbers.
NEVER = -1e30


@peer("linear chain", "PyTorch autograd", "torch")
def chain_torch(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    length, states = parameters["length"], parameters["states"]

    def log_partition(u):
        single = u[:, : length * states].view(-1, length, states)
        both = u[:, length * states :].view(-1, length - 1, states, states) + single[:, 1:, None, :]
        alpha = single[:, 0]
        for step in both.unbind(1):
            alpha = torch.logsumexp(alpha[:, :, None] + step, 1)
        return torch.logsumexp(alpha, 1)

    return autograd_call(torch, log_partition, utility, cotangent)


def skewed(numpy_like, rows, columns):
    """For diagonal d and row i the cell (i, d - i), and whether there is one."""
    diagonal = numpy_like.arange(rows + columns - 1)[:, None]
    row = numpy_like.arange(rows)[None, :]
    column = diagonal - row
    inside = (column >= 0) & (column < columns)
    return row * columns + numpy_like.clip(column, 0, columns - 1), inside


@peer("alignment", "PyTorch autograd", "torch")
def alignment_torch(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    cells, inside = skewed(torch, parameters["height"], parameters["width"])
    pad = torch.nn.functional.pad

    def log_partition(u):
        score = torch.where(inside, u[:, cells], NEVER)
        # Every diagonal has a leading cell that is never reached, for the neighbours of the first row.
        before = torch.full_like(u[:, : cells.shape[1] + 1], NEVER)
        last = pad(score[:, 0], (1, 0), value=NEVER)
        for diagonal in score.unbind(1)[1:]:
            ways = torch.stack((last[:, 1:], last[:, :-1], before[:, :-1]))
            cell = torch.logsumexp(ways, 0) + diagonal
            before, last = last, pad(cell, (1, 0), value=NEVER)
        return last[:, -1]

    return autograd_call(torch, log_partition, utility, cotangent)


@peer("binary tree", "PyTorch autograd", "torch")
def binary_tree_torch(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    leaves = parameters["leaves"]
    pad = torch.nn.functional.pad

    def log_partition(u):
        score = u.view(-1, leaves, leaves)
        inside = score.diagonal(dim1=1, dim2=2)
        # Charts [rows, width, first leaf] and [rows, width, last leaf].
        first, last = inside[:, None], inside[:, None]
        for width in range(1, leaves):
            splits = first[:, :, : leaves - width] + last.flip(1)[:, :, width:]
            inside = torch.logsumexp(splits, 1) + score.diagonal(width, 1, 2)
            first = torch.cat((first, pad(inside, (0, width))[:, None]), 1)
            last = torch.cat((last, pad(inside, (width, 0))[:, None]), 1)
        return inside[:, 0]

    return autograd_call(torch, log_partition, utility, cotangent)


def jax_call(parameters, log_partition, utility, cotangent):
    """Forward over reverse: the Hessian is symmetric, so that one dual run gives both results."""
    import jax

    rows = parameters["rows"]
    gradient = jax.grad(lambda u: log_partition(u).sum())
    both = lambda u, c: jax.jvp(gradient, (u,), (c,))
    return jax_ready(both, utility.reshape(rows, -1), cotangent.reshape(rows, -1))


@peer("linear chain", "JAX jitted", "jax")
def chain_jax(parameters, utility, cotangent):
    import jax
    from jax import numpy as jnp

    length, states = parameters["length"], parameters["states"]

    def log_partition(u):
        single = u[:, : length * states].reshape(-1, length, states)
        both = u[:, length * states :].reshape(-1, length - 1, states, states) + single[:, 1:, None, :]

        def step(alpha, pair):
            return jax.nn.logsumexp(alpha[:, :, None] + pair, 1), None

        alpha, _ = jax.lax.scan(step, single[:, 0], both.swapaxes(0, 1))
        return jax.nn.logsumexp(alpha, 1)

    return jax_call(parameters, log_partition, utility, cotangent)


@peer("alignment", "JAX jitted", "jax")
def alignment_jax(parameters, utility, cotangent):
    import jax
    from jax import numpy as jnp

    cells, inside = skewed(jnp, parameters["height"], parameters["width"])

    def log_partition(u):
        score = jnp.where(inside, u[:, cells], NEVER).swapaxes(0, 1)
        never = jnp.full_like(score[0, :, :1], NEVER)

        def step(diagonals, addend):
            before, last = diagonals
            ways = jnp.stack((last[:, 1:], last[:, :-1], before[:, :-1]))
            cell = jax.nn.logsumexp(ways, 0) + addend
            return (last, jnp.concatenate((never, cell), 1)), None

        last = jnp.concatenate((never, score[0]), 1)
        (_, last), _ = jax.lax.scan(step, (jnp.full_like(last, NEVER), last), score[1:])
        return last[:, -1]

    return jax_call(parameters, log_partition, utility, cotangent)


@peer("binary tree", "JAX jitted", "jax")
def binary_tree_jax(parameters, utility, cotangent):
    import jax
    from jax import numpy as jnp

    leaves = parameters["leaves"]

    def log_partition(u):
        score = u.reshape(-1, leaves, leaves)
        inside = jnp.diagonal(score, 0, 1, 2)
        first, last = inside[:, None], inside[:, None]
        for width in range(1, leaves):
            splits = first[:, :, : leaves - width] + last[:, ::-1, width:]
            inside = jax.nn.logsumexp(splits, 1) + jnp.diagonal(score, width, 1, 2)
            first = jnp.concatenate((first, jnp.pad(inside, ((0, 0), (0, width)))[:, None]), 1)
            last = jnp.concatenate((last, jnp.pad(inside, ((0, 0), (width, 0)))[:, None]), 1)
        return inside[:, 0]

    return jax_call(parameters, log_partition, utility, cotangent)


@peer("linear chain", "torch-struct", "torch-struct", "torch", slow=True)
def chain_torch_struct(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    import torch_struct

    length, states = parameters["length"], parameters["states"]

    def log_partition(u):
        single = u[:, : length * states].view(-1, length, states)
        both = u[:, length * states :].view(-1, length - 1, states, states) + single[:, 1:, None, :]
        first = torch.nn.functional.pad(single[:, :1, :, None], (0, 0, 0, 0, 0, length - 2))
        # Its potentials are [position, next state, state].
        potentials = (both + first).mT.contiguous()
        return torch_struct.LinearChainCRF(potentials).partition

    return autograd_call(torch, log_partition, utility, cotangent)
