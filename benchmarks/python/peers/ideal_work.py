"""The ideal of CPU-bound tools: processes that run `work` without any calls. Arguments: processes, milliseconds.

For each line of seconds on stdin, all processes run that long at the same time; prints their runs per second together.
"""

from __future__ import annotations

import signal
import sys
import time
from multiprocessing import get_context

from peer_tools import work

processes, ms = int(sys.argv[1]), float(sys.argv[2])


def rate(seconds: float) -> float:
    """Returns the runs per second of this process."""
    begin, runs = time.perf_counter(), 0
    while time.perf_counter() - begin < seconds:
        work(ms)
        runs += 1
    return runs / (time.perf_counter() - begin)


def main() -> None:
    """Measures until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with get_context("fork").Pool(processes) as pool:
        print("ready", flush=True)
        for line in sys.stdin:
            # A process that works takes no second task.
            print(sum(pool.map(rate, [float(line)] * processes, chunksize=1)), flush=True)


main()
