"""Writes the high-precision references of all structures, a JSON file each.

Run with Python 3.9+ and mpmath (pip install mpmath):  python3 generate.py [structure ...]
The output is the same on every machine; it takes a few minutes. README.md describes the files.
"""

import json
import math
import random
import sys
from itertools import combinations
from pathlib import Path

from mpmath import mp, mpf

sys.dont_write_bytecode = True  # this folder is read by tests: leave no cache in it
import oracle  # noqa: E402

TEMPERATURES = [1.0, 0.3, 0.1, 0.03, 0.01, 0.001]
FORBIDDEN = -math.inf
LARGEST = sys.float_info.max


def exact(value):
    """A double of at most 15 significant digits: every JSON parser reads exactly the same one."""
    return float(f"{float(value):.14e}")


def gumbel(rng, count, scale=1.0, offset=0.0):
    """Standard Gumbel draws, scaled, then shifted."""
    draws = [-mp.log(-mp.log(mpf(rng.random()) + mpf(2) ** -54)) for _ in range(count)]
    return [exact(offset + scale * d) for d in draws]


def cotangent(rng, count):
    """Uniform on (-1, 1)."""
    return [exact(2 * rng.random() - 1) for _ in range(count)]


def label(scale):
    """1e9 rather than 1e+09."""
    return f"{scale:.0e}".replace("e+0", "e").replace("e-0", "e-")


def mask(utility, *forbidden):
    """The same utilities with some entries forbidden."""
    return [FORBIDDEN if i in forbidden else u for i, u in enumerate(utility)]


def double(value):
    """The nearest double; None where it would overflow."""
    if abs(value) < oracle.NEGLIGIBLE:
        return 0.0
    rounded = float(mp.nstr(value, 60))
    return rounded if math.isfinite(rounded) else None


def record(name, parameters, temperature, utility, g, result):
    """One case as it is written."""
    softmax, vjp, log_partition = result
    return {
        "name": name,
        **parameters,
        "temperature": temperature,
        "utility": [None if u == FORBIDDEN else u for u in utility],
        "cotangent": g,
        "softmax": [double(x) for x in softmax],
        "vjp": [double(x) for x in vjp],
        "logPartition": double(log_partition),
    }


def close(result, softmax, vjp, log_partition=None, tolerance=6e-7):
    """Checks a result against a worked example, given to six decimals."""
    pairs = [*zip(result[0], softmax), *zip(result[1], vjp)]
    pairs += [] if log_partition is None else [(result[2], log_partition)]
    assert all(abs(a - b) < tolerance for a, b in pairs), "worked example not reproduced"


def agree(left, right):
    """Checks that two derivations give the same 60 digits."""
    assert oracle.same(left, right), "two derivations disagree"
    return left


# --- spanning trees ---------------------------------------------------------------------------


def complete(vertices):
    """Pairs i < j in row-major order, the library's default edges."""
    return list(combinations(range(vertices), 2))


def spanning_tree(name, vertices, utility, g, temperature, edges=None):
    """By enumeration where there are few candidates, by Kirchhoff where the spread allows; both if both."""
    graph = edges or complete(vertices)
    enumerable = math.comb(len(graph), vertices - 1) <= 50_000
    invertible = oracle.decades(utility, temperature) <= 12_000
    results = []
    if enumerable and (edges or vertices <= 6):
        results.append(oracle.from_enumeration(oracle.spanning_trees(vertices, graph), utility, g, temperature))
    if invertible:
        results.append(oracle.spanning_tree_by_kirchhoff(vertices, graph, utility, g, temperature))
    agree(results[0], results[-1])
    with mp.workdps(oracle.DIGITS):
        assert abs(mp.fsum(results[0][0]) - (vertices - 1)) < oracle.AGREED
    return record(name, {"vertices": vertices, "edges": edges}, temperature, utility, g, results[0])


