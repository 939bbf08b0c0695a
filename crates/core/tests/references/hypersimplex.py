"""The relaxations of k-subsets other than the exponential family's, straight from their definitions.

Every function takes exact doubles and returns (softmax, vjp) as mpmath numbers. Jacobians are central differences
with a step 60 digits below t, so that no formula of a derivative is shared with the library; where a kink is
so near that the answer depends on rounding, there is none.
"""

from mpmath import mp, mpf

import oracle

STEP = mpf(10) ** -60
KINK = mpf(10) ** -9


def regularised(solve):
    """A relaxation that is the gradient of a convex function: its Jacobian times g is the difference along g."""

    def evaluate(k, utility, g, temperature):
        allowed = [i for i, u in enumerate(utility) if u != -mp.inf]
        if k in (0, len(allowed)):
            return [mpf(int(k > 0 and i in allowed)) for i in range(len(utility))], [mpf(0)] * len(utility)
        with mp.workdps(oracle.working_digits(utility, temperature) + 120):
            v = [mpf(utility[i]) / mpf(temperature) for i in allowed]
            x, distance = solve(k, v)
            if distance < KINK:
                return None
            direction = [mpf(g[i]) for i in allowed]
            ahead, behind = (
                solve(k, [p + sign * STEP * d for p, d in zip(v, direction)])[0] for sign in (1, -1)
            )
            along = [(a - b) / (2 * STEP) / mpf(temperature) for a, b in zip(ahead, behind)]
            assert abs(mp.fsum(x) - k) < oracle.AGREED
            softmax, vjp = [mpf(0)] * len(utility), [mpf(0)] * len(utility)
            for place, i in enumerate(allowed):
                softmax[i], vjp[i] = x[place], along[place]
            return softmax, vjp

    return evaluate


def clipped(k, v):
    """Euclidean: between two neighbouring breakpoints of the sum of clip(v - tau, 0, 1), which is linear there."""

    def total(tau):
        return mp.fsum(min(max(p - tau, 0), 1) for p in v)

    ordered = sorted(v, reverse=True)
    gap = ordered[k - 1] - ordered[k]
    if gap >= 1:
        return [mpf(int(p >= ordered[k - 1])) for p in v], gap - 1
    breakpoints = sorted({p - shift for p in v for shift in (0, 1)})
    for low, high in zip(breakpoints, breakpoints[1:]):
        above, below = total(low), total(high)
        if above >= k >= below and above > below:
            tau = low + (high - low) * (above - k) / (above - below)
            entries = [p - tau for p in v]
            distance = min(min(abs(e), abs(e - 1)) for e in entries)
            return [min(max(e, mpf(0)), mpf(1)) for e in entries], distance
    raise AssertionError("no breakpoints around the solution")


def capped(k, v):
    """Categorical entropy: min(1, c w) for the least number of entries at 1 that leaves no other above 1."""
    order = sorted(range(len(v)), key=lambda i: -v[i])
    weight = [mp.exp(v[i] - v[order[k - 1]]) for i in order]
    for full in range(k):
        rest = mp.fsum(weight[full:])
        if (k - full) * weight[full] <= rest:
            c = (k - full) / rest
            x = [mpf(1)] * full + [c * w for w in weight[full:]]
            # How far the entry that is nearest to being let go, or the one nearest to being held, is from it.
            margins = [abs(1 - c * w) for w in weight[max(full - 1, 0) : full + 1]] if k > 1 else [mpf(1)]
            result = [mpf(0)] * len(v)
            for place, i in enumerate(order):
                result[i] = x[place]
            return result, min(margins)
    raise AssertionError("no number of full entries fits")


