"""Exchanges with the host, written once for tools that block and for tools that await."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from .._contract.operation import Request
    from .caller import Caller

Result = TypeVar("Result")

Exchange = Generator["Request[Any]", Any, Result]
"""Yields a request, receives the answer or the error, and returns the result at the end."""

UPDATE_ATTEMPTS: Final = 100
"""How often ``update()`` retries when others write at the same time; the limit of the host is the same."""

REQUIRED: Final[Any] = object()
"""Stands for a ``default`` that was not passed: a missing value is then an error. ``None`` is a valid default."""


def settle(exchange: Exchange[Result], caller: Caller) -> Result:
    """Runs an exchange, blocking the thread."""
    try:
        request = next(exchange)
        while True:
            try:
                reply = caller.ask(request)
            except Exception as failure:
                request = exchange.throw(failure)
            else:
                request = exchange.send(reply)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        # Without a reply, when the call is cancelled during the request.
        exchange.close()


async def settle_async(exchange: Exchange[Result], caller: Caller) -> Result:
    """Runs an exchange in a task."""
    try:
        request = next(exchange)
        while True:
            try:
                reply = await caller.ask_async(request)
            except Exception as failure:
                request = exchange.throw(failure)
            else:
                request = exchange.send(reply)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        # Without a reply, when the call is cancelled during the request.
        exchange.close()


def host_time(milliseconds: float) -> datetime:
    """Returns a time of the host, in milliseconds since 1970, as a ``datetime`` in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
