"""Tools for the tests of workers that execute several calls at the same time."""

from __future__ import annotations

import asyncio
import contextvars
import os
import random
import select
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

from snakepit_bridge import Adapter, Cancelled, current_call, tool
from snakepit_bridge._call import executing
from snakepit_bridge._worker.calls import Call
from snakepit_bridge.profiles import Profile, ProfileCall, ThreadProfile

seen: contextvars.ContextVar[str] = contextvars.ContextVar("seen", default="")
barriers: dict[str, threading.Barrier] = {}
barriers_lock = threading.Lock()
arrivals: dict[str, int] = {}
recorded: list[str] = []
release_reader, release_writer = os.pipe()
"""Readable from the call of :meth:`Tools.release` on."""


def is_released() -> bool:
    return bool(select.select([release_reader], [], [], 0)[0])


def print_and_block(text: str) -> None:
    """Prints, and blocks where no exception is raised, until :meth:`Tools.release` is called.

    A cancellation may arrive before this blocks, however quick it is; the second wait is not interrupted then.
    """
    with suppress(Cancelled):
        print(text)
        # Not a lock or an event, which an exception in the code around it would leave locked.
        select.select([release_reader], [], [])
    select.select([release_reader], [], [])


def ask_host(payload: Any) -> Any:
    call = executing.get()
    assert isinstance(call, Call)
    return call.host.request("echo", payload, call)


