"""Times SciPy's assignment on the matrix of a file of doubles: assignment.py file rows repeats."""

import json
import sys
import time

import numpy
import scipy
from scipy.optimize import linear_sum_assignment

file, rows, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
matrix = numpy.fromfile(file).reshape(rows, -1)
milliseconds = []
for _ in range(repeats):
    start = time.perf_counter()
    chosen, columns = linear_sum_assignment(matrix, maximize=True)
    milliseconds.append(1e3 * (time.perf_counter() - start))
value = float(matrix[chosen, columns].sum())
print(json.dumps({"version": scipy.__version__, "milliseconds": milliseconds, "value": value}))