def balanced(k, v):
    """Binary entropy: sigmoid(v + nu), by bisection and then the secant method on what is lacking and given."""
    order = sorted(range(len(v)), key=lambda i: -v[i])
    top, rest = [v[i] for i in order[:k]], [v[i] for i in order[k:]]

    def sigmoid(x):
        return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))

    def excess(nu):
        return mp.log(mp.fsum(sigmoid(p + nu) for p in rest)) - mp.log(mp.fsum(sigmoid(-p - nu) for p in top))

    low, high = -(top[-1] + rest[0]) / 2 - mp.log(len(v)) - 1, -(top[-1] + rest[0]) / 2 + mp.log(len(v)) + 1
    assert excess(low) < 0 < excess(high)
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) < 0 else (low, middle)
    a, b = low, high
    fa, fb = excess(a), excess(b)
    while abs(b - a) > mpf(10) ** -(oracle.DIGITS // 2) and fa != fb:
        a, b, fa = b, b - fb * (b - a) / (fb - fa), fb
        fb = excess(b)
    return [sigmoid(p + b) for p in v], mpf(1)


def powered(alpha):
    """Tsallis entropy: x = clip(1 + (alpha - 1) (v - mu), 0, 1)^(1 / (alpha - 1)), by Newton's method within a bracket of mu."""

    def solve(k, v):
        e = mpf(alpha) - 1
        ordered = sorted(v, reverse=True)
        gap = ordered[k - 1] - ordered[k]
        if gap >= 1 / e:
            return [mpf(int(p >= ordered[k - 1])) for p in v], gap - 1 / e

        def bases(mu):
            return [1 + e * (p - mu) for p in v]

        # At the low end the k largest are 1, at the high end no more than k - 1 are above 0.
        low, high = ordered[k - 1], ordered[k - 1] + 1 / e
        mu = (low + high) / 2
        for _ in range(500):
            inside = [b for b in bases(mu) if 0 < b < 1]
            full = sum(b >= 1 for b in bases(mu))
            logs = [mp.log(b) / e for b in inside]
            excess = mp.fsum(mp.exp(x) for x in logs) + full - k
            low, high = (mu, high) if excess > 0 else (low, mu)
            slope = mp.fsum(mp.exp((1 - e) * x) for x in logs)
            step = mu + excess / slope if slope > 0 else low
            if abs(step - mu) <= mpf(10) ** (15 - mp.dps) * (1 + abs(mu)):
                break
            mu = step if low < step < high else (low + high) / 2
        else:
            raise AssertionError("no convergence")
        x = [mpf(0) if b <= 0 else mpf(1) if b >= 1 else mp.exp(mp.log(b) / e) for b in bases(mu)]
        return x, min(min(abs(b), abs(b - 1)) for b in bases(mu))

    return regularised(solve)


euclidean = regularised(clipped)
categorical_entropy = regularised(capped)
binary_entropy = regularised(balanced)


def bespoke(value):
    """A relaxation whose Jacobian is taken column by column."""

    def evaluate(k, utility, g, temperature):
        digits = oracle.working_digits(utility, temperature)
        with mp.workdps(digits + 120 + (digits - oracle.DIGITS) * k):
            softmax = value(k, [mpf(u) for u in utility], mpf(temperature))
            if softmax is None:
                return None
            vjp = []
            for i, u in enumerate(utility):
                if u == -mp.inf:
                    vjp.append(mpf(0))
                    continue
                step = STEP * mpf(temperature)
                ahead, behind = (
                    value(k, [mpf(w) + sign * step * (j == i) for j, w in enumerate(utility)], mpf(temperature))
                    for sign in (1, -1)
                )
                vjp.append(mp.fsum(mpf(c) * (a - b) for c, a, b in zip(g, ahead, behind)) / (2 * step))
            return softmax, vjp

    return evaluate


def shares_of(w, t):
    """The softmax of w / t, and for each entry what it leaves, for the largest as a sum of the others."""
    largest = max(w)
    leader = w.index(largest)
    weight = [mpf(0) if p == -mp.inf else mp.exp((p - largest) / t) for p in w]
    total = mp.fsum(weight)
    left = [(total - p) / total for p in weight]
    left[leader] = mp.fsum(weight[:leader] + weight[leader + 1 :]) / total
    return [p / total for p in weight], left


def added(k, u, t):
    """SoftSub: k softmaxes, each of which lowers what it has taken."""
    w, x = list(u), [mpf(0)] * len(u)
    for _ in range(k):
        a, left = shares_of(w, t)
        x = [p + q for p, q in zip(x, a)]
        w = [p + (mp.log(q) if q > 0 else -mp.inf) for p, q in zip(w, left)]
    return x


def largest_of(k, u, t):
    """L2X: the elementwise maximum of k softmaxes."""
    n = len(u) // k
    rows = [shares_of(u[c * n : (c + 1) * n], t)[0] for c in range(k)]
    ordered = [sorted(column, reverse=True) for column in zip(*rows)]
    if k > 1 and any(o[0] > 0 and o[0] - o[1] < KINK * o[0] for o in ordered):
        return None
    return [o[0] for o in ordered]


softsub = bespoke(added)
l2x = bespoke(largest_of)
