"""The programs of a unit test."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any, Final

from .._errors import HostError
from .._session import matcher

_MAX_BYTES: Final = 1 << 20


class LocalPrograms:
    """Keeps programs and answers as a host does."""

    def __init__(self, session_id: str | None, programs: Mapping[str, Any]) -> None:
        """Stores programs.

        Args:
            session_id: for messages.
            programs: the documents of the session, by id.

        Raises:
            HostError: a document is none that JSON can hold.
        """
        self._session_id = session_id
        self._scopes: dict[str, dict[str, tuple[Any, int, float]]] = {"session": {}, "global": {}}
        self._deleted: dict[tuple[str, str], int] = {}
        """The versions that programs had that are gone, by scope and id."""
        for program_id, document in programs.items():
            self.store({"id": program_id, "document": document, "scope": "session"})

    def store(self, payload: Mapping[str, Any]) -> Any:
        """Answers ``programs.store``."""
        programs, program_id = self._scopes[payload["scope"]], payload["id"]
        key = (payload["scope"], program_id)
        version = 1 + (programs[program_id][1] if program_id in programs else self._deleted.get(key, 0))
        programs[program_id] = (_as_json(program_id, payload["document"]), version, time.time() * 1000)
        return {"version": version}

    def get(self, payload: Mapping[str, Any]) -> Any:
        """Answers ``programs.get``."""
        if payload.get("may_be_absent") and payload["id"] not in self._scopes[payload["scope"]]:
            return {"document": None, "version": 0}
        document, version, _ = self._existing(payload)
        return {"document": document, "version": version}

    def update(self, payload: Mapping[str, Any]) -> Any:
        """Answers ``programs.update``."""
        _, version, _ = self._existing(payload)
        if payload["version"] is not None and payload["version"] != version:
            program_id = payload["id"]
            message = f'program "{program_id}" has version {version} and not {payload["version"]}'
            raise _refusal(program_id, "version", f"{message}: somebody has changed it; read it again, or use update()")
        return self.store(payload)

    def delete(self, payload: Mapping[str, Any]) -> Any:
        """Answers ``programs.delete``."""
        scope = payload["scope"]
        deleted = [each for each in payload["ids"] if each in self._scopes[scope]]
        for program_id in deleted:
            self._deleted[(scope, program_id)] = self._scopes[scope].pop(program_id)[1]
        return {"deleted": deleted}

    def list(self, payload: Mapping[str, Any]) -> Any:
        """Answers ``programs.list``."""
        matches = matcher(payload["pattern"])
        programs = sorted(self._scopes[payload["scope"]].items())
        return {
            "programs": [
                {"id": program_id, "version": version, "updated_at": updated_at}
                for program_id, (_, version, updated_at) in programs
                if matches(program_id)
            ]
        }

    def _existing(self, payload: Mapping[str, Any]) -> tuple[Any, int, float]:
        program_id = payload["id"]
        found = self._scopes[payload["scope"]].get(program_id)
        if found is None:
            where = "among the global ones" if payload["scope"] == "global" else f'in session "{self._session_id}"'
            message = f'there is no program "{program_id}" {where}; store it first (programs.store)'
            raise _refusal(program_id, "unknown", message)
        return found


def _as_json(program_id: str, document: Any) -> Any:
    try:
        text = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise _refusal(program_id, "json", f'program "{program_id}" holds what JSON cannot: {error}') from None
    if len(text.encode()) > _MAX_BYTES:
        message = f'program "{program_id}" has {len(text.encode())} bytes as JSON and may have {_MAX_BYTES}'
        raise _refusal(program_id, "size", message)
    return json.loads(text)


def _refusal(program_id: str, reason: str, message: str) -> HostError:
    return HostError("INVALID_ARGUMENT", message, {"program": program_id, "reason": reason})
