"""Answers what tools ask of their host."""

from __future__ import annotations

import threading
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


class LocalHost:
    """A way to a host that is in the same process, and knows one session. Values take the way over the wire."""

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
        """Makes it.

        Args:
            session_id: the session; ``None`` for none.
            session_metadata: what is kept with it.
            variables: its variables, as :class:`LocalVariables` takes them.
            programs: documents of its programs, by id.
            host_tools: functions by name.
            finish: waits for what an ``async`` function has returned.

        Raises:
            VariableError, HostError, ValueError: a variable, a program or the name of a function is wrong.
        """
        self._session = {"id": session_id, "metadata": carry(dict(session_metadata), "session_metadata")}
        self._tools = LocalHostTools(host_tools, finish)
        self._variables = LocalVariables(str(session_id), carry(dict(variables), "variables"))
        kept_programs = LocalPrograms(session_id, carry(dict(programs), "programs"))
        self._operations: dict[str, Callable[[Mapping[str, Any]], Any]] = {
            "session.get": lambda _: self._session,
            "variables.get": self._variables.get,
            "variables.describe": self._variables.describe,
            "variables.register": self._variables.register,
            "variables.set": self._variables.set,
            "variables.delete": self._variables.delete,
            "variables.list": self._variables.list,
            "programs.store": kept_programs.store,
            "programs.get": kept_programs.get,
            "programs.update": kept_programs.update,
            "programs.delete": kept_programs.delete,
            "programs.list": kept_programs.list,
            "tools.list": lambda _: self._tools.list(),
            "tools.call": self._tools.call,
        }

    def listen(self, listener: StateListener) -> None:
        """Nobody else writes here: there is nothing to be told."""

    def request(self, method: str, payload: Any, _call: Any, *, root: str) -> Any:
        """Answers a request."""
        try:
            answer = self._operations[method](carry(payload, root))
        except VariableError as error:
            raise HostError(error.code, error.message, error.details) from None
        # What a function has returned has been on its way already.
        return answer if method == "tools.call" else carry(answer, "answer")

    async def request_async(self, method: str, payload: Any, call: Any, *, root: str) -> Any:
        """Answers a request."""
        if method == "tools.call":
            return await self._tools.call_async(carry(payload, root))
        return self.request(method, payload, call, root=root)

    def stream(self, method: str, payload: Any, _call: Any, *, root: str) -> Generator[Any, None, None]:
        """Answers a request for a stream."""
        carried = carry(payload, root)
        return self._watch(carried) if method == "variables.watch" else self._tools.stream(carried)

    def stream_async(self, method: str, payload: Any, _call: Any, *, root: str) -> AsyncGenerator[Any, None]:
        """Answers a request for a stream."""
        carried = carry(payload, root)
        return self._watch_async(carried) if method == "variables.watch" else self._tools.stream_async(carried)

    def _watch(self, payload: Mapping[str, Any]) -> Generator[Any, None, None]:
        changed = threading.Event()
        watch = self._variables.watch(payload, changed.set)
        try:
            while True:
                changed.clear()
                change = watch.take()
                if change is not None:
                    yield carry(change, "change")
                elif threading.active_count() == 1:
                    raise RuntimeError(
                        "watch() would wait for ever: no other thread runs that could change a variable; "
                        "take no more changes than the test has made"
                    )
                else:
                    changed.wait()
        finally:
            watch.close()

    async def _watch_async(self, payload: Mapping[str, Any]) -> AsyncGenerator[Any, None]:
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
