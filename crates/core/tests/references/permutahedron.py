"""The relaxations of the permutahedron, by decomposition over all sets of elements; shares nothing with the library's pooling.

The permutahedron P(w) is the base polytope of the submodular function f(S) = the sum of the |S| largest weights. With the
constraint on all elements alone the optimum is simple; where no set has more than f allows, that is the optimum on the
polytope, and else the set of the largest excess and the rest are solved apart (Groenevelt, 1991).
"""

from fractions import Fraction

from mpmath import mp, mpf

import hypersimplex
import oracle
import projection

WORST_TIE = mpf(10) ** -50


def euclidean(weights, utility, g, temperature):
    """In rational numbers."""
    prefix = [sum(Fraction(w) for w in weights[:count]) for count in range(len(weights) + 1)]
    return projection.onto_bases(lambda sets: prefix[bin(sets).count("1")], utility, g, temperature)


def tilted(z, weights):
    """The maximiser of z.x - sum x log x, and how near the nearest kink is."""
    x, nearest = [mpf(0)] * len(z), mp.inf
    open_minors = [(list(range(len(z))), 0)]
    while open_minors:
        ground, below = open_minors.pop()
        prefix = [mp.fsum(weights[below : below + count]) for count in range(len(ground) + 1)]
        top = max(z[i] for i in ground)
        weight = {i: mp.exp(z[i] - top) for i in ground}
        total = mp.fsum(weight.values())
        sums = {0: mpf(0)}
        for i in ground:
            sums.update({s | 1 << i: value + prefix[-1] * weight[i] / total for s, value in list(sums.items())})
        everything = projection.bits(ground)
        excess = {s: value - prefix[bin(s).count("1")] for s, value in sums.items() if s not in (0, everything)}
        worst = max(excess, key=excess.get, default=0)
        if worst:
            count = bin(worst).count("1")
            separates = abs(prefix[count] + prefix[len(ground) - count] - prefix[-1]) < WORST_TIE * prefix[-1]
            if not (separates and abs(excess[worst]) < WORST_TIE):
                nearest = min(nearest, abs(excess[worst]))
            if excess[worst] > WORST_TIE:
                inside = [i for i in ground if worst >> i & 1]
                outside = [i for i in ground if not worst >> i & 1]
                open_minors += [(inside, below), (outside, below + count)]
                continue
        for i in ground:
            x[i] = prefix[-1] * weight[i] / total
    return x, nearest


def categorical_entropy(weights, utility, g, temperature):
    """In 60 digits; the Jacobian is a difference with a step 60 digits below t. None near a kink."""
    with mp.workdps(oracle.working_digits(utility, temperature) + 120):
        z = [mpf(u) / mpf(temperature) for u in utility]
        w = [mpf(weight) for weight in weights]
        x, nearest = tilted(z, w)
        if nearest < hypersimplex.KINK:
            return None
        ahead, behind = (
            tilted([p + sign * hypersimplex.STEP * mpf(d) for p, d in zip(z, g)], w)[0] for sign in (1, -1)
        )
        return x, [(a - b) / (2 * hypersimplex.STEP) / mpf(temperature) for a, b in zip(ahead, behind)]
