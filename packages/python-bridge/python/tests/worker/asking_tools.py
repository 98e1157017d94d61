"""Tools that ask the host, for the tests of the worker."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

from snakepit_bridge import Cancelled, tool
from snakepit_bridge._call.call_context import executing
from snakepit_bridge._errors.host_error import HostError
from snakepit_bridge._worker.calls import Call


def call() -> Call:
    """The call that is being executed."""
    executed = executing.get()
    assert isinstance(executed, Call)
    return executed


def described(error: HostError) -> Any:
    """What is known of an error."""
    report = error.python
    return {
        "code": error.code,
        "message": str(error),
        "details": dict(error.details),
        "python": report and [report.type, report.notes, report.cause and report.cause.type],
    }


def ask_once(of: Call, method: str, payload: Any, timeout: float | None = None) -> Any:
    try:
        return of.host.request(method, payload, of, timeout=timeout, root="payload")
    except HostError as error:
        return described(error)


@tool
def ask(method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    return ask_once(call(), method, payload, timeout)


@tool
def ask_after(seconds: float, method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    """Sends a request while the receiver thread receives."""
    of = call()
    time.sleep(seconds)
    return ask_once(of, method, payload, timeout)


@tool
def ask_in_thread(method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    """Waits for the thread in small steps, as a tool that is busy looks for cancellations."""
    return in_thread(ask_once, call(), method, payload, timeout)


@tool
def ask_in_loop(method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    """On a separate event loop."""
    return asyncio.run(await_once(call(), method, payload, timeout))


@tool
async def ask_later(method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    return await await_once(call(), method, payload, timeout)


@tool
async def ask_concurrently(method: str = "echo", payload: Any = None, timeout: float | None = None) -> Any:
    return await asyncio.to_thread(ask_once, call(), method, payload, timeout)


async def await_once(of: Call, method: str, payload: Any, timeout: float | None = None) -> Any:
    try:
        return await of.host.request_async(method, payload, of, timeout=timeout, root="payload")
    except HostError as error:
        return described(error)


def in_thread(run: Callable[..., Any], *arguments: Any) -> Any:
    """Runs a function in a thread and returns its outcome."""
    outcome: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put((run(*arguments), None))
        except BaseException as error:
            print(f"in the thread: {error!r}")
            outcome.put((None, error))

    threading.Thread(target=work).start()
    value, error = outcome.get()
    if error is not None:
        raise error
    return value


@tool
def ask_when_cancelled() -> Any:
    """Returns how it was cancelled, and that it cannot send requests afterwards."""
    of = call()
    try:
        return of.host.request("echo", None, of)
    except Cancelled as cancelled:
        print(f"cancelled: {cancelled.reason}")
        try:
            of.host.request("after", None, of)
        except Cancelled as again:
            print(f"again: {again.reason}")
        raise


@tool
def ask_many(count: int) -> int:
    of = call()
    return sum(of.host.request("echo", number, of) for number in range(count))


@tool
async def ask_many_later(count: int) -> int:
    of = call()
    return sum(await asyncio.gather(*[of.host.request_async("echo", number, of) for number in range(count)]))


@tool
def ask_in_threads(threads: int, count: int, main_too: bool) -> int:
    of = call()

    def run(_: int) -> int:
        return sum(of.host.request("echo", number, of) for number in range(count))

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(run, number) for number in range(threads)]
        own = run(0) if main_too else 0
        return own + sum(each.result() for each in running)


@tool
async def block_the_loop() -> str:
    of = call()
    try:
        of.host.request("echo", None, of)
    except RuntimeError as error:
        return str(error)
    return "it blocked"


@tool
def ask_while_asking() -> str:
    """A signal handler asks while the main thread waits."""
    of = call()
    outcomes = []

    def ring() -> None:
        try:
            of.host.request("inner", None, of)
        except RuntimeError as error:
            outcomes.append(str(error))

    ring_in_wait(ring)
    of.host.request("outer", None, of)
    return outcomes[0]


def ring_in_wait(ring: Callable[[], None]) -> None:
    """Calls a function in a signal handler that interrupts the main thread while it waits for the host."""

    def handle(_: int, frame: FrameType | None) -> None:
        if is_waiting(frame):
            ring()
        else:
            signal.setitimer(signal.ITIMER_REAL, 0.01)

    def is_waiting(frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code.co_name != "_wait_once":
            frame = frame.f_back
        return frame is not None

    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.01)


@tool
def alarm_while_asking() -> Any:
    """Uses a signal handler, as libraries for timeouts do."""
    of = call()

    def ring() -> None:
        raise TimeoutError("rang")

    ring_in_wait(ring)
    try:
        of.host.request("never", None, of)
    except TimeoutError as error:
        return [str(error), of.host.request("echo", "still here", of)]
    return "no alarm"


@tool
def ask_then_wait() -> None:
    of = call()
    of.host.request("echo", None, of)
    print("waiting")
    time.sleep(1000)


@tool
def stream_then_wait() -> Iterator[int]:
    yield 1
    yield 2
    print("waiting")
    time.sleep(1000)


@tool
def leave_a_thread() -> str:
    """Returns while a thread waits for the reply to its request, which the host has when it answers the other one."""
    of = call()

    def run() -> None:
        print(f"left: {ask_once(of, 'left', None)}")

    threading.Thread(target=run).start()
    of.host.request("leave", None, of)
    return "left"


@tool
def ask_in_child() -> Any:
    of = call()

    def run(results: Any) -> None:
        results.put(ask_once(of, "echo", None))

    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()
    child = context.Process(target=run, args=(results,))
    child.start()
    outcomes = results.get()
    child.join()
    return [outcomes["code"], outcomes["message"], child.exitcode]


@tool
def collect(method: str = "numbers", limit: int = 1 << 40, delay: float = 0) -> list[Any]:
    of = call()
    values: list[Any] = []
    try:
        for value in of.host.stream(method, None, of):
            values.append(value)
            if len(values) == limit:
                break
            time.sleep(delay)
    except HostError as error:
        values.append(described(error))
    return values


@tool
def collect_in_thread(method: str = "numbers", limit: int = 1 << 40) -> list[Any]:
    of = call()

    def run() -> list[Any]:
        executing.set(of)
        return collect(method, limit)

    return in_thread(run)


@tool
async def collect_later(method: str = "numbers", limit: int = 1 << 40, delay: float = 0) -> list[Any]:
    of = call()
    values: list[Any] = []
    try:
        async for value in of.host.stream_async(method, None, of):
            values.append(value)
            if len(values) == limit:
                break
            await asyncio.sleep(delay)
    except HostError as error:
        values.append(described(error))
    return values


@tool
def collect_in_loop(method: str = "numbers", limit: int = 1 << 40) -> list[Any]:
    return asyncio.run(collect_later(method, limit))


@tool
def consume(report_every: int) -> Any:
    """Consumes a long stream and returns how much memory that takes."""
    of = call()
    total = 0
    first = most = resident_bytes()
    for index, value in enumerate(of.host.stream("numbers", None, of)):
        total += len(value)
        if index % report_every == 0:
            most = max(most, resident_bytes())
    return [total, most - first]


def resident_bytes() -> int:
    """Without the pages of files, which the system drops and maps again as it needs its memory."""
    with open("/proc/self/statm") as file:  # noqa: PTH123
        _, resident, shared, *_ = file.read().split()
    return (int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE")


@tool
def pass_on(method: str = "numbers") -> Iterator[Any]:
    """Streams what the host streams."""
    of = call()
    yield from of.host.stream(method, None, of)


@tool
async def pass_on_later(method: str = "numbers") -> AsyncIterator[Any]:
    of = call()
    async for value in of.host.stream_async(method, None, of):
        yield value


@tool
def drop_in_a_cycle() -> None:
    """Leaves a stream to the garbage collector."""
    of = call()
    stream = of.host.stream("numbers", None, of)
    next(stream)
    cycle: list[Any] = [stream]
    cycle.append(cycle)
    del stream, cycle
    gc.collect()
    print("collected")
    time.sleep(1000)


class Listening:
    """Records the notices of the host."""

    def __init__(self) -> None:
        self.notices: list[Any] = []

    def invalidated(self, session_id: str, keys: Any) -> None:
        self.notices.append([session_id, list(keys)])
        if session_id == "bad":
            raise ValueError("a listener that fails")

    def session_ended(self, session_id: str) -> None:
        self.notices.append(session_id)


listening = Listening()


@tool
def listen() -> None:
    call().host.listen(listening)


@tool
def notices() -> Any:
    return listening.notices
