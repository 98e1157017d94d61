"""Makes the worker known to its host."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from snakepit_bridge._launch.process_table import start_time
from snakepit_bridge._proto.frames_pb2 import Batch, Hello, Welcome
from snakepit_bridge._version import PROTOCOL_VERSION, __version__
from snakepit_bridge._wire import ProtocolViolation

if TYPE_CHECKING:
    from snakepit_bridge._proto.failure_pb2 import Failure
    from snakepit_bridge._tools import ToolDescriptor
    from snakepit_bridge._wire import FrameTransport, Received

    from .boot import WorkerBoot

_CAPACITY = 1


class Refused(Exception):  # noqa: N818 (the host's decision)
    """The host does not accept the worker; the text says why."""


def greet(transport: FrameTransport, boot: WorkerBoot, tools: Sequence[ToolDescriptor]) -> tuple[Welcome, Received]:
    """Says Hello and waits for the answer.

    Returns:
        The answer, and the batch that it came in: more may follow it there.

    Raises:
        Refused: the host does not accept the worker.
        ConnectionClosed: the host has hung up.
        ProtocolViolation: it has answered with something else.
    """
    batch, hello = _hello(boot)
    for tool in tools:
        described = hello.tools.add(name=tool.name, description=tool.description, streaming=tool.streaming)
        for each in tool.parameters:
            described.parameters.add(
                name=each.name,
                type=each.type,
                required=each.required,
                default_value=each.default,
                description=each.description,
                unchecked=each.unchecked,
            )
    transport.send(batch)
    received = transport.receive()
    assert received is not None  # noqa: S101 (without a timeout it waits)
    answer = next(iter(received[0].frames), None)
    kind = None if answer is None else answer.WhichOneof("kind")
    if answer is not None and kind == "refusal":
        raise Refused(f"{answer.refusal.failure.code}: {answer.refusal.failure.message}")
    if answer is None or kind != "welcome":
        raise ProtocolViolation(f"the host answered Hello with {kind or 'an empty batch'}")
    if answer.welcome.protocol != PROTOCOL_VERSION:
        raise ProtocolViolation(
            f"the host speaks version {answer.welcome.protocol} of the protocol and snakepit-bridge {__version__} "
            f"speaks {PROTOCOL_VERSION}; install the version of snakepit-bridge that belongs to the host"
        )
    transport.limit_payloads(answer.welcome.max_payload_bytes)
    return answer.welcome, received


def apologise(transport: FrameTransport, boot: WorkerBoot, failure: Failure, patience_s: float) -> None:
    """Tells the host why there will be no worker, and waits until it has taken note and hangs up.

    Raises:
        ConnectionClosed: the host has hung up; the usual end.
    """
    batch, hello = _hello(boot)
    hello.failure.CopyFrom(failure)
    transport.send(batch)
    while transport.receive(patience_s) is not None:
        pass


def _hello(boot: WorkerBoot) -> tuple[Batch, Hello]:
    batch = Batch()
    hello = batch.frames.add().hello
    hello.token = boot.token
    hello.worker_id = boot.worker_id
    hello.pid = os.getpid()
    hello.start_time = start_time(hello.pid)
    hello.protocol = PROTOCOL_VERSION
    hello.capacity = _CAPACITY
    hello.runtime.language = "python"
    hello.runtime.version = sys.version.partition(" ")[0]
    hello.runtime.implementation = sys.implementation.name
    hello.runtime.bridge_version = __version__
    hello.runtime.free_threaded = not _has_global_lock()
    return batch, hello


def _has_global_lock() -> bool:
    # Python 3.13 and newer.
    tell = getattr(sys, "_is_gil_enabled", None)
    return True if tell is None else bool(tell())
