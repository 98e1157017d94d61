"""A host for tests of sessions: records requests, and runs code of a test during a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from snakepit_bridge import AsyncSessionContext, HostError, SessionContext
from snakepit_bridge._call.host_channel import StateListener
from snakepit_bridge._local_host import LocalCall, LocalHost
from snakepit_bridge._session.caller import Caller


class RecordingHost:
    """Answers like the host of unit tests, and records the requests."""

    def __init__(self, session_id: str | None = "s", **state: Any) -> None:
        settings = {"session_metadata": {}, "variables": {}, "programs": {}, "host_tools": {}, **state}
        self._loop = asyncio.new_event_loop()
        self._host = LocalHost(session_id=session_id, finish=self._finish, **settings)
        self.call = LocalCall("correlation", session_id, None, {}, None, self)  # type: ignore[arg-type]
        self.asked: list[tuple[str, Any]] = []
        self.calls: list[Any] = []
        self.listeners: list[StateListener] = []
        self.failures: dict[str, HostError] = {}
        """Errors that are raised in place of the reply, by method."""
        self.on_the_way: Callable[[str], None] = lambda _method: None
        """Called with the method after the reply was created and before it is returned."""
        self.closed_streams = 0

    @property
    def methods(self) -> list[str]:
        """The methods of the requests since the last access."""
        methods = [method for method, _ in self.asked]
        self.asked.clear()
        return methods

    def context(self) -> SessionContext:
        return SessionContext(Caller(self.call))

    def async_context(self) -> AsyncSessionContext:
        return AsyncSessionContext(Caller(self.call))

    def elsewhere(self) -> SessionContext:
        """The context of another caller in the same session, with a separate cache."""
        other = RecordingHost.__new__(RecordingHost)
        other.__dict__.update(self.__dict__, asked=[], listeners=[], on_the_way=lambda _method: None)
        other.call = replace(self.call, host=other)  # type: ignore[arg-type]
        return other.context()

    def invalidate(self, *names: str, session_id: str = "s") -> None:
        for listener in self.listeners:
            listener.invalidated(session_id, names)

    def end_session(self) -> None:
        for listener in self.listeners:
            listener.session_ended("s")

    def close(self) -> None:
        self._loop.close()

    def run(self, awaitable: Any) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self._loop.run_until_complete(wait())

    def listen(self, listener: StateListener) -> None:
        self.listeners.append(listener)

    def request(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        self._record(method, payload, call)
        answer = self._host.request(method, payload, call, root=root)
        self.on_the_way(method)
        return answer

    async def request_async(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        self._record(method, payload, call)
        await asyncio.sleep(0)
        answer = await self._host.request_async(method, payload, call, root=root)
        self.on_the_way(method)
        return answer

    def stream(self, method: str, payload: Any, call: Any, *, root: str) -> Generator[Any, None, None]:
        self._record(method, payload, call)
        return self._counted(self._host.stream(method, payload, call, root=root))

    def stream_async(self, method: str, payload: Any, call: Any, *, root: str) -> AsyncGenerator[Any, None]:
        self._record(method, payload, call)
        return self._counted_async(self._host.stream_async(method, payload, call, root=root))

    def _record(self, method: str, payload: Mapping[str, Any], call: Any) -> None:
        self.asked.append((method, payload))
        self.calls.append(call)
        if method in self.failures:
            raise self.failures[method]

    def _counted(self, stream: Generator[Any, None, None]) -> Generator[Any, None, None]:
        try:
            yield from stream
        finally:
            self.closed_streams += 1

    async def _counted_async(self, stream: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
        try:
            async for value in stream:
                yield value
        finally:
            await stream.aclose()
            self.closed_streams += 1

    def _finish(self, outcome: Any) -> Any:
        return self.run(outcome) if hasattr(outcome, "__await__") else outcome
