"""Expectations and covariances of p(x) ~ exp(u.x / t), straight from their definitions.

Every function takes exact doubles, works in as many digits as the answer needs and returns
(softmax, vjp, logPartition) as mpmath numbers: E[x], Cov(x) g / t and log sum_x exp(u.x / t).
Nothing here shares an algorithm with the library: vertices are enumerated one by one, and where
there are too many of them the closed forms are evaluated in so many digits that cancellation is harmless.
"""

from itertools import combinations, product

from mpmath import mp, mpf

DIGITS = 430  # keeps 60 correct digits in a result as small as the smallest double
AGREED = mpf(10) ** -60
NEGLIGIBLE = mpf(10) ** -330


def working_digits(utility, temperature):
    """Digits that keep DIGITS of them right in exp(u / t), however large u / t is."""
    largest = max((abs(mpf(u) / mpf(temperature)) for u in utility if u != -mp.inf), default=mpf(0))
    return DIGITS + max(0, int(mp.log10(largest + 1)) + 1)


def weights_of(utility, temperature):
    """exp(u / t), with 0 for a forbidden entry."""
    return [mpf(0) if u == -mp.inf else mp.exp(mpf(u) / mpf(temperature)) for u in utility]


def from_enumeration(vertices, utility, cotangent, temperature):
    """Sums over an explicit list of vertices, each the list of indices where x is 1."""
    with mp.workdps(working_digits(utility, temperature)):
        weight = weights_of(utility, temperature)
        g = [mpf(c) for c in cotangent]
        size = len(weight)
        total, mean_score = mpf(0), mpf(0)
        first, second = [mpf(0)] * size, [mpf(0)] * size
        for vertex in vertices:
            mass = mp.fprod(weight[i] for i in vertex)
            if mass == 0:
                continue
            score = mp.fsum(g[i] for i in vertex)
            total += mass
            mean_score += mass * score
            for i in vertex:
                first[i] += mass
                second[i] += mass * score
        mean_score /= total
        softmax = [f / total for f in first]
        vjp = [(s / total - m * mean_score) / mpf(temperature) for s, m in zip(second, softmax)]
        return softmax, vjp, mp.log(total)


def spanning_trees(vertices, edges):
    """Every spanning tree, as a tuple of edge indices."""
    for chosen in combinations(range(len(edges)), vertices - 1):
        component = list(range(vertices))
        for index in chosen:
            i, j = (component[v] for v in edges[index])
            if i == j:
                break
            component = [i if c == j else c for c in component]
        else:
            yield chosen


def until_stable(evaluate, digits):
    """Doubles the digits until 60 of every result no longer move."""
    previous = None
    while True:
        with mp.workdps(digits):
            current = evaluate()
            if previous is not None and same(previous, current):
                return current
        previous, digits = current, 2 * digits


def same(left, right):
    """Whether two results agree to 60 digits, entry by entry."""
    pairs = list(zip([*left[0], *left[1], left[2]], [*right[0], *right[1], right[2]]))
    return all(abs(a - b) <= AGREED * abs(b) or max(abs(a), abs(b)) < NEGLIGIBLE for a, b in pairs)


def decades(utility, temperature):
    """Spread of the finite weights, in powers of ten."""
    finite = [mpf(u) for u in utility if u != -mp.inf]
    return int((max(finite) - min(finite)) / mpf(temperature) / mp.log(10)) + 1


def inverse_and_determinant(matrix):
    """Gauss-Jordan with the largest pivot of the column."""
    size = len(matrix)
    rows = [row + [mpf(i == j) for j in range(size)] for i, row in enumerate(matrix)]
    determinant = mpf(1)
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        if rows[pivot][column] == 0:
            raise ZeroDivisionError("too few digits for this Laplacian")
        if pivot != column:
            rows[column], rows[pivot] = rows[pivot], rows[column]
            determinant = -determinant
        scale = rows[column][column]
        determinant *= scale
        rows[column] = [value / scale for value in rows[column]]
        for r in range(size):
            factor = rows[r][column]
            if r != column and factor != 0:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column])]
    return [row[size:] for row in rows], determinant


