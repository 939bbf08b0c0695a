"""What automatic differentiation is given: marginals and their gradient from a log-partition, or that of a relaxation."""

from registry import jax_ready, peer, torch_on_one_thread


def autograd_call(torch, log_partition, utility, cotangent):
    """Marginals and their product with the cotangent by differentiating twice."""

    def call():
        leaf = utility.detach().requires_grad_()
        (soft,) = torch.autograd.grad(log_partition(leaf).sum(), leaf, create_graph=True)
        (gradient,) = torch.autograd.grad(soft, leaf, cotangent)
        return soft.detach(), gradient

    return call


def torch_arrays(parameters, utility, cotangent):
    torch = torch_on_one_thread()
    rows = parameters["rows"]
    return torch, torch.from_numpy(utility).view(rows, -1), torch.from_numpy(cotangent).view(rows, -1)


def relaxed_call(torch, relax, utility, cotangent):
    """A relaxation and its product with the cotangent."""

    def call():
        leaf = utility.detach().requires_grad_()
        soft = relax(leaf)
        (gradient,) = torch.autograd.grad(soft, leaf, cotangent.view(soft.shape))
        return soft.detach(), gradient

    return call


def torch_relaxation(operation, make):
    """Registers `make(torch, parameters)`, a relaxation of rows, as a peer: as it is, and compiled."""

    def prepared(compiled):
        def prepare(parameters, utility, cotangent):
            torch, utility, cotangent = torch_arrays(parameters, utility, cotangent)
            relax = make(torch, parameters)
            return relaxed_call(
                torch, torch.compile(relax, dynamic=False) if compiled else relax, utility, cotangent
            )

        return prepare

    peer(operation, "PyTorch eager", "torch")(prepared(compiled=False))
    peer(operation, "PyTorch compiled", "torch", slow=True)(prepared(compiled=True))


def jax_relaxation(operation, make):
    """Registers `make(jax, parameters)`, a relaxation of rows, as a peer, compiled."""

    @peer(operation, "JAX jitted", "jax")
    def prepare(parameters, utility, cotangent):
        import jax

        relax = make(jax, parameters)

        def both(utility, cotangent):
            soft, pull_back = jax.vjp(relax, utility)
            return soft, pull_back(cotangent.reshape(soft.shape))[0]

        return jax_ready(both, utility.reshape(parameters["rows"], -1), cotangent)
