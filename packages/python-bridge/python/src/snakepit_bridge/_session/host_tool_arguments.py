"""The arguments of a call of a host tool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .host_tool import HostToolDescriptor


def named_arguments(
    descriptor: HostToolDescriptor, positional: Sequence[Any], keywords: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Gives arguments without a name those of the tool's parameters, in their order. The host checks the rest.

    Raises:
        TypeError: there are more of them than parameters, or one is given by name as well.
    """
    if not positional:
        return keywords
    names = [each.name for each in descriptor.parameters]
    if len(positional) > len(names):
        takes = f"{len(names)} positional argument{'' if len(names) == 1 else 's'}"
        raise TypeError(f"{descriptor.name}() takes {takes} and {len(positional)} were given")
    arguments = dict(zip(names, positional, strict=False))
    for name in keywords:
        if name in arguments:
            raise TypeError(f"{descriptor.name}() got multiple values for argument '{name}'")
    return {**arguments, **keywords}