def spanning_tree_by_kirchhoff(vertices, edges, utility, cotangent, temperature):
    """Matrix-tree theorem, and the transfer-current theorem for the covariance:
    mu_e = w_e b_e' L^-1 b_e and Cov(e, f) = -w_e w_f (b_e' L^-1 b_f)^2 for e != f."""

    def evaluate():
        weight = weights_of(utility, temperature)
        laplacian = [[mpf(0)] * vertices for _ in range(vertices)]
        for (i, j), w in zip(edges, weight):
            laplacian[i][i] += w
            laplacian[j][j] += w
            laplacian[i][j] -= w
            laplacian[j][i] -= w
        reduced, determinant = inverse_and_determinant([row[1:] for row in laplacian[1:]])
        green = [[mpf(0)] * vertices] + [[mpf(0)] + row for row in reduced]
        softmax = [w * (green[i][i] + green[j][j] - 2 * green[i][j]) for (i, j), w in zip(edges, weight)]
        vjp = []
        for e, (i, j) in enumerate(edges):
            product = softmax[e] * (1 - softmax[e]) * mpf(cotangent[e])
            for f, (k, m) in enumerate(edges):
                if f != e:
                    current = green[i][k] - green[i][m] - green[j][k] + green[j][m]
                    product -= weight[e] * weight[f] * current**2 * mpf(cotangent[f])
            vjp.append(product / mpf(temperature))
        return softmax, vjp, mp.log(determinant)

    return until_stable(evaluate, working_digits(utility, temperature) + 2 * decades(utility, temperature))


def arborescences(vertices, root, edges, single_root_child):
    """Every choice of one edge into each vertex but the root that has no cycle, as a tuple of edge indices."""
    others = [v for v in range(vertices) if v != root]
    for chosen in product(*([e for e, edge in enumerate(edges) if edge[1] == v] for v in others)):
        head = {edges[e][1]: edges[e][0] for e in chosen}
        if single_root_child and list(head.values()).count(root) > 1:
            continue
        for start in others:
            vertex, steps = start, 0
            while vertex != root and steps < vertices:
                vertex, steps = head[vertex], steps + 1
            if vertex != root:
                break
        else:
            yield chosen


def directed_kirchhoff(vertices, root, edges, weight):
    """Means, the function v -> Cov(x) v and the partition function by the directed matrix-tree theorem: with the
    Laplacian's columns of modifiers, mu_e = w_e (L^-1 b_e)_m and Cov(e, f) = -w_e w_f (L^-1 b_f)_m(e) (L^-1 b_e)_m(f)
    for e != f, where b_e = e_m - e_h and e_root = 0."""
    row = {v: i for i, v in enumerate(v for v in range(vertices) if v != root)}
    laplacian = [[mpf(0)] * len(row) for _ in row]
    for (head, modifier), w in zip(edges, weight):
        laplacian[row[modifier]][row[modifier]] += w
        if head != root:
            laplacian[row[head]][row[modifier]] -= w
    green, determinant = inverse_and_determinant(laplacian)

    def current(at, edge):
        head, modifier = edge
        below = green[row[at]][row[head]] if head != root else mpf(0)
        return green[row[at]][row[modifier]] - below

    means = [w * current(edge[1], edge) for w, edge in zip(weight, edges)]
    flows = [[current(e[1], f) for f in edges] for e in edges]

    def covariance(v):
        result = []
        for e, w in enumerate(weight):
            entry = means[e] * (1 - means[e]) * v[e]
            for f, other in enumerate(weight):
                if f != e:
                    entry -= w * other * flows[e][f] * flows[f][e] * v[f]
            result.append(entry)
        return result

    return means, covariance, determinant


def arborescence_by_kirchhoff(vertices, root, edges, single_root_child, utility, cotangent, temperature):
    """The directed matrix-tree theorem; with a single child of the root, the mixture over that child."""

    def evaluate():
        weight = weights_of(utility, temperature)
        g = [mpf(c) for c in cotangent]
        if not single_root_child:
            means, covariance, total = directed_kirchhoff(vertices, root, edges, weight)
            return means, [c / mpf(temperature) for c in covariance(g)], mp.log(total)
        # Without the root, and rooted at its child, whose own heads no longer count.
        total, first, second, mean_score = mpf(0), [mpf(0)] * len(edges), [mpf(0)] * len(edges), mpf(0)
        for child in (e for e, edge in enumerate(edges) if edge[0] == root and weight[e] != 0):
            below = [e for e, (h, m) in enumerate(edges) if h != root and m != edges[child][1]]
            names = {v: i for i, v in enumerate(v for v in range(vertices) if v != root)}
            inner = [(names[edges[e][0]], names[edges[e][1]]) for e in below]
            try:
                means, covariance, part = directed_kirchhoff(
                    vertices - 1, names[edges[child][1]], inner, [weight[e] for e in below]
                )
            except ZeroDivisionError:
                continue  # This child does not lead to all others.
            mass = weight[child] * part
            score = g[child] + mp.fdot(means, [g[e] for e in below])
            joint = [c + m * score for c, m in zip(covariance([g[e] for e in below]), means)]
            total += mass
            mean_score += mass * score
            for e, m, j in [(child, mpf(1), score), *zip(below, means, joint)]:
                first[e] += mass * m
                second[e] += mass * j
        softmax, mean_score = [f / total for f in first], mean_score / total
        vjp = [(s / total - m * mean_score) / mpf(temperature) for s, m in zip(second, softmax)]
        return softmax, vjp, mp.log(total)

    return until_stable(evaluate, working_digits(utility, temperature) + 2 * decades(utility, temperature))


