"""Tools that send requests to their host after the end of their call or session."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from snakepit_bridge import HostError, SessionContext, tool
from snakepit_bridge._worker.calls import ActiveCalls

if TYPE_CHECKING:
    from snakepit_bridge._worker.calls import Call

_found_active = threading.Event()
_released = threading.Event()
_is_active = ActiveCalls.is_active


def _is_active_then_wait(self: ActiveCalls, call: Call) -> bool:
    """Delays the result in a thread that outlives its call: the call may end before the thread uses it."""
    was_active = _is_active(self, call)
    if threading.current_thread() is not threading.main_thread():
        _found_active.set()
        _released.wait()
    return was_active


ActiveCalls.is_active = _is_active_then_wait  # type: ignore[method-assign]

_threads: list[threading.Thread] = []
_outcomes: list[Any] = []


def _outcome(request: Callable[[], Any]) -> Any:
    """Returns the response of the host, or the code and the message of its error."""
    try:
        return request()
    except HostError as error:
        return {"code": error.code, "message": error.message}


@tool
def leave_behind(name: str, ctx: SessionContext) -> None:
    """Ends while one of its threads is about to call a host tool."""
    _found_active.clear()
    _released.clear()
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: _outcomes.append(context.run(_outcome, lambda: ctx.call(name))))
    thread.start()
    _threads.append(thread)
    _found_active.wait()


@tool
def outcome_of_thread() -> Any:
    """Releases the thread and returns the response of the host."""
    _released.set()
    _threads.pop().join()
    return _outcomes.pop()


@tool
def request_all(wait: str, ctx: SessionContext) -> Mapping[str, Any]:
    """Waits for a host tool, then makes every request that a session allows."""
    requests: Mapping[str, Callable[[], Any]] = {
        "metadata": lambda: dict(ctx.metadata),
        "variables.get": lambda: ctx.variables.get("n", fresh=True),
        "variables.set": lambda: ctx.variables.set("n", 1) > 0,
        "variables.register": lambda: ctx.variables.register("m", "integer", 1).value,
        "variables.watch": lambda: next(ctx.variables.watch("n")).value,
        "variables.delete": lambda: ctx.variables.delete("n"),
        "variables.list": lambda: len(ctx.variables.list()),
        "programs.get": lambda: ctx.programs["p"],
        "programs.store": lambda: ctx.programs.store("p", 1) > 0,
        "programs.list": lambda: len(ctx.programs.list()),
        "tools.list": lambda: len([*ctx.tools]),
        "tools.call": lambda: ctx.call("mine"),
        "tools.stream": lambda: [*ctx.stream("chunks")],
    }
    return {"nested": ctx.call(wait), **{name: _outcome(request) for name, request in requests.items()}}


@tool
def number(ctx: SessionContext) -> int:
    """Returns the session's variable `n`."""
    return int(ctx.variables.get("n", fresh=True))
