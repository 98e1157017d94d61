"""The programs of a unit test."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

from .._errors import HostError
from .._session import matcher

if TYPE_CHECKING:
    from .._contract import payloads

_MAX_BYTES: Final = 1 << 20
_ID: Final = re.compile(r"[^\x00-\x1f\x7f]{1,256}")


class LocalPrograms:
    """Stores programs and answers as a host does."""

    def __init__(self, session_id: str | None, programs: Mapping[str, Any]) -> None:
        """Stores programs.

        Args:
            session_id: for messages.
            programs: the documents of the session, by id.

        Raises:
            HostError: a document cannot be stored as JSON.
        """
        self._session_id = session_id
        self._scopes: dict[str, dict[str, tuple[Any, int, float]]] = {"session": {}, "global": {}}
        self._deleted: dict[tuple[str, str], int] = {}
        """The last versions of deleted programs, by scope and id."""
        for program_id, document in programs.items():
            self.store({"id": program_id, "document": document})

    def store(self, payload: payloads.ProgramsStorePayload) -> payloads.ProgramsStoreAnswer:
        """Answers ``programs.store``."""
        return {"version": self._put(_scope_of(payload), payload["id"], payload["document"])}

    def get(self, payload: payloads.ProgramsGetPayload) -> payloads.ProgramsGetAnswer:
        """Answers ``programs.get``."""
        scope, program_id = _scope_of(payload), payload["id"]
        _check_id(program_id)
        if payload.get("may_be_absent") and program_id not in self._scopes[scope]:
            return {"document": None, "version": 0}
        document, version, _ = self._existing(scope, program_id)
        return {"document": document, "version": version}

    def update(self, payload: payloads.ProgramsUpdatePayload) -> payloads.ProgramsUpdateAnswer:
        """Answers ``programs.update``."""
        scope, program_id = _scope_of(payload), payload["id"]
        _check_id(program_id)
        _, version, _ = self._existing(scope, program_id)
        expected = payload.get("version")
        if expected is not None and expected != version:
            message = f'program "{program_id}" has version {version}, not {expected}: it was changed concurrently; '
            details = {"program": program_id, "reason": "version", "expected": expected, "version": version}
            raise HostError("INVALID_ARGUMENT", f"{message}read it again, or use update()", details)
        return {"version": self._put(scope, program_id, payload["document"])}

    def delete(self, payload: payloads.ProgramsDeletePayload) -> payloads.ProgramsDeleteAnswer:
        """Answers ``programs.delete``."""
        scope = _scope_of(payload)
        for program_id in payload["ids"]:
            _check_id(program_id)
        deleted = [each for each in payload["ids"] if each in self._scopes[scope]]
        for program_id in deleted:
            self._deleted[(scope, program_id)] = self._scopes[scope].pop(program_id)[1]
        return {"deleted": deleted}

    def list(self, payload: payloads.ProgramsListPayload) -> payloads.ProgramsListAnswer:
        """Answers ``programs.list``."""
        matches = matcher(payload.get("pattern") or "*")
        programs = sorted(self._scopes[_scope_of(payload)].items())
        return {
            "programs": [
                {"id": program_id, "version": version, "updated_at": updated_at}
                for program_id, (_, version, updated_at) in programs
                if matches(program_id)
            ]
        }

    def reserve(self, payload: payloads.ProgramsReservePayload) -> payloads.ReservedProgram:
        """Answers ``programs.reserve``. Other callers do not wait: in a test, only the test itself has some."""
        _check_id(payload["id"])
        document, version, _ = self._existing(_scope_of(payload), payload["id"])
        return {"document": document, "version": version, "reservation": 0}

    def _put(self, scope: str, program_id: str, document: Any) -> int:
        _check_id(program_id)
        programs = self._scopes[scope]
        before = programs[program_id][1] if program_id in programs else self._deleted.get((scope, program_id), 0)
        programs[program_id] = (_as_json(program_id, document), before + 1, time.time() * 1000)
        return before + 1

    def _existing(self, scope: str, program_id: str) -> tuple[Any, int, float]:
        found = self._scopes[scope].get(program_id)
        if found is None:
            where = "in the global scope" if scope == "global" else f'in session "{self._session_id}"'
            message = f'program "{program_id}" does not exist {where}; store it first (programs.store)'
            raise _invalid(program_id, "unknown", message)
        return found


def _scope_of(
    payload: payloads.ProgramsStorePayload
    | payloads.ProgramsGetPayload
    | payloads.ProgramsUpdatePayload
    | payloads.ProgramsDeletePayload
    | payloads.ProgramsListPayload
    | payloads.ProgramsReservePayload,
) -> Literal["session", "global"]:
    return payload.get("scope") or "session"


def _check_id(program_id: str) -> None:
    if _ID.fullmatch(program_id) is None:
        message = f"the ID of a program must be 1 to 256 characters without control characters; got {program_id!r}"
        raise _invalid(program_id, "id", message)


def _as_json(program_id: str, document: Any) -> Any:
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _invalid(program_id, "json", f'program "{program_id}" must be a JSON value: {error}') from None
    if len(text.encode()) > _MAX_BYTES:
        message = f'program "{program_id}" must have at most {_MAX_BYTES} bytes; got {len(text.encode())}'
        raise _invalid(program_id, "size", message)
    return json.loads(text)


def _invalid(program_id: str, reason: str, message: str) -> HostError:
    return HostError("INVALID_ARGUMENT", message, {"program": program_id, "reason": reason})
