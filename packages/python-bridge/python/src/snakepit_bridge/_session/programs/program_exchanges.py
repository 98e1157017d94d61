"""The programs of a session and the global ones, as exchanges with the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._errors import HostError
from ..._values import SerializationError
from ..exchange import REQUIRED, host_time
from .program import ProgramInfo, as_program_error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..caller import Caller
    from ..exchange import Exchange
    from .program import Scope


class ProgramExchanges:
    """What blocking and awaiting programs have in common."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _ask(self, method: str, scope: Scope, payload: Mapping[str, Any]) -> Exchange[Any]:
        if scope == "session":
            self._caller.require_session("programs")
        elif scope != "global":
            raise ValueError(f"the scope of a program must be 'session' or 'global'; got {scope!r}")
        try:
            return (yield (method, {**payload, "scope": scope}))
        except HostError as failure:
            raise as_program_error(failure) from None
        except SerializationError as error:
            name = f'program "{payload.get("id")}"'
            raise error.called(f"{method}.document", name).called(method, name) from None

    def _storing(self, program_id: str, document: Any, scope: Scope) -> Exchange[int]:
        reply = yield from self._ask("programs.store", scope, {"id": program_id, "document": document})
        version: int = reply["version"]
        return version

    def _reading(self, program_id: str, scope: Scope) -> Exchange[tuple[Any, int]]:
        """Requests a program; returns the document and its version."""
        reply = yield from self._ask("programs.get", scope, {"id": program_id})
        return reply["document"], reply["version"]

    def _finding(self, program_id: str, scope: Scope) -> Exchange[tuple[Any, int] | None]:
        """Requests a program that may not exist; returns the document and its version, or ``None``."""
        reply = yield from self._ask("programs.get", scope, {"id": program_id, "may_be_absent": True})
        # No program has the version 0.
        return (reply["document"], reply["version"]) if reply["version"] else None

    def _reading_document(self, program_id: str, default: Any, scope: Scope) -> Exchange[Any]:
        if default is REQUIRED:
            document, _ = yield from self._reading(program_id, scope)
            return document
        found = yield from self._finding(program_id, scope)
        return default if found is None else found[0]

    def _replacing(self, program_id: str, document: Any, version: int, scope: Scope) -> Exchange[int]:
        payload = {"id": program_id, "document": document, "version": version}
        reply = yield from self._ask("programs.update", scope, payload)
        replaced: int = reply["version"]
        return replaced

    def _deleting(self, ids: tuple[str, ...], scope: Scope) -> Exchange[tuple[str, ...]]:
        reply = yield from self._ask("programs.delete", scope, {"ids": list(ids)})
        return tuple(reply["deleted"])

    def _listing(self, pattern: str, scope: Scope) -> Exchange[tuple[ProgramInfo, ...]]:
        reply = yield from self._ask("programs.list", scope, {"pattern": pattern})
        return tuple(
            ProgramInfo(each["id"], each["version"], host_time(each["updated_at"])) for each in reply["programs"]
        )
