"""Spanning trees and arborescences by the matrix-tree theorem: a batched inverse and a gradient derived by hand.

With G the inverse of the Laplacian, grounded at vertex 0, an edge of weight w has the marginal w r(G), where r(G) is
`G_ii + G_jj - 2 G_ij`, or `G_mm - G_mh` of a head h and a modifier m. With S the Laplacian of the weights times the
cotangents c, the gradient is `c w r(G) - w r(G S G)`: two products of matrices more.
"""

import numpy
from differentiated import autograd_call, torch_arrays
from registry import jax_ready, peer, torch_on_one_thread


def spanning_tree(xp, pad, inverse, vertices, kind):
    """Marginals and gradient of pairs i < j over `xp`, the functions of PyTorch or of JAX."""
    first, second = numpy.triu_indices(vertices, 1)
    pair_of = numpy.zeros((vertices, vertices), dtype=int)
    pair_of[first, second] = pair_of[second, first] = numpy.arange(len(first))
    eye = xp.asarray(numpy.eye(vertices, dtype=kind))
    off = 1 - eye
    pair_of, upper = xp.asarray(pair_of), xp.asarray(first * vertices + second)

    def laplacian(weight):
        full = weight[:, pair_of] * off
        return full.sum(-1)[:, :, None] * eye - full

    def resistance(g):
        own = xp.diagonal(g, 0, 1, 2)
        full = own[:, :, None] + own[:, None, :] - 2 * g
        return full.reshape(len(g), -1)[:, upper]

    def soft_and_gradient(utility, cotangent):
        weight = xp.exp(utility - utility.max())
        g = pad(inverse(laplacian(weight)[:, 1:, 1:]))
        soft = weight * resistance(g)
        s = laplacian(cotangent * weight)
        return soft, cotangent * soft - weight * resistance(g @ s @ g)

    return soft_and_gradient


def arborescence(xp, pad, inverse, vertices, kind):
    """The same of edges [head, modifier] from the root 0."""
    eye = xp.asarray(numpy.eye(vertices, dtype=kind))
    edges = 1 - numpy.eye(vertices, dtype=kind)
    edges[:, 0] = 0
    edges = xp.asarray(edges)

    def laplacian(weight):
        return weight.sum(1)[:, None, :] * eye - weight

    def share(g):
        return xp.diagonal(g, 0, 1, 2)[:, None, :] - g.swapaxes(1, 2)

    def soft_and_gradient(utility, cotangent):
        utility, cotangent = (x.reshape(-1, vertices, vertices) for x in (utility, cotangent))
        weight = xp.exp(utility - utility.max()) * edges
        g = pad(inverse(laplacian(weight)[:, 1:, 1:]))
        soft = weight * share(g)
        s = laplacian(cotangent * weight)
        return soft, cotangent * soft - weight * share(g @ s @ g)

    return soft_and_gradient


def torch_peer(structure, inverse_of, compiled=False):
    def prepare(parameters, utility, cotangent):
        torch = torch_on_one_thread()
        pad = lambda g: torch.nn.functional.pad(g, (1, 0, 1, 0))
        function = structure(torch, pad, inverse_of(torch), parameters["vertices"], utility.dtype)
        if compiled:
            function = torch.compile(function, dynamic=False)
        arrays = [torch.from_numpy(x).view(parameters["rows"], -1) for x in (utility, cotangent)]

        def call():
            with torch.no_grad():
                return function(*arrays)

        return call

    return prepare


def jax_peer(structure):
    def prepare(parameters, utility, cotangent):
        from jax import numpy as jnp

        pad = lambda g: jnp.pad(g, ((0, 0), (1, 0), (1, 0)))
        function = structure(jnp, pad, jnp.linalg.inv, parameters["vertices"], utility.dtype)
        return jax_ready(function, *(x.reshape(parameters["rows"], -1) for x in (utility, cotangent)))

    return prepare


def by_cholesky(torch):
    return lambda laplacian: torch.cholesky_inverse(torch.linalg.cholesky(laplacian))


for name, structure in (("spanning tree", spanning_tree), ("arborescence", arborescence)):
    peer(name, "PyTorch inverse", "torch")(torch_peer(structure, lambda torch: torch.linalg.inv))
    peer(name, "PyTorch compiled", "torch", slow=True)(torch_peer(structure, lambda torch: torch.linalg.inv, True))
    peer(name, "JAX jitted", "jax")(jax_peer(structure))
peer("spanning tree", "PyTorch Cholesky", "torch")(torch_peer(spanning_tree, by_cholesky))


@peer("arborescence", "torch-struct", "torch-struct", "torch")
def arborescence_torch_struct(parameters, utility, cotangent):
    torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
    import torch_struct

    vertices = parameters["vertices"]

    def log_partition(u):
        full = u.view(-1, vertices, vertices)
        # The scores of the root's edges stand in the diagonal.
        scores = full[:, 1:, 1:].diagonal_scatter(full[:, 0, 1:], dim1=1, dim2=2)
        return torch_struct.NonProjectiveDependencyCRF(scores, multiroot=True).partition

    return autograd_call(torch, log_partition, utility, cotangent)
