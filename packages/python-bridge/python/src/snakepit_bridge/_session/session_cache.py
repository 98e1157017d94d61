"""The cache that a worker keeps of the sessions of its calls, for a short time."""

from __future__ import annotations

import array
import copy
import sys
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .host_tool_descriptor import HostToolList

_MAX_SESSIONS: Final = 128
_MAX_NAMES: Final = 1000
_MAX_BYTES: Final = 1 << 20
"""The approximate size of the variables of one session. A variable larger than this is not cached."""

_ENTRY_BYTES: Final = 256
_ITEM_BYTES: Final = 32


class CachedVariable:
    """A variable as the host last sent it, or as this worker last wrote it. Immutable."""

    __slots__ = ("_value", "at", "byte_length", "constraints", "is_mutable", "type", "version")

    def __init__(self, at: float, type_name: str, value: Any, version: int, constraints: Mapping[str, Any]) -> None:
        """Creates the entry.

        Args:
            at: when it was requested, on the clock of :func:`time.monotonic`; the value is at least as recent.
            type_name: one of the types of variables.
            value: its value; the cache takes ownership.
            version: its version.
            constraints: the constraints of its value.
        """
        self.at = at
        self.type = type_name
        self.version = version
        self.constraints = constraints
        self._value = value
        self.is_mutable = not isinstance(value, (str, int, float, bool))
        self.byte_length = _ENTRY_BYTES + (_bytes_of(value) if self.is_mutable else sys.getsizeof(value))
        """Approximately how much memory the entry takes."""

    @property
    def value(self) -> Any:
        """The value; a copy when it is mutable."""
        return copy.copy(self._value) if self.is_mutable else self._value


class SessionCache:
    """The cached values of one session.

    A caller reads :attr:`changes` before it sends a request and passes it in with the reply: a reply that became stale
    in between is not cached. Reading :attr:`variables` needs no lock.
    """

    __slots__ = ("_byte_length", "_lock", "changes", "has_ended", "tools", "variables")

    def __init__(self) -> None:
        self.variables: dict[str, CachedVariable] = {}
        """By name. Always the same object."""
        self.tools: HostToolList | None = None
        """The host tools that the session can use."""
        self.changes = 0
        """Incremented when a value becomes stale."""
        self.has_ended = False
        """Whether caching is disabled, because notices about stale values no longer arrive."""
        # Re-entrant: the garbage collector may run code of the user at any time.
        self._lock = threading.RLock()
        self._byte_length = 0

    def keep(self, name: str, variable: CachedVariable, since: int) -> None:
        """Caches the values from the host, unless they have changed since the request."""
        with self._lock:
            if self.changes != since or self.has_ended:
                return
            known = self.variables.get(name)
            # Otherwise a later reply has been seen already. No version is used twice.
            if known is None or known.version <= variable.version:
                self._put(name, variable)

    def keep_written(self, written: Mapping[str, CachedVariable | None], since: int) -> None:
        """Caches what this worker has written, unless others may have written since.

        Args:
            written: the new entries by name; ``None`` for a variable that was deleted or whose value is unknown.
            since: the value of :attr:`changes` when the write was requested.
        """
        with self._lock:
            is_latest = self.changes == since and not self.has_ended
            for name, variable in written.items():
                if variable is not None and is_latest:
                    self._put(name, variable)
                else:
                    self._drop(name)
            # A pending reply to another thread may be older than the written value.
            self.changes += 1

    def keep_tools(self, tools: HostToolList, since: int) -> None:
        """Caches the host tools, unless they have changed since the request."""
        with self._lock:
            if self.changes == since and not self.has_ended:
                self.tools = tools

    def forget_other(self, name: str, version: int | None) -> None:
        """Drops a variable unless the cached entry has this version; with ``None``, always."""
        with self._lock:
            known = self.variables.get(name)
            if known is None or known.version != version:
                self._drop(name)
                self.changes += 1

    def forget(self, names: Collection[str] = ()) -> None:
        """Drops variables that others have changed; without names, everything."""
        with self._lock:
            self.changes += 1
            if names:
                for name in names:
                    self._drop(name)
            else:
                self.tools = None
                self._clear()

    def end(self) -> None:
        """Clears the cache and disables caching."""
        with self._lock:
            self.has_ended = True
            self.forget()

    def _put(self, name: str, variable: CachedVariable) -> None:
        self._drop(name)
        byte_length = variable.byte_length
        if byte_length > _MAX_BYTES:
            return
        if len(self.variables) >= _MAX_NAMES or self._byte_length + byte_length > _MAX_BYTES:
            # All entries are recent, so clearing the cache costs less than finding the oldest entry.
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
    """The caches of the most recently used sessions."""

    def __init__(self) -> None:
        self._caches: dict[str | None, SessionCache] = {}
        self._lock = threading.RLock()

    def of(self, session_id: str | None) -> SessionCache:
        """Returns the cache of a session, creating it if necessary; with ``None``, that of calls without a session."""
        with self._lock:
            cache = self._caches.pop(session_id, None)
            if cache is None:
                cache = SessionCache()
                if len(self._caches) >= _MAX_SESSIONS:
                    self._caches.pop(next(iter(self._caches))).end()
            # At the end: the least recently used is the first.
            self._caches[session_id] = cache
            return cache

    def invalidated(self, session_id: str, keys: Sequence[str]) -> None:
        """See :class:`StateListener`."""
        with self._lock:
            cache = self._caches.get(session_id)
        if cache is not None:
            cache.forget(keys)

    def session_ended(self, session_id: str) -> None:
        """See :class:`StateListener`."""
        with self._lock:
            cache = self._caches.pop(session_id, None)
        if cache is not None:
            cache.end()


def _bytes_of(value: Any) -> int:
    """The approximate size of a mutable value."""
    if isinstance(value, array.array):
        return len(value) * value.itemsize
    if isinstance(value, list):
        return len(value) * _ITEM_BYTES
    return int(getattr(value, "nbytes", _MAX_BYTES))
