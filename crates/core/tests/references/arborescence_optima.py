"""Writes arborescence_optima.json: values of maximum arborescences of larger graphs, by NetworkX.

Run with Python 3.9+ and networkx (pip install networkx):  python3 arborescence_optima.py
The graphs are made of integers by a formula that tests/arborescence_optima.rs repeats, so that every sum is exact and
the file holds their sizes, seeds and values only. A single child of the root is asked for by a large constant, which
among Python's integers costs nothing.
"""

import json
from pathlib import Path

import networkx

PENALTY = 10**12


def words(seed):
    """20-bit numbers: the high bits of Knuth's MMIX generator."""
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield state >> 44


def graph(kind, vertices, seed):
    """Head, modifier and utility of each edge; vertex 0 is the root."""
    word = words(seed)
    pairs = [(h, m) for h in range(vertices) for m in range(1, vertices) if h != m]
    if kind == "sparse":
        seen = {(m - 1, m) for m in range(1, vertices)}
        chosen = sorted(seen)
        for _ in range(8 * vertices):
            pair = next(word) % vertices, 1 + next(word) % (vertices - 1)
            if pair[0] != pair[1] and pair not in seen:
                seen.add(pair)
                chosen.append(pair)
        pairs = chosen
    return [(h, m, next(word) + bonus(kind, h, m)) for h, m in pairs]


def bonus(kind, head, modifier):
    """What makes a graph hard: cycles within cycles of vertices that share leading bits; a root that attracts all."""
    if kind == "nested":
        return (10 - (head ^ modifier).bit_length()) << 18
    return 2**20 if kind == "star" and head == 0 else 0


def value(edges, penalty):
    """The utilities of the best arborescence, without the penalty of each edge out of the root."""
    digraph = networkx.DiGraph()
    for head, modifier, utility in edges:
        digraph.add_edge(head, modifier, weight=utility - (penalty if head == 0 else 0))
    tree = networkx.maximum_spanning_arborescence(digraph, attr="weight")
    children = tree.out_degree(0)
    assert penalty == 0 or children == 1
    return int(sum(weight for _, _, weight in tree.edges.data("weight")) + penalty * children)


def main():
    """One line a graph."""
    sizes = {"complete": [10, 40, 200], "sparse": [50, 200], "nested": [16, 64, 96], "star": [10, 100]}
    cases = []
    for kind, all_vertices in sizes.items():
        for vertices in all_vertices:
            for seed in (1, 2):
                edges = graph(kind, vertices, seed)
                case = {"kind": kind, "vertices": vertices, "seed": seed, "value": value(edges, 0)}
                cases.append({**case, "singleRootChild": value(edges, PENALTY)})
                print(cases[-1], flush=True)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    Path(__file__).with_suffix(".json").write_text(f'{{"cases":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
