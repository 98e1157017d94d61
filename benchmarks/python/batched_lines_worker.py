"""The baseline of the cost of a call: a line of JSON on stdin is a call, and an empty line ends a batch of calls.

The answers of a batch are one write. So each batch makes the same number of system calls, however busy the machine is.
"""

from __future__ import annotations

import signal
import sys
import time
from json import dumps, loads


def add(a: float, b: float) -> float:
    """Returns the sum: a small call."""
    return a + b


def process_time() -> float:
    """Returns the processor time of this worker in seconds, user and system."""
    return time.process_time()


TOOLS = {"add": add, "process_time": process_time}


def main() -> None:
    """Runs the calls in order until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers: list[str] = []
    with open(0, buffering=1 << 16, encoding="utf-8", closefd=False) as lines:
        for line in lines:
            if line != "\n":
                call = loads(line)
                value = TOOLS[call["tool"]](**call["args"])
                answers.append(dumps({"id": call["id"], "value": value, "record": call["record"]}))
                continue
            answers.append("")
            sys.stdout.write("\n".join(answers))
            sys.stdout.flush()
            answers.clear()


main()
