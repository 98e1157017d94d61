"""Binds the arguments of a call to the parameters of a tool, checking and converting them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import msgspec
from msgspec.structs import astuple

from .checking import Compiler, Mismatch, anything, convert, names_secret
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

    All parameters are checked by one msgspec structure, in C; those that msgspec does not know completely are checked
    after it, each by the check that was made when the tool was loaded. Only when the structure refuses are all gone
    through one by one, to say which is wrong and how, or to accept what only the thorough checks do.
    """

    __slots__ = ("_extra", "_hook", "_later", "_names", "_parameters", "_structure", "_tool", "bind", "unchecked")

    bind: Callable[[Mapping[str, Any]], Bound]
    """Binds arguments by name. ``**kwargs`` takes what no parameter is named for, ``*args`` a list under its name.

    Raises:
        ToolArgumentError: an argument is wrong, missing or superfluous.
    """

    unchecked: Mapping[str, str]
    """Why the values of a parameter cannot be checked, by its name; without those that are checked."""

    def __init__(self, tool: str, parameters: Sequence[SignatureParameter]) -> None:
        self._tool = tool
        compiler = Compiler()
        slots = [_Slot(each, compiler) for each in parameters]
        self.unchecked = {slot.name: slot.unchecked for slot in slots if slot.unchecked is not None}
        self._hook = compiler.hook
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
        self._later = [(index, slot) for index, slot in enumerate(self._parameters) if not slot.is_native]
        plain = self._extra is None and all(slot.kind in _POSITIONAL for slot in self._parameters)
        if not plain:
            self.bind = self._bind_any
        else:
            self.bind = self._bind_checked if self._later else self._bind_positional

    def _bind_positional(self, arguments: Mapping[str, Any]) -> Bound:
        try:
            return astuple(convert(arguments, self._structure, self._hook)), _NO_KEYWORDS
        except (msgspec.ValidationError, TypeError):
            # Tracebacks would show what msgspec refused, which may be a secret.
            pass
        return self._bind_singly(arguments), _NO_KEYWORDS

    def _bind_checked(self, arguments: Mapping[str, Any]) -> Bound:
        return self._values(arguments), _NO_KEYWORDS

    def _bind_any(self, arguments: Mapping[str, Any]) -> Bound:
        positional: list[Any] = []
        keywords: dict[str, Any] = {}
        for slot, value in zip(self._parameters, self._values(arguments), strict=True):
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

    def _values(self, arguments: Mapping[str, Any]) -> Sequence[Any]:
        try:
            values = astuple(convert(arguments, self._structure, self._hook))
        except (msgspec.ValidationError, TypeError):
            values = None
        if values is None:
            return self._bind_singly(arguments)
        if not self._later:
            return values
        checked = list(values)
        for index, slot in self._later:
            if slot.name in arguments:
                checked[index] = self._convert(slot, slot.name, checked[index])
        return tuple(checked)

    def _bind_singly(self, arguments: Any) -> Sequence[Any]:
        """Checks one argument after the other, slower than the structure, to report what is wrong."""
        if not isinstance(arguments, dict):
            self._refuse(f"takes its arguments as a map by name, not as {type(arguments).__name__}", None)
        self._check_names(arguments)
        return tuple(
            self._convert(slot, slot.name, arguments[slot.name]) if slot.name in arguments else slot.default
            for slot in self._parameters
        )

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
            return slot.check(value)
        except Mismatch as mismatch:
            shown = type(value).__name__ if slot.secret else _describe(value)
            message = f"argument '{name}' must be {slot.annotation_text}, got {shown}"
            if slot.secret:
                mismatch = mismatch.redacted()
            # The type that was expected stands there already, but for the members of a union under another name.
            names_members = "|" in mismatch.reason and "|" not in slot.annotation_text
            if not mismatch.of_type or mismatch.has_path or names_members:
                message = f"{message}: {mismatch.describe(name)}"
        # Not in the handler: what was refused may be a secret, and is in the tracebacks of what is handled there.
        return self._refuse(message, name)

    def _refuse(self, message: str, argument: str | None) -> NoReturn:
        separator = ": " if message.startswith("argument ") else " "
        raise ToolArgumentError(f"{self._tool}(){separator}{message}", self._tool, argument)


class _Slot:
    """A parameter as the structure sees it."""

    __slots__ = (
        "annotation_text",
        "check",
        "default",
        "is_native",
        "kind",
        "may_be_session",
        "name",
        "required",
        "secret",
        "type",
        "unchecked",
    )

    def __init__(self, parameter: SignatureParameter, compiler: Compiler) -> None:
        self.name = parameter.name
        self.kind = parameter.kind
        self.required = parameter.required
        self.annotation_text = parameter.annotation_text
        annotation = parameter.annotation
        variadic = self.kind is inspect.Parameter.VAR_POSITIONAL
        checker, self.unchecked = compiler.compile(annotation)
        if parameter.annotation_text == "":
            self.unchecked = "it has no annotation"
        # Without an annotation, or with one that could not be resolved or accepts anything.
        self.may_be_session = self.unchecked is not None and (
            self.name in _SESSION_NAMES or "context" in self.annotation_text.lower()
        )
        if variadic:
            checker, _ = compiler.compile(list[annotation])  # type: ignore[valid-type]
        self.check = checker.check
        self.is_native = checker.is_native or checker.check is anything
        self.secret = checker.secret or names_secret(self.name) or names_secret(self.annotation_text)
        self.type: Any = checker.native if checker.is_native else Any
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
