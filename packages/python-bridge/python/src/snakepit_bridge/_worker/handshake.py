"""The handshake of a worker with its host."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from .._proto.frames_pb2 import Accept, Batch, Hello
from .._system import has_global_lock, start_time
from .._version import PROTOCOL_VERSION, __version__
from .._wire import ProtocolViolation
from .execution.tool_box import CHECK_TOOL

if TYPE_CHECKING:
    from .._proto.failure_pb2 import Failure
    from .._tools import ToolDescriptor
    from .._wire import FrameTransport, Received, UnsentRecords
    from .start_permits import StartPermits


class WorkerBoot(msgspec.Struct, frozen=True):
    """The identity of a worker, and the address of its host."""

    worker_id: str
    token: str
    """Proves to the host, once, that this is the worker it started."""
    transport: Literal["socket", "grpc"]
    address: str
    """The path of a Unix socket, or a gRPC target."""
    pool: str
    run_id: str
    watch: bool = False
    """Whether the host requests the files that the worker has loaded."""
    profile: str = "process"
    """``process``, or the profile that executes several calls at the same time; see :func:`.load_profile`."""
    capacity: int | None = None
    """The number of calls that it executes at the same time; ``None`` for the default of the profile."""
    thread_safety: Literal["off", "warn", "strict"] = "warn"
    """How the worker checks the thread safety of concurrent calls."""


class Rejected(Exception):  # noqa: N818 (the host's decision)
    """The host rejected the worker; the message contains the reason."""


def send_hello(
    transport: FrameTransport,
    boot: WorkerBoot,
    tools: Sequence[ToolDescriptor],
    *,
    profile: tuple[int, Mapping[str, str]] | None,
    permits: StartPermits | None,
    unsent: UnsentRecords | None,
) -> tuple[Accept, Received]:
    """Sends Hello and waits for the answer.

    Removes the files of ``permits`` and ``unsent`` when the host does not accept the worker.

    Args:
        transport: the connection.
        boot: the configuration of the worker.
        tools: its tools.
        profile: the capacity and the metadata of the profile; ``None`` for ``process``.
        permits: permits calls that were sent ahead; ``None`` if none are.
        unsent: keeps held answers; ``None`` if none are held.

    Returns:
        The answer, and the batch that contains it: more frames may follow it there.

    Raises:
        Rejected: the host rejected the worker.
        ConnectionClosed: the host closed the connection.
        ProtocolViolation: the host sent another answer.
    """
    batch, hello = _hello(boot)
    hello.profile = boot.profile
    if profile is not None:
        hello.capacity, metadata = profile
        hello.profile_metadata.update(metadata)
    hello.start_permits = "" if permits is None else permits.name
    hello.unsent_records = "" if unsent is None else unsent.name
    hello.check_tool = CHECK_TOOL
    if boot.watch:
        # Lazy: only for development.
        from .source_files import loaded_source_files

        hello.source_files.extend(loaded_source_files())
    for tool in tools:
        described = hello.tools.add(
            name=tool.name,
            description=tool.description,
            streaming=tool.streaming,
            timeout_ms=None if tool.timeout_s is None else tool.timeout_s * 1_000,
            idempotent=tool.idempotent,
            max_concurrent=tool.max_concurrent,
        )
        for each in tool.parameters:
            described.parameters.add(
                name=each.name,
                type=each.type,
                required=each.required,
                default_value=each.default,
                description=each.description,
                unchecked=each.unchecked,
            )
    try:
        accept, received = _answer(transport, batch)
    except BaseException:
        if permits is not None:
            permits.discard()
        if unsent is not None:
            unsent.discard()
        raise
    if unsent is not None and accept.reads_unsent_records:
        transport.hold_in(unsent)
    elif unsent is not None:
        unsent.discard()
    return accept, received


def _answer(transport: FrameTransport, hello: Batch) -> tuple[Accept, Received]:
    transport.send(hello)
    received = transport.receive()
    assert received is not None  # noqa: S101 (without a timeout it waits)
    answer = next(iter(received[0].frames), None)
    kind = None if answer is None else answer.WhichOneof("kind")
    if answer is not None and kind == "reject":
        raise Rejected(f"{answer.reject.failure.code}: {answer.reject.failure.message}")
    if answer is None or kind != "accept":
        raise ProtocolViolation(f"the host answered Hello with {kind or 'an empty batch'}")
    if answer.accept.protocol != PROTOCOL_VERSION:
        raise ProtocolViolation(
            f"the host uses version {answer.accept.protocol} of the protocol and snakepit-bridge {__version__} "
            f"uses version {PROTOCOL_VERSION}; install the version of snakepit-bridge that belongs to the host"
        )
    transport.limit_payloads(answer.accept.max_payload_bytes)
    return answer.accept, received


def report_setup_failure(transport: FrameTransport, boot: WorkerBoot, failure: Failure, timeout_s: float) -> None:
    """Reports to the host why the worker cannot start, and waits until the host closes the connection.

    Raises:
        ConnectionClosed: the host closed the connection; the usual end.
    """
    batch, hello = _hello(boot)
    hello.failure.CopyFrom(failure)
    transport.send(batch)
    while transport.receive(timeout_s) is not None:
        pass


def _hello(boot: WorkerBoot) -> tuple[Batch, Hello]:
    batch = Batch()
    hello = batch.frames.add().hello
    hello.token = boot.token
    hello.worker_id = boot.worker_id
    hello.pid = os.getpid()
    hello.start_time = start_time(hello.pid)
    hello.protocol = PROTOCOL_VERSION
    hello.capacity = 1
    hello.runtime.language = "python"
    hello.runtime.version = sys.version.partition(" ")[0]
    hello.runtime.implementation = sys.implementation.name
    hello.runtime.bridge_version = __version__
    hello.runtime.free_threaded = not has_global_lock()
    return batch, hello
