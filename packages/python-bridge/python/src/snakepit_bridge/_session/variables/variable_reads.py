"""Reading the variables of a session: what is remembered, and conversations with the host."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from snakepit_bridge._worker.host_error import HostError

from .required import REQUIRED
from .session_cache import CachedVariable
from .variable import VariableChange, read_description, read_variable
from .variable_errors import as_variable_error
from .variable_types import as_read

if TYPE_CHECKING:
    from .caller import Caller
    from .exchange import Exchange
    from .name_pattern import WatchedNames
    from .session_cache import SessionCache
    from .variable import Variable, VariableDescription

_CACHE_SECONDS: Final = 1.0


class VariableReads:
    """What blocking and awaiting variables have in common.

    Attributes:
        cache_seconds: for how long at most a value is used that the host was asked for before, in seconds; 0 to ask it
            each time. The host says when a value has become stale, so that is usually noticed at once.
    """

    __slots__ = ("_caller", "_kept", "_known", "cache_seconds")

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        # Without a session none is known, and who asks for one is told why.
        self._kept: SessionCache | None = None if caller.session_id is None else caller.cache()
        self._known: dict[str, CachedVariable] = {} if self._kept is None else self._kept.variables
        self.cache_seconds = _CACHE_SECONDS

    def _fresh(self, name: str) -> CachedVariable | None:
        known = self._known.get(name)
        return known if known is not None and monotonic() - known.at < self.cache_seconds else None

    def _cache(self) -> SessionCache:
        cache = self._kept
        if cache is None or cache.is_over:
            self._caller.require_session("variables")
            # The one of before was given up in favour of other sessions.
            self._kept = cache = self._caller.cache()
            self._known = cache.variables
        return cache

    def _ask(self, method: str, payload: Mapping[str, Any]) -> Exchange[Any]:
        self._caller.require_session("variables")
        try:
            return (yield (method, payload))
        except HostError as failure:
            raise as_variable_error(failure) from None

    def _reading(self, names: Collection[str]) -> Exchange[dict[str, CachedVariable]]:
        """Asks for variables; those that are not there are left out."""
        check_names(names)
        cache = self._cache()
        since, at = cache.changes, monotonic()
        reply = yield from self._ask("variables.get", {"names": list(names)})
        found = {}
        for name, told in reply["variables"].items():
            found[name] = remembered(told, at)
            cache.keep(name, found[name], since)
        return found

    def _reading_existing(self, name: str) -> Exchange[CachedVariable]:
        found = yield from self._reading([name])
        return found[name] if name in found else (yield from self._missing(name))

    def _missing(self, name: str) -> Exchange[CachedVariable]:
        while True:
            # The host says why there is none, and which one may have been meant; unless it has come meanwhile.
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
            # Its characters are not what is meant.
            raise TypeError(f"names are given as a list, [{names!r}], and not as a str")
        wanted = list(dict.fromkeys(names))
        found = {} if fresh else {name: known for name in wanted if (known := self._fresh(name)) is not None}
        missing = [name for name in wanted if name not in found]
        if missing:
            found.update((yield from self._reading(missing)))
        return {name: found[name].value for name in wanted if name in found}

    def _describing(self, name: str) -> Exchange[VariableDescription]:
        check_names([name])
        return read_description(name, (yield from self._ask("variables.describe", {"name": name})))

    def _listing(self, pattern: str) -> Exchange[tuple[Variable, ...]]:
        reply = yield from self._ask("variables.list", {"pattern": pattern})
        return tuple(read_variable(told["name"], told) for told in reply["variables"])

    def _seen(self, told: Mapping[str, Any], watched: WatchedNames) -> VariableChange | None:
        """Reads a change that the host tells of; ``None`` when it is none that is watched."""
        name: str = told["name"]
        if name not in watched:
            return None
        version, deleted = told["version"], told["deleted"]
        # Whoever has seen a change must not be given what was there before it.
        self._caller.cache().forget_other(name, None if deleted else version)
        value = None if deleted else as_read(told["type"], told["value"])
        return VariableChange(name, value, version, deleted)


def remembered(told: Mapping[str, Any], at: float) -> CachedVariable:
    """Reads what the host tells of a variable, for the cache."""
    kind = told["type"]
    return CachedVariable(at, kind, as_read(kind, told["value"]), told["version"], told["constraints"])


def check_names(names: Iterable[Any]) -> None:
    """Refuses what is not even text.

    Raises:
        TypeError: a name is not.
    """
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"the name of a variable is a str, not {type(name).__name__}")
