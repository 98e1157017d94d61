"""The variables of a session, for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from ..._contract.operations import VARIABLES_WATCH
from ..exchange import REQUIRED, UPDATE_ATTEMPTS, settle
from ..name_pattern import WatchedNames
from ..reservation import reserved
from ..variable_types import VariableType
from .variable import Variable, VariableChange, VariableDescription
from .variable_errors import VariableConflictError, as_variable_error, too_much_contention
from .variable_writes import VariableWrites

if TYPE_CHECKING:
    from ..session_cache import CachedVariable

_OWN: Final = frozenset({"_caller", "_kept", "_known", "cache_seconds"})


class Variables(VariableWrites):
    """The typed values of a session, shared with the host and with all its workers.

    ``variables["t"]`` and ``variables.t`` read, ``variables["t"] = 0.5`` and ``variables.t = 0.5`` write, ``in`` checks
    for a variable, ``del`` deletes, and iteration yields the names. As an attribute, a name must be an identifier and
    not the name of a method.

    Values are cached for :attr:`cache_seconds`. Arrays are copies, which the tool may change; changes must be written
    back.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session has ended, and
    :class:`NoSessionError` when the call has no session.

    Example:
        >>> @tool
        ... def answer(question: str, ctx: SessionContext) -> str:
        ...     return model.generate(question, temperature=ctx.variables["temperature"])
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        """Returns the value of a variable.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        known = self._fresh(name)
        return settle(self._reading_value(name, REQUIRED), self._caller) if known is None else known.value

    def __setitem__(self, name: str, value: Any) -> None:
        """Writes a variable.

        Raises:
            VariableError: the variable does not exist, or the value is invalid.
        """
        settle(self._writing(name, value, None), self._caller)

    def __delitem__(self, name: str) -> None:
        """Deletes a variable.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        if not self.delete(name):
            self[name]  # raises UnknownVariableError

    def __contains__(self, name: object) -> bool:
        """Whether the session has a variable of that name."""
        if not isinstance(name, str):
            return False
        return self._fresh(name) is not None or bool(settle(self._reading([name]), self._caller))

    def __iter__(self) -> Iterator[str]:
        """Iterates over the names of all variables, sorted."""
        return iter([each.name for each in self.list()])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            # Python itself and its tools look these up.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        elif hasattr(type(self), name):
            # It could not be read as an attribute.
            raise AttributeError(f"{name!r} is a method here; write the variable with variables[{name!r}] = …")
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def get(self, name: str, default: Any = REQUIRED, *, fresh: bool = False) -> Any:
        """Returns the value of a variable.

        Args:
            name: the name of the variable.
            default: the result when the variable does not exist; without a default that is an error.
            fresh: whether to bypass the cache.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        known = None if fresh else self._fresh(name)
        return settle(self._reading_value(name, default), self._caller) if known is None else known.value

    def set(self, name: str, value: Any, *, version: int | None = None) -> int:
        """Writes a variable.

        Args:
            name: the name of the variable.
            value: the new value.
            version: the version that the variable must have; without it, any.

        Returns:
            Its new version.

        Raises:
            UnknownVariableError: the session has no variable of that name.
            VariableConflictError: the variable has another version.
            VariableError: the value is invalid.
        """
        return settle(self._writing(name, value, version), self._caller)

    def compare_and_set(self, name: str, value: Any, version: int) -> int | None:
        """Writes a variable if it has the given version.

        Returns:
            Its new version; ``None`` when it has another version and nothing was written.

        Raises:
            UnknownVariableError: the session has no variable of that name.
            VariableError: the value is invalid.
        """
        try:
            return self.set(name, value, version=version)
        except VariableConflictError:
            return None

    def update(self, name: str, change: Callable[[Any], Any]) -> Any:
        """Updates a variable atomically, with retries when others write at the same time.

        The first time, other writers do not wait for ``change``. After a conflict, those of this host wait for it: at
        most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that ``change`` makes itself
        never wait for it.

        Args:
            name: the name of the variable.
            change: receives the value and returns the new one; called again when another writer was faster. If it
                raises, nothing is written.

        Returns:
            The value that was written.

        Raises:
            UnknownVariableError: the session has no variable of that name.
            VariableConflictError: other writers were faster in a hundred attempts.
            VariableError: the value is invalid.
        """
        for conflicts in range(UPDATE_ATTEMPTS):
            with self._read_to_update(name, conflicts) as known:
                value = change(known.value)
                try:
                    self.set(name, value, version=known.version)
                except VariableConflictError:
                    continue
                return value
        raise too_much_contention(name, UPDATE_ATTEMPTS)

    @contextmanager
    def _read_to_update(self, name: str, conflicts: int) -> Iterator[CachedVariable]:
        """Reads a variable; after a conflict, it is reserved."""
        if conflicts == 0:
            yield settle(self._reading_existing(name), self._caller)
            return
        since = self._cache().changes
        request = self._reservation_request(name, conflicts)
        with reserved(self._caller, request, as_variable_error) as fields:
            yield self._keep_reserved(name, fields, since, monotonic())

    def register(
        self,
        name: str,
        type: VariableType,
        value: Any,
        *,
        constraints: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Variable:
        """Registers a variable in the session.

        Args:
            name: its name.
            type: ``string``, ``integer``, ``float``, ``boolean``, ``choice``, ``module``, ``embedding`` or ``tensor``.
            value: its initial value.
            constraints: constraints of its values: ``min``, ``max`` (numbers), ``minLength``, ``maxLength``,
                ``pattern`` (string, module), ``choices`` (choice, required), ``dimensions`` (embedding),
                ``shape``, ``dtype`` (tensor).
            metadata: any other facts about it.

        Raises:
            VariableError: the variable exists already, or an argument is invalid.
        """
        return settle(self._registering(name, type, value, constraints, metadata), self._caller)

    def delete(self, *names: str) -> tuple[str, ...]:
        """Deletes variables and returns the names of those that existed."""
        return settle(self._deleting(names), self._caller)

    def describe(self, name: str) -> VariableDescription:
        """Returns a variable with its history, from the host.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        return settle(self._describing(name), self._caller)

    def list(self, pattern: str = "*") -> tuple[Variable, ...]:
        """Returns the variables whose names match a pattern (``*``: any string, ``?``: one character), sorted."""
        return settle(self._listing(pattern), self._caller)

    def get_many(self, names: Iterable[str], *, fresh: bool = False) -> dict[str, Any]:
        """Returns the values of variables by name, in one request; variables that do not exist are omitted.

        Args:
            names: the names of the variables.
            fresh: whether to bypass the cache.
        """
        return settle(self._reading_values(names, fresh=fresh), self._caller)

    def set_many(self, values: Mapping[str, Any], *, atomic: bool = False) -> dict[str, int]:
        """Writes variables in one request.

        Args:
            values: the new values by name.
            atomic: whether either all are written or none.

        Returns:
            Their new versions, by name.

        Raises:
            VariableBatchError: some were not written, the others were; only without ``atomic``.
            VariableError: one does not exist or its value is invalid, and none was written; only with ``atomic``.
        """
        return settle(self._writing_many(values, atomic=atomic), self._caller)

    def watch(self, *names: str) -> Generator[VariableChange, None, None]:
        """Yields the current values of variables, and then each change.

        A slow consumer misses intermediate changes, but never the last one. Leaving the loop, or closing the generator,
        ends the watch on the host.

        Args:
            names: names and patterns (``*``: any string, ``?``: one character); without any, all variables.

        Example:
            >>> for change in ctx.variables.watch("temperature", "limit.*"):
            ...     print(change.name, change.value)
        """
        watched = WatchedNames(names)
        self._caller.require_session("variables")
        return self._changes(watched)

    def _changes(self, watched: WatchedNames) -> Generator[VariableChange, None, None]:
        stream = self._caller.ask_for_stream(VARIABLES_WATCH.request(watched.payload))
        try:
            for fields in stream:
                change = self._seen(fields, watched)
                if change is not None:
                    yield change
        finally:
            stream.close()