class Tools(Adapter):
    """Counts what its hooks and tools have done."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.starting = threading.Event()
        self.is_held = False

    @tool
    def recorded_calls(self) -> list[str]:
        return recorded

    @tool
    def meet(self, name: str, count: int) -> str:
        """Returns its thread when this many calls are here at the same time."""
        with barriers_lock:
            barrier = barriers.setdefault(name, threading.Barrier(count))
        barrier.wait()
        return f"{threading.current_thread().name} {threading.get_ident()}"

    @tool
    async def meet_later(self, name: str, count: int) -> str:
        arrivals[name] = arrivals.get(name, 0) + 1
        while arrivals[name] < count:
            await asyncio.sleep(0)
        return threading.current_thread().name

    @tool
    def spin(self, swallows: bool = False) -> str:
        try:
            print("spinning")
            while True:
                pass
        except Cancelled as cancelled:
            print(f"cancelled: {cancelled.reason}")
            if not swallows:
                raise
        return "swallowed"

    @tool
    def wait_in_c(self) -> str:
        """Blocks where no exception is raised, until :meth:`release` is called."""
        print_and_block("waiting")
        return "released"

    @tool
    def release(self) -> None:
        os.write(release_writer, b"x")

    @tool
    async def wait_forever(self) -> None:
        print("waiting")
        await asyncio.Event().wait()

    @tool
    async def cancel_others(self) -> int:
        """Cancels the tasks of all other calls, also those that have not begun, and returns their number."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        return len(others)

    @tool
    async def leave_task_that_cancels(self) -> None:
        """Leaves a task that cancels the task of the next call before that begins."""

        async def cancel_next() -> None:
            while not (others := asyncio.all_tasks() - {asyncio.current_task()}):
                await asyncio.sleep(0)
            for task in others:
                task.cancel()

        self.left = asyncio.create_task(cancel_next())

    @tool
    def ask(self, payload: Any = None) -> Any:
        return ask_host(payload)

    @tool
    def print_parts(self, name: str, count: int) -> None:
        """Prints a line in parts, next to another call."""
        print(f"{name} begins ", end="")
        with barriers_lock:
            barrier = barriers.setdefault("print", threading.Barrier(count))
        barrier.wait()
        print(f"{name} ends", end="")

    @tool
    async def print_parts_later(self, name: str, count: int) -> None:
        print(f"{name} begins ", end="")
        arrivals["print"] = arrivals.get("print", 0) + 1
        while arrivals["print"] < count:
            await asyncio.sleep(0)
        print(f"{name} ends", end="")

    @tool
    def remember(self, name: str, count: int) -> list[str]:
        """Returns the context variable before and after it is set, and the ID of the call."""
        before = seen.get()
        seen.set(name)
        with barriers_lock:
            barrier = barriers.setdefault("remember", threading.Barrier(count))
        barrier.wait()
        return [before, seen.get(), current_call().correlation_id]

    @tool
    def count(self, upto: int) -> Iterator[int]:
        yield from range(upto)

    @tool
    async def count_later(self, upto: int) -> AsyncIterator[int]:
        for each in range(upto):
            yield each

    @tool
    def endless(self) -> Iterator[int]:
        at = 0
        try:
            while True:
                yield at
                at += 1
        finally:
            print("closed")

    @tool
    def mixed(self, seed: int) -> list[int]:
        """Computes, prints, asks and catches, for a short random time; to be cancelled at any moment."""
        choose = random.Random(seed)  # noqa: S311 (a test)
        total = 0
        for _ in range(choose.randrange(1, 30)):
            kind = choose.randrange(4)
            if kind == 0:
                total += sum(range(choose.randrange(2000)))
            elif kind == 1:
                print("x" * choose.randrange(100), end=choose.choice(["", "\n"]))
            elif kind == 2:
                total += ask_host(1)
            else:
                try:
                    total += int(str(choose.randrange(10)))
                finally:
                    total += 1
        return [seed, total]

    @tool
    def fork(self) -> int:
        pid = os.fork()
        return pid if pid == 0 else os.waitpid(pid, 0)[1]

    @tool
    def start_threads(self) -> None:
        """Starts threads one after another, forever."""
        print("starting")
        while True:
            thread = threading.Thread(target=int)
            thread.start()
            thread.join()

    @tool
    def events_so_far(self) -> list[str]:
        return self.events

    @tool
    def hold_sessions(self) -> None:
        self.is_held = True

    @tool
    def allow_no_threads(self) -> None:
        """Lets further threads fail to start, as when the system has too many."""

        def start(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        threading.Thread.start = start  # type: ignore[method-assign]


class Sessions(Tools):
    def on_session_start(self, session_id: str) -> None:
        self.events.append(f"start {session_id} of {current_call().session_id}")
        if self.is_held:
            print_and_block("starting")

    def on_session_end(self, session_id: str) -> None:
        self.events.append(f"end {session_id}")
        print(f"end {session_id}")
        if self.is_held:
            time.sleep(0.1)
            print(f"ended {session_id}")


class CancelledAtTheEndOfTheStart(Sessions):
    """The first call is cancelled when its hook has returned, but its code is not left."""

    def on_session_start(self, session_id: str) -> None:
        super().on_session_start(session_id)
        call = executing.get()
        assert isinstance(call, Call)
        call.on_cancel = None
        call.cancel("cancelled")


class AsyncSessions(Tools):
    async def on_session_start(self, session_id: str) -> None:
        self.events.append(f"start {session_id} of {current_call().session_id}")
        if self.is_held:
            print("starting")
            while not is_released():
                await asyncio.sleep(0.001)

    async def on_session_end(self, session_id: str) -> None:
        self.events.append(f"end {session_id}")
        print(f"end {session_id}")
        if self.is_held:
            await asyncio.sleep(0.1)
            print(f"ended {session_id}")


class OneThreadPerCall(Profile):
    """A profile of a user."""

    default_capacity = 3

    def execute(self, call: ProfileCall) -> None:
        if call.is_async:
            call.start_task()
        else:
            threading.Thread(target=call.run, name=f"thread of {call.tool}", daemon=True).start()


class Recording(OneThreadPerCall):
    """Records the calls in a variable of its module, which the tools use too."""

    def execute(self, call: ProfileCall) -> None:
        recorded.append(call.tool)
        super().execute(call)


class WithoutTasks(Profile):
    def execute(self, call: ProfileCall) -> None:
        call.run()


class Abstract(Profile):
    pass


class Failing(ThreadProfile):
    """Fails in every way, but executes the tool ``release``."""

    def execute(self, call: ProfileCall) -> None:
        if call.tool == "meet":
            raise OSError("no thread")
        super().execute(call)
        if call.tool == "count":
            raise OSError("too late")

    def check(self) -> None:
        raise OSError("unhealthy")


class CannotStart(ThreadProfile):
    def start(self, worker: Any) -> None:
        raise OSError(f"cannot start {worker.worker_id} of {worker.pool}")


class WithoutCapacity(ThreadProfile):
    default_capacity = 0


class HugeCapacity(ThreadProfile):
    default_capacity = 2**40


class BrokenCapacity(ThreadProfile):
    @property
    def capacity(self) -> int:
        raise OSError("no capacity")


class BrokenMetadata(ThreadProfile):
    def metadata(self) -> Any:
        raise OSError("no metadata")


class InvalidMetadata(ThreadProfile):
    def metadata(self) -> Any:
        return {"threads": 3}
