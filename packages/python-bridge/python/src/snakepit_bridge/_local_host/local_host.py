"""Answers the requests that tools make of their host."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from .._errors import HostError
from .._session import VariableError
from .local_call import carry
from .local_host_tools import LocalHostTools
from .local_programs import LocalPrograms
from .local_variables import LocalVariables

if TYPE_CHECKING:
    from .._call import StateListener
    from .._contract.payloads import Session, ValueHandlers, VariablesWatchPayload


class LocalHost:
    """A channel to a host in the same process, which has one session. Values are encoded and decoded on the way."""

    def __init__(
        self,
        *,
        session_id: str | None,
        session_metadata: Mapping[str, Any],
        variables: Mapping[str, Any],
        programs: Mapping[str, Any],
        host_tools: Mapping[str, Callable[..., Any]],
        finish: Callable[[Any], Any],
    ) -> None:
        """Creates the host.

        Args:
            session_id: the id of the session; ``None`` for a host without one.
            session_metadata: the metadata of the session.
            variables: the variables of the session, as for :class:`LocalVariables`.
            programs: the documents of the programs of the session, by id.
            host_tools: functions by name.
            finish: waits for the awaitable that an ``async`` function has returned.

        Raises:
            VariableError, HostError, ValueError: a variable, a program or the name of a function is invalid.
        """
        now = time.time() * 1000
        self._session: Session = {
            "id": str(session_id),
            "version": 1,
            "metadata": carry(dict(session_metadata), "session_metadata"),
            "created_at": now,
            "used_at": now,
            "expires_at": None,
            "ttl_ms": None,
            "last_worker": None,
        }
        self._tools = LocalHostTools(host_tools, finish)
        self._variables = LocalVariables(str(session_id), carry(dict(variables), "variables"))
        local_programs = LocalPrograms(session_id, carry(dict(programs), "programs"))
        self._reservations: Mapping[str, Callable[[Any], Any]] = {
            "variables.reserve": self._variables.reserve,
            "programs.reserve": local_programs.reserve,
        }
        handlers: ValueHandlers = {
            "session.get": lambda _: self._session,
            "session.touch": lambda _: self._session,
            "variables.get": self._variables.get,
            "variables.describe": self._variables.describe,
            "variables.register": self._variables.register,
            "variables.set": self._variables.set,
            "variables.delete": self._variables.delete,
            "variables.list": self._variables.list,
            "programs.store": local_programs.store,
            "programs.get": local_programs.get,
            "programs.update": local_programs.update,
            "programs.delete": local_programs.delete,
            "programs.list": local_programs.list,
            "tools.list": lambda _: self._tools.list(),
            "tools.call": self._tools.call,
        }
        self._handlers: Mapping[str, Any] = handlers

    def listen(self, listener: StateListener) -> None:
        """Ignores the listener: no other process writes to this host."""

    def request(self, method: str, payload: Any, _call: Any, *, root: str) -> Any:
        """Answers a request."""
        handler = self._handlers.get(method)
        if handler is None:
            raise HostError("INVALID_ARGUMENT", f'unknown operation "{method}"', {"method": method})
        try:
            answer = handler(carry(payload, root))
        except VariableError as error:
            raise HostError(error.code, error.message, error.details) from None
        # The result of a function has been encoded and decoded already.
        return answer if method == "tools.call" else carry(answer, "answer")

    async def request_async(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Answers a request."""
        if method == "tools.call":
            return await self._tools.call_async(carry(payload, root))
        return self.request(method, payload, call, root=root)

    def stream(self, method: str, payload: Any, _call: Any, *, root: str) -> Generator[Any, None, None]:
        """Answers a request for a stream."""
        carried = carry(payload, root)
        if method in self._reservations:
            return self._reserve(method, carried)
        return self._watch(carried) if method == "variables.watch" else self._tools.stream(carried)

    def stream_async(self, method: str, payload: Any, _call: Any, *, root: str) -> AsyncGenerator[Any, None]:
        """Answers a request for a stream."""
        carried = carry(payload, root)
        if method in self._reservations:
            return self._reserve_async(method, carried)
        return self._watch_async(carried) if method == "variables.watch" else self._tools.stream_async(carried)

    def _reserve(self, method: str, payload: Any) -> Generator[Any, None, None]:
        try:
            reserved = self._reservations[method](payload)
        except VariableError as error:
            raise HostError(error.code, error.message, error.details) from None
        yield carry(reserved, "answer")

    async def _reserve_async(self, method: str, payload: Any) -> AsyncGenerator[Any, None]:
        for reserved in self._reserve(method, payload):
            yield reserved

    def _watch(self, payload: VariablesWatchPayload) -> Generator[Any, None, None]:
        changed = threading.Event()
        watch = self._variables.watch(payload, changed.set)
        try:
            while True:
                changed.clear()
                change = watch.take()
                if change is not None:
                    yield carry(change, "change")
                # A thread may have written, and ended, in the meantime.
                elif threading.active_count() == 1 and not changed.is_set():
                    raise RuntimeError(
                        "watch() would never end: no other thread can change a variable; "
                        "read only as many changes as the test makes"
                    )
                else:
                    changed.wait()
        finally:
            watch.close()

    async def _watch_async(self, payload: VariablesWatchPayload) -> AsyncGenerator[Any, None]:
        import asyncio

        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        watch = self._variables.watch(payload, wake)
        try:
            while True:
                changed.clear()
                change = watch.take()
                if change is None:
                    await changed.wait()
                else:
                    yield carry(change, "change")
        finally:
            watch.close()
