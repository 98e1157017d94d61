"""Tools that ask their host when their call or their session is over."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from snakepit_bridge import HostError, SessionContext, tool
from snakepit_bridge._worker.active_calls import ActiveCalls

if TYPE_CHECKING:
    from snakepit_bridge._worker.call import Call

_found_active = threading.Event()
_goes_on = threading.Event()
_is_active = ActiveCalls.is_active


def _is_active_then_wait(self: ActiveCalls, call: Call) -> bool:
    """Like `is_active`, but slow in a thread that was left behind: its call may end before it uses the result."""
    was_active = _is_active(self, call)
    if threading.current_thread() is not threading.main_thread():
        _found_active.set()
        _goes_on.wait()
    return was_active


ActiveCalls.is_active = _is_active_then_wait  # type: ignore[method-assign]

_left_behind: list[threading.Thread] = []
_told: list[Any] = []


def _outcome(ask: Callable[[], Any]) -> Any:
    """What the host answered, or the code of its refusal and the message."""
    try:
        return ask()
    except HostError as error:
        return {"code": error.code, "message": error.message}


@tool
def leave_behind(name: str, ctx: SessionContext) -> None:
    """Ends while a thread of it is about to call a function of the host."""
    _found_active.clear()
    _goes_on.clear()
    context = contextvars.copy_context()
    thread = threading.Thread(target=lambda: _told.append(context.run(_outcome, lambda: ctx.call(name))))
    thread.start()
    _left_behind.append(thread)
    _found_active.wait()


@tool
def what_it_was_told() -> Any:
    """Lets the thread go on, and gives what the host answered."""
    _goes_on.set()
    _left_behind.pop().join()
    return _told.pop()


@tool
def ask_after(wait: str, ctx: SessionContext) -> Mapping[str, Any]:
    """Waits for a function of the host, then asks for all that a session has."""
    asking: Mapping[str, Callable[[], Any]] = {
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
    return {"nested": ctx.call(wait), **{what: _outcome(ask) for what, ask in asking.items()}}


@tool
def number(ctx: SessionContext) -> int:
    """The session's variable `n`."""
    return int(ctx.variables.get("n", fresh=True))