def spanning_tree_cases():
    """Complete graphs, sparse graphs, ties, masks and extreme scales."""
    rng = random.Random(20200611)
    example = [0.5, 1, -0.2, 0.3, 0.8, -1], [1, -0.5, 0.2, 0.7, -0.3, 0.4]
    close(
        oracle.from_enumeration(oracle.spanning_trees(4, complete(4)), *example, 0.5),
        [0.562658, 0.856676, 0.220251, 0.431910, 0.879082, 0.049423],
        [0.320083, -0.304833, -0.035064, 0.133571, -0.134324, 0.020568],
        5.560456,
    )
    yield spanning_tree("worked example, K4", 4, *example, 0.5)

    def every(name, vertices, utility, edges=None, temperatures=TEMPERATURES):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield spanning_tree(name, vertices, utility, g, t, edges)

    for vertices in range(2, 11):
        for draw in (1, 2):
            yield from every(f"gumbel {draw}", vertices, gumbel(rng, math.comb(vertices, 2)))
    yield from every("logits near zero", 10, gumbel(rng, 45, scale=0.01))
    yield from every("offset 1e6", 5, gumbel(rng, 10, offset=1e6))
    yield from every("offset -1e6", 10, gumbel(rng, 45, offset=-1e6))

    yield from every("all zero", 5, [0.0] * 10, temperatures=[1e6, 1.0, 0.001])
    yield from every("all equal", 10, [0.7] * 45, temperatures=[1e6, 1.0, 0.001])
    yield from every("ties between two values", 6, [float(rng.randrange(2)) for _ in range(15)])
    yield from every("ties between three values", 10, [float(rng.randrange(3)) for _ in range(45)])
    near = [exact(u + 0.001 * rng.random()) for u in (rng.randrange(3) for _ in range(15))]
    yield from every("near ties", 6, near, temperatures=[0.01, 0.001])
    levels = [-1e6 * rng.randrange(3) + rng.randrange(-8, 9) / 4 for _ in range(15)]
    yield from every("near ties on levels 1e6 apart", 6, levels, temperatures=[1.0, 0.5])

    graphs = {
        "path": (10, [(i, i + 1) for i in range(9)]),
        "star": (7, [(0, i) for i in range(1, 7)]),
        "cycle": (8, [(i, (i + 1) % 8) for i in range(8)]),
        "wheel": (10, [(0, i) for i in range(1, 10)] + [(i, i % 9 + 1) for i in range(1, 10)]),
        "grid": (9, [(i, i + 1) for i in range(9) if i % 3 < 2] + [(i, i + 3) for i in range(6)]),
        "two blocks joined by a bridge": (8, complete(4) + [(3, 4)] + [(i + 4, j + 4) for i, j in complete(4)]),
    }
    for name, (vertices, edges) in graphs.items():
        edges = [tuple(sorted(edge)) for edge in edges]
        yield from every(name, vertices, gumbel(rng, len(edges)), edges)
    shuffled = [edge if rng.random() < 0.5 else edge[::-1] for edge in rng.sample(complete(6), 15)]
    yield from every("edges in any order, ends either way", 6, gumbel(rng, 15), shuffled, [1.0, 0.1])

    yield from every("mask", 6, mask(gumbel(rng, 15), 0, 3, 7, 8, 14))
    yield from every("mask leaves a bridge", 5, mask(gumbel(rng, 10), 0, 1, 2))
    yield from every("mask leaves one tree", 4, mask(gumbel(rng, 6), 0, 2, 4), temperatures=[1.0, 0.001])
    yield from every("mask on half the edges", 10, mask(gumbel(rng, 45), *rng.sample(range(1, 45, 2), 20)))
    edges = graphs["wheel"][1]
    yield from every("mask on an edge list", 10, mask(gumbel(rng, 18), 2, 11, 16), edges, [1.0, 0.1, 0.001])

    for scale in (1e3, 1e9):
        yield from every(f"scale {label(scale)}", 6, gumbel(rng, 15, scale), temperatures=[1.0, 0.001, 1e6])
    yield from every("scale 1e3", 10, gumbel(rng, 45, 1e3), temperatures=[1.0, 300.0, 1e6])
    yield from every("scale 1e9", 10, gumbel(rng, 18, 1e9), edges, [1.0, 1e9])
    yield from every("scale 1e-9", 6, gumbel(rng, 15, 1e-9), temperatures=[1.0, 0.001, 1e-9, 1e-12])
    yield from every("temperature 1e6", 3, gumbel(rng, 3), temperatures=[1e6])
    yield from every("temperature 1e6", 10, gumbel(rng, 45), temperatures=[1e6])
    yield from every("extreme: utilities near the largest double", 4, [LARGEST, -LARGEST, 1.0, 0.0, -1e300, 1e308])
    yield from every("extreme: smallest temperatures", 5, gumbel(rng, 10), temperatures=[1e-100, 1e-300, 5e-324])


