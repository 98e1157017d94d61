"""Delivers notices of changed state to the caches of sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .._errors import print_exception

if TYPE_CHECKING:
    from .._call import StateListener


class StateListeners:
    """Notifies listeners in the thread that receives. An exception of one must not end that thread: it is printed."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: list[StateListener] = []

    def add(self, listener: StateListener) -> None:
        """Notifies a listener from now on. Any thread may call this."""
        self._listeners.append(listener)

    def invalidated(self, session_id: str, keys: Sequence[str]) -> None:
        """The cached values of a session under these keys are stale."""
        for listener in self._listeners:
            _notify(listener.invalidated, session_id, keys)

    def session_ended(self, session_id: str) -> None:
        """A session has ended."""
        for listener in self._listeners:
            _notify(listener.session_ended, session_id)


def _notify(notify: Callable[..., None], *arguments: object) -> None:
    try:
        notify(*arguments)
    except Exception as error:
        print_exception(error)
