"""The variables of a session, for ``async`` tools."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, NoReturn

from ..._contract.operations import VARIABLES_WATCH
from ..exchange import REQUIRED, UPDATE_ATTEMPTS, settle_async
from ..name_pattern import WatchedNames
from ..reservation import reserved_async
from ..variable_types import VariableType
from .variable import Variable, VariableChange, VariableDescription
from .variable_errors import VariableConflictError, as_variable_error, too_much_contention
from .variable_writes import VariableWrites

if TYPE_CHECKING:
    from ..session_cache import CachedVariable


class AsyncVariables(VariableWrites):
    """The typed values of a session, shared with the host and with all its workers; every method is awaited.

    Values are cached for :attr:`cache_seconds`. Arrays are copies, which the tool may change; changes must be written
    back.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session has ended, and
    :class:`NoSessionError` when the call has no session.

    Example:
        >>> @tool
        ... async def answer(question: str, ctx: AsyncSessionContext) -> str:
        ...     return await model.generate(question, temperature=await ctx.variables.get("temperature"))
    """

    __slots__ = ()

    __iter__ = None
    """Iteration must be awaited: ``await variables.list()``."""

    if not TYPE_CHECKING:
        # The forms of blocking variables, with an error that names the awaited form. Type checkers find these mistakes.
        def __getitem__(self, name: str) -> NoReturn:
            raise TypeError(f"an async tool must await its variables; use await ctx.variables.get({name!r})")

        def __setitem__(self, name: str, value: Any) -> NoReturn:
            raise TypeError(f"an async tool must await its variables; use await ctx.variables.set({name!r}, …)")

        def __delitem__(self, name: str) -> NoReturn:
            raise TypeError(f"an async tool must await its variables; use await ctx.variables.delete({name!r})")

        def __contains__(self, name: object) -> NoReturn:
            raise TypeError("an async tool must await its variables; use `in` with await ctx.variables.list()")

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            raise AttributeError(f"an async tool must await its variables; use await ctx.variables.get({name!r})")

    async def get(self, name: str, default: Any = REQUIRED, *, fresh: bool = False) -> Any:
        """Returns the value of a variable.

        Args:
            name: the name of the variable.
            default: the result when the variable does not exist; without a default that is an error.
            fresh: whether to bypass the cache.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        known = None if fresh else self._fresh(name)
        return await settle_async(self._reading_value(name, default), self._caller) if known is None else known.value

    async def set(self, name: str, value: Any, *, version: int | None = None) -> int:
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
        return await settle_async(self._writing(name, value, version), self._caller)

    async def compare_and_set(self, name: str, value: Any, version: int) -> int | None:
        """Writes a variable if it has the given version.

        Returns:
            Its new version; ``None`` when it has another version and nothing was written.

        Raises:
            UnknownVariableError: the session has no variable of that name.
            VariableError: the value is invalid.
        """
        try:
            return await self.set(name, value, version=version)
        except VariableConflictError:
            return None

    async def update(self, name: str, change: Callable[[Any], Awaitable[Any] | Any]) -> Any:
        """Updates a variable atomically, with retries when others write at the same time.

        The first time, other writers do not wait for ``change``. After a conflict, those of this host wait for it: at
        most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that ``change`` makes itself
        never wait for it.

        Args:
            name: the name of the variable.
            change: receives the value and returns the new one; may be ``async``. Called again when another writer was
                faster. If it raises, nothing is written.

        Returns:
            The value that was written.

        Raises:
            UnknownVariableError: the session has no variable of that name.
            VariableConflictError: other writers were faster in a hundred attempts.
            VariableError: the value is invalid.
        """
        for conflicts in range(UPDATE_ATTEMPTS):
            async with self._read_to_update(name, conflicts) as known:
                value = change(known.value)
                if inspect.isawaitable(value):
                    value = await value
                try:
                    await self.set(name, value, version=known.version)
                except VariableConflictError:
                    continue
                return value
        raise too_much_contention(name, UPDATE_ATTEMPTS)

    @asynccontextmanager
    async def _read_to_update(self, name: str, conflicts: int) -> AsyncIterator[CachedVariable]:
        """Reads a variable; after a conflict, it is reserved."""
        if conflicts == 0:
            yield await settle_async(self._reading_existing(name), self._caller)
            return
        since = self._cache().changes
        request = self._reservation_request(name, conflicts)
        async with reserved_async(self._caller, request, as_variable_error) as fields:
            yield self._keep_reserved(name, fields, since, monotonic())

    async def register(
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
        return await settle_async(self._registering(name, type, value, constraints, metadata), self._caller)

    async def delete(self, *names: str) -> tuple[str, ...]:
        """Deletes variables and returns the names of those that existed."""
        return await settle_async(self._deleting(names), self._caller)

    async def describe(self, name: str) -> VariableDescription:
        """Returns a variable with its history, from the host.

        Raises:
            UnknownVariableError: the session has no variable of that name.
        """
        return await settle_async(self._describing(name), self._caller)

    async def list(self, pattern: str = "*") -> tuple[Variable, ...]:
        """Returns the variables whose names match a pattern (``*``: any string, ``?``: one character), sorted."""
        return await settle_async(self._listing(pattern), self._caller)

    async def get_many(self, names: Iterable[str], *, fresh: bool = False) -> dict[str, Any]:
        """Returns the values of variables by name, in one request; variables that do not exist are omitted.

        Args:
            names: the names of the variables.
            fresh: whether to bypass the cache.
        """
        return await settle_async(self._reading_values(names, fresh=fresh), self._caller)

    async def set_many(self, values: Mapping[str, Any], *, atomic: bool = False) -> dict[str, int]:
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
        return await settle_async(self._writing_many(values, atomic=atomic), self._caller)

    def watch(self, *names: str) -> AsyncGenerator[VariableChange, None]:
        """Yields the current values of variables, and then each change.

        A slow consumer misses intermediate changes, but never the last one. Leaving the loop, or closing the generator,
        ends the watch on the host.

        Args:
            names: names and patterns (``*``: any string, ``?``: one character); without any, all variables.

        Example:
            >>> async for change in ctx.variables.watch("temperature", "limit.*"):
            ...     print(change.name, change.value)
        """
        watched = WatchedNames(names)
        self._caller.require_session("variables")
        return self._changes(watched)

    async def _changes(self, watched: WatchedNames) -> AsyncGenerator[VariableChange, None]:
        stream = self._caller.ask_for_stream_async(VARIABLES_WATCH.request(watched.payload))
        try:
            async for fields in stream:
                change = self._seen(fields, watched)
                if change is not None:
                    yield change
        finally:
            await stream.aclose()
