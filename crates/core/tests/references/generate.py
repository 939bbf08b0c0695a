"""Writes the high-precision references, one JSON file a structure with a relaxation.

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
import chart_oracle  # noqa: E402
import derivation_oracle  # noqa: E402
import hypersimplex  # noqa: E402
import oracle  # noqa: E402
import permutahedron  # noqa: E402
import permutations  # noqa: E402
import projection  # noqa: E402

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
    """The nearest double; None where it would overflow or is not defined."""
    if mp.isnan(value):
        return None
    if abs(value) < oracle.NEGLIGIBLE:
        return 0.0
    rounded = float(mp.nstr(value, 60))
    return rounded if math.isfinite(rounded) else None


def record(name, parameters, temperature, utility, g, result):
    """One case as it is written."""
    softmax, vjp, *log_partition = result
    logs = {"logPartition": double(log_partition[0])} if log_partition else {}
    return {
        "name": name,
        **parameters,
        "temperature": temperature,
        "utility": [None if u == FORBIDDEN else u for u in utility],
        "cotangent": g,
        "softmax": [double(x) for x in softmax],
        "vjp": [double(x) for x in vjp],
        **logs,
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
    if oracle.decades(utility, temperature) <= 600:
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
    yield from every("gumbel", 10, gumbel(rng, 81), [1.0, 0.01], root=3)
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
    yield from any_root_cases()


def rooted_trees(vertices, pairs):
    """For every vertex with a pair [v, v] the arborescences with that root, and that pair."""
    for choice, (root, own) in enumerate(pairs):
        if root == own:
            kept = [i for i, (h, m) in enumerate(pairs) if h != m and m != root]
            for tree in oracle.arborescences(vertices, root, [pairs[i] for i in kept], False):
                yield tuple(kept[i] for i in tree) + (choice,)


def any_root(name, vertices, utility, g, temperature, edges=None):
    """By enumeration root by root; by Kirchhoff as the mixture over the child of one more vertex."""
    pairs = edges or [(h, m) for h in range(vertices) for m in range(vertices)]
    results = []
    if vertices <= 5:
        results.append(oracle.from_enumeration(rooted_trees(vertices, pairs), utility, g, temperature))
    if oracle.decades(utility, temperature) <= 600:
        behind = [(0 if h == m else h + 1, m + 1) for h, m in pairs]
        arguments = vertices + 1, 0, behind, True, utility, g, temperature
        results.append(oracle.arborescence_by_kirchhoff(*arguments))
    agree(results[0], results[-1])
    with mp.workdps(oracle.DIGITS):
        assert abs(mp.fsum(results[0][0]) - vertices) < oracle.AGREED
    parameters = {"vertices": vertices, "root": None, "singleRootChild": False, "edges": edges}
    return record(name, parameters, temperature, utility, g, results[0])


def any_root_cases():
    """The same of any root."""
    rng = random.Random(20200616)

    def every(name, vertices, utility, temperatures, **options):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield any_root(f"any root: {name}", vertices, utility, g, t, **options)

    for vertices in (1, 2, 3, 5, 8):
        yield from every("gumbel", vertices, gumbel(rng, vertices**2), [1000.0, 1.0, 0.1, 0.01, 0.001])
    yield from every("offset 1e6", 4, gumbel(rng, 16, offset=1e6), [1.0, 0.01])
    yield from every("all zero", 5, [0.0] * 25, [1.0, 0.001])
    yield from every("ties", 4, [float(rng.randrange(3)) for _ in range(16)], [1.0, 0.01])
    yield from every("mask", 4, mask(gumbel(rng, 16), 0, 2, 5, 9, 11), [1.0, 0.1, 0.001])
    roots = [(0, 0), (2, 2), (0, 1), (1, 2), (2, 1), (2, 3), (3, 4), (4, 3), (1, 0)]
    yield from every("some roots", 5, gumbel(rng, 9), [1.0, 0.01], edges=roots)
    for scale in (1e3, 1e9, 1e-9):
        yield from every(f"scale {label(scale)}", 4, gumbel(rng, 16, scale), [1.0, scale])
    huge = [rng.choice([LARGEST, -LARGEST, 1.0, 0.0, -1e300]) for _ in range(9)]
    yield from every("extreme: utilities near the largest double", 3, huge, [1.0])
    yield from every("extreme: smallest temperatures", 3, gumbel(rng, 9), [1e-100, 5e-324])


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


# --- correlated k-subsets and projective trees ---------------------------------------------------


def correlated_top_k_cases():
    """Sizes, ties, masks of elements and of pairs, and extreme scales."""
    rng = random.Random(20200615)

    def case(name, elements, k, utility, g, t):
        result = oracle.from_enumeration(chart_oracle.correlated_subsets(elements, k), utility, g, t)
        return record(name, {"elements": elements, "k": k}, t, utility, g, result)

    def every(name, k, utility, temperatures=TEMPERATURES):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield case(name, (len(utility) + 1) // 2, k, utility, g, t)

    example = [1.2, -0.3, 0.5, 0.1, -1, 0.8, -0.4, 1.5, 0.2], [0.7, -0.2, 0.1, 1, -0.5, 0.3, -0.6, 0.9, 0.4]
    softmax = oracle.from_enumeration(chart_oracle.correlated_subsets(5, 2), *example, 0.5)[0]
    known = [0.521477, 0.218518, 0.680285, 0.564535, 0.015185, 0.208664, 0.004668, 0.464391, 0.001717]
    assert all(abs(a - b) < 6e-7 for a, b in zip(softmax, known)), "worked example not reproduced"
    yield case("worked example", 5, 2, *example, 0.5)

    for elements, k in ((1, 1), (2, 1), (2, 2), (5, 3), (10, 2), (10, 5), (30, 3)):
        yield from every("gumbel", k, gumbel(rng, 2 * elements - 1), [1.0, 0.1, 0.01, 0.001])
    yield from every("no pair utilities", 4, gumbel(rng, 9) + [0.0] * 8, [1.0, 0.1, 0.001])
    yield from every("empty subset", 0, gumbel(rng, 7), [1.0])
    yield from every("all zero", 3, [0.0] * 13, [1e6, 1.0, 0.001])
    yield from every("offset 1e6", 3, gumbel(rng, 13, offset=1e6), [1.0, 0.01])
    yield from every("offset -1e6", 3, gumbel(rng, 13, offset=-1e6), [1.0, 0.01])
    yield from every("ties", 3, [float(rng.randrange(-1, 2)) for _ in range(13)], [1.0, 0.1, 0.001])
    yield from every("mask", 3, mask(gumbel(rng, 15), 1, 6, 9, 12), [1.0, 0.1, 0.001])
    yield from every("mask of all pairs", 3, mask(gumbel(rng, 13), *range(7, 13)), [1.0, 0.01])
    yield from every("mask leaves one", 3, mask(gumbel(rng, 9), 5, 6, 7, 8), [1.0, 0.001])
    for scale in (1e3, 1e9, 1e-9):
        yield from every(f"scale {label(scale)}", 4, gumbel(rng, 15, scale), [1.0, 0.001, scale])
    levels = [-1e6 * rng.randrange(3) + rng.randrange(-8, 9) / 4 for _ in range(15)]
    yield from every("near ties on levels 1e6 apart", 4, levels, [1.0, 0.5])
    largest = [1e308, 1.0, 0.0, 1e308, LARGEST, -LARGEST, -1e308]
    yield from every("extreme: utilities near the largest double", 2, largest, [1.0, 1e308])
    small = [1.0, 1e308, 0.5, 0.0, -1e308, -1e308, 0.0]
    yield from every("extreme: small differences between large sums", 2, small, [1.0, 0.3])
    yield from every("extreme: smallest temperatures", 2, gumbel(rng, 9), [1e-100, 1e-300, 5e-324])
    ties = [1.0, 1.0, 2.0, 1.0, 0.0, 1.0, 0.0]
    yield from every("extreme: ties at the smallest temperatures", 2, ties, [1e-100, 5e-324])


def projective_tree_inputs(rng):
    """Utilities and temperatures for either relaxation."""
    for words in (1, 2, 3, 4, 5):
        yield "gumbel", words, gumbel(rng, words**2), [1.0, 0.1, 0.01, 0.001]
    yield "all zero", 4, [0.0] * 16, [1e6, 1.0, 0.001]
    yield "ties", 4, [float(rng.randrange(-1, 2)) for _ in range(16)], [1.0, 0.1, 0.001]
    yield "offset 1e6", 4, gumbel(rng, 16, offset=1e6), [1.0, 0.01]
    # Of 4 words, nothing but the edges (0, 1), (1, 2), (2, 3), (3, 4) and two that make other trees.
    chain = [i for i, edge in enumerate(chart_oracle.arcs(4)) if edge[0] + 1 != edge[1]]
    yield "mask", 4, mask(gumbel(rng, 16), 1, 6, 7, 12, 13), [1.0, 0.1, 0.001]
    yield "mask leaves one tree", 4, mask(gumbel(rng, 16), *chain), [1.0, 0.001]
    yield "mask of the root", 4, mask(gumbel(rng, 16), 0, 1, 3), [1.0, 0.1, 0.01]
    for scale in (1e3, 1e9, 1e-9):
        yield f"scale {label(scale)}", 4, gumbel(rng, 16, scale), [1.0, 0.001, scale]
    yield "extreme: utilities near the largest double", 3, gumbel(rng, 9, 5e307), [1.0, 1e307]
    yield "extreme: smallest temperatures", 3, gumbel(rng, 9), [1e-100, 1e-300, 5e-324]


TWO_WORDS = [1.0, 0.2, 0.9, 0.4]


def projective_tree_cases():
    """Sizes, ties, masks and extreme scales."""
    rng = random.Random(20200616)

    def case(name, words, utility, g, t):
        result = oracle.from_enumeration(chart_oracle.projective_trees(words), utility, g, t)
        return record(name, {"words": words}, t, utility, g, result)

    assert [len(list(chart_oracle.projective_trees(n))) for n in range(1, 5)] == [1, 3, 12, 55]
    example = oracle.from_enumeration(chart_oracle.projective_trees(2), TWO_WORDS, [1.0] * 4, 1.0)
    close(example, [0.845950, 0.434746, 0.565254, 0.154050], [0.0] * 4)
    yield case("worked example", 2, TWO_WORDS, cotangent(rng, 4), 1.0)
    for name, words, utility, temperatures in projective_tree_inputs(rng):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield case(name, words, utility, g, t)
    utility = [1e308, 1.0, 0.0, 1e308, -1e308, LARGEST, 0.5, -LARGEST, 1e308]
    for t in (1.0, 0.3):
        yield case("extreme: small differences between large sums", 3, utility, cotangent(rng, 9), t)


def perturb_and_parse_cases():
    """The same inputs."""
    rng = random.Random(20200617)

    def case(name, words, utility, g, t):
        result = chart_oracle.perturb_and_parse(words, utility, g, t)
        return record(name, {"words": words}, t, utility, g, result)

    example = chart_oracle.perturb_and_parse(2, TWO_WORDS, [1.0] * 4, 1.0)
    close(example, [0.898492, 0.286467, 0.713533, 0.101508], [0.0] * 4)
    yield case("worked example", 2, TWO_WORDS, cotangent(rng, 4), 1.0)
    for name, words, utility, temperatures in projective_tree_inputs(rng):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield case(name, words, utility, g, t)


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


# --- the other relaxations of k-subsets -------------------------------------------------------

EXAMPLE = [1.2, -0.3, 0.5, 0.1, -1], [0.7, -0.2, 0.1, 1, -0.5]


def relaxation_cases(seed, evaluate, example, temperatures, copies=False):
    """Sizes, ties, masks and extreme scales; with copies, k rows of utilities in a case."""
    rng = random.Random(seed)

    def every(name, k, elements, draw, at=temperatures):
        utility = draw(elements * (k if copies else 1))
        g = cotangent(rng, elements)
        for t in at:
            result = evaluate(k, utility, g, t)
            if result is not None:  # a kink is too near
                yield record(name, {"elements": elements, "k": k}, t, utility, g, result)

    def gumbels(scale=1.0, offset=0.0):
        return lambda count: gumbel(rng, count, scale, offset)

    def tied(values):
        return lambda count: [float(rng.randrange(values)) for _ in range(count)]

    if example:
        result = evaluate(2, *EXAMPLE, 0.5)
        close(result, *example)
        yield record("worked example", {"elements": 5, "k": 2}, 0.5, *EXAMPLE, result)
    sizes = {1: [1], 2: [1, 2], 5: [1, 2, 4, 5], 10: [1, 3, 9]}
    # The Jacobian of a bespoke relaxation takes a difference for every coordinate.
    large = {20: [5]} if evaluate in (hypersimplex.softsub, hypersimplex.l2x) else {45: [1, 9, 44]}
    for elements, sizes_of_subset in (sizes | large).items():
        for k in sizes_of_subset:
            few = temperatures if elements in sizes else temperatures[:3]
            yield from every("gumbel", k, elements, gumbels(), few)
    yield from every("offset 1e6", 3, 10, gumbels(offset=1e6))
    yield from every("offset -1e6", 3, 10, gumbels(offset=-1e6))
    for values in (2, 3) if not copies else ():
        yield from every(f"ties between {values} values", 4, 10, tied(values), temperatures[:2])
    yield from every("mask", 3, 10, lambda count: mask(gumbel(rng, count), 0, 5, 9))
    yield from every("mask leaves k", 2, 4, lambda count: mask(gumbel(rng, count), 1, 2), temperatures[:2])
    for scale in (1e3, 1e9):
        yield from every(f"scale {label(scale)}", 4, 10, gumbels(scale), [scale, 10 * scale])
    yield from every("scale 1e-9", 4, 10, gumbels(1e-9), [1.0])
    yield from every("temperature 1e6", 4, 10, gumbels(), [1e6])
    yield from every("extreme: smallest temperatures", 2, 5, gumbels(), [1e-100, 1e-300, 5e-324])
    if not copies:
        far = [LARGEST, -LARGEST, 1.0, 0.0, 1e308]
        yield from every("extreme: utilities near the largest double", 2, 5, lambda _: far, [1.0, 1e-3])


def entmax_cases():
    """Near the categorical entropy, in the middle, and near the Euclidean relaxation."""
    for seed, alpha in ((20190401, 1.5), (20190402, 1.0625), (20190403, 1.9375)):
        for case in relaxation_cases(seed, hypersimplex.powered(alpha), None, [1.0, 0.3, 0.03]):
            yield {**case, "alpha": alpha}


RELAXATIONS = {
    "entmax": entmax_cases,
    "euclidean": lambda: relaxation_cases(
        20200615, hypersimplex.euclidean, ([1, 0, 0.9, 0.1, 0], [0, 0, -0.9, 0.9, 0]), TEMPERATURES
    ),
    "categorical_entropy": lambda: relaxation_cases(
        20200616,
        hypersimplex.categorical_entropy,
        ([1, 0.118692, 0.587885, 0.264154, 0.029269], [0, -0.115029, -0.217011, 0.377967, -0.045927]),
        TEMPERATURES,
    ),
    "binary_entropy": lambda: relaxation_cases(
        20200617,
        hypersimplex.binary_entropy,
        (
            [0.833473, 0.199479, 0.552419, 0.356737, 0.057891],
            [0.096575, -0.176325, -0.124662, 0.297357, -0.092946],
        ),
        TEMPERATURES,
    ),
    "softsub": lambda: relaxation_cases(
        20200618,
        hypersimplex.softsub,
        (
            [0.918374, 0.148612, 0.586081, 0.308731, 0.038202],
            [0.074752, -0.157066, -0.200289, 0.347538, -0.064935],
        ),
        [3.0, 1.0, 0.3, 0.1, 0.03],
    ),
    "l2x": lambda: relaxation_cases(20200619, hypersimplex.l2x, None, TEMPERATURES, copies=True),
}
# --- matchings and rankings -------------------------------------------------------------------


def without_log_partition(case):
    """The same record for a relaxation that has no log-partition function."""
    del case["logPartition"]
    return case


def matching(name, size, utility, g, temperature):
    """Sinkhorn's relaxation."""
    result = permutations.matching(size, utility, g, temperature)
    return without_log_partition(record(name, {"size": size}, temperature, utility, g, result))


