"""Writes spanning_tree_optima.json: values of maximum spanning trees of larger graphs, by SciPy.

Run with Python 3.9+ and scipy (pip install scipy):  python3 spanning_tree_optima.py
Utilities are integers from 1 by a formula that tests/spanning_tree_optima.rs repeats, so that every sum is exact and the
file holds sizes, seeds and values only.
"""

import json
from pathlib import Path

import numpy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import minimum_spanning_tree


def words(seed):
    """20-bit numbers: the high bits of Knuth's MMIX generator."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 44


def edges_of(kind, vertices):
    """All pairs i < j, or a square grid."""
    if kind == "complete":
        return [(i, j) for i in range(vertices) for j in range(i + 1, vertices)]
    side = round(vertices**0.5)
    right = [(v, v + 1) for v in range(vertices) if v % side < side - 1]
    return right + [(v, v + side) for v in range(vertices - side)]


def value(kind, vertices, seed):
    """Of the maximum tree: the minimum tree of 2^20 + 1 less the utility, which is never 0."""
    edges, word = edges_of(kind, vertices), words(seed)
    utility = numpy.array([next(word) + 1 for _ in edges])
    heads, tails = numpy.array(edges).T
    costs = coo_matrix((2**20 + 1 - utility, (heads, tails)), shape=(vertices, vertices))
    total = minimum_spanning_tree(costs.tocsr()).sum()
    return int((2**20 + 1) * (vertices - 1) - total)


def main():
    """One line a graph."""
    cases = [
        {"kind": kind, "vertices": vertices, "seed": seed, "value": value(kind, vertices, seed)}
        for kind, sizes in {"complete": [10, 50, 200, 500], "grid": [100, 2500]}.items()
        for vertices in sizes
        for seed in (1, 2)
    ]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_suffix(".json").write_text(f'{{"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
