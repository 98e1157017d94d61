"""The ideal of CPU-bound tools: processes that run `work` without any calls. Arguments: processes, milliseconds.

For each line of seconds on stdin, all processes run that long at the same time. Prints a JSON array of their runs per
second together, and the processor time of a run in milliseconds.
"""

from __future__ import annotations

import signal
import sys
import time
from json import dumps
from multiprocessing import get_context

from peer_tools import work

processes, ms = int(sys.argv[1]), float(sys.argv[2])


def measure(seconds: float) -> tuple[float, float]:
    """Returns the runs per second of this process, and the processor time of a run in milliseconds."""
    begin, used, runs = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begin < seconds:
        work(ms)
        runs += 1
    return runs / (time.perf_counter() - begin), (time.process_time() - used) * 1_000 / runs


def main() -> None:
    """Measures until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with get_context("fork").Pool(processes) as pool:
        print("ready", flush=True)
        for line in sys.stdin:
            # A process that works takes no second task.
            rates, times = zip(*pool.map(measure, [float(line)] * processes, chunksize=1), strict=True)
            print(dumps([sum(rates), sum(times) / processes]), flush=True)


main()
