"""Programs, for ``async`` tools."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn

from .exchange import UPDATE_ATTEMPTS, settle_async
from .program import ProgramConflictError, ProgramInfo, too_much_contention
from .program_exchanges import ProgramExchanges
from .required import REQUIRED

if TYPE_CHECKING:
    from .program import Scope


class AsyncPrograms(ProgramExchanges):
    """Named documents: whatever JSON can hold, such as compiled prompts and settings of models; all of it is awaited.

    They are those of the session, or with ``scope="global"`` those that belong to none.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session is over, and
    :class:`NoSessionError` when the call was made without one and the scope is not ``global``.
    """

    __slots__ = ()

    __iter__ = None
    """They have to be awaited: ``await programs.list()``."""

    if not TYPE_CHECKING:
        # What the programs of other tools can do. Type checkers find such mistakes by themselves.
        def __getitem__(self, program_id: str) -> NoReturn:
            raise TypeError(f"an async tool awaits its programs: await ctx.programs.get({program_id!r})")

        def __setitem__(self, program_id: str, document: Any) -> NoReturn:
            raise TypeError(f"an async tool awaits its programs: await ctx.programs.store({program_id!r}, …)")

        def __delitem__(self, program_id: str) -> NoReturn:
            raise TypeError(f"an async tool awaits its programs: await ctx.programs.delete({program_id!r})")

        def __contains__(self, program_id: object) -> NoReturn:
            raise TypeError("an async tool awaits its programs: look into await ctx.programs.list()")

    async def store(self, program_id: str, document: Any, *, scope: Scope = "session") -> int:
        """Stores a program, in place of the one with this id if there is one, and returns its version.

        Raises:
            ProgramError: the document is none that JSON can hold, or too large.
            HostError: ``QUOTA_EXCEEDED``: there are as many programs as there may be.
        """
        return await settle_async(self._storing(program_id, document, scope), self._caller)

    async def get(self, program_id: str, default: Any = REQUIRED, *, scope: Scope = "session") -> Any:
        """The document of a program.

        Args:
            program_id: which.
            default: what to return when there is none; without it, that is an error.
            scope: ``session`` or ``global``.

        Raises:
            UnknownProgramError: there is none of that id.
        """
        return await settle_async(self._reading_document(program_id, default, scope), self._caller)

    async def update(
        self, program_id: str, change: Callable[[Any], Awaitable[Any] | Any], *, scope: Scope = "session"
    ) -> Any:
        """Changes a program, whoever else does so at the same time.

        Args:
            program_id: which.
            change: gets the document and returns the new one; may be ``async``. Called again when somebody else has
                been faster. What it raises is raised, and nothing is changed.
            scope: ``session`` or ``global``.

        Returns:
            What was written.

        Raises:
            UnknownProgramError: there is none of that id.
            ProgramConflictError: others have been faster a hundred times.
            ProgramError: the document is none that JSON can hold, or too large.
        """
        attempt = 0
        while True:
            before, version = await settle_async(self._reading(program_id, scope), self._caller)
            document = change(before)
            if inspect.isawaitable(document):
                document = await document
            attempt += 1
            try:
                await settle_async(self._replacing(program_id, document, version, scope), self._caller)
            except ProgramConflictError:
                if attempt == UPDATE_ATTEMPTS:
                    raise too_much_contention(program_id, attempt) from None
            else:
                return document

    async def delete(self, *ids: str, scope: Scope = "session") -> tuple[str, ...]:
        """Deletes programs and returns the ids of those that were there."""
        return await settle_async(self._deleting(ids, scope), self._caller)

    async def list(self, pattern: str = "*", *, scope: Scope = "session") -> tuple[ProgramInfo, ...]:
        """The programs whose ids match a pattern (``*``: any text, ``?``: one character), in the order of the ids."""
        return await settle_async(self._listing(pattern, scope), self._caller)