def matching_cases():
    """Sizes, ties, masks and extreme scales."""
    rng = random.Random(20200615)
    example = [0.3, 1, -0.5, 0.8, 0.2, 0.4, -0.2, 0.9, 0.6]
    first = matching("worked example", 3, example, cotangent(rng, 9), 0.5)
    soft = [0.330939, 0.581403, 0.087658, 0.581403, 0.075865, 0.342733, 0.087658, 0.342733, 0.569609]
    close((first["softmax"], []), soft, [])
    yield first

    def every(name, size, utility, temperatures=(1.0, 0.3, 0.1, 0.03)):
        g = cotangent(rng, size * size)
        for t in temperatures:
            yield matching(name, size, utility, g, t)

    for size in (1, 2, 3, 4, 5):
        yield from every("gumbel", size, gumbel(rng, size * size))
    yield from every("cold", 2, gumbel(rng, 4), [0.01, 0.001])
    yield from every("cold", 3, gumbel(rng, 9), [0.01, 0.003])
    yield from every("cold", 4, gumbel(rng, 16), [0.01])
    yield from every("offset 1e6", 3, gumbel(rng, 9, offset=1e6), [1.0, 0.1])
    yield from every("rows and columns far apart", 3, [exact(u + 1e6 * i - 1e3 * j) for u, (i, j) in zip(gumbel(rng, 9), [(i, j) for i in range(3) for j in range(3)])], [1.0, 0.1])  # fmt: skip
    yield from every("all zero", 4, [0.0] * 16, [1e6, 1.0, 0.001])
    yield from every("ties", 4, [float(rng.randrange(3)) for _ in range(16)], [1.0, 0.1])
    yield from every("two best matchings", 3, [2.0, 2.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.5, 3.0], [1.0, 0.1, 0.02])
    near = [exact(u + 0.001 * rng.random()) for u in (rng.randrange(2) for _ in range(9))]
    yield from every("near ties", 3, near, [1.0, 0.1, 0.03])
    yield from every("mask", 4, mask(gumbel(rng, 16), 0, 5, 7, 14), [1.0, 0.1])
    yield from every("mask leaves blocks", 4, mask(gumbel(rng, 16), 2, 3, 6, 7, 8, 9, 12, 13), [1.0, 0.1])
    yield from every("mask leaves cells without a matching", 4, mask(gumbel(rng, 16), 8, 9, 12, 13), [1.0, 0.1])
    yield from every("mask leaves one matching", 3, mask(gumbel(rng, 9), 3, 6, 7), [1.0, 0.001])
    yield from every("scale 1e9", 3, gumbel(rng, 9, 1e9), [1e9, 1e8, 1.0])
    yield from every("scale 1e-9", 3, gumbel(rng, 9, 1e-9), [1.0, 1e-9, 1e-10])
    yield from every("temperature 1e6", 5, gumbel(rng, 25), [1e6])
    rows, columns = gumbel(rng, 4), gumbel(rng, 4)
    sums = [exact(a + b) for a in rows for b in columns]
    yield from every("equal but for rounding errors", 4, sums, [1.0, 1e-14, 1e-15, 1e-16])
    large = [LARGEST, -LARGEST, 1.0, 0.0, -1e300, 1e308, 0.5, -1e308, 3.0]
    yield from every("extreme: utilities near the largest double", 3, large, [1e308, 1.0, 0.001])
    yield from every("extreme: smallest temperatures", 4, gumbel(rng, 16), [1e-100, 1e-300, 5e-324])


