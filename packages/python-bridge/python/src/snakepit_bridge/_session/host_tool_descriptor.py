"""What is known of a tool of the host."""

from __future__ import annotations

import ast
import inspect
import keyword
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class HostToolParameter:
    """One parameter of a tool of the host."""

    name: str
    type: str
    """As one would annotate it in Python."""
    required: bool
    default: str | None
    """As one would write it in Python."""
    description: str | None


@dataclass(frozen=True)
class HostToolDescriptor:
    """A function of the host, as Python sees it."""

    name: str
    description: str
    streaming: bool
    """Whether it gives its values one after the other."""
    parameters: tuple[HostToolParameter, ...]
    schema: Mapping[str, Any] | None
    """JSON Schema of its arguments; ``None`` when it takes anything."""
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
                # Python wants these first; by position, it is the order of the host that counts.
                kind = inspect.Parameter.KEYWORD_ONLY
            shown.append(inspect.Parameter(each.name, kind, default=default, annotation=_Written(each.type)))
        if not is_complete:
            shown.append(inspect.Parameter("arguments", inspect.Parameter.VAR_KEYWORD))
        return inspect.Signature(shown)

    @cached_property
    def docstring(self) -> str:
        """What it does and takes."""
        lines = [f"    {each.name}: {each.description}" for each in self.parameters if each.description]
        return "\n".join([self.description, *(["", "Args:", *lines] if lines else [])])


class _Written:
    """Shown as it is written."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def read_descriptor(told: Mapping[str, Any]) -> HostToolDescriptor:
    """Reads what the host tells of one of its tools."""
    return HostToolDescriptor(
        name=told["name"],
        description=told["description"],
        streaming=told["streaming"],
        parameters=tuple(
            HostToolParameter(each["name"], each["type"], each["required"], each["default"], each["description"])
            for each in told["parameters"]
        ),
        schema=told["schema"],
        metadata=told["metadata"],
    )


def _default_of(parameter: HostToolParameter) -> Any:
    if parameter.default is None:
        # It may be left out, and what is taken then is the host's business.
        return _Written("...")
    try:
        return ast.literal_eval(parameter.default)
    except ValueError:
        return _Written(parameter.default)
