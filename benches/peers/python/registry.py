"""What peers are there: functions that get a problem ready and return the call that is timed."""

from importlib import metadata

PEERS = {}


class Unsuited(Exception):
    """Raised by a peer that is not meant for the problem; the message says why."""


def peer(operation, label, *distributions, slow=False):
    """Registers a peer of an operation. It needs these distributions, whose versions are printed.

    One that is `slow`, because it compiles for a minute or takes gigabytes, is raced where that is asked for.

    The function gets the parameters of a row and its arrays by name, in doubles or floats, [rows, ...] flat. It
    returns a call without arguments, which returns the results in the order of the library's.
    """

    def register(prepare):
        PEERS.setdefault(operation, []).append((label, distributions, slow, prepare))
        return prepare

    return register


def versions(distributions):
    """The versions of distributions by name, None of what is not installed."""
    found = {}
    for name in distributions:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def torch_on_one_thread():
    import torch

    torch.set_num_threads(1)
    return torch


def jax_ready(function, *arguments):
    """A call of a compiled JAX function on arrays that are where it wants them, waiting for what it returns."""
    import jax

    compiled = jax.jit(function)
    placed = [jax.numpy.asarray(argument) for argument in arguments]
    return lambda: jax.block_until_ready(compiled(*placed))
