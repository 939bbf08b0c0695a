"""Sinkhorn's relaxation of matchings and NeuralSort, from their definitions; no log-partition function goes with them.

Matchings are enumerated, so up to 5 x 5. The scaling is found by damped Newton steps in so many digits that neither
cancellation nor underflow matters, and is checked against Sinkhorn's own iteration where that is quick enough.
"""

from itertools import combinations, permutations

from mpmath import mp, mpf

import oracle

NO_LOG_PARTITION = mpf(0)


def matchings(utility, size):
    """The allowed ones, each with its utility."""
    for columns in permutations(range(size)):
        value = mp.fsum(mpf(utility[i * size + j]) for i, j in enumerate(columns))
        if value != -mp.inf:
            yield columns, value


def solve(matrix, right):
    """Gauss-Jordan with the largest pivot of the column; an unknown without a pivot is 0."""
    size = len(matrix)
    rows = [row + [b] for row, b in zip(matrix, right)]
    largest = max(abs(x) for row in matrix for x in row)
    free = list(range(size))
    pivots = {}
    for column in range(size):
        pivot = max(free, key=lambda r: abs(rows[r][column]), default=None)
        if pivot is None or abs(rows[pivot][column]) <= largest * mpf(10) ** (10 - mp.dps):
            continue
        free.remove(pivot)
        pivots[column] = pivot
        rows[pivot] = [value / rows[pivot][column] for value in rows[pivot]]
        for r in range(size):
            factor = rows[r][column]
            if r != pivot and factor != 0:
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[pivot])]
    return [rows[pivots[c]][-1] if c in pivots else mpf(0) for c in range(size)]


def cells(rows, columns, partial):
    """The matchings of all of the shorter side, or where they are partial of some, as tuples of cells in row-major order."""
    shorter = min(rows, columns)
    for size in range(0 if partial else shorter, shorter + 1):
        for chosen in combinations(range(rows), size):
            for of_rows in permutations(range(columns), size):
                yield tuple(i * columns + j for i, j in zip(chosen, of_rows))


class Square:
    """The cells of a square matrix that are in some allowed matching."""

    def __init__(self, utility, size):
        self.size = size
        self.matchings = list(matchings(utility, size))
        self.cells = {(i, j) for columns, _ in self.matchings for i, j in enumerate(columns)}
        self.utility = {(i, j): mpf(utility[i * size + j]) for i, j in self.cells}

    def plan(self, potentials, temperature):
        """Rows that sum to 1: exp((u_ij - potential_j) / t), normalised."""
        plan = {}
        for i in range(self.size):
            row = {c: (u - potentials[c[1]]) / temperature for c, u in self.utility.items() if c[0] == i}
            top = max(row.values())
            row = {c: mp.exp(e - top) for c, e in row.items()}
            total = mp.fsum(row.values())
            plan.update({c: w / total for c, w in row.items()})
        return plan

    def column_sums(self, plan):
        return [mp.fsum(x for (_, j), x in plan.items() if j == k) for k in range(self.size)]

    def newton(self, temperature):
        """From high temperature to low, halving it each time."""
        n = self.size
        spread = max(self.utility.values()) - min(self.utility.values())
        temperatures = [temperature]
        while temperatures[-1] < spread:
            temperatures.append(2 * temperatures[-1])
        potentials = [mpf(0)] * n
        for t in reversed(temperatures):
            accurate = mpf(10) ** (20 - mp.dps) if t == temperature else mpf("1e-3")
            for _ in range(5_000):
                plan = self.plan(potentials, t)
                sums = self.column_sums(plan)
                if max(abs(s - 1) for s in sums) < accurate:
                    break
                laplacian = [
                    [(sums[j] if j == k else 0) - mp.fsum(plan.get((i, j), 0) * plan.get((i, k), 0) for i in range(n))
                     for k in range(n)] for j in range(n)
                ]  # fmt: skip
                step = solve(laplacian, [s - 1 for s in sums])
                length = max(step) - min(step)
                damping = mp.log(1 + length) / length if length > 0 else 1
                potentials = [p + t * damping * s for p, s in zip(potentials, step)]
            else:
                raise ArithmeticError("no convergence")
        return plan

    def sinkhorn(self, temperature):
        """Scales columns and rows in turn."""
        potentials = [mpf(0)] * self.size
        for _ in range(20_000):
            plan = self.plan(potentials, temperature)
            sums = self.column_sums(plan)
            if max(abs(s - 1) for s in sums) < mpf(10) ** -70:
                return plan
            potentials = [p + temperature * mp.log(s) for p, s in zip(potentials, sums)]
        return None

    def result(self, plan, cotangent, temperature):
        """The plan, and P * (G + alpha + beta) / t where alpha and beta keep the sums."""
        n = self.size
        g = {(i, j): mpf(cotangent[i * n + j]) for i, j in self.cells}
        system = [[mpf(0)] * (2 * n) for _ in range(2 * n)]
        right = [mpf(0)] * (2 * n)
        for (i, j), x in plan.items():
            for line, other in ((i, n + j), (n + j, i)):
                system[line][line] += x
                system[line][other] += x
                right[line] -= x * g[i, j]
        unknowns = solve(system, right)
        cells = [(i, j) for i in range(n) for j in range(n)]
        softmax = [plan.get(cell, mpf(0)) for cell in cells]
        vjp = [
            x * (g[i, j] + unknowns[i] + unknowns[n + j]) / temperature if x != 0 else mpf(0)
            for x, (i, j) in zip(softmax, cells)
        ]
        return softmax, vjp, NO_LOG_PARTITION


