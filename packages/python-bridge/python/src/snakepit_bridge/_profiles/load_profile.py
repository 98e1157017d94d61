"""Creates the profile that a pool configures."""

from __future__ import annotations

from types import ModuleType
from typing import TypeGuard

from .._errors import headline_of
from .._tools import TargetError, module_of_target, nearest_name, parse_target
from .async_profile import AsyncProfile
from .profile import Profile
from .thread_profile import ThreadProfile

_HERE = __name__.rpartition(".")[0]
"""The package of the base classes."""

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
            f"the capacity of the profile '{name}' must be an integer from 1 to {_MAX_CAPACITY}; got {number!r}; "
            "set default_capacity in the class"
        )
    return profile


def _import(name: str) -> type[Profile]:
    target = parse_target(name)
    if target.class_name is None:
        raise TargetError(f"the profile '{name}' must be 'thread', 'async' or a class, for example 'my_profiles:Mine'")
    try:
        # The tools may be in the same module, which must not be imported twice.
        module = module_of_target(target)
    except TargetError as error:
        raise error.prefixed(f"the profile '{name}' cannot be loaded") from error
    kind = getattr(module, target.class_name, None)
    if kind is None:
        raise TargetError(
            f"the profile '{name}' cannot be loaded: {target.file or target.module} has no class "
            f"'{target.class_name}'; {_remedy(module, target.class_name)}"
        )
    if not _is_profile(kind):
        remedy = "derive it from that class" if isinstance(kind, type) else _remedy(module, target.class_name)
        raise TargetError(
            f"the profile '{name}' cannot be loaded: '{target.class_name}' is not derived from "
            f"snakepit_bridge.profiles.Profile; {remedy}"
        )
    missing = ", ".join(f"{method}()" for method in sorted(kind.__abstractmethods__))
    if missing:
        raise TargetError(f"the profile '{name}' does not define {missing}; define it in {kind.__name__}")
    return kind


def _remedy(module: ModuleType, name: str) -> str:
    # Profiles of the package may be imported there too, as base classes.
    own = [
        each for each, value in vars(module).items() if _is_profile(value) and not value.__module__.startswith(_HERE)
    ]
    nearest = nearest_name(name, own)
    if nearest is not None:
        return f"did you mean '{nearest}'?"
    if own:
        return f"its profiles are {', '.join(own)}"
    return "define a class derived from snakepit_bridge.profiles.Profile there"


def _is_profile(value: object) -> TypeGuard[type[Profile]]:
    return isinstance(value, type) and issubclass(value, Profile)
