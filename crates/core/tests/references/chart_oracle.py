"""Vertices of correlated k-subsets and projective trees, and Perturb & Parse, straight from their definitions."""

from itertools import combinations, product

from mpmath import mp, mpf

import oracle


def correlated_subsets(elements, k):
    """Every k-subset as the indices of its elements and of the pairs of neighbours that it has."""
    for chosen in combinations(range(elements), k):
        pairs = [elements + i for i in chosen if i + 1 in chosen]
        yield (*chosen, *pairs)


def arcs(words):
    """Head and modifier of every coordinate."""
    return [(h, m) for h in range(words + 1) for m in range(1, words + 1) if h != m]


def projective_trees(words):
    """Every choice of a head for each word in which all words descend from the root, and the words between two ends of
    an edge from its head; as tuples of coordinates."""
    index = {edge: i for i, edge in enumerate(arcs(words))}
    for heads in product(range(words + 1), repeat=words):
        if all(h != m for m, h in enumerate(heads, 1)):
            above = [{0}] + [ancestors(heads, m) for m in range(1, words + 1)]
            spans = ((h, range(min(h, m) + 1, max(h, m))) for m, h in enumerate(heads, 1))
            if all(0 in a for a in above) and all(h in above[b] for h, between in spans for b in between):
                yield tuple(sorted(index[h, m] for m, h in enumerate(heads, 1)))


def ancestors(heads, word):
    """The word, its head, the head's head, ..."""
    seen = set()
    while word not in seen:
        seen.add(word)
        word = heads[word - 1] if word > 0 else 0
    return seen


def softened_tree(words, utility, temperature):
    """Eisner's deductions with a softmax for every maximum, then the mean tree from the top down, item by item."""
    weight = {edge: mpf(u) for edge, u in zip(arcs(words), utility)}
    memo = {}

    def deductions(item):
        """The pairs of items that one can be made of."""
        kind, i, j = item
        if kind == "span":
            return [(("right", i, k), ("left", k + 1, j)) for k in range(i, j)]
        if kind == "right":
            return [(("arc", i, k), ("right", k, j)) for k in range(i + 1, j + 1)]
        return [(("left", i, k), ("arc", j, k)) for k in range(i, j)]

    def score_and_choices(item):
        kind, i, j = item
        if kind == "arc":
            inner = ("span", min(i, j), max(i, j))
            return score(inner) + weight.get((i, j), -mp.inf), [(mpf(1), (inner,))]
        if i == j:
            return mpf(0), []
        parts = [(sum(score(part) for part in pair), pair) for pair in deductions(item)]
        best = max(s for s, _ in parts)
        if best == -mp.inf:
            return best, []
        parts = [(s, mp.exp((s - best) / temperature), pair) for s, pair in parts if s != -mp.inf]
        total = mp.fsum(p for _, p, _ in parts)
        return mp.fsum(s * p for s, p, _ in parts) / total, [(p / total, pair) for _, p, pair in parts]

    def score(item):
        if item not in memo:
            memo[item] = score_and_choices(item)
        return memo[item][0]

    whole = ("right", 0, words)
    score(whole)
    size = {"right": 0, "left": 0, "arc": -1, "span": -2}
    order = sorted(memo, key=lambda item: (abs(item[2] - item[1]) * 4 + size[item[0]]), reverse=True)
    mass = dict.fromkeys(memo, mpf(0))
    mass[whole] = mpf(1)
    for item in order:
        for p, pair in memo[item][1]:
            for part in pair:
                mass[part] += mass[item] * p
    return [mass.get(("arc", h, m), mpf(0)) for h, m in arcs(words)]


def perturb_and_parse(words, utility, cotangent, temperature):
    """The mean tree, and the gradient of g.x by central differences with a step of 1e-150 t."""
    with mp.workdps(oracle.working_digits(utility, temperature) + 320):
        t, g = mpf(temperature), [mpf(c) for c in cotangent]
        exact = [u if u == -mp.inf else mpf(u) for u in utility]
        softmax = softened_tree(words, exact, t)
        step = t * mpf(10) ** -150
        vjp = []
        for i, u in enumerate(exact):
            if u == -mp.inf:
                vjp.append(mpf(0))
                continue
            ends = [exact[:i] + [u + sign * step] + exact[i + 1 :] for sign in (1, -1)]
            above, below = (mp.fdot(softened_tree(words, end, t), g) for end in ends)
            vjp.append((above - below) / (2 * step))
        return softmax, vjp, mp.nan
