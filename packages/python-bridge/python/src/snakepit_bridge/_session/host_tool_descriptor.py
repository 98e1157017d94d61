"""What the host reports about its tools."""

from __future__ import annotations

import ast
import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .._contract.payloads import HostTool

_CACHE_SECONDS: Final = 5.0
"""How long a list is used. A name that it does not contain is requested again at once."""


@dataclass(frozen=True)
class HostToolParameter:
    """One parameter of a host tool."""

    name: str
    type: str
    """As an annotation in Python."""
    required: bool
    default: str | None
    """As an expression in Python."""
    description: str | None


@dataclass(frozen=True)
class HostToolDescriptor:
    """The description of a host tool in Python."""

    name: str
    description: str
    streaming: bool
    """Whether it yields values one at a time."""
    parameters: tuple[HostToolParameter, ...]
    schema: Mapping[str, Any] | None
    """JSON Schema of its arguments; ``None`` when it accepts any."""
    metadata: Mapping[str, Any]

    @cached_property
    def signature(self) -> inspect.Signature:
        """Its parameters, as ``help()`` shows them."""
        shown: list[inspect.Parameter] = []
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        is_complete = self.schema is not None
        for each in self.parameters:
            if not each.name.isidentifier() or keyword.iskeyword(each.name):
                is_complete = False
                continue
            default = inspect.Parameter.empty if each.required else _default_of(each)
            if each.required and shown and shown[-1].default is not inspect.Parameter.empty:
                # Python requires these first; positional arguments follow the order of the host.
                kind = inspect.Parameter.KEYWORD_ONLY
            shown.append(inspect.Parameter(each.name, kind, default=default, annotation=_Source(each.type)))
        if not is_complete:
            shown.append(inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD))
        return inspect.Signature(shown)

    @cached_property
    def docstring(self) -> str:
        """Its description and the descriptions of its parameters."""
        lines = [f"    {each.name}: {each.description}" for each in self.parameters if each.description]
        return "\n".join([self.description, *(["", "Args:", *lines] if lines else [])])


class HostToolList:
    """The reply of the host to a request for its tools."""

    __slots__ = ("at", "by_name")

    def __init__(self, at: float, by_name: Mapping[str, HostToolDescriptor]) -> None:
        self.at = at
        """When it was requested, on the clock of :func:`time.monotonic`."""
        self.by_name = by_name

    def is_fresh(self, now: float) -> bool:
        """Whether it may still be used."""
        return now - self.at < _CACHE_SECONDS


class _Source:
    """A string whose ``repr()`` is the string itself."""

    __slots__ = ("_source",)

    def __init__(self, source: str) -> None:
        self._source = source

    def __repr__(self) -> str:
        return self._source


def read_descriptor(fields: HostTool) -> HostToolDescriptor:
    """Returns the descriptor of a tool from the fields that the host sends."""
    return HostToolDescriptor(
        name=fields["name"],
        description=fields["description"],
        streaming=fields["streaming"],
        parameters=tuple(
            HostToolParameter(each["name"], each["type"], each["required"], each["default"], each["description"])
            for each in fields["parameters"]
        ),
        schema=fields["schema"],
        metadata=fields["metadata"],
    )


def _default_of(parameter: HostToolParameter) -> Any:
    if parameter.default is None:
        # It is optional, and the host does not report its default.
        return _Source("...")
    try:
        return ast.literal_eval(parameter.default)
    except ValueError:
        return _Source(parameter.default)
