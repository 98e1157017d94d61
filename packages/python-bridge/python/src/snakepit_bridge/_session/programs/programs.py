"""Programs, for tools that are not ``async``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..exchange import REQUIRED, UPDATE_ATTEMPTS, settle
from ..reservation import reserved
from .program import ProgramConflictError, ProgramInfo, as_program_error, too_much_contention
from .program_exchanges import ProgramExchanges

if TYPE_CHECKING:
    from .program import Scope


class Programs(ProgramExchanges):
    """Named JSON documents, such as compiled prompts and settings of models.

    ``programs["id"]`` reads one of the session, ``programs["id"] = document`` stores one, ``in`` checks for
    one, ``del`` deletes, and iteration yields the ids. The methods also accept ``scope="global"``: programs that belong
    to no session.

    Every method raises ``HostError`` with ``UNKNOWN_SESSION`` or ``SESSION_EXPIRED`` when the session has ended, and
    :class:`NoSessionError` when the call has no session and the scope is not ``global``.
    """

    __slots__ = ()

    def __getitem__(self, program_id: str) -> Any:
        """The document of a program of the session.

        Raises:
            UnknownProgramError: no program has that id.
        """
        return self.get(program_id)

    def __setitem__(self, program_id: str, document: Any) -> None:
        """Stores a program in the session.

        Raises:
            ProgramError: the document cannot be represented in JSON, or is too large.
        """
        self.store(program_id, document)

    def __delitem__(self, program_id: str) -> None:
        """Deletes a program of the session.

        Raises:
            UnknownProgramError: no program has that id.
        """
        if not self.delete(program_id):
            self.get(program_id)  # raises UnknownProgramError

    def __contains__(self, program_id: object) -> bool:
        """Whether the session has a program of that id."""
        if not isinstance(program_id, str):
            return False
        return settle(self._finding(program_id, "session"), self._caller) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterates over the ids of the programs of the session, sorted."""
        return iter([each.id for each in self.list()])

    def store(self, program_id: str, document: Any, *, scope: Scope = "session") -> int:
        """Stores a program, replacing an existing one of this id, and returns its version.

        Raises:
            ProgramError: the document cannot be represented in JSON, or is too large.
            HostError: ``QUOTA_EXCEEDED``: the maximum number of programs is reached.
        """
        return settle(self._storing(program_id, document, scope), self._caller)

    def get(self, program_id: str, default: Any = REQUIRED, *, scope: Scope = "session") -> Any:
        """Returns the document of a program.

        Args:
            program_id: the id of the program.
            default: the result when the program does not exist; without a default that is an error.
            scope: ``session`` or ``global``.

        Raises:
            UnknownProgramError: no program has that id.
        """
        return settle(self._reading_document(program_id, default, scope), self._caller)

    def update(self, program_id: str, change: Callable[[Any], Any], *, scope: Scope = "session") -> Any:
        """Updates a program atomically, with retries when others write at the same time.

        The first time, other writers do not wait for ``change``. After a conflict, those of this host wait for it: at
        most 100 ms, and after each further conflict twice as long, up to 12.8 s. Writes that ``change`` makes itself
        never wait for it.

        Args:
            program_id: the id of the program.
            change: receives the document and returns the new one; called again when another writer was faster. If it
                raises, nothing is changed.
            scope: ``session`` or ``global``.

        Returns:
            The document that was written.

        Raises:
            UnknownProgramError: no program has that id.
            ProgramConflictError: other writers were faster in a hundred attempts.
            ProgramError: the document cannot be represented in JSON, or is too large.
        """
        for conflicts in range(UPDATE_ATTEMPTS):
            with self._read_to_update(program_id, scope, conflicts) as (before, version):
                document = change(before)
                try:
                    settle(self._replacing(program_id, document, version, scope), self._caller)
                except ProgramConflictError:
                    continue
                return document
        raise too_much_contention(program_id, UPDATE_ATTEMPTS)

    @contextmanager
    def _read_to_update(self, program_id: str, scope: Scope, conflicts: int) -> Iterator[tuple[Any, int]]:
        """Reads a program and its version; after a conflict, it is reserved."""
        if conflicts == 0:
            yield settle(self._reading(program_id, scope), self._caller)
            return
        request = self._reservation_request(program_id, scope, conflicts)
        with reserved(self._caller, request, as_program_error) as fields:
            yield fields["document"], fields["version"]

    def delete(self, *ids: str, scope: Scope = "session") -> tuple[str, ...]:
        """Deletes programs and returns the ids of those that existed."""
        return settle(self._deleting(ids, scope), self._caller)

    def list(self, pattern: str = "*", *, scope: Scope = "session") -> tuple[ProgramInfo, ...]:
        """Returns the programs whose ids match a pattern (``*``: any string, ``?``: one character), sorted by id."""
        return settle(self._listing(pattern, scope), self._caller)