def matching_family_cases():
    """The exponential family of matchings, by enumeration: sizes, ties, masks and extreme scales of all kinds."""
    rng = random.Random(20261129)

    def every(name, shape, utility, temperatures=(1000.0, 1.0, 0.1, 0.01, 0.001)):
        rows, columns, partial = shape
        vertices = list(permutations.cells(rows, columns, partial))
        g = cotangent(rng, rows * columns)
        for t in temperatures:
            result = oracle.from_enumeration(vertices, utility, g, t)
            parameters = {"rows": rows, "columns": columns, "partial": partial}
            yield record(name, parameters, t, utility, g, result)

    # Permanents that are known: n! of a matrix of ones, and derangements without its diagonal.
    counts = {5: 120.0, 4: 24.0}
    for size, count in counts.items():
        shape = (size, size, False)
        ones = next(iter(every("all zero", shape, [0.0] * size**2, [1.0])))
        assert abs(math.exp(ones["logPartition"]) - count) < 1e-10
    hollow = next(iter(every("derangements", (5, 5, False), mask([0.0] * 25, 0, 6, 12, 18, 24), [1.0])))
    assert abs(math.exp(hollow["logPartition"]) - 44) < 1e-10
    yield hollow
    shapes = [(n, n, False) for n in (1, 2, 3, 4, 5)]
    shapes += [(3, 5, False), (5, 2, False), (1, 4, False), (3, 3, True), (2, 4, True), (4, 3, True), (1, 1, True)]
    for shape in shapes:
        cells = shape[0] * shape[1]
        yield from every("gumbel", shape, gumbel(rng, cells))
        yield from every("all zero", shape, [0.0] * cells, [1.0])
        yield from every("ties", shape, [float(rng.randrange(-1, 2)) for _ in range(cells)], [1.0, 0.001])
        kept = set(rng.choice(list(permutations.cells(*shape))))
        forbidden = [i for i in range(cells) if i not in kept and rng.random() < 0.4]
        yield from every("mask", shape, mask(gumbel(rng, cells), *forbidden), [1.0, 0.01])
        as_good_as = [-1e32 if i in forbidden else u for i, u in enumerate(gumbel(rng, cells))]
        yield from every("mask by -1e32", shape, as_good_as, [1.0, 0.1])
    for shape in [(4, 4, False), (2, 4, False), (2, 3, True)]:
        cells = shape[0] * shape[1]
        yield from every("offset 1e6", shape, gumbel(rng, cells, offset=1e6), [1.0, 0.1])
        for scale in (1e3, 1e9, 1e-9):
            yield from every(f"scale {label(scale)}", shape, gumbel(rng, cells, scale), [1.0, scale])
        largest = [rng.choice([1e300, -1e300, 1.0, 0.0, 0.5]) for _ in range(cells)]
        yield from every("extreme: utilities of 1e300", shape, largest, [1.0])
        yield from every("extreme: smallest temperatures", shape, gumbel(rng, cells), [1e-100, 5e-324])


