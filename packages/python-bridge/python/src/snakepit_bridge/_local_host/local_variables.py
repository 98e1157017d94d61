"""The variables of the session of a unit test."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from .._session import VariableError, as_read, check_pattern, check_variable, define_variable, matcher

if TYPE_CHECKING:
    from .._contract import payloads

_WRITER = "test"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-.]{0,63}")
_PROPERTIES: Final = ("type", "value", "constraints", "metadata")


@dataclass(frozen=True)
class _Entry:
    type: str
    constraints: payloads.Constraints
    metadata: Mapping[str, Any]
    value: Any
    version: int
    created_at: float
    updated_at: float
    previous: _Entry | None

    @property
    def variable(self) -> payloads.Variable:
        return {
            "type": self.type,
            "value": self.value,
            "version": self.version,
            "constraints": self.constraints,
        }

    def listed(self, name: str) -> payloads.ListedVariable:
        return {**self.variable, "name": name, "metadata": dict(self.metadata)}


class LocalVariables:
    """Stores variables and answers as a host does."""

    def __init__(self, session_id: str, variables: Mapping[str, Any]) -> None:
        """Registers variables.

        Args:
            session_id: for messages.
            variables: by name, a value from which the type can be inferred, or the arguments of ``register`` as a dict.

        Raises:
            VariableError: a value or a definition is invalid.
        """
        self._session_id = session_id
        self._entries: dict[str, _Entry] = {}
        self._deleted: dict[str, int] = {}
        """The last versions of deleted variables, by name."""
        self._listeners: list[Callable[[str], None]] = []
        for name, given in variables.items():
            draft = _draft(name, given)
            self.register(
                {
                    "name": name,
                    "type": draft["type"],
                    "value": draft["value"],
                    "constraints": draft.get("constraints"),
                    "metadata": draft.get("metadata"),
                }
            )

    def get(self, payload: payloads.VariablesGetPayload) -> payloads.VariablesGetAnswer:
        """Answers ``variables.get``."""
        return {"variables": {name: self._entries[name].variable for name in payload["names"] if name in self._entries}}

    def describe(self, payload: payloads.VariablesDescribePayload) -> payloads.VariableDescription:
        """Answers ``variables.describe``."""
        entry = self._existing(payload["name"])
        before = entry.previous
        return {
            **entry.listed(payload["name"]),
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
            "updated_by": _WRITER,
            "previous": None
            if before is None
            else {
                "value": before.value,
                "version": before.version,
                "updated_at": before.updated_at,
                "updated_by": _WRITER,
            },
        }

    def register(self, payload: payloads.VariablesRegisterPayload) -> payloads.Variable:
        """Answers ``variables.register``."""
        name = payload["name"]
        if not _NAME.fullmatch(name):
            raise _invalid(
                name,
                "name",
                'the name of a variable must be 1 to 64 letters, digits, "_", "-" or "." (ASCII) and begin with a '
                f'letter or digit; got "{name}"',
            )
        if name in self._entries:
            raise _invalid(name, "exists", f'variable "{name}" already exists in session "{self._session_id}"')
        definition = define_variable(name, payload["type"], payload.get("constraints"))
        value = check_variable(definition.type, definition.constraints, payload["value"], name)
        check_pattern(name, definition.constraints, value)
        # Checked above to have the keys and types that a TypedDict lists.
        constraints = cast("payloads.Constraints", dict(definition.constraints))
        now = _now()
        metadata = payload.get("metadata") or {}
        # Versions are never reused, as on a host.
        version = self._deleted.get(name, 0) + 1
        self._put(name, _Entry(definition.type, constraints, metadata, value, version, now, now, None))
        return self._entries[name].variable

    def set(self, payload: payloads.VariablesSetPayload) -> payloads.VariablesSetAnswer:
        """Answers ``variables.set``."""
        written: dict[str, _Entry] = {}
        outcomes: list[payloads.Written | payloads.NotWritten] = []
        names = [write["name"] for write in payload["writes"]]
        for name in names:
            if names.count(name) > 1:
                raise _invalid(name, "batch", f'variable "{name}" occurs twice in the batch; set it once')
        for write in payload["writes"]:
            try:
                entry = self._written(write["name"], write["value"], write.get("version"))
            except VariableError as error:
                if payload.get("atomic"):
                    raise
                outcomes.append({"code": error.code, "message": error.message, "details": dict(error.details)})
            else:
                written[write["name"]] = entry
                outcomes.append({"version": entry.version})
        for name, entry in written.items():
            self._put(name, entry)
        return {"outcomes": outcomes}

    def delete(self, payload: payloads.VariablesDeletePayload) -> payloads.VariablesDeleteAnswer:
        """Answers ``variables.delete``."""
        deleted = [name for name in payload["names"] if name in self._entries]
        for name in deleted:
            self._deleted[name] = self._entries.pop(name).version
            self._notify(name)
        return {"deleted": deleted}

    def list(self, payload: payloads.VariablesListPayload) -> payloads.VariablesListAnswer:
        """Answers ``variables.list``."""
        matches = matcher(payload.get("pattern") or "*")
        return {"variables": [entry.listed(name) for name, entry in sorted(self._entries.items()) if matches(name)]}

    def reserve(self, payload: payloads.VariablesReservePayload) -> payloads.ReservedVariable:
        """Answers ``variables.reserve``. Other callers do not wait: in a test, only the test itself has some."""
        return {**self._existing(payload["name"]).variable, "reservation": 0}

    def watch(self, payload: payloads.VariablesWatchPayload, wake: Callable[[], None]) -> LocalWatch:
        """Answers ``variables.watch``.

        Args:
            payload: what is watched.
            wake: called by the writing thread when a change is available.
        """
        return LocalWatch(self, payload, wake)

    def names(self) -> Sequence[str]:
        """Returns the names of all variables, in order."""
        return sorted(self._entries)

    def change_of(self, name: str) -> payloads.VariableChange:
        """Returns the change that a watch reports for a variable."""
        entry = self._entries.get(name)
        if entry is None:
            return {"name": name, "type": None, "value": None, "version": self._deleted[name], "deleted": True}
        return {
            "name": name,
            "type": entry.type,
            "value": entry.value,
            "version": entry.version,
            "deleted": False,
        }

    def listen(self, listener: Callable[[str], None]) -> None:
        """Adds a listener, which is called with the name of each variable that changes."""
        self._listeners.append(listener)

    def unlisten(self, listener: Callable[[str], None]) -> None:
        """Removes a listener."""
        self._listeners.remove(listener)

    def _existing(self, name: str) -> _Entry:
        entry = self._entries.get(name)
        if entry is None:
            message = f'variable "{name}" does not exist in session "{self._session_id}"; register it first'
            raise _invalid(name, "unknown", f"{message} (variables.register)")
        return entry

    def _written(self, name: str, value: Any, version: int | None) -> _Entry:
        entry = self._existing(name)
        if version is not None and version != entry.version:
            raise VariableError(
                "INVALID_ARGUMENT",
                f'variable "{name}" has version {entry.version}, not {version}: it was changed concurrently; '
                "read it again, or use update()",
                {"variable": name, "reason": "version", "expected": version, "version": entry.version},
            )
        checked = check_variable(entry.type, entry.constraints, value, name)
        check_pattern(name, entry.constraints, checked)
        return replace(
            entry, value=as_read(entry.type, checked), version=entry.version + 1, updated_at=_now(), previous=entry
        )

    def _put(self, name: str, entry: _Entry) -> None:
        # Only the last change is kept.
        self._entries[name] = (
            entry if entry.previous is None else replace(entry, previous=replace(entry.previous, previous=None))
        )
        self._notify(name)

    def _notify(self, name: str) -> None:
        for listener in list(self._listeners):
            listener(name)


class LocalWatch:
    """The changes that a watch has not reported yet: each variable once, however often it changed."""

    def __init__(
        self, variables: LocalVariables, payload: payloads.VariablesWatchPayload, wake: Callable[[], None]
    ) -> None:
        self._variables = variables
        names = payload.get("names")
        self._is_watched = matcher(payload.get("pattern") or "*") if names is None else set(names).__contains__
        self._wake = wake
        variables.listen(self._changed)
        self._pending = dict.fromkeys(name for name in variables.names() if self._is_watched(name))

    def take(self) -> payloads.VariableChange | None:
        """Returns the next change; ``None`` when there is no change yet."""
        if not self._pending:
            return None
        name = next(iter(self._pending))
        del self._pending[name]
        return self._variables.change_of(name)

    def close(self) -> None:
        """Ends the watch."""
        self._variables.unlisten(self._changed)

    def _changed(self, name: str) -> None:
        if self._is_watched(name):
            self._pending[name] = None
            self._wake()


def _draft(name: str, given: Any) -> Mapping[str, Any]:
    """Returns the arguments of ``register`` for a variable."""
    if not isinstance(given, Mapping):
        return {"type": _type_of(name, given), "value": given}
    if {"type", "value"} <= given.keys() <= set(_PROPERTIES):
        return given
    known, found = ", ".join(_PROPERTIES), ", ".join(map(str, given)) or "nothing"
    raise _invalid(name, "definition", f'variable "{name}": the definition must be a dict with {known}; got {found}')


def _type_of(name: str, value: Any) -> str:
    """Returns the variable type that corresponds to the type of a Python value."""
    for kind, type_name in (
        (bool, "boolean"),
        (int, "integer"),
        (float, "float"),
        (str, "string"),
        (list, "embedding"),
    ):
        if isinstance(value, kind):
            return type_name
    if hasattr(value, "dtype"):
        return "tensor"
    raise _invalid(
        name,
        "definition",
        f'variable "{name}": its type cannot be inferred from {type(value).__name__}; '
        'pass {"type": ..., "value": ..., "constraints": ...}',
    )


def _invalid(name: str, reason: str, message: str) -> VariableError:
    return VariableError("INVALID_ARGUMENT", message, {"variable": name, "reason": reason})


def _now() -> float:
    return time.time() * 1000
