"""The best trees: Edmonds' algorithm in Tarjan's dense form and Eisner's, as loops that numba compiles."""

import numpy
from registry import peer


def compiled_eisner():
    import numba

    @numba.njit(fastmath=False)
    def eisner(scores, trees):
        rows, n = scores.shape[0], scores.shape[1]
        # Spans of i..j: complete or not, and the head to the left or to the right.
        complete_l, complete_r = numpy.empty((n, n)), numpy.empty((n, n))
        open_l, open_r = numpy.empty((n, n)), numpy.empty((n, n))
        cut_open = numpy.empty((n, n), numpy.int32)
        cut_l, cut_r = numpy.empty((n, n), numpy.int32), numpy.empty((n, n), numpy.int32)
        stack = numpy.empty((4 * n, 3), numpy.int32)
        for row in range(rows):
            score = scores[row]
            for i in range(n):
                complete_l[i, i], complete_r[i, i] = 0, 0
            for width in range(1, n):
                for i in range(n - width):
                    j = i + width
                    best, cut = -numpy.inf, i
                    for m in range(i, j):
                        value = complete_l[i, m] + complete_r[m + 1, j]
                        if value > best:
                            best, cut = value, m
                    cut_open[i, j] = cut
                    open_l[i, j] = best + score[i, j]
                    open_r[i, j] = best + score[j, i] if i > 0 else -numpy.inf
                    best, cut = -numpy.inf, j
                    for m in range(i + 1, j + 1):
                        value = open_l[i, m] + complete_l[m, j]
                        if value > best:
                            best, cut = value, m
                    complete_l[i, j], cut_l[i, j] = best, cut
                    best, cut = -numpy.inf, i
                    for m in range(i, j):
                        value = complete_r[i, m] + open_r[m, j]
                        if value > best:
                            best, cut = value, m
                    complete_r[i, j], cut_r[i, j] = best, cut
            tree = trees[row]
            tree[:] = 0
            # Kinds of spans: 0 complete and headed by i, 1 complete and headed by j, 2 and 3 the open ones.
            stack[0, 0], stack[0, 1], stack[0, 2] = 0, n - 1, 0
            height = 1
            while height > 0:
                height -= 1
                i, j, kind = stack[height, 0], stack[height, 1], stack[height, 2]
                if i == j:
                    continue
                # Two spans: from i, and up to j.
                if kind == 0:
                    m = cut_l[i, j]
                    after, first, second = m, 2, 0
                elif kind == 1:
                    m = cut_r[i, j]
                    after, first, second = m, 1, 3
                else:
                    m = cut_open[i, j]
                    after, first, second = m + 1, 0, 1
                    if kind == 2:
                        tree[i, j] = 1
                    else:
                        tree[j, i] = 1
                stack[height, 0], stack[height, 1], stack[height, 2] = i, m, first
                stack[height + 1, 0], stack[height + 1, 1], stack[height + 1, 2] = after, j, second
                height += 2

    return eisner


def compiled_edmonds():
    import numba

    @numba.njit
    def edmonds(scores, trees):
        rows, n = scores.shape[0], scores.shape[1]
        nodes = 2 * n
        # weight[h, s]: the best edge from slot h into slot s, less what is gained already; head and tail name the edge.
        weight = numpy.empty((n, n), scores.dtype)
        head, tail = numpy.empty((n, n), numpy.int32), numpy.empty((n, n), numpy.int32)
        node_of, slot_of = numpy.empty(n, numpy.int32), numpy.empty(n, numpy.int32)
        above = numpy.empty(nodes, numpy.int32)
        in_head, in_tail = numpy.empty(nodes, numpy.int32), numpy.empty(nodes, numpy.int32)
        gain = numpy.empty(n, scores.dtype)
        path = numpy.empty(n, numpy.int32)
        # Of a slot: 0 not seen, 1 on the path, 2 reached from the root, 3 merged into another.
        state = numpy.empty(n, numpy.int8)
        for row in range(rows):
            score = scores[row]
            for h in range(n):
                for m in range(n):
                    weight[h, m] = score[h, m] if h != m else -numpy.inf
                    head[h, m], tail[h, m] = h, m
                node_of[h], slot_of[h], state[h] = h, h, 0
            above[:] = -1
            state[0] = 2
            made = n
            for start in range(1, n):
                if state[start] != 0:
                    continue
                path[0], height = start, 1
                state[start] = 1
                while height > 0:
                    top = path[height - 1]
                    best, source = -numpy.inf, -1
                    for h in range(n):
                        if state[h] != 3 and h != top and weight[h, top] > best:
                            best, source = weight[h, top], h
                    gain[top] = best
                    in_head[node_of[top]], in_tail[node_of[top]] = head[source, top], tail[source, top]
                    if state[source] == 0:
                        state[source] = 1
                        path[height] = source
                        height += 1
                    elif state[source] == 2:
                        for place in range(height):
                            state[path[place]] = 2
                        height = 0
                    else:
                        # A cycle: from `source` to the top of the path. Its slots become one.
                        low = height - 1
                        while path[low] != source:
                            low -= 1
                        for place in range(low, height):
                            above[node_of[path[place]]] = made
                        keep = path[low]
                        for h in range(n):
                            weight[h, keep] -= gain[keep]
                        for place in range(low + 1, height):
                            s = path[place]
                            state[s] = 3
                            for h in range(n):
                                value = weight[h, s] - gain[s]
                                if value > weight[h, keep]:
                                    weight[h, keep], head[h, keep], tail[h, keep] = value, head[h, s], tail[h, s]
                                if weight[s, h] > weight[keep, h]:
                                    weight[keep, h] = weight[s, h]
                                    head[keep, h], tail[keep, h] = head[s, h], tail[s, h]
                        node_of[keep] = made
                        made += 1
                        height = low + 1
            # The edge into a merged node breaks its cycle where it enters.
            tree = trees[row]
            tree[:] = 0
            for node in range(made - 1, n - 1, -1):
                below = in_tail[node]
                while above[below] != node:
                    below = above[below]
                in_head[below], in_tail[below] = in_head[node], in_tail[node]
            for m in range(1, n):
                tree[in_head[m], m] = 1

    return edmonds


def best_trees(parameters, utility, algorithm):
    shape = (parameters["rows"], parameters["vertices"], parameters["vertices"])
    scores = utility.reshape(shape)
    trees = numpy.empty_like(scores)

    def call():
        algorithm(scores, trees)
        return (trees,)

    return call


@peer("eisner", "numba", "numba")
def eisner_numba(parameters, utility):
    return best_trees(parameters, utility, compiled_eisner())


@peer("edmonds", "numba", "numba")
def edmonds_numba(parameters, utility):
    return best_trees(parameters, utility, compiled_edmonds())