def neural_sort(name, scores, g, temperature):
    """Scores in, a matrix out."""
    result = permutations.neural_sort(scores, g, temperature)
    return without_log_partition(record(name, {"elements": len(scores)}, temperature, scores, g, result))


def neural_sort_cases():
    """Sizes, ties and extreme scales."""
    rng = random.Random(20200616)

    def every(name, scores, temperatures=(1.0, 0.3, 0.1, 0.01)):
        g = cotangent(rng, len(scores) ** 2)
        for t in temperatures:
            yield neural_sort(name, scores, g, t)

    for elements in (1, 2, 3, 4, 6, 8):
        yield from every("gumbel", gumbel(rng, elements))
    yield from every("offset 1e6", gumbel(rng, 5, offset=1e6))
    yield from every("offset -1e6", gumbel(rng, 5, offset=-1e6))
    yield from every("all zero", [0.0] * 5, [1e6, 1.0, 0.001])
    yield from every("ties", [float(rng.randrange(3)) for _ in range(6)], [1.0, 0.1, 0.001])
    yield from every("near ties", [exact(1 + 0.001 * rng.random()) for _ in range(5)], [1.0, 0.01, 0.001])
    for scale in (1e3, 1e9, 1e-9):
        yield from every(f"scale {label(scale)}", gumbel(rng, 5, scale), [1.0, 0.001, scale])
    yield from every("temperature 1e6", gumbel(rng, 6), [1e6])
    yield from every("extreme: scores near the largest double", [LARGEST, -LARGEST, 1.0, 0.0, 1e308], [1e308, 1.0])
    yield from every("extreme: smallest temperatures", gumbel(rng, 5), [1e-100, 1e-300, 5e-324])


