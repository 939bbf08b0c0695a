"""Euclidean projections of u / t onto polytopes, in rational numbers: nothing is rounded.

Every function takes exact doubles and returns (softmax, vjp) as fractions. Bases of a matroid are projected onto by
Groenevelt's decomposition over all sets of elements, which shares nothing with the library's active sets: where no set
has more than its rank of the shifted point, that is the projection, and else the worst set and the rest are projected
apart. The derivative centres the cotangent on every block of the decomposition.
"""

from fractions import Fraction

FORBIDDEN = -float("inf")


def positions(utility, temperature):
    """u / t of the entries that are not forbidden, by index."""
    return {i: Fraction(u) / Fraction(temperature) for i, u in enumerate(utility) if u != FORBIDDEN}


def bits(indices):
    """A set as a number."""
    return sum(1 << i for i in indices)


def blocks_of(z, rank, ground, below):
    """The blocks of the projection onto the bases of the minor on `ground`, `below` contracted, with their shifts."""

    def above(sets):
        return rank(below | sets) - rank(below)

    everything = bits(ground)
    shift = (sum(z[i] for i in ground) - above(everything)) / Fraction(len(ground))
    excess = {0: Fraction(0)}
    for i in ground:
        excess.update({sets | 1 << i: value + z[i] - shift for sets, value in list(excess.items())})
    proper = [sets for sets in excess if sets not in (0, everything)]
    worst = max(proper, key=lambda sets: excess[sets] - above(sets), default=0)
    slack = above(worst) - excess[worst]
    if worst == 0 or slack > 0:
        return [(ground, shift)]
    separates = above(worst) + above(everything & ~worst) == above(everything)
    assert slack < 0 or separates, "a kink: the derivative is not unique"
    inside = [i for i in ground if worst >> i & 1]
    outside = [i for i in ground if not worst >> i & 1]
    return blocks_of(z, rank, inside, below) + blocks_of(z, rank, outside, below | worst)


def onto_bases(rank, utility, cotangent, temperature):
    """`rank` maps a set, as a number, to the size of its largest independent part."""
    z = positions(utility, temperature)
    softmax = [Fraction(0)] * len(utility)
    vjp = [Fraction(0)] * len(utility)
    for block, shift in blocks_of(z, rank, list(z), 0):
        mean = sum(Fraction(cotangent[i]) for i in block) / len(block)
        for i in block:
            softmax[i] = z[i] - shift
            vjp[i] = (Fraction(cotangent[i]) - mean) / Fraction(temperature)
    return softmax, vjp


def onto_subsets_of_size(k, utility, cotangent, temperature):
    """k-subsets are the bases of the uniform matroid."""
    return onto_bases(lambda sets: min(k, bin(sets).count("1")), utility, cotangent, temperature)


def onto_spanning_trees(vertices, edges, utility, cotangent, temperature):
    """Spanning trees are the bases of the graphic matroid."""
    known = {}

    def rank(sets):
        if sets not in known:
            component = list(range(vertices))
            for i, (a, b) in enumerate(edges):
                if sets >> i & 1 and component[a] != component[b]:
                    old, new = component[a], component[b]
                    component = [new if c == old else c for c in component]
            known[sets] = vertices - len(set(component))
        return known[sets]

    return onto_bases(rank, utility, cotangent, temperature)


def onto_cube(utility, cotangent, temperature):
    """Every coordinate is clipped."""
    z = positions(utility, temperature)
    softmax = [min(max(z.get(i, Fraction(0)), Fraction(0)), Fraction(1)) for i in range(len(utility))]
    inside = [0 < x < 1 for x in softmax]
    return softmax, [Fraction(g) / Fraction(temperature) if free else Fraction(0) for g, free in zip(cotangent, inside)]
