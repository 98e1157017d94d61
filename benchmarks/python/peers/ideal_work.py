"""The ideal of CPU-bound tools: runs `work` without any calls and prints how often it ran per second."""

from __future__ import annotations

import sys
import time

from peer_tools import work

ms, seconds = float(sys.argv[1]), float(sys.argv[2])
print("ready", flush=True)
# All processes begin at the same time.
sys.stdin.readline()
begin, runs = time.perf_counter(), 0
while time.perf_counter() - begin < seconds:
    work(ms)
    runs += 1
print(runs / (time.perf_counter() - begin), flush=True)