# --- soft ranks ---------------------------------------------------------------------------------


def permutahedron_cases(seed, evaluate, exactly):
    """Ranks and other weights, ties and extreme scales; `exactly`: in fractions, and weights may be negative."""
    rng = random.Random(seed)

    def every(name, utility, weights=None, temperatures=(3.0, 1.0, 0.3, 0.1, 0.01)):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            of = weights or [float(rank) for rank in range(len(utility), 0, -1)]
            result = evaluate(of, utility, g, t)
            if result is not None:
                parameters = {"elements": len(utility), **({"weights": weights} if weights else {})}
                with mp.workdps(oracle.DIGITS):
                    rounded = [[mpf(x.numerator) / x.denominator if exactly else x for x in row] for row in result]
                yield record(name, parameters, t, utility, g, rounded)

    for elements in (1, 2, 3, 5, 8):
        yield from every("gumbel", gumbel(rng, elements))
    # The example of the authors' code.
    yield from every("example", [5.0, 1.0, 2.0], temperatures=[2.0])
    discounts = [exact(1 / math.log2(2 + i)) for i in range(7)]
    yield from every("discounts", gumbel(rng, 7), discounts)
    yield from every("one of them", gumbel(rng, 5), [1.0, 0.0, 0.0, 0.0, 0.0])
    yield from every("three of them", gumbel(rng, 6), [1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    yield from every("equal weights", gumbel(rng, 4), [0.7] * 4, [1.0, 0.01])
    yield from every("weights on levels", gumbel(rng, 6), [5.0, 5.0, 2.0, 2.0, 2.0, 0.5])
    yield from every("weights of all sizes", gumbel(rng, 6), [8.0, 1.0, 1e-2, 1e-4, 1e-6, 0.0], [3.0, 0.3, 1e-3])
    if exactly:
        yield from every("negative weights", gumbel(rng, 6), [3.0, 0.5, 0.0, -0.5, -0.75, -9.0])
    yield from every("offset 1e6", gumbel(rng, 6, offset=1e6))
    yield from every("offset -1e6", gumbel(rng, 6, offset=-1e6))
    yield from every("all zero", [0.0] * 6, temperatures=[1e6, 1.0, 1e-3, 1e-300])
    yield from every("ties", [float(rng.randrange(3)) for _ in range(8)], temperatures=[7.0, 0.7, 0.3, 1e-3])
    yield from every("near ties", [exact(1 + 0.001 * rng.random()) for _ in range(6)], temperatures=[1.0, 1e-3, 3e-4])
    for scale in (1e3, 1e9, 1e-9):
        yield from every(f"scale {label(scale)}", gumbel(rng, 6, scale), temperatures=[1.0, scale, 0.1 * scale])
    yield from every("scales side by side", [1e6, 1e6 + 1.5, 0.3, 1e-6, -1e9, 1e9, 1e9 + 0.25, 0.0], temperatures=[1.0, 0.3])
    yield from every("temperature 1e6", gumbel(rng, 6), temperatures=[1e6])
    large = [LARGEST, -LARGEST, 1.0, 0.0, 1e308, 1.25]
    yield from every("extreme: utilities near the largest double", large, temperatures=[1e308, 1.0, 0.7])
    yield from every("extreme: smallest temperatures", gumbel(rng, 6), temperatures=[1e-100, 1e-300, 5e-324])
    yield from every("extreme: largest temperatures", gumbel(rng, 6), temperatures=[1e100, 1e300])
    small = [5e-300, 1.5e-299, 0.0, -5e-300]
    yield from every("extreme: smallest utilities", small, temperatures=[1e-299, 1e-298, 1.0])


# --- Euclidean projections --------------------------------------------------------------------


def sparse_map_record(name, structure, parameters, temperature, utility, g, result):
    """One case as it is written; the fractions become the nearest doubles."""
    softmax, vjp = result
    return {
        "name": name,
        "structure": structure,
        **parameters,
        "temperature": temperature,
        "utility": [None if u == FORBIDDEN else u for u in utility],
        "cotangent": g,
        "softmax": [float(x) for x in softmax],
        "vjp": [float(x) for x in vjp],
    }


def sparse_map_cases():
    """Every structure at temperatures from those that average to those that choose."""
    rng = random.Random(20180621)

    def every(name, structure, parameters, project, utility, temperatures=(3.0, 1.0, 0.3, 0.03, 1e-3, 1e-9)):
        g = cotangent(rng, len(utility))
        for t in temperatures:
            yield sparse_map_record(name, structure, parameters, t, utility, g, project(utility, g, t))

    def subsets(name, k, utility, **options):
        parameters = {"elements": len(utility), "k": k}
        yield from every(name, "top_k", parameters, lambda *row: projection.onto_subsets_of_size(k, *row), utility, **options)

    def trees(name, vertices, utility, edges=None, **options):
        parameters = {"vertices": vertices, "edges": edges}
        graph = edges or complete(vertices)
        project = lambda *row: projection.onto_spanning_trees(vertices, graph, *row)  # noqa: E731
        yield from every(name, "spanning_tree", parameters, project, utility, **options)

    def one_hots(name, utility, **options):
        parameters = {"categories": len(utility)}
        yield from every(name, "one_hot", parameters, lambda *row: projection.onto_subsets_of_size(1, *row), utility, **options)

    def cubes(name, utility, **options):
        yield from every(name, "subset", {"elements": len(utility)}, projection.onto_cube, utility, **options)

    yield from one_hots("gumbel", gumbel(rng, 9))
    yield from one_hots("offset 1e6", gumbel(rng, 6, offset=1e6), temperatures=[1.0, 0.1])
    yield from one_hots("ties", [1.0, 0.0, 1.0, 0.0, 1.0], temperatures=[1e6, 1.0, 1e-3, 1e-300])
    yield from one_hots("mask", mask(gumbel(rng, 8), 0, 5))
    yield from one_hots("scale 1e9", gumbel(rng, 6, 1e9), temperatures=[1.0, 1e9, 1e12])
    yield from one_hots("near the largest double", [LARGEST, -LARGEST, 1e308, 1.0, 0.0], temperatures=[1.0, 1e308])
    yield from cubes("gumbel", gumbel(rng, 9))
    yield from cubes("mask", mask(gumbel(rng, 6), 2, 3), temperatures=[3.0, 0.3])
    yield from cubes("scales side by side", [1e6, 0.3, 1e-6, -1e9, 1e9], temperatures=[1e6 * 1.5, 2.0, 4e-6])
    for k in (1, 2, 4, 7):
        yield from subsets("gumbel", k, gumbel(rng, 8))
    yield from subsets("ties", 3, [0.0] * 7, temperatures=[1e6, 1.0, 1e-9, 1e-300])
    yield from subsets("ties on the boundary", 3, [2.0, 1.0, 1.0, 1.0, 1.0, 0.0], temperatures=[1.6, 0.3, 1e-3, 1e-200])
    yield from subsets("mask", 2, mask(gumbel(rng, 8), 1, 4, 7))
    # At t = 1 there is a kink, up to the rounding of these decimals.
    yield from trees("K4", 4, [0.5, 1, -0.2, 0.3, 0.8, -1], temperatures=[3.0, 0.7, 0.3, 1e-3])
    for vertices in (3, 4, 5):
        yield from trees("gumbel", vertices, gumbel(rng, math.comb(vertices, 2)))
    yield from trees("all equal", 5, [0.7] * 10, temperatures=[1e6, 1.0, 1e-3, 1e-300])
    yield from trees("ties between two values", 4, [1.0, 0.0, 1.0, 0.0, 0.0, 1.0], temperatures=[3.0, 0.3, 1e-3])
    wheel = [(0, i) for i in range(1, 6)] + [(i, i % 5 + 1) for i in range(1, 6)]
    yield from trees("wheel", 6, gumbel(rng, 10), [tuple(sorted(edge)) for edge in wheel])
    blocks = complete(3) + [(2, 3)] + [(i + 3, j + 3) for i, j in complete(3)]
    yield from trees("two blocks joined by a bridge", 6, gumbel(rng, 7), blocks, temperatures=[3.0, 0.3, 1e-3])
    yield from trees("mask", 5, mask(gumbel(rng, 10), 0, 3, 8))
    yield from trees("scale 1e9", 4, gumbel(rng, 6, 1e9), temperatures=[1.0, 1e9])


def derivations_cases():
    """Structures that are derivations of a forest: sizes, ties, masks and extreme scales of each."""
    rng = random.Random(20261128)
    sizes = {
        "linear_chain": ("length", "states"),
        "alignment": ("rows", "columns", "band"),
        "segmentation": ("length", "labels", "longest"),
        "binary_tree": ("leaves", "labels"),
        "monotone_alignment": ("rows", "columns"),
        "ctc": ("frames", "classes", "spelling", "blank"),
        "knapsack": ("weights", "groups", "capacity"),
        "non_crossing_pairs": ("length", "hairpin"),
    }
    enumerate_all = {
        "linear_chain": derivation_oracle.linear_chains,
        "alignment": derivation_oracle.alignments,
        "segmentation": derivation_oracle.segmentations,
        "binary_tree": derivation_oracle.binary_trees,
        "monotone_alignment": derivation_oracle.monotone_alignments,
        "ctc": derivation_oracle.collapsing,
        "knapsack": derivation_oracle.knapsacks,
        "non_crossing_pairs": derivation_oracle.non_crossing_pairs,
    }

    def every(name, structure, options, dimension, utility, temperatures):
        vertices = list(enumerate_all[structure](*options))
        g = cotangent(rng, dimension)
        for t in temperatures:
            result = oracle.from_enumeration(vertices, utility, g, t)
            named = {"structure": structure, **dict(zip(sizes[structure], options))}
            yield record(name, named, t, utility, g, result)

    instances = [
        ("linear_chain", (6, 3), 18 + 45),
        ("linear_chain", (1, 4), 4),
        ("alignment", (5, 6, 9), 30),
        ("alignment", (6, 5, 1), 30),
        ("segmentation", (7, 2, 3), 42),
        ("binary_tree", (7, 1), 28),
        ("binary_tree", (3, 3), 18),
        ("monotone_alignment", (4, 9), 36),
        ("knapsack", ([3, 1, 4, 1, 5, 9, 2, 6], [0, 1, 1, 2, 3, 4, 5, 5], 11), 8),
        ("non_crossing_pairs", (7, 0), 21),
        ("non_crossing_pairs", (8, 3), 28),
        ("ctc", (6, 3, [2, 0, 0], 1), 18),
        ("ctc", (5, 4, [], 0), 20),
    ]
    for structure, options, dimension in instances:
        of = (structure, options, dimension)
        yield from every("gumbel", *of, gumbel(rng, dimension), [1000.0, 1.0, 0.1, 0.01, 0.001])
        yield from every("all zero", *of, [0.0] * dimension, [1.0])
        yield from every("offset -1e6", *of, gumbel(rng, dimension, offset=-1e6), [1.0])
        ties = [float(rng.randrange(-1, 2)) for _ in range(dimension)]
        yield from every("ties", *of, ties, [1.0, 0.001])
        # The cheapest of several that avoid what is forbidden stays.
        kept = set(rng.choice(list(enumerate_all[structure](*options))))
        forbidden = [i for i in range(dimension) if i not in kept and rng.random() < 0.3]
        yield from every("mask", *of, mask(gumbel(rng, dimension), *forbidden), [1.0, 0.01])
        as_good_as = [-1e32 if i in forbidden else u for i, u in enumerate(gumbel(rng, dimension))]
        yield from every("mask by -1e32", *of, as_good_as, [1.0, 0.1])
        for scale in (1e3, 1e9, 1e-9):
            yield from every(f"scale {label(scale)}", *of, gumbel(rng, dimension, scale), [1.0, scale])
        largest = [rng.choice([1e300, -1e300, 1.0, 0.0, 0.5]) for _ in range(dimension)]
        yield from every("extreme: utilities of 1e300", *of, largest, [1.0])
        yield from every("extreme: smallest temperatures", *of, gumbel(rng, dimension), [1e-100, 5e-324])


STRUCTURES = {
    "derivations": derivations_cases,
    "sparse_map": sparse_map_cases,
    **{f"top_k_{name}": cases for name, cases in RELAXATIONS.items()},
    "spanning_tree": spanning_tree_cases,
    "arborescence": arborescence_cases,
    "top_k": top_k_cases,
    "one_hot": lambda: vector_cases("categories", 20200613, oracle.one_hot),
    "correlated_top_k": correlated_top_k_cases,
    "projective_tree": projective_tree_cases,
    "perturb_and_parse": perturb_and_parse_cases,
    "subset": lambda: vector_cases("elements", 20200614, subset_checked),
    "matching": matching_cases,
    "matching_exponential_family": matching_family_cases,
    "neural_sort": neural_sort_cases,
    "permutahedron_euclidean": lambda: permutahedron_cases(20200713, permutahedron.euclidean, True),
    "permutahedron_categorical_entropy": lambda: permutahedron_cases(
        20200714, permutahedron.categorical_entropy, False
    ),
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
