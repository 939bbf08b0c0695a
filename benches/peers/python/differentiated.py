"""Marginals and their gradient from a log-partition alone, by PyTorch's automatic differentiation."""

from registry import torch_on_one_thread


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