# --- arborescences ----------------------------------------------------------------------------


def complete_directed(vertices, root):
    """[head, modifier] in row-major order without what enters the root, the core's edges of the complete graph."""
    return [(h, m) for h in range(vertices) for m in range(vertices) if m not in (h, root)]


def arborescence(name, vertices, utility, g, temperature, root=0, single=False, edges=None):
    """By enumeration where there are few choices of heads, by Kirchhoff where the spread allows; both if both."""
    graph = edges or complete_directed(vertices, root)
    heads = [sum(edge[1] == v for edge in graph) for v in range(vertices) if v != root]
    results = []
    if math.prod(heads) <= 5_000:
        trees = oracle.arborescences(vertices, root, graph, single)
        results.append(oracle.from_enumeration(trees, utility, g, temperature))
    if oracle.decades(utility, temperature) <= 12_000:
        arguments = vertices, root, graph, single, utility, g, temperature
        results.append(oracle.arborescence_by_kirchhoff(*arguments))
    agree(results[0], results[-1])
    with mp.workdps(oracle.DIGITS):
        assert abs(mp.fsum(results[0][0]) - (vertices - 1)) < oracle.AGREED
    parameters = {"vertices": vertices, "root": root, "singleRootChild": single, "edges": edges}
    return record(name, parameters, temperature, utility, g, results[0])


def arborescence_cases():
    """Complete graphs, sparse graphs, ties, masks and extreme scales, with any and with one child of the root."""
    rng = random.Random(20200615)
    edges = [(0, 1), (0, 2), (1, 2), (2, 1)]
    example = [0.2, -0.5, 0.9, 0.4], [1, -0.4, 0.3, 0.6]
    close(
        oracle.from_enumeration(oracle.arborescences(3, 0, edges, False), *example, 0.5),
        [0.921219, 0.131589, 0.868411, 0.078781],
        [0.153839, -0.214713, 0.214713, -0.153839],
    )
    yield arborescence("worked example", 3, *example, 0.5, edges=edges)

    def every(name, vertices, utility, temperatures=TEMPERATURES, **options):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            for single in (False, True):
                yield arborescence(name, vertices, utility, g, t, single=single, **options)

    for vertices, root in [(2, 0), (2, 1), (3, 1), (4, 0), (5, 4), (6, 0)]:
        utility = gumbel(rng, (vertices - 1) ** 2)
        yield from every("gumbel", vertices, utility, [1.0, 0.1, 0.01, 0.001], root=root)
    yield from every("gumbel", 10, gumbel(rng, 81), [1.0, 0.03, 0.001], root=3)
    yield from every("offset 1e6", 4, gumbel(rng, 9, offset=1e6), [1.0, 0.01])
    yield from every("all zero", 5, [0.0] * 16, [1.0, 0.001])
    yield from every("ties", 5, [float(rng.randrange(3)) for _ in range(16)], [1.0, 0.01])
    yield from every("near ties", 5, [exact(1 + 0.001 * rng.random()) for _ in range(16)], [0.01, 0.001])
    bad = [exact(u - 1000 * (h == 0)) for u, (h, _) in zip(gumbel(rng, 16), complete_directed(5, 0))]
    yield from every("a root that nothing hangs from gladly", 5, bad, [1.0, 0.1])

    edges = [(i, i + 1) for i in range(7)] + [(i + 1, i) for i in range(1, 7)] + [(0, 7), (0, 4)]
    yield from every("path there and back", 8, gumbel(rng, len(edges)), [1.0, 0.1, 0.001], edges=edges)
    yield from every("layers", 6, gumbel(rng, 8), [1.0, 0.01], edges=[(0, 1)] + [
        (1, 2), (1, 3), (2, 4), (3, 4), (2, 5), (3, 5), (5, 4)
    ])
    order = rng.sample(complete_directed(5, 2), 16)
    yield from every("edges in any order", 5, gumbel(rng, 16), [1.0, 0.1], edges=order, root=2)
    yield from every("mask", 5, mask(gumbel(rng, 16), 1, 4, 9, 11), [1.0, 0.1, 0.001])
    yield from every("mask leaves one child", 4, mask(gumbel(rng, 9), 1, 2), [1.0, 0.001])
    yield from every("mask on a cycle's ways in", 4, mask(gumbel(rng, 9), 0, 1, 7), [1.0, 0.01])

    cycles = [(0, 1), (0, 2), (1, 2), (2, 1), (2, 3), (3, 4), (4, 3), (0, 3), (4, 1)]
    for scale in (1e3, 1e9, 1e-9):
        temperatures = [1.0, 0.001, scale]
        yield from every(f"scale {label(scale)}", 5, gumbel(rng, 9, scale), temperatures, edges=cycles)
    apart = [-1e12, -1e12 + 1, 0.0, 0.5, -3e12, 2e13, 2e13 - 1, -2e12, 3e12]
    yield from every("extreme: cycles far apart", 5, apart, [1.0, 0.001, 1e-6], edges=cycles)
    levels = [-1e16 * rng.randrange(3) + 4.0 * rng.randrange(-3, 4) for _ in range(9)]
    yield from every("extreme: near ties on levels 1e16 apart", 4, levels, [1.0, 4.0])
    huge = [LARGEST, -LARGEST, 1.0, 0.0, -1e300, 1e308, -1e308, 5e-324, LARGEST]
    yield from every("extreme: utilities near the largest double", 4, huge, [1.0])
    yield from every("extreme: smallest temperatures", 4, gumbel(rng, 9), [1e-100, 5e-324])


