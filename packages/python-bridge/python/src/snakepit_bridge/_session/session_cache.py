"""What a worker remembers of the sessions that it works for, for a short time."""

from __future__ import annotations

import array
import copy
import sys
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .host_tool_list import HostToolList

_MAX_SESSIONS: Final = 128
_MAX_NAMES: Final = 1000
_MAX_BYTES: Final = 1 << 20
"""Of the variables of one session, roughly. A variable that is larger than this is not remembered at all."""

_ENTRY_BYTES: Final = 256
_ITEM_BYTES: Final = 32


class CachedVariable:
    """A variable as the host last told it, or as this worker last wrote it. Never changed."""

    __slots__ = ("_value", "at", "byte_length", "constraints", "is_mutable", "type", "version")

    def __init__(self, at: float, type_name: str, value: Any, version: int, constraints: Mapping[str, Any]) -> None:
        """Makes it.

        Args:
            at: when the host was asked, on the clock of :func:`time.monotonic`; it was not older then.
            type_name: one of the types of variables.
            value: its value, which belongs to the cache from now on.
            version: its version.
            constraints: what is demanded of its value.
        """
        self.at = at
        self.type = type_name
        self.version = version
        self.constraints = constraints
        self._value = value
        self.is_mutable = not isinstance(value, (str, int, float, bool))
        self.byte_length = _ENTRY_BYTES + (_bytes_of(value) if self.is_mutable else sys.getsizeof(value))
        """Roughly what it takes to remember it."""

    @property
    def value(self) -> Any:
        """The value; a copy, where it could be changed."""
        return copy.copy(self._value) if self.is_mutable else self._value


class SessionCache:
    """What is remembered of one session.

    Whoever asks the host notes :attr:`changes` first, and hands it in with the answer: what has become stale on the way
    is not remembered. Reading :attr:`variables` needs no lock.
    """

    __slots__ = ("_byte_length", "_lock", "changes", "is_over", "tools", "variables")

    def __init__(self) -> None:
        self.variables: dict[str, CachedVariable] = {}
        """By name. Always the same object."""
        self.tools: HostToolList | None = None
        """The tools of the host that the session can use."""
        self.changes = 0
        """Grows whenever something has become stale."""
        self.is_over = False
        """Whether nothing is remembered here any more, because nobody would say that it has become stale."""
        # Re-entrant, for the collector may run code of the user at any time.
        self._lock = threading.RLock()
        self._byte_length = 0

    def keep(self, name: str, variable: CachedVariable, since: int) -> None:
        """Remembers what the host has told, unless something has changed since it was asked."""
        with self._lock:
            if self.changes != since or self.is_over:
                return
            known = self.variables.get(name)
            # Else the answer was overtaken by a later one, which somebody has seen. No version is used twice.
            if known is None or known.version <= variable.version:
                self._put(name, variable)

    def keep_written(self, written: Mapping[str, CachedVariable | None], since: int) -> None:
        """Remembers what this worker has written, unless somebody else may have written since.

        Args:
            written: by name, what the variables are now; ``None`` when one is gone, or it is not known what it is.
            since: what :attr:`changes` was when the host was asked to write.
        """
        with self._lock:
            is_latest = self.changes == since and not self.is_over
            for name, variable in written.items():
                if variable is not None and is_latest:
                    self._put(name, variable)
                else:
                    self._drop(name)
            # What others are being told at this moment may be older than what was written.
            self.changes += 1

    def keep_tools(self, tools: HostToolList, since: int) -> None:
        """Remembers the tools of the host, unless something has changed since it was asked."""
        with self._lock:
            if self.changes == since and not self.is_over:
                self.tools = tools

    def forget_other(self, name: str, version: int | None) -> None:
        """Forgets a variable unless what is remembered has a version; with ``None``, in any case."""
        with self._lock:
            known = self.variables.get(name)
            if known is None or known.version != version:
                self._drop(name)
                self.changes += 1

    def forget(self, names: Collection[str] = ()) -> None:
        """Forgets variables that others have changed; without names, everything."""
        with self._lock:
            self.changes += 1
            if names:
                for name in names:
                    self._drop(name)
            else:
                self.tools = None
                self._clear()

    def end(self) -> None:
        """Forgets everything, and remembers nothing any more."""
        with self._lock:
            self.is_over = True
            self.forget()

    def _put(self, name: str, variable: CachedVariable) -> None:
        self._drop(name)
        byte_length = variable.byte_length
        if byte_length > _MAX_BYTES:
            return
        if len(self.variables) >= _MAX_NAMES or self._byte_length + byte_length > _MAX_BYTES:
            # What is remembered is young anyway: no need to find the oldest.
            self._clear()
        self.variables[name] = variable
        self._byte_length += byte_length

    def _drop(self, name: str) -> None:
        dropped = self.variables.pop(name, None)
        if dropped is not None:
            self._byte_length -= dropped.byte_length

    def _clear(self) -> None:
        self.variables.clear()
        self._byte_length = 0


class SessionCaches:
    """What is remembered of all sessions; of those that were used longest ago, nothing."""

    def __init__(self) -> None:
        self._caches: dict[str | None, SessionCache] = {}
        self._lock = threading.RLock()

    def of(self, session_id: str | None) -> SessionCache:
        """The cache of a session, made if need be; with ``None``, that of calls without one."""
        with self._lock:
            cache = self._caches.pop(session_id, None)
            if cache is None:
                cache = SessionCache()
                if len(self._caches) >= _MAX_SESSIONS:
                    self._caches.pop(next(iter(self._caches))).end()
            # Behind all others: the longest unused is the first.
            self._caches[session_id] = cache
            return cache

    def invalidated(self, session_id: str, keys: Sequence[str]) -> None:
        """Others have changed variables of a session; without keys, it may be everything of it."""
        with self._lock:
            cache = self._caches.get(session_id)
        if cache is not None:
            cache.forget(keys)

    def session_ended(self, session_id: str) -> None:
        """A session is over."""
        with self._lock:
            cache = self._caches.pop(session_id, None)
        if cache is not None:
            cache.end()


def _bytes_of(value: Any) -> int:
    """Roughly how large a value is that is not a plain one."""
    if isinstance(value, array.array):
        return len(value) * value.itemsize
    if isinstance(value, list):
        return len(value) * _ITEM_BYTES
    return int(getattr(value, "nbytes", _MAX_BYTES))
