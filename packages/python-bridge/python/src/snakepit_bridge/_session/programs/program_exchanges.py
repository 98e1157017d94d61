"""The programs of a session and the global ones, as exchanges with the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..._contract.operations import (
    PROGRAMS_DELETE,
    PROGRAMS_GET,
    PROGRAMS_LIST,
    PROGRAMS_RESERVE,
    PROGRAMS_STORE,
    PROGRAMS_UPDATE,
)
from ..._errors import HostError
from ..._values import SerializationError
from ..exchange import REQUIRED, host_time
from ..reservation import reservation_field
from .program import ProgramInfo, as_program_error

if TYPE_CHECKING:
    from ..._contract.operation import Request, StreamRequest
    from ..._contract.payloads import ReservedProgram
    from ..caller import Caller
    from ..exchange import Exchange
    from .program import Scope


Answer = TypeVar("Answer")


class ProgramExchanges:
    """What blocking and awaiting programs have in common."""

    __slots__ = ("_caller",)

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _ask(self, scope: Scope, request: Request[Answer]) -> Exchange[Answer]:
        if scope == "session":
            self._caller.require_session("programs")
        elif scope != "global":
            raise ValueError(f"the scope of a program must be 'session' or 'global'; got {scope!r}")
        try:
            answer: Answer = yield request
        except HostError as failure:
            raise as_program_error(failure) from None
        except SerializationError as error:
            name = f'program "{request.payload.get("id")}"'
            raise error.called(f"{request.method}.document", name).called(request.method, name) from None
        return answer

    def _storing(self, program_id: str, document: Any, scope: Scope) -> Exchange[int]:
        request = PROGRAMS_STORE.request(
            {"scope": scope, "id": program_id, "document": document, **reservation_field()}
        )
        return (yield from self._ask(scope, request))["version"]

    def _reading(self, program_id: str, scope: Scope) -> Exchange[tuple[Any, int]]:
        """Requests a program; returns the document and its version."""
        reply = yield from self._ask(scope, PROGRAMS_GET.request({"scope": scope, "id": program_id}))
        return reply["document"], reply["version"]

    def _finding(self, program_id: str, scope: Scope) -> Exchange[tuple[Any, int] | None]:
        """Requests a program that may not exist; returns the document and its version, or ``None``."""
        request = PROGRAMS_GET.request({"scope": scope, "id": program_id, "may_be_absent": True})
        reply = yield from self._ask(scope, request)
        # No program has the version 0.
        return (reply["document"], reply["version"]) if reply["version"] else None

    def _reading_document(self, program_id: str, default: Any, scope: Scope) -> Exchange[Any]:
        if default is REQUIRED:
            document, _ = yield from self._reading(program_id, scope)
            return document
        found = yield from self._finding(program_id, scope)
        return default if found is None else found[0]

    def _replacing(self, program_id: str, document: Any, version: int, scope: Scope) -> Exchange[int]:
        request = PROGRAMS_UPDATE.request(
            {"scope": scope, "id": program_id, "document": document, "version": version, **reservation_field()}
        )
        return (yield from self._ask(scope, request))["version"]

    def _reservation_request(self, program_id: str, scope: Scope, conflicts: int) -> StreamRequest[ReservedProgram]:
        """Returns the request for a reservation by an update that has conflicted with other writers so often."""
        return PROGRAMS_RESERVE.request(
            {"scope": scope, "id": program_id, "conflicts": conflicts, **reservation_field()}
        )

    def _deleting(self, ids: tuple[str, ...], scope: Scope) -> Exchange[tuple[str, ...]]:
        request = PROGRAMS_DELETE.request({"scope": scope, "ids": list(ids), **reservation_field()})
        reply = yield from self._ask(scope, request)
        return tuple(reply["deleted"])

    def _listing(self, pattern: str, scope: Scope) -> Exchange[tuple[ProgramInfo, ...]]:
        reply = yield from self._ask(scope, PROGRAMS_LIST.request({"scope": scope, "pattern": pattern}))
        return tuple(
            ProgramInfo(each["id"], each["version"], host_time(each["updated_at"])) for each in reply["programs"]
        )
