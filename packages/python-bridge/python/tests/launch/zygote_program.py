"""A zygote whose workers do what their ids say. The tests start it as a separate process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from snakepit_bridge._launch.boot import claim_stdin
from snakepit_bridge._launch.commands import StartRequest
from snakepit_bridge._launch.control_groups import ControlGroups
from snakepit_bridge._launch.event_stream import EventStream
from snakepit_bridge._launch.fork_method import ForkMethod
from snakepit_bridge._launch.host_events import HostEvents
from snakepit_bridge._launch.inherited_objects import InheritedObjects
from snakepit_bridge._launch.line_reader import LineReader
from snakepit_bridge._launch.worker_entry import exit_with
from snakepit_bridge._launch.zygote import Zygote
from snakepit_bridge._system import WorkerLimits
from snakepit_bridge._system.prctl import adopt_orphans, die_with_parent

CHILD = [sys.executable, "-c", "import time; time.sleep(600)"]


def work(request: StartRequest) -> int:  # noqa: PLR0912 (one branch for each kind of worker)
    kind = request.worker_id.partition("-")[0]
    match kind:
        case "sleep":
            time.sleep(600)
        case "exit":
            return 3
        case "raise":
            raise RuntimeError("the worker's own mistake")
        case "leave":
            sys.exit("left by sys.exit")
        case "signal":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "write":
            os.write(1, b"to one\n")
            os.write(2, b"to two\n")
        case "flood":
            for number in range(20_000):
                os.write(2, b"line %d of many that fill buffers up\n" % number)
        case "facts":
            print(describe_self(request), flush=True)
        case "search":
            print(f"found {tokens_in_memory() - {request.token.decode()}}", flush=True)
        case "family":
            print("child", subprocess.Popen(CHILD).pid, flush=True)  # noqa: S603
            time.sleep(600)
        case "daemon":
            print("daemon", start_daemon(), flush=True)
        case "forked":
            print("daemon", start_forked_daemon(), flush=True)
    return 0


def tokens_in_memory() -> set[str]:
    """All tokens that a tool finds when it looks through the memory of its process."""
    found: set[str] = set()
    with Path("/proc/self/mem").open("rb", buffering=0) as memory:
        for line in Path("/proc/self/maps").read_text().splitlines():
            addresses, access, *_ = line.split()
            first, last = (int(each, 16) for each in addresses.split("-"))
            if not access.startswith("rw"):
                continue
            memory.seek(first)
            found |= {each.decode() for each in re.findall(rb"token of [a-z]+-\d+", memory.read(last - first))}
    return found


def describe_self(request: StartRequest) -> str:
    # The descriptor of the listing itself is among them, but closed by the time it is looked at.
    listed = list(Path("/proc/self/fd").iterdir())
    # Builds of libffi with static trampolines (3.4 and newer) keep their own file open and map it again after a fork.
    open_fds = sorted(int(fd.name) for fd in listed if fd.exists() and not fd.readlink().name.startswith("libffi.so"))
    return repr(
        {
            "fds": open_fds,
            "group": os.getpgid(0) == os.getpid(),
            "stdin": str(Path("/proc/self/fd/0").readlink()),
            "sigterm": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
            "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
            "worker_id": os.environ["SNAKEPIT_WORKER_ID"],
            "token": request.token.decode(),
        }
    )


def start_daemon() -> int:
    return subprocess.Popen(CHILD, start_new_session=True).pid  # noqa: S603


def start_forked_daemon() -> int:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setsid()
        pid = os.fork()
        if pid == 0:
            time.sleep(600)
        os.write(writer, str(pid).encode())
        os._exit(0)
    return int(os.read(reader, 20))


def main() -> int:
    stream = EventStream(3)
    commands = LineReader(claim_stdin())
    parent = os.environ.get("CONTROL_GROUP_PARENT")
    groups = None if parent is None else ControlGroups(Path(parent), WorkerLimits())
    zygote = Zygote(commands, stream, HostEvents(stream), groups)
    adopt_orphans()
    die_with_parent(signal.SIGCONT)
    stream.send({"event": "ready", "threads": 1})
    inherited = InheritedObjects()
    inherited.collect()
    zygote.run(ForkMethod(work, zygote.abandon, inherited))
    return 0


if __name__ == "__main__":
    exit_with(main)