# --- top k ------------------------------------------------------------------------------------


def top_k(name, k, utility, g, temperature):
    """By enumeration where there are few subsets, else by pairs or, for many elements, by power series."""
    elements = len(utility)
    results = []
    if math.comb(elements, k) <= 1_000:
        results.append(oracle.from_enumeration(combinations(range(elements), k), utility, g, temperature))
    if elements <= 45:
        results.append(oracle.top_k_by_pairs(k, utility, g, temperature))
    if k > 0 and k * oracle.decades(utility, temperature) <= 10_000:
        results.append(oracle.top_k_by_series(k, utility, g, temperature))
    agree(results[0], results[-1])
    return record(name, {"elements": elements, "k": k}, temperature, utility, g, results[0])


def top_k_cases():
    """Sizes, ties, masks and extreme scales."""
    rng = random.Random(20200612)
    example = [1.2, -0.3, 0.5, 0.1, -1], [0.7, -0.2, 0.1, 1, -0.5]
    close(
        oracle.from_enumeration(combinations(range(5), 2), *example, 0.5),
        [0.893273, 0.145219, 0.615922, 0.308794, 0.036791],
        [0.064908, -0.157635, -0.210229, 0.366355, -0.063399],
    )
    yield top_k("worked example", 2, *example, 0.5)

    def every(name, k, utility, temperatures=TEMPERATURES):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield top_k(name, k, utility, g, t)

    sizes = {1: [1], 2: [1, 2], 5: [1, 2, 3, 4, 5], 10: [1, 2, 3, 5, 9, 10], 45: [1, 2, 9, 22, 44, 45]}
    for elements, sizes_of_subset in sizes.items():
        for k in sizes_of_subset:
            yield from every("gumbel", k, gumbel(rng, elements))
    yield from every("empty subset", 0, gumbel(rng, 5), [1.0, 0.01])
    yield from every("many elements", 10, gumbel(rng, 350), [1.0, 0.1])
    yield from every("offset 1e6", 3, gumbel(rng, 10, offset=1e6))
    yield from every("offset -1e6", 9, gumbel(rng, 45, offset=-1e6))
    yield from every("all zero", 4, [0.0] * 10, [1e6, 1.0, 0.001])
    yield from every("ties", 4, [float(rng.randrange(3)) for _ in range(10)])
    yield from every("ties on the boundary", 3, [2.0, 1.0, 1.0, 1.0, 1.0, 0.0], [1.0, 0.01, 0.001])
    yield from every("near ties", 5, [exact(1 + 0.001 * rng.random()) for _ in range(10)], [0.01, 0.001])
    levels = [-1e6 * rng.randrange(3) + rng.randrange(-8, 9) / 4 for _ in range(10)]
    yield from every("near ties on levels 1e6 apart", 5, levels, [1.0, 0.5])
    yield from every("mask", 4, mask(gumbel(rng, 10), 0, 5, 9))
    yield from every("mask leaves k", 4, mask(gumbel(rng, 7), 1, 2, 6), [1.0, 0.001])
    for scale in (1e3, 1e9):
        yield from every(f"scale {label(scale)}", 4, gumbel(rng, 10, scale), [1.0, 0.001, scale])
    yield from every("scale 1e-9", 4, gumbel(rng, 10, 1e-9), [1.0, 0.001, 1e-9])
    yield from every("temperature 1e6", 9, gumbel(rng, 45), [1e6])
    yield from every("extreme: utilities near the largest double", 2, [LARGEST, -LARGEST, 1.0, 0.0, 1e308])
    yield from every("extreme: smallest temperatures", 2, gumbel(rng, 5), [1e-100, 1e-300, 5e-324])