def matching(size, utility, cotangent, temperature):
    """Sinkhorn's relaxation, and the product of a cotangent with its Jacobian."""
    with mp.workdps(oracle.working_digits(utility, temperature)):
        square, t = Square(utility, size), mpf(temperature)
        best = max(value for _, value in square.matchings)
        gap = min((best - value for _, value in square.matchings if value != best), default=mp.inf)
        winners = [columns for columns, value in square.matchings if value == best]
        # Other matchings' cells are below n^2 exp(-gap / (n t)): see support.rs, where this is argued.
        if gap / (size * t) > 1_000 and len(winners) == 1:
            plan = {(i, j): mpf(1) for i, j in enumerate(winners[0])}
            square.cells = set(plan)
            return square.result(plan, cotangent, t)

    def evaluate():
        t = mpf(temperature)
        square = Square(utility, size)
        return square.result(square.newton(t), cotangent, t)

    digits = 120 + 2 * min(oracle.decades(utility, temperature), 300)
    result = oracle.until_stable(evaluate, digits)
    with mp.workdps(120):
        square, t = Square(utility, size), mpf(temperature)
        plan = square.sinkhorn(t) if oracle.decades(utility, temperature) <= 6 else None
        if plan is not None:
            again = square.result(plan, cotangent, t)
            pairs = zip([*again[0], *again[1]], [*result[0], *result[1]])
            assert all(abs(a - b) < oracle.AGREED for a, b in pairs), "two derivations disagree"
    return result


def sign(x):
    """-1, 0 or 1."""
    return int(x > 0) - int(x < 0)


def neural_sort(scores, cotangent, temperature):
    """Row i is softmax(((n + 1 - 2i) s - A 1) / t), i = 1, ..., n; the chain rule term by term."""
    n = len(scores)
    with mp.workdps(oracle.working_digits(scores, temperature)):
        s, t = [mpf(x) for x in scores], mpf(temperature)
        distances = [mp.fsum(abs(a - b) for b in s) for a in s]
        signs = [[sign(a - b) for b in s] for a in s]
        # d distance_j / d s_m
        slopes = [[(sum(signs[j]) if j == m else 0) - signs[j][m] for m in range(n)] for j in range(n)]
        softmax, vjp = [], [mpf(0)] * n
        for i in range(n):
            factor = n - 1 - 2 * i
            logits = [(factor * a - d) / t for a, d in zip(s, distances)]
            top = max(logits)
            weights = [mp.exp(x - top) for x in logits]
            row = [w / mp.fsum(weights) for w in weights]
            g = [mpf(c) for c in cotangent[i * n : (i + 1) * n]]
            mean = mp.fdot(row, g)
            for j in range(n):
                # To full accuracy also where the row is all but certain.
                slope = row[j] * mp.fsum(row[k] * (g[j] - g[k]) for k in range(n)) / t
                for m in range(n):
                    vjp[m] += slope * ((factor if j == m else 0) - slopes[j][m])
            assert abs(mean) <= n
            softmax += row
        return softmax, vjp, NO_LOG_PARTITION
