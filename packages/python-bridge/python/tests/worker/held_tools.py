"""Quick tools, in a worker that counts its writes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakepit_bridge import tool
from snakepit_bridge._call import executing
from snakepit_bridge._wire.socket_transport import SocketTransport

if TYPE_CHECKING:
    from snakepit_bridge._worker.calls import Call

_write = SocketTransport._write
_writes = 0


def _count_and_write(self: SocketTransport, record: bytes) -> None:
    global _writes
    _writes += 1
    _write(self, record)


SocketTransport._write = _count_and_write  # type: ignore[method-assign]


@tool
def quick(value: Any) -> Any:
    return value


@tool
def writes() -> int:
    """Returns the number of writes so far."""
    return _writes


@tool
def quick_until(value: Any, gate: str = "", started: str = "") -> Any:
    """Is quick without a gate; with one, it waits until that file exists."""
    if gate:
        Path(started).touch()
        while not os.path.exists(gate):  # noqa: PTH110
            time.sleep(0.001)
    return value


@tool
def quick_failure() -> None:
    raise ValueError("it broke")


@tool
def quick_print(text: str) -> str:
    print(text)
    return text


@tool
def quick_request() -> Any:
    """Returns the host's reply."""
    call: Call = executing.get()  # type: ignore[assignment]
    return call.host.request("echo", None, call, timeout=None, root="payload")


@tool
def quick_chunks(to: int) -> Iterator[int]:
    yield from range(to)
