"""Binds the arguments of a call to the parameters of a tool, checking and converting them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import msgspec
from msgspec.structs import astuple

from .argument_conversion import UncheckableError, convert, is_convertible
from .tool_signature import NO_DEFAULT, SignatureParameter, short_repr

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_MUTABLE = (list, dict, set, bytearray)
_MAX_VALUE_TEXT = 60
_NO_KEYWORDS: dict[str, Any] = {}
_SESSION_NAMES = frozenset({"ctx", "context", "session", "session_context"})
"""What a parameter is called that is most likely meant to be the session of the call."""

Bound = tuple[Sequence[Any], Mapping[str, Any]]
"""Positional and keyword arguments, ready for the function."""


class ToolArgumentError(TypeError):
    """The arguments of a call do not fit the tool. The message names the tool and the argument."""

    def __init__(self, message: str, tool: str, argument: str | None) -> None:
        super().__init__(message)
        self.tool = tool
        self.argument = argument
        """The argument concerned; ``None`` when it is about all of them."""


class ArgumentBinder:
    """Binds calls of one tool.

    All parameters are checked by one msgspec structure, in C. Only when that refuses are they gone through one by
    one, to say which is wrong and how.
    """

    __slots__ = ("_extra", "_names", "_parameters", "_structure", "_tool", "bind")

    bind: Callable[[Mapping[str, Any]], Bound]
    """Binds arguments by name. ``**kwargs`` takes what no parameter is named for, ``*args`` a list under its name.

    Raises:
        ToolArgumentError: an argument is wrong, missing or superfluous.
    """

    def __init__(self, tool: str, parameters: Sequence[SignatureParameter]) -> None:
        self._tool = tool
        slots = [_Slot(each) for each in parameters]
        self._extra = next((slot for slot in slots if slot.kind is inspect.Parameter.VAR_KEYWORD), None)
        self._parameters = [slot for slot in slots if slot is not self._extra]
        self._names = {slot.name for slot in self._parameters}
        # Fields have names of their own, for a parameter may be called what a field may not.
        self._structure = msgspec.defstruct(
            "Arguments",
            [(f"p{index}", slot.type, slot.field()) for index, slot in enumerate(self._parameters)],
            kw_only=True,
            forbid_unknown_fields=self._extra is None,
            gc=False,
        )
        plain = self._extra is None and all(slot.kind in _POSITIONAL for slot in self._parameters)
        self.bind = self._bind_positional if plain else self._bind_any

    def _bind_positional(self, arguments: Mapping[str, Any]) -> Bound:
        try:
            return astuple(convert(arguments, self._structure)), _NO_KEYWORDS
        except (msgspec.ValidationError, UncheckableError, TypeError):
            return self._bind_singly(arguments), _NO_KEYWORDS

    def _bind_any(self, arguments: Mapping[str, Any]) -> Bound:
        try:
            values: Sequence[Any] = astuple(convert(arguments, self._structure))
        except (msgspec.ValidationError, UncheckableError, TypeError):
            values = self._bind_singly(arguments)
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        for slot, value in zip(self._parameters, values, strict=True):
            if slot.kind is inspect.Parameter.VAR_POSITIONAL:
                positional.extend(value)
            elif slot.kind is inspect.Parameter.KEYWORD_ONLY:
                keywords[slot.name] = value
            else:
                positional.append(value)
        if self._extra is not None:
            for name in arguments:
                if name not in self._names:
                    keywords[name] = self._convert(self._extra, name, arguments[name])
        return positional, keywords

    def _bind_singly(self, arguments: Any) -> list[Any]:
        """Does slowly what the structure does, and says what is wrong."""
        if not isinstance(arguments, dict):
            self._refuse(f"takes its arguments as a map by name, not as {type(arguments).__name__}", None)
        self._check_names(arguments)
        return [
            self._convert(slot, slot.name, arguments[slot.name]) if slot.name in arguments else slot.default
            for slot in self._parameters
        ]

    def _check_names(self, arguments: dict[str, Any]) -> None:
        unknown = [] if self._extra is not None else [name for name in arguments if name not in self._names]
        if unknown:
            takes = ", ".join(slot.name for slot in self._parameters) or "none"
            self._refuse(f"has no argument {_quoted(unknown)}; it takes {takes}", str(unknown[0]))
        missing = [slot.name for slot in self._parameters if slot.required and slot.name not in arguments]
        if missing:
            self._refuse(
                f"needs argument{'s'[: len(missing) - 1]} {_quoted(missing)}{self._session_hint(missing)}", missing[0]
            )

    def _session_hint(self, missing: Sequence[str]) -> str:
        """How a parameter becomes the session of the call, where a caller was not meant to pass it."""
        meant = next((slot for slot in self._parameters if slot.name in missing and slot.may_be_session), None)
        if meant is None:
            return ""
        return (
            f"; if '{meant.name}' is to be the session of the call, annotate it with SessionContext "
            "(AsyncSessionContext in an async tool) from snakepit_bridge"
        )

    def _convert(self, slot: _Slot, name: str, value: Any) -> Any:
        try:
            return convert(value, slot.type)
        except msgspec.ValidationError as error:
            wanted = slot.annotation_text
            message = f"argument '{name}' must be {wanted}, got {_describe(value)}"
            reason = _reason(str(error), name)
            self._refuse(message if reason is None else f"{message}: {reason}", name)
        except (UncheckableError, TypeError):
            # An annotation that only shows to be beyond checking with certain values.
            return value

    def _refuse(self, message: str, argument: str | None) -> NoReturn:
        separator = ": " if message.startswith("argument ") else " "
        raise ToolArgumentError(f"{self._tool}(){separator}{message}", self._tool, argument)


class _Slot:
    """A parameter as the structure sees it."""

    __slots__ = ("annotation_text", "default", "kind", "may_be_session", "name", "required", "type")

    def __init__(self, parameter: SignatureParameter) -> None:
        self.name = parameter.name
        self.kind = parameter.kind
        self.required = parameter.required
        self.annotation_text = parameter.annotation_text
        annotation = parameter.annotation if is_convertible(parameter.annotation) else Any
        # Without an annotation, or with one that could not be resolved or says nothing.
        self.may_be_session = annotation is Any and (
            self.name in _SESSION_NAMES or "context" in self.annotation_text.lower()
        )
        variadic = self.kind is inspect.Parameter.VAR_POSITIONAL
        self.type: Any = list[annotation] if variadic else annotation  # type: ignore[valid-type]
        self.default: Any = () if variadic else parameter.default

    def field(self) -> Any:
        if self.default is NO_DEFAULT:
            return msgspec.field(name=self.name)
        if isinstance(self.default, _MUTABLE):
            # msgspec would refuse or copy it; Python hands out the same object to every call.
            return msgspec.field(name=self.name, default_factory=lambda: self.default)
        return msgspec.field(name=self.name, default=self.default)


def _quoted(names: Sequence[Any]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _describe(value: Any) -> str:
    kind = type(value).__name__
    if value is None:
        return "None"
    if isinstance(value, str):
        text = value if len(value) <= _MAX_VALUE_TEXT else value[: _MAX_VALUE_TEXT - 1] + "…"
        return f'{kind} ("{text}")'
    if isinstance(value, (bool, int, float, complex)):
        return f"{kind} ({short_repr(value, _MAX_VALUE_TEXT)})"
    return kind


def _reason(message: str, name: str) -> str | None:
    """What msgspec says, when it says more than that the type is wrong: for a part of the value, or a constraint."""
    text, at, path = message.partition(" - at `$")
    if at:
        return f"{text.replace('`', '')} at {name}{path.rstrip('`')}"
    return None if text.startswith("Expected") and ", got " in text else text.replace("`", "")
