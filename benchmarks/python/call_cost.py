"""Measures the processor time that a worker spends on a small call, without a host. Linux only.

This process sends frames to one worker, and lines to the floor: the shortest loop that reads JSON lines, calls a
function and flushes each answer. Both receive the same calls, in the same batches, alternately. Only their main threads
count.

Usage: npm run exec -- python benchmarks/python/call_cost.py
"""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import ormsgpack
from snakepit_bridge._proto.frames_pb2 import Accept, Batch, Call, Drain, Frame
from snakepit_bridge._tools import load_adapter
from snakepit_bridge._worker import WorkerBoot, guard_signal_handlers, install_standard_streams, run_worker

TOOLS = """
from snakepit_bridge import tool

@tool
def echo(value: object) -> object:
    return value

@tool
def add(a: int, b: int) -> int:
    return a + b
"""
CALLS = {"echo": {"value": {"a": 1, "b": "hello", "c": [1, 2, 3], "d": 2.5}}, "add": {"a": 1, "b": 2}}
ROUNDS = 7
ROUND_S = 0.5
BATCHES = 64


class Process:
    """A forked process that answers calls on a socket."""

    def __init__(self, run: Callable[[str], object], directory: str) -> None:
        path = str(Path(directory) / uuid.uuid4().hex)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen(1)
            self.pid = os.fork()
            if self.pid == 0:
                run(path)
                os._exit(0)
            self.link, _ = listener.accept()

    def measure(self, batches: list[bytes], size: int, answers_in: Callable[[bytearray], int]) -> float:
        """Returns the microseconds of processor time per call. A batch is sent before the last one is answered."""
        pending = bytearray()
        before, sent, answered = self._nanoseconds(), 0, 0
        ends_at = perf_counter() + ROUND_S
        while answered < sent or perf_counter() < ends_at:
            while sent - answered <= (size if size > 1 else 0) and perf_counter() < ends_at:
                self.link.sendall(batches[sent // size % len(batches)])
                sent += size
            if answered < sent:
                pending += self.link.recv(65536)
                answered += answers_in(pending)
        return (self._nanoseconds() - before) / answered / 1000

    def close(self) -> None:
        """Ends the process."""
        self.link.close()
        os.waitpid(self.pid, 0)

    def _nanoseconds(self) -> int:
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/schedstat").read_text().split()[0])


def run_floor(path: str) -> None:
    """Answers JSON lines."""
    tools: dict[str, Callable[..., object]] = {"echo": lambda value: value, "add": lambda a, b: a + b}
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(path)
        reader, writer = link.makefile("r"), link.makefile("w")
        for line in reader:
            call = json.loads(line)
            writer.write(json.dumps({"id": call["id"], "value": tools[call["tool"]](**call["args"])}) + "\n")
            writer.flush()


def record(*frames: Frame) -> bytes:
    """Serializes a batch."""
    encoded = Batch(frames=frames).SerializeToString()
    return len(encoded).to_bytes(4, "big") + encoded


def call_frame(call_id: int, tool: str) -> Frame:
    """Returns a call as the host sends it."""
    call = Call(id=call_id, tool=tool, remaining_ms=30_000, correlation_id=str(uuid.uuid4()))
    call.args.format = 1  # type: ignore[assignment]  # MessagePack
    call.args.body = ormsgpack.packb(CALLS[tool])
    return Frame(call=call)


def call_line(call_id: int, tool: str) -> bytes:
    """Returns a call as a JSON line."""
    return json.dumps({"id": call_id, "tool": tool, "args": CALLS[tool]}).encode() + b"\n"


def take_records(pending: bytearray) -> int:
    """Removes the complete records and returns their number."""
    end = count = 0
    while len(pending) - end >= 4 and len(pending) - end >= (size := 4 + int.from_bytes(pending[end : end + 4], "big")):
        end += size
        count += 1
    del pending[:end]
    return count


def take_lines(pending: bytearray) -> int:
    """Removes the complete lines and returns their number."""
    count = pending.count(b"\n")
    del pending[: pending.rfind(b"\n") + 1]
    return count


def main() -> None:
    """Prints the medians of all rounds."""
    with tempfile.TemporaryDirectory(prefix="snakepit-bench-") as directory:
        target = Path(directory) / "call_cost_tools.py"
        target.write_text(TOOLS)

        def run(path: str) -> None:
            install_standard_streams()
            guard_signal_handlers()
            boot = WorkerBoot("worker-1", "token", "socket", path, "default", "run")
            run_worker(boot, load_adapter(str(target), as_script=True))

        floor, worker = Process(run_floor, directory), Process(run, directory)
        worker.link.recv(65536)  # Hello
        # Without heartbeats, every record is an answer.
        worker.link.sendall(record(Frame(accept=Accept(protocol=1, run_id="run", max_payload_bytes=1 << 28))))
        for tool in CALLS:
            for size in (16, 1):
                calls = [range(first, first + size) for first in range(1, BATCHES * size, size)]
                frames = [record(*(call_frame(each, tool) for each in ids)) for ids in calls]
                lines = [b"".join(call_line(each, tool) for each in ids) for ids in calls]
                times = [
                    (worker.measure(frames, size, take_records), floor.measure(lines, size, take_lines))
                    for _ in range(ROUNDS + 1)
                ][1:]
                ours, theirs = median(each[0] for each in times), median(each[1] for each in times)
                ratio = median(each[0] / each[1] for each in times)
                row = f"{tool:4}  {size:2} per batch  {ours:5.1f} µs  floor {theirs:5.1f} µs  ratio {ratio:.2f}\n"
                sys.stdout.write(row)
        worker.link.sendall(record(Frame(drain=Drain())))
        worker.close()
        floor.close()


if __name__ == "__main__":
    main()
