"""Reads of the variables of a session, from the cache and by exchanges with the host."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..._contract.operations import VARIABLES_DESCRIBE, VARIABLES_GET, VARIABLES_LIST, VARIABLES_RESERVE
from ..._errors import HostError
from ..exchange import REQUIRED
from ..reservation import reservation_field
from ..session_cache import CachedVariable
from ..variable_types import as_read
from .variable import VariableChange, read_description, read_variable
from .variable_errors import as_variable_error

if TYPE_CHECKING:
    from ..._contract import payloads
    from ..._contract.operation import Request, StreamRequest
    from ..caller import Caller
    from ..exchange import Exchange
    from ..name_pattern import WatchedNames
    from ..session_cache import SessionCache
    from .variable import Variable, VariableDescription

Answer = TypeVar("Answer")

_CACHE_SECONDS: Final = 1.0


class VariableReads:
    """What blocking and awaiting variables have in common.

    Attributes:
        cache_seconds: how long a cached value is used, in seconds; 0 sends a request for each read. The host notifies
            workers of stale values, so changes usually show at once.
    """

    __slots__ = ("_caller", "_kept", "_known", "cache_seconds")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        # Without a session nothing is cached, and the first read raises NoSessionError.
        self._kept: SessionCache | None = None if caller.session_id is None else caller.cache()
        self._known: dict[str, CachedVariable] = {} if self._kept is None else self._kept.variables
        self.cache_seconds = _CACHE_SECONDS

    def _fresh(self, name: str) -> CachedVariable | None:
        known = self._known.get(name)
        return known if known is not None and monotonic() - known.at < self.cache_seconds else None

    def _cache(self) -> SessionCache:
        cache = self._kept
        if cache is None or cache.has_ended:
            self._caller.require_session("variables")
            # The previous cache was evicted by those of other sessions.
            self._kept = cache = self._caller.cache()
            self._known = cache.variables
        return cache

    def _ask(self, request: Request[Answer]) -> Exchange[Answer]:
        self._caller.require_session("variables")
        try:
            answer: Answer = yield request
        except HostError as failure:
            raise as_variable_error(failure) from None
        return answer

    def _reading(self, names: Collection[str]) -> Exchange[dict[str, CachedVariable]]:
        """Requests variables and returns those that exist."""
        check_names(names)
        cache = self._cache()
        since, at = cache.changes, monotonic()
        reply = yield from self._ask(VARIABLES_GET.request({"names": list(names)}))
        found = {}
        for name, fields in reply["variables"].items():
            found[name] = cached(fields, at)
            cache.keep(name, found[name], since)
        return found

    def _reading_existing(self, name: str) -> Exchange[CachedVariable]:
        found = yield from self._reading([name])
        return found[name] if name in found else (yield from self._missing(name))

    def _reservation_request(self, name: str, conflicts: int) -> StreamRequest[payloads.ReservedVariable]:
        """Returns the request for a reservation by an update that has conflicted with other writers so often."""
        return VARIABLES_RESERVE.request({"name": name, "conflicts": conflicts, **reservation_field()})

    def _keep_reserved(self, name: str, fields: payloads.ReservedVariable, since: int, at: float) -> CachedVariable:
        """Caches a variable that an update has reserved, and returns it."""
        known = cached(fields, at)
        self._cache().keep(name, known, since)
        return known

    def _missing(self, name: str) -> Exchange[CachedVariable]:
        while True:
            # The error of the host explains which variable may have been meant; unless it was registered meanwhile.
            yield from self._describing(name)
            found = yield from self._reading([name])
            if name in found:
                return found[name]

    def _reading_value(self, name: str, default: Any) -> Exchange[Any]:
        found = yield from self._reading([name])
        if name in found:
            return found[name].value
        return (yield from self._missing(name)).value if default is REQUIRED else default

    def _reading_values(self, names: Iterable[str], *, fresh: bool) -> Exchange[dict[str, Any]]:
        if isinstance(names, str):
            # Its characters would be taken as names.
            raise TypeError(f"names must be a list of str, such as [{names!r}]; got a str")
        unique = list(dict.fromkeys(names))
        found = {} if fresh else {name: known for name in unique if (known := self._fresh(name)) is not None}
        missing = [name for name in unique if name not in found]
        if missing:
            found.update((yield from self._reading(missing)))
        return {name: found[name].value for name in unique if name in found}

    def _describing(self, name: str) -> Exchange[VariableDescription]:
        check_names([name])
        return read_description((yield from self._ask(VARIABLES_DESCRIBE.request({"name": name}))))

    def _listing(self, pattern: str) -> Exchange[tuple[Variable, ...]]:
        reply = yield from self._ask(VARIABLES_LIST.request({"pattern": pattern}))
        return tuple(read_variable(each["name"], each, each["metadata"]) for each in reply["variables"])

    def _seen(self, fields: payloads.VariableChange, watched: WatchedNames) -> VariableChange | None:
        """Returns a change from the fields that the host sends; ``None`` when the variable is not watched."""
        name = fields["name"]
        if name not in watched:
            return None
        version, deleted = fields["version"], fields["deleted"]
        # A caller that has seen a change must not read an older value from the cache.
        self._caller.cache().forget_other(name, None if deleted else version)
        type_name = fields["type"]
        value = None if type_name is None else as_read(type_name, fields["value"])
        return VariableChange(name, value, version, deleted)


def cached(fields: payloads.Variable | payloads.ReservedVariable, at: float) -> CachedVariable:
    """Returns a cache entry from the fields that the host sends."""
    kind = fields["type"]
    return CachedVariable(at, kind, as_read(kind, fields["value"]), fields["version"], fields["constraints"])


def check_names(names: Iterable[Any]) -> None:
    """Checks the types of names.

    Raises:
        TypeError: a name is not a string.
    """
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the name of a variable must be a str; got {type(name).__name__}")
