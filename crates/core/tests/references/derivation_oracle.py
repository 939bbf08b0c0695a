"""Vertices of the structures that are derivations of a forest, straight from their definitions, as tuples of coordinates."""

from itertools import combinations, product


def linear_chains(length, states):
    """All labellings; positions with states, then positions with states there and at the next."""
    for s in product(range(states), repeat=length):
        pairs = [length * states + (i * states + s[i]) * states + s[i + 1] for i in range(length - 1)]
        yield (*(i * states + s[i] for i in range(length)), *pairs)


def alignments(rows, columns, band):
    """All paths of cells from the first to the last, none of them farther from the diagonal than the band."""

    def rest(i, j):
        if (i, j) == (rows - 1, columns - 1):
            yield (i * columns + j,)
        for k, m in ((i, j + 1), (i + 1, j), (i + 1, j + 1)):
            if k < rows and m < columns and abs(k - m) <= band:
                for path in rest(k, m):
                    yield (i * columns + j, *path)

    yield from rest(0, 0)


def segmentations(length, labels, longest):
    """All ways to cut, and all labels of the pieces."""
    for cuts in product((False, True), repeat=length - 1):
        ends = [i + 1 for i, cut in enumerate(cuts) if cut] + [length]
        pieces = list(zip([0, *ends], ends))
        if all(end - start <= longest for start, end in pieces):
            for given in product(range(labels), repeat=len(pieces)):
                yield tuple(
                    (start * longest + end - start - 1) * labels + label
                    for (start, end), label in zip(pieces, given)
                )


def bracketings(first, end):
    """The spans of all binary trees over leaves from one to before another."""
    if end - first == 1:
        yield ((first, end),)
    for middle in range(first + 1, end):
        for left, right in product(bracketings(first, middle), bracketings(middle, end)):
            yield (*left, *right, (first, end))


def binary_trees(leaves, labels):
    """All of them with all labels of their spans, which are in row-major order."""
    spans = [(i, j) for i in range(leaves) for j in range(i + 1, leaves + 1)]
    place = {span: index for index, span in enumerate(spans)}
    for tree in bracketings(0, leaves):
        for given in product(range(labels), repeat=len(tree)):
            yield tuple(place[span] * labels + label for span, label in zip(tree, given))


def monotone_alignments(rows, columns):
    """All choices of the columns at which the next row begins."""
    for begins in combinations(range(1, columns), rows - 1):
        row_of = [sum(begin <= column for begin in begins) for column in range(columns)]
        yield tuple(row * columns + column for column, row in enumerate(row_of))


def collapsing(frames, classes, spelling, blank):
    """All sequences of classes that read as the spelling."""
    for sequence in product(range(classes), repeat=frames):
        heard = [c for i, c in enumerate(sequence) if i == 0 or sequence[i - 1] != c]
        if [c for c in heard if c != blank] == list(spelling):
            yield tuple(frame * classes + c for frame, c in enumerate(sequence))


def knapsacks(weights, groups, capacity):
    """All sets that fit and have no two items of a group."""
    for size in range(len(weights) + 1):
        for items in combinations(range(len(weights)), size):
            if sum(weights[i] for i in items) <= capacity and len({groups[i] for i in items}) == size:
                yield items


def non_crossing_pairs(length, hairpin):
    """All sets of pairs, without a position twice, without a crossing, with enough positions between."""
    pairs = list(combinations(range(length), 2))

    def sets(first, chosen):
        yield tuple(chosen)
        for index in range(first, len(pairs)):
            i, j = pairs[index]
            others = [pairs[other] for other in chosen]
            apart = all(j < k or m < i or (i < k and m < j) or (k < i and j < m) for k, m in others)
            if j - i > hairpin and apart:
                yield from sets(index + 1, [*chosen, index])

    yield from sets(0, [])
