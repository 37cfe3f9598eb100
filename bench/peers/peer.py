"""Python contenders of the bench. The program reads one JSON task, answers with its numbers, and
then times itself on every further line.

First line in: {"task": ..., ...}. First line out: {"answer": [...], "versions": {...}}.
Every further line in: seconds to spend. Line out: {"samples": [seconds of CPU per call, ...]}.
"""
import importlib
import json
import sys
import time

import numpy
import scipy

import chain
import device
import dot
import forces
import motor
import ribbon

TASKS = {**chain.TASKS, **ribbon.TASKS, **dot.TASKS, **motor.TASKS, **device.TASKS, **forces.TASKS}
VERSIONS = {"numpy": numpy.__version__, "scipy": scipy.__version__}


def find(task):
    """The task, and the versions of the packages it uses. Kwant, which few machines have, is
    imported on demand."""
    if not task.startswith("kwant-"):
        return TASKS[task], VERSIONS
    module = importlib.import_module("kwant_systems")
    return module.TASKS[task], {**VERSIONS, **module.VERSIONS}


def samples(call, seconds):
    """Seconds of CPU per call in batches of at least three milliseconds, until the time is spent."""
    start = time.perf_counter()
    call()
    batch = max(1, int(0.003 / max(time.perf_counter() - start, 1e-9)))
    found = []
    while not found or time.perf_counter() - start < seconds:
        before = time.process_time()
        for _ in range(batch):
            call()
        found.append((time.process_time() - before) / batch)
    return found


def main():
    call = None
    for line in sys.stdin:
        request = json.loads(line)
        if call is None:
            make, versions = find(request["task"])
            call = make(request)
            reply = {"answer": [float(x) for x in call()], "versions": versions}
        else:
            reply = {"samples": samples(call, request)}
        print(json.dumps(reply), flush=True)


main()