# --- one-hot and subsets ----------------------------------------------------------------------


def vector_cases(key, seed, evaluate):
    """The same utilities for every structure without parameters other than its size."""
    rng = random.Random(seed)

    def every(name, utility, temperatures=TEMPERATURES):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            result = evaluate(utility, g, t)
            yield record(name, {key: len(utility)}, t, utility, g, result)

    for size in (1, 2, 3, 5, 10, 45, 100):
        yield from every("gumbel", gumbel(rng, size))
    yield from every("offset 1e6", gumbel(rng, 10, offset=1e6))
    yield from every("offset -1e6", gumbel(rng, 10, offset=-1e6))
    yield from every("all zero", [0.0] * 6, [1e6, 1.0, 0.001])
    yield from every("ties", [float(rng.randrange(-1, 2)) for _ in range(10)])
    yield from every("near ties", [exact(0.001 * (rng.random() - 0.5)) for _ in range(10)], [0.01, 0.001])
    yield from every("mask", mask(gumbel(rng, 10), 0, 4, 9))
    yield from every("mask leaves one", mask(gumbel(rng, 4), 0, 1, 3), [1.0, 0.001])
    for scale in (1e3, 1e9, 1e-9):
        yield from every(f"scale {label(scale)}", gumbel(rng, 10, scale), [1.0, 0.001, scale])
    yield from every("temperature 1e6", gumbel(rng, 10), [1e6])
    yield from every("extreme: utilities near the largest double", [LARGEST, -LARGEST, 1.0, 0.0, 1e308])
    yield from every("extreme: smallest temperatures", gumbel(rng, 5), [1e-100, 1e-300, 5e-324])


def subset_checked(utility, g, temperature):
    """The product form, checked against enumeration where there are few subsets."""
    result = oracle.subset(utility, g, temperature)
    if len(utility) <= 5:
        vertices = [v for k in range(len(utility) + 1) for v in combinations(range(len(utility)), k)]
        agree(result, oracle.from_enumeration(vertices, utility, g, temperature))
    return result


STRUCTURES = {
    "spanning_tree": spanning_tree_cases,
    "arborescence": arborescence_cases,
    "top_k": top_k_cases,
    "one_hot": lambda: vector_cases("categories", 20200613, oracle.one_hot),
    "subset": lambda: vector_cases("elements", 20200614, subset_checked),
}


def main():
    """Writes one file a structure, one case a line."""
    for structure in sys.argv[1:] or STRUCTURES:
        lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in STRUCTURES[structure]())
        path = Path(__file__).with_name(f"{structure}.json")
        path.write_text(f'{{"structure":"{structure}","cases":[\n{lines}\n]}}\n')
        print(f"{path.name}: {lines.count(chr(10)) + 1} cases, {path.stat().st_size // 1000} kB", flush=True)


if __name__ == "__main__":
    main()
