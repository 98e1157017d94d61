"""Writes of the variables of a session, as exchanges with the host."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from ..._contract.operations import VARIABLES_DELETE, VARIABLES_REGISTER, VARIABLES_SET
from ..._values import SerializationError
from ..reservation import reservation_field
from ..session_cache import CachedVariable
from ..variable_types import check_variable, define_variable
from ..variable_types.variable_error import VariableError
from .variable import read_variable
from .variable_errors import VariableBatchError, variable_error
from .variable_reads import VariableReads, cached, check_names

if TYPE_CHECKING:
    from ..._contract.operation import Request
    from ..._contract.payloads import VariableWrite
    from ..exchange import Exchange
    from ..session_cache import SessionCache
    from .variable import Variable

Answer = TypeVar("Answer")

Outcome = int | VariableError
"""The new version of a variable, or the error of the write."""


class VariableWrites(VariableReads):
    """What blocking and awaiting variables have in common: reads and writes."""

    __slots__ = ()

    def _registering(
        self,
        name: str,
        type_name: str,
        value: Any,
        constraints: Mapping[str, Any] | None,
        metadata: Mapping[str, Any] | None,
    ) -> Exchange[Variable]:
        check_names([name])
        definition = define_variable(name, type_name, constraints)
        request = VARIABLES_REGISTER.request(
            {
                "name": name,
                "type": definition.type,
                "value": check_variable(definition.type, definition.constraints, value, name),
                "constraints": dict(definition.constraints),
                "metadata": dict(metadata or {}),
                **reservation_field(),
            }
        )
        cache = self._cache()
        since, at = cache.changes, monotonic()
        reply = yield from self._asking_to_write(cache, request, [name])
        cache.keep_written({name: cached(reply, at)}, since)
        return read_variable(name, reply, dict(metadata or {}))

    def _deleting(self, names: Iterable[str]) -> Exchange[tuple[str, ...]]:
        unique = list(dict.fromkeys(names))
        check_names(unique)
        cache = self._cache()
        since = cache.changes
        request = VARIABLES_DELETE.request({"names": unique, **reservation_field()})
        reply = yield from self._asking_to_write(cache, request, unique)
        cache.keep_written(dict.fromkeys(unique), since)
        return tuple(reply["deleted"])

    def _writing(self, name: str, value: Any, version: int | None) -> Exchange[int]:
        """Writes one variable and returns its new version."""
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            raise TypeError(f"the version of a variable must be an int; got {type(version).__name__}")
        outcome = (yield from self._writing_each({name: value}, {name: version}, atomic=False))[name]
        if isinstance(outcome, VariableError):
            raise outcome
        return outcome

    def _writing_many(self, values: Mapping[str, Any], *, atomic: bool) -> Exchange[dict[str, int]]:
        outcomes = yield from self._writing_each(values, {}, atomic=atomic)
        errors: dict[str, VariableError] = {}
        versions: dict[str, int] = {}
        for name, outcome in outcomes.items():
            if isinstance(outcome, VariableError):
                errors[name] = outcome
            else:
                versions[name] = outcome
        if errors:
            raise VariableBatchError(errors, versions)
        return versions

    def _writing_each(
        self, values: Mapping[str, Any], versions: Mapping[str, int | None], *, atomic: bool
    ) -> Exchange[dict[str, Outcome]]:
        """Writes variables. Values known to be invalid are not sent, and with ``atomic`` nothing is."""
        check_names(values)
        cache = self._cache()
        outcomes: dict[str, Outcome] = {}
        writes: list[_Write] = []
        for name, value in values.items():
            try:
                writes.append(_Write(name, value, versions.get(name), self._fresh(name)))
            except VariableError as error:
                if atomic:
                    raise
                outcomes[name] = error
        if writes:
            outcomes.update((yield from self._sending(cache, writes, atomic=atomic)))
        return {name: outcomes[name] for name in values}

    def _sending(self, cache: SessionCache, writes: list[_Write], *, atomic: bool) -> Exchange[dict[str, Outcome]]:
        names = [each.name for each in writes]
        request = VARIABLES_SET.request(
            {"writes": [each.payload for each in writes], "atomic": atomic, **reservation_field()}
        )
        since, at = cache.changes, monotonic()
        reply = yield from self._asking_to_write(cache, request, names)
        outcomes: dict[str, Outcome] = {}
        written: dict[str, CachedVariable | None] = {}
        for write, outcome in zip(writes, reply["outcomes"], strict=True):
            if "code" in outcome:
                outcomes[write.name] = variable_error(outcome["code"], outcome["message"], outcome.get("details") or {})
                written[write.name] = None
            else:
                outcomes[write.name] = outcome["version"]
                written[write.name] = write.as_written(outcome["version"], at)
        cache.keep_written(written, since)
        return outcomes

    def _asking_to_write(self, cache: SessionCache, request: Request[Answer], names: list[str]) -> Exchange[Answer]:
        try:
            return (yield from self._ask(request))
        except SerializationError as error:
            raise _naming_variables(error, request.method, names) from None
        except BaseException:
            # The write may have been executed all the same, or the cache was wrong about the variable.
            cache.keep_written(dict.fromkeys(names), cache.changes)
            raise


def _naming_variables(error: SerializationError, method: str, names: list[str]) -> SerializationError:
    """Returns the same error, naming the variable whose value cannot be sent."""
    for index, name in enumerate(names):
        error = error.called(f"{method}.writes[{index}].value", f'variable "{name}"')
    variables = ", ".join(f'variable "{name}"' for name in names)
    return (
        error.called(f"{method}.value", variables)
        .called(f"{method}.metadata", f"metadata of {variables}")
        .called(method, variables)
    )


class _Write:
    """A value to be sent to the host, checked when the constraints of the variable are cached."""

    __slots__ = ("_known", "name", "payload")

    def __init__(self, name: str, value: Any, version: int | None, known: CachedVariable | None) -> None:
        """Checks the value.

        Raises:
            VariableError: the value is invalid.
        """
        self.name = name
        self._known = known
        if known is not None:
            value = check_variable(known.type, known.constraints, value, name)
        self.payload: VariableWrite = {"name": name, "value": value, "version": version}

    def as_written(self, version: int, at: float) -> CachedVariable | None:
        """Returns the new cache entry; ``None`` when the type of the variable is unknown."""
        known = self._known
        if known is None:
            return None
        # A copy: the tool may change the value afterwards.
        return CachedVariable(at, known.type, copy.copy(self.payload["value"]), version, known.constraints)
