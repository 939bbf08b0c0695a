"""Runs the peers of a family for the driver: harness.py module.

Requests are lines of JSON on standard input, answers lines on what was standard output; arrays go through files of
doubles or floats. What libraries print goes to standard error.
"""

import gc
import importlib
import json
import os
import sys
import time
import traceback

try:
    import numpy
except ModuleNotFoundError:
    sys.exit("NumPy is not installed there")
from registry import PEERS, Unsuited, versions

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
calls = {}


def prepare(operation, parameters, arrays, folder, slow):
    """Gets every peer of an operation ready, and has each compute once."""
    given = {name: numpy.fromfile(file, dtype=kind) for name, (file, kind) in arrays.items()}
    calls.clear()
    asked = [peer for peer in PEERS[operation] if slow or not peer[2]]
    return [state(peer, parameters, given, folder) for peer in asked]


def state(peer, parameters, given, folder):
    label, distributions, _, make = peer
    found = versions(distributions)
    absent = [name for name, version in found.items() if version is None]
    if absent:
        return {"label": label, "absent": absent}
    try:
        call = make(parameters, **given)
        results = call()
    except Unsuited as reason:
        return {"label": label, "unsuited": str(reason)}
    except Exception:  # a peer that fails must not end the others' race
        return {"label": label, "failed": traceback.format_exc(limit=-3)}
    calls[label] = call
    files = []
    for index, result in enumerate(results):
        file = os.path.join(folder, f"result-{index}-{len(calls)}")
        numpy.ascontiguousarray(result, dtype=numpy.float64).tofile(file)
        files.append(file)
    return {"label": label, "versions": found, "results": files}


def measure(label, count):
    """Milliseconds of processor time per call: of all threads, sleeping excluded."""
    call = calls[label]
    gc.collect()
    gc.disable()
    start = time.process_time()
    for _ in range(count):
        call()
    spent = time.process_time() - start
    gc.enable()
    return 1e3 * spent / count


def main():
    importlib.import_module(sys.argv[1])
    actions = {"prepare": prepare, "measure": measure}
    for line in sys.stdin:
        request = json.loads(line)
        answer = actions[request.pop("do")](**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
