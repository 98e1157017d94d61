"""Programs, for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .exchange import UPDATE_ATTEMPTS, settle
from .program import ProgramConflictError, ProgramInfo, too_much_contention
from .program_exchanges import ProgramExchanges
from .required import REQUIRED

if TYPE_CHECKING:
    from .program import Scope


class Programs(ProgramExchanges):
    """Named documents: whatever JSON can hold, such as compiled prompts and settings of models.

    ``programs["id"]`` reads one of the session, ``programs["id"] = document`` stores one, ``in`` tells whether there is
    one, ``del`` deletes, and iterating gives the ids. The methods can also be asked for ``scope="global"``: the
    programs that belong to no session.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session is over, and
    :class:`NoSessionError` when the call was made without one and the scope is not ``global``.
    """

    __slots__ = ()

    def __getitem__(self, program_id: str) -> Any:
        """The document of a program of the session.

        Raises:
            UnknownProgramError: there is none of that id.
        """
        return self.get(program_id)

    def __setitem__(self, program_id: str, document: Any) -> None:
        """Stores a program in the session.

        Raises:
            ProgramError: the document is none that JSON can hold, or too large.
        """
        self.store(program_id, document)

    def __delitem__(self, program_id: str) -> None:
        """Deletes a program of the session.

        Raises:
            UnknownProgramError: there is none of that id.
        """
        if not self.delete(program_id):
            self.get(program_id)  # which says that there is none

    def __contains__(self, program_id: object) -> bool:
        """Whether the session has a program of that id."""
        if not isinstance(program_id, str):
            return False
        return settle(self._finding(program_id, "session"), self._caller) is not None

    def __iter__(self) -> Iterator[str]:
        """The ids of the programs of the session, in order."""
        return iter([each.id for each in self.list()])

    def store(self, program_id: str, document: Any, *, scope: Scope = "session") -> int:
        """Stores a program, in place of the one with this id if there is one, and returns its version.

        Raises:
            ProgramError: the document is none that JSON can hold, or too large.
            HostError: ``QUOTA_EXCEEDED``: there are as many programs as there may be.
        """
        return settle(self._storing(program_id, document, scope), self._caller)

    def get(self, program_id: str, default: Any = REQUIRED, *, scope: Scope = "session") -> Any:
        """The document of a program.

        Args:
            program_id: which.
            default: what to return when there is none; without it, that is an error.
            scope: ``session`` or ``global``.

        Raises:
            UnknownProgramError: there is none of that id.
        """
        return settle(self._reading_document(program_id, default, scope), self._caller)

    def update(self, program_id: str, change: Callable[[Any], Any], *, scope: Scope = "session") -> Any:
        """Changes a program, whoever else does so at the same time.

        Args:
            program_id: which.
            change: gets the document and returns the new one; called again when somebody else has been faster. What it
                raises is raised, and nothing is changed.
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
            before, version = settle(self._reading(program_id, scope), self._caller)
            document = change(before)
            attempt += 1
            try:
                settle(self._replacing(program_id, document, version, scope), self._caller)
            except ProgramConflictError:
                if attempt == UPDATE_ATTEMPTS:
                    raise too_much_contention(program_id, attempt) from None
            else:
                return document

    def delete(self, *ids: str, scope: Scope = "session") -> tuple[str, ...]:
        """Deletes programs and returns the ids of those that were there."""
        return settle(self._deleting(ids, scope), self._caller)

    def list(self, pattern: str = "*", *, scope: Scope = "session") -> tuple[ProgramInfo, ...]:
        """The programs whose ids match a pattern (``*``: any text, ``?``: one character), in the order of the ids."""
        return settle(self._listing(pattern, scope), self._caller)
