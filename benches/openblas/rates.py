"""OpenBLAS's rates on one thread for the products that benches/tfjs-backend.mjs times.

Needs Python and libopenblas (Debian: libopenblas0-pthread), nothing else:

    OPENBLAS_NUM_THREADS=1 python3 benches/openblas/rates.py
"""

import ctypes
import ctypes.util
import sys
import time

ROW_MAJOR, AS_IS = 101, 111
PRODUCTS = [(11520, 512, 256), (2304, 64, 64), (256, 256, 256)]
SECONDS = 1.0


def load():
    for name in ["libopenblas.so.0", ctypes.util.find_library("openblas")]:
        try:
            return ctypes.CDLL(name)
        except (OSError, TypeError):
            continue
    sys.exit("libopenblas is not installed")


def rate(blas, rows, inner, columns):
    """GFLOP/s of the fastest of many products."""
    array = lambda size: (ctypes.c_float * size)(*((i * 7919 % 1000) / 1000 - 0.5 for i in range(size)))
    a, b, out = array(rows * inner), array(inner * columns), array(rows * columns)
    one, zero = ctypes.c_float(1), ctypes.c_float(0)

    def product():
        blas.cblas_sgemm(ROW_MAJOR, AS_IS, AS_IS, rows, columns, inner, one, a, inner, b, columns, zero, out, columns)

    product()
    # Several products at a time: the call itself takes microseconds.
    count = max(1, int(2e8 / (2 * rows * inner * columns)))
    fastest, end = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(count):
            product()
        fastest = min(fastest, (time.perf_counter() - start) / count)
    return 2 * rows * inner * columns / fastest / 1e9


def main():
    blas = load()
    blas.openblas_set_num_threads(1)
    blas.openblas_get_config.restype = ctypes.c_char_p
    print(blas.openblas_get_config().decode())
    for rows, inner, columns in PRODUCTS:
        print(f"[{rows}x{inner}] x [{inner}x{columns}]  {rate(blas, rows, inner, columns):.0f} GFLOP/s")


if __name__ == "__main__":
    main()
