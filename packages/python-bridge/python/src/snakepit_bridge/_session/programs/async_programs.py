"""Programs, for ``async`` tools."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from ..exchange import REQUIRED, UPDATE_ATTEMPTS, settle_async
from ..reservation import reserved_async
from .program import ProgramConflictError, ProgramInfo, as_program_error, too_much_contention
from .program_exchanges import ProgramExchanges

if TYPE_CHECKING:
    from .program import Scope


class AsyncPrograms(ProgramExchanges):
    """Named JSON documents, such as compiled prompts and settings of models; every method is awaited.

    They belong to the session, or with ``scope="global"`` to no session.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session has ended, and
    :class:`NoSessionError` when the call has no session and the scope is not ``global``.
    """

    __slots__ = ()

    __iter__ = None
    """Iteration must be awaited: ``await programs.list()``."""

    if not TYPE_CHECKING:
        # The forms of blocking programs, with an error that names the awaited form. Type checkers find these mistakes.
        def __getitem__(self, program_id: str) -> NoReturn:
            raise TypeError(f"an async tool must await its programs; use await ctx.programs.get({program_id!r})")

        def __setitem__(self, program_id: str, document: Any) -> NoReturn:
            raise TypeError(f"an async tool must await its programs; use await ctx.programs.store({program_id!r}, …)")

        def __delitem__(self, program_id: str) -> NoReturn:
            raise TypeError(f"an async tool must await its programs; use await ctx.programs.delete({program_id!r})")

        def __contains__(self, program_id: object) -> NoReturn:
            raise TypeError("an async tool must await its programs; use `in` with await ctx.programs.list()")

    async def store(self, program_id: str, document: Any, *, scope: Scope = "session") -> int:
        """Stores a program, replacing an existing one of this id, and returns its version.

        Raises:
            ProgramError: the document cannot be represented in JSON, or is too large.
            HostError: ``QUOTA_EXCEEDED``: the maximum number of programs is reached.
        """
        return await settle_async(self._storing(program_id, document, scope), self._caller)

    async def get(self, program_id: str, default: Any = REQUIRED, *, scope: Scope = "session") -> Any:
        """Returns the document of a program.

        Args:
            program_id: the id of the program.
            default: the result when the program does not exist; without a default that is an error.
            scope: ``session`` or ``global``.

        Raises:
            UnknownProgramError: no program has that id.
        """
        return await settle_async(self._reading_document(program_id, default, scope), self._caller)

    async def update(
        self, program_id: str, change: Callable[[Any], Awaitable[Any] | Any], *, scope: Scope = "session"
    ) -> Any:
        """Updates a program atomically, with retries when others write at the same time.

        The first time, other writers do not wait for ``change``. After a conflict, those of this host wait for it: at
        most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that ``change`` makes itself
        never wait for it.

        Args:
            program_id: the id of the program.
            change: receives the document and returns the new one; may be ``async``. Called again when another writer
                was faster. If it raises, nothing is changed.
            scope: ``session`` or ``global``.

        Returns:
            The document that was written.

        Raises:
            UnknownProgramError: no program has that id.
            ProgramConflictError: other writers were faster in a hundred attempts.
            ProgramError: the document cannot be represented in JSON, or is too large.
        """
        for conflicts in range(UPDATE_ATTEMPTS):
            async with self._read_to_update(program_id, scope, conflicts) as (before, version):
                document = change(before)
                if inspect.isawaitable(document):
                    document = await document
                try:
                    await settle_async(self._replacing(program_id, document, version, scope), self._caller)
                except ProgramConflictError:
                    continue
                return document
        raise too_much_contention(program_id, UPDATE_ATTEMPTS)

    @asynccontextmanager
    async def _read_to_update(self, program_id: str, scope: Scope, conflicts: int) -> AsyncIterator[tuple[Any, int]]:
        """Reads a program and its version; after a conflict, it is reserved."""
        if conflicts == 0:
            yield await settle_async(self._reading(program_id, scope), self._caller)
            return
        request = self._reservation_request(program_id, scope, conflicts)
        async with reserved_async(self._caller, request, as_program_error) as fields:
            yield fields["document"], fields["version"]

    async def delete(self, *ids: str, scope: Scope = "session") -> tuple[str, ...]:
        """Deletes programs and returns the ids of those that existed."""
        return await settle_async(self._deleting(ids, scope), self._caller)

    async def list(self, pattern: str = "*", *, scope: Scope = "session") -> tuple[ProgramInfo, ...]:
        """Returns the programs whose ids match a pattern (``*``: any string, ``?``: one character), sorted by id."""
        return await settle_async(self._listing(pattern, scope), self._caller)
