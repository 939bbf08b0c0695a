"""Writes matching_optima.json: values of best matchings of larger squares, by SciPy.

Run with Python 3.9+, NumPy and SciPy (pip install scipy):  python3 matching_optima.py
Utilities are integers by a formula that tests/matching_optima.rs repeats, so that every sum is exact and the file holds
sizes, seeds and values only. Forbidden cells are given a utility that no optimum can afford.
"""

import json
from pathlib import Path

import numpy
from scipy.optimize import linear_sum_assignment

FORBIDDEN = -(10**12)


def words(seed):
    """20-bit numbers: the high bits of Knuth's MMIX generator."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 44


def utility(kind, i, j, word):
    """`random`; `tied`: few different numbers; `product`: many rows prefer the same columns; `sparse`: mostly forbidden."""
    if kind == "tied":
        return word % 7
    if kind == "product":
        return (i + 1) * (j + 1) + word % 16
    if kind == "sparse" and word % 8 != 0 and i != j:
        return FORBIDDEN
    return word


def main():
    """One line a square."""
    lines = []
    for kind in ("random", "tied", "product", "sparse"):
        for size, seed in ((17, 1), (64, 2), (200, 3), (500, 4), (500, 5)):
            word = words(seed)
            cells = [[utility(kind, i, j, next(word)) for j in range(size)] for i in range(size)]
            matrix = numpy.array(cells, dtype=float)
            rows, columns = linear_sum_assignment(matrix, maximize=True)
            value = int(matrix[rows, columns].sum())
            assert value > FORBIDDEN // 2
            lines.append(json.dumps({"kind": kind, "size": size, "seed": seed, "value": value}))
    path = Path(__file__).with_suffix(".json")
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
