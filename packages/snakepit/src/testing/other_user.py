"""Repeatedly connects to every socket in a directory as the current user; reports the outcomes."""

from __future__ import annotations

import collections
import errno
import json
import os
import socket
import sys
from pathlib import Path

LISTING_EVERY = 50


def connect(path: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as attempt:
        attempt.setblocking(False)
        error = attempt.connect_ex(path)
    return "connected" if error == 0 else errno.errorcode[error]


def sockets(directory: str) -> list[str]:
    """Returns the paths of sockets in subdirectories, whose names are known even if the directory cannot be read."""
    found = [each for each in Path(directory).iterdir() if "snakepit-" in each.name]
    return [f"{each}/{guess}" for each in found for guess in ("s", "d/s", "worker.sock", "grpc.sock", "control.sock")]


def main(directory: str, attempts: int, *names: str) -> None:
    outcomes: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    public = [f"{directory}/{name}" for name in names]
    print("ready", flush=True)
    attempted = 0
    # Continues until the forbidden socket was found as well: the host of the test is slower than this loop.
    while attempted < attempts or not outcomes[names[0]]["EACCES"]:
        targets = public * LISTING_EVERY + sockets(directory)
        for target in targets:
            kind = Path(target).name
            outcomes[kind][connect(target)] += 1
        attempted += len(targets)
    print(json.dumps({"uid": os.getuid(), "attempts": attempted, "outcomes": outcomes}), flush=True)


main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