def symmetric_polynomials(weight, degree):
    """e_0, ..., e_degree of the weights."""
    e = [mpf(1)] + [mpf(0)] * degree
    for w in weight:
        for d in range(degree, 0, -1):
            e[d] += w * e[d - 1]
    return e


def top_k_by_pairs(k, utility, cotangent, temperature):
    """mu_ij = w_i w_j e_{k-2}(all but i and j) / e_k: one polynomial a pair, sums of positive terms only."""
    with mp.workdps(working_digits(utility, temperature)):
        weight = weights_of(utility, temperature)
        g = [mpf(c) for c in cotangent]
        size = len(weight)
        total = symmetric_polynomials(weight, k)[k]
        without = [symmetric_polynomials(weight[:i] + weight[i + 1 :], k) for i in range(size)]
        softmax = [w * e[k - 1] / total if k > 0 else mpf(0) for w, e in zip(weight, without)]
        mean_score = mp.fdot(softmax, g)
        joint = [m * c for m, c in zip(softmax, g)]
        for i, j in combinations(range(size), 2) if k > 1 else ():
            rest = weight[:i] + weight[i + 1 : j] + weight[j + 1 :]
            both = weight[i] * weight[j] * symmetric_polynomials(rest, k - 2)[k - 2] / total
            joint[i] += both * g[j]
            joint[j] += both * g[i]
        return softmax, [(a - m * mean_score) / mpf(temperature) for a, m in zip(joint, softmax)], mp.log(total)


def top_k_by_series(k, utility, cotangent, temperature):
    """The same from P(z) = prod_i (1 + w_i z): mu_i = w_i [z^(k-1)] P / (1 + w_i z) / e_k, and
    sum_j mu_ij g_j from the power series of sum_j w_j g_j / (1 + w_j z). Cancels; hence the digits."""

    def evaluate():
        weight = weights_of(utility, temperature)
        g = [mpf(c) for c in cotangent]
        e = symmetric_polynomials(weight, k)
        powers = [[w * c * (-w) ** m for m in range(k - 1)] for w, c in zip(weight, g)]
        series = [mp.fsum(column) for column in zip(*powers)] if k > 1 else []
        softmax, joint = [], []
        for w, c, power in zip(weight, g, powers):
            quotient = [mpf(1)]
            for d in range(1, k):
                quotient.append(e[d] - w * quotient[-1])
            others = mp.fsum(quotient[k - 2 - m] * (series[m] - power[m]) for m in range(k - 1))
            softmax.append(w * quotient[k - 1] / e[k])
            joint.append(w * (quotient[k - 1] * c + others) / e[k])
        mean_score = mp.fdot(softmax, g)
        return softmax, [(a - m * mean_score) / mpf(temperature) for a, m in zip(joint, softmax)], mp.log(e[k])

    return until_stable(evaluate, working_digits(utility, temperature) + k * decades(utility, temperature))


def one_hot(utility, cotangent, temperature):
    """One vertex a category."""
    return from_enumeration([(i,) for i in range(len(utility))], utility, cotangent, temperature)


def subset(utility, cotangent, temperature):
    """Independent entries: x = w / (1 + w), and the partition function is a product."""
    with mp.workdps(working_digits(utility, temperature)):
        weight = weights_of(utility, temperature)
        softmax = [w / (1 + w) for w in weight]
        vjp = [mpf(c) * w / (1 + w) ** 2 / mpf(temperature) for w, c in zip(weight, cotangent)]
        return softmax, vjp, mp.fsum(mp.log(1 + w) for w in weight)
