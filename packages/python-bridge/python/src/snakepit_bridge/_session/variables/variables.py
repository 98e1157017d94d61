"""The variables of a session, for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any, Final

from .exchange import UPDATE_ATTEMPTS, settle
from .name_pattern import WatchedNames
from .required import REQUIRED
from .variable import Variable, VariableChange, VariableDescription
from .variable_errors import VariableConflictError, too_much_contention
from .variable_types import VariableType
from .variable_writes import VariableWrites

_OWN: Final = frozenset({"_caller", "_kept", "_known", "cache_seconds"})


class Variables(VariableWrites):
    """The typed values of a session, shared with the host and with all its workers.

    ``variables["t"]`` and ``variables.t`` read, ``variables["t"] = 0.5`` and ``variables.t = 0.5`` write, ``in`` tells
    whether there is one, ``del`` deletes, and iterating gives the names. As an attribute, a name must be an identifier
    and not that of a method.

    Values that were read lately are not asked for again: see :attr:`cache_seconds`. Arrays are copies, which the tool
    may change; what it makes of them has to be written.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session is over, and
    :class:`NoSessionError` when the call was made without one.

    Example:
        >>> @tool
        ... def answer(question: str, ctx: SessionContext) -> str:
        ...     return model.generate(question, temperature=ctx.variables["temperature"])
    """

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        """The value of a variable.

        Raises:
            UnknownVariableError: there is none of that name.
        """
        known = self._fresh(name)
        return settle(self._reading_value(name, REQUIRED), self._caller) if known is None else known.value

    def __setitem__(self, name: str, value: Any) -> None:
        """Writes a variable.

        Raises:
            VariableError: there is none of that name, or the value does not suit it.
        """
        settle(self._writing(name, value, None), self._caller)

    def __delitem__(self, name: str) -> None:
        """Deletes a variable.

        Raises:
            UnknownVariableError: there is none of that name.
        """
        if not self.delete(name):
            self[name]  # which says that there is none

    def __contains__(self, name: object) -> bool:
        """Whether there is a variable of that name."""
        if not isinstance(name, str):
            return False
        return self._fresh(name) is not None or bool(settle(self._reading([name]), self._caller))

    def __iter__(self) -> Iterator[str]:
        """The names of all variables, in order."""
        return iter([each.name for each in self.list()])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            # What Python itself and its tools look for.
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _OWN:
            object.__setattr__(self, name, value)
        elif hasattr(type(self), name):
            # What is written like this could not be read like this.
            raise AttributeError(f"{name!r} is a method here; write the variable with variables[{name!r}] = …")
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def get(self, name: str, default: Any = REQUIRED, *, fresh: bool = False) -> Any:
        """The value of a variable.

        Args:
            name: which.
            default: what to return when there is none; without it, that is an error.
            fresh: whether to ask the host even though the value was read lately.

        Raises:
            UnknownVariableError: there is none of that name.
        """
        known = None if fresh else self._fresh(name)
        return settle(self._reading_value(name, default), self._caller) if known is None else known.value

    def set(self, name: str, value: Any, *, version: int | None = None) -> int:
        """Writes a variable.

        Args:
            name: which.
            value: what it is to be.
            version: the version that it must have for that; without it, any.

        Returns:
            Its new version.

        Raises:
            UnknownVariableError: there is none of that name.
            VariableConflictError: it has another version.
            VariableError: the value does not suit it.
        """
        return settle(self._writing(name, value, version), self._caller)

    def compare_and_set(self, name: str, value: Any, version: int) -> int | None:
        """Writes a variable if it still has a version.

        Returns:
            Its new version; ``None`` when it had another one, and nothing was written.

        Raises:
            UnknownVariableError: there is none of that name.
            VariableError: the value does not suit it.
        """
        try:
            return self.set(name, value, version=version)
        except VariableConflictError:
            return None

    def update(self, name: str, change: Callable[[Any], Any]) -> Any:
        """Changes a variable, whoever else does so at the same time.

        Args:
            name: which.
            change: gets the value and returns the new one; called again when somebody else has been faster. What it
                raises is raised, and nothing is written.

        Returns:
            What was written.

        Raises:
            UnknownVariableError: there is none of that name.
            VariableConflictError: others have been faster a hundred times.
            VariableError: the value does not suit it.
        """
        attempt = 0
        while True:
            known = settle(self._reading_existing(name), self._caller)
            value = change(known.value)
            attempt += 1
            try:
                self.set(name, value, version=known.version)
            except VariableConflictError:
                if attempt == UPDATE_ATTEMPTS:
                    raise too_much_contention(name, attempt) from None
            else:
                return value

    def register(
        self,
        name: str,
        type: VariableType,
        value: Any,
        *,
        constraints: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Variable:
        """Adds a variable to the session.

        Args:
            name: what it is called.
            type: ``string``, ``integer``, ``float``, ``boolean``, ``choice``, ``module``, ``embedding`` or ``tensor``.
            value: its first value.
            constraints: what is demanded of values: ``min``, ``max`` (numbers), ``minLength``, ``maxLength``,
                ``pattern`` (string, module), ``choices`` (choice, which needs it), ``dimensions`` (embedding),
                ``shape``, ``dtype`` (tensor).
            metadata: what else is to be known of it.

        Raises:
            VariableError: there is one of that name, or something of this does not fit.
        """
        return settle(self._registering(name, type, value, constraints, metadata), self._caller)

    def delete(self, *names: str) -> tuple[str, ...]:
        """Deletes variables and returns the names of those that were there."""
        return settle(self._deleting(names), self._caller)

    def describe(self, name: str) -> VariableDescription:
        """All that is known of a variable, from the host.

        Raises:
            UnknownVariableError: there is none of that name.
        """
        return settle(self._describing(name), self._caller)

    def list(self, pattern: str = "*") -> tuple[Variable, ...]:
        """The variables whose names match a pattern (``*``: any text, ``?``: one character), in their order."""
        return settle(self._listing(pattern), self._caller)

    def get_many(self, names: Iterable[str], *, fresh: bool = False) -> dict[str, Any]:
        """The values of variables by name, asked for at once; those that are not there are left out.

        Args:
            names: which.
            fresh: whether to ask the host even for values that were read lately.
        """
        return settle(self._reading_values(names, fresh=fresh), self._caller)

    def set_many(self, values: Mapping[str, Any], *, atomic: bool = False) -> dict[str, int]:
        """Writes variables at once.

        Args:
            values: by name.
            atomic: whether all are to be written or none.

        Returns:
            Their new versions, by name.

        Raises:
            VariableBatchError: some were not written, and the others were; only when it is not atomic.
            VariableError: one is not there or its value does not suit it, and so none was written; only when it is
                atomic.
        """
        return settle(self._writing_many(values, atomic=atomic), self._caller)

    def watch(self, *names: str) -> Generator[VariableChange, None, None]:
        """Tells of what variables are, and then of each change, for as long as it is iterated over.

        Whoever is slow misses what was between, but never the last change. Leaving the loop, or closing the generator,
        tells the host to stop.

        Args:
            names: names and patterns (``*``: any text, ``?``: one character); all variables when there are none.

        Example:
            >>> for change in ctx.variables.watch("temperature", "limit.*"):
            ...     print(change.name, change.value)
        """
        watched = WatchedNames(names)
        self._caller.require_session("variables")
        return self._changes(watched)

    def _changes(self, watched: WatchedNames) -> Generator[VariableChange, None, None]:
        told_of = self._caller.ask_for_stream("variables.watch", watched.payload)
        try:
            for told in told_of:
                change = self._seen(told, watched)
                if change is not None:
                    yield change
        finally:
            told_of.close()
