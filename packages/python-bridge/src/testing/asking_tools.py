"""Tools that make requests to the host in every possible way."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from snakepit_bridge import HostError, tool
from snakepit_bridge._call.call_context import executing
from snakepit_bridge._worker.calls import Call


def call() -> Call:
    """The call that is being executed."""
    executed = executing.get()
    assert isinstance(executed, Call)
    return executed


@tool
def ask(method: str, payload: Any = None) -> Any:
    """Makes a request from the main thread."""
    of = call()
    try:
        return of.host.request(method, payload, of)
    except HostError as error:
        return [error.code, str(error), dict(error.details)]


@tool
async def ask_later(method: str, payload: Any = None) -> Any:
    """Makes a request from a task."""
    of = call()
    try:
        return await of.host.request_async(method, payload, of)
    except HostError as error:
        return [error.code, str(error), dict(error.details)]


@tool
def ask_in_thread(method: str, payload: Any = None) -> Any:
    """Makes a request from a thread."""
    of = call()

    def run() -> Any:
        executing.set(of)
        return ask(method, payload)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


@tool
async def ask_at_once(count: int) -> int:
    """Makes many requests concurrently."""
    of = call()
    return sum(await asyncio.gather(*[of.host.request_async("echo", number, of) for number in range(count)]))


@tool
def collect(payload: Any, limit: int) -> list[Any]:
    """Returns the first values of a stream."""
    of = call()
    values = []
    for value in of.host.stream("values", payload, of):
        values.append(value)
        if len(values) == limit:
            break
    return values


@tool
async def collect_later(payload: Any, limit: int) -> list[Any]:
    """Returns the first values of a stream, from a task."""
    of = call()
    values = []
    async for value in of.host.stream_async("values", payload, of):
        values.append(value)
        if len(values) == limit:
            break
    return values


@tool
def consume_slowly(count: int) -> int:
    """Reports its progress with a stream to the host."""
    of = call()
    total = 0
    for index, value in enumerate(of.host.stream("values", count, of)):
        total += value
        if index % 1000 == 0:
            time.sleep(0.001)
            of.host.request("consumed", index + 1, of)
    return total


@tool
def leave_a_thread(method: str) -> None:
    """Returns while a thread waits for the host, which must not answer ``sent`` before it has received the request."""
    of = call()
    asking = threading.Thread(target=lambda: print("left:", of.host.request(method, None, of)))
    asking.start()
    of.host.request("sent", None, of)
