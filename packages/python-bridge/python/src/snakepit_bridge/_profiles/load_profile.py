"""Creates the profile that a pool configures."""

from __future__ import annotations

from .._errors import headline_of
from .._tools import TargetError, import_target, parse_target
from .async_profile import AsyncProfile
from .profile import Profile
from .thread_profile import ThreadProfile

_BUILT_IN: dict[str, type[Profile]] = {"thread": ThreadProfile, "async": AsyncProfile}
_MAX_CAPACITY = 10_000
"""The maximum of the option of the pool."""


def load_profile(name: str, capacity: int | None) -> Profile:
    """Creates a profile.

    Args:
        name: ``thread``, ``async``, or a class as ``module:Class``.
        capacity: the capacity that the pool configures; ``None`` for the default of the profile.

    Raises:
        TargetError: the class cannot be imported or is not a profile, its constructor or its capacity raised, or its
            capacity is not an integer from 1 to 10,000.
    """
    kind = _BUILT_IN.get(name) or _import(name)
    try:
        profile = kind(capacity)
        number = profile.capacity
    except BaseException as error:
        raise TargetError(
            f"the constructor of the profile '{name}' raised {headline_of(error)}", exception=error, permanent=False
        ) from error
    if type(number) is not int or not 1 <= number <= _MAX_CAPACITY:
        raise TargetError(
            f"the capacity of the profile '{name}' must be an integer from 1 to {_MAX_CAPACITY}; got {number!r}"
        )
    return profile


def _import(name: str) -> type[Profile]:
    target = parse_target(name)
    if target.class_name is None:
        raise TargetError(f"the profile '{name}' must be 'thread', 'async' or a class, for example 'my_profiles:Mine'")
    module = import_target(target, as_script=False)
    kind = getattr(module, target.class_name, None)
    if not isinstance(kind, type) or not issubclass(kind, Profile):
        problem = "has no such class" if kind is None else "is not derived from snakepit_bridge.profiles.Profile"
        where = f"'{target.file or target.module}'" if kind is None else f"'{target.class_name}'"
        raise TargetError(f"the profile '{name}' cannot be loaded: {where} {problem}")
    return kind
