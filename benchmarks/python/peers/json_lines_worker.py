"""A worker for child_process and python-shell: a line of JSON on stdin is a call, a line on stdout is its answer."""

from __future__ import annotations

import signal
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from json import dumps, loads

import peer_tools


def echo(values: str) -> str:
    """Returns an array of float64, which is base64 on the way in both directions."""
    import numpy as np  # Imported here: the other calls, and the start of the process, do not need it.

    return b64encode(np.frombuffer(b64decode(values))).decode("ascii")


def process_time() -> float:
    """Returns the processor time of this worker in seconds, user and system."""
    return time.process_time()


TOOLS = {**peer_tools.TOOLS, "echo": echo, "process_time": process_time}


def main() -> None:
    """Runs one call at a time, in order, until stdin ends. Answers and chunks are never held back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    write, flush = sys.stdout.write, sys.stdout.flush
    with open(0, buffering=1 << 16, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            call = loads(line)
            number = call["id"]
            try:
                value = TOOLS[call["tool"]](**call["args"])
                if isinstance(value, Iterator):
                    for chunk in value:
                        write(dumps({"id": number, "chunk": chunk}) + "\n")
                        flush()
                    value = None
                answer = {"id": number, "value": value}
            except Exception as error:
                answer = {"id": number, "error": repr(error)}
            write(dumps(answer) + "\n")
            flush()


main()
