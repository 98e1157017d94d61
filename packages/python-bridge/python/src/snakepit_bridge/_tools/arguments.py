"""Binds the arguments of a call to the parameters of a tool, and checks and converts them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import msgspec
from msgspec.structs import astuple

from .checking import REJECTIONS, Compiler, Mismatch, anything, conversion, is_decodable, is_plain, names_secret
from .nearest_name import nearest_name
from .tool_signature import NO_DEFAULT, SignatureParameter, short_repr

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
# JavaScript sends larger numbers as floats, since they may have been rounded.
_FIRST_LARGE_INTEGER = 2**53
_INT = re.compile(r"\bint\b")
_MUTABLE = (list, dict, set, bytearray)
_MAX_VALUE_TEXT = 60
_MAX_NAMES = 10
"""The number of unknown arguments that a message names."""
_NO_KEYWORDS: dict[str, Any] = {}
_SESSION_NAMES = frozenset({"ctx", "context", "session", "session_context"})
"""Names of parameters that probably denote the session of the call."""

Bound = tuple[Sequence[Any], Mapping[str, Any]]
"""Positional and keyword arguments, ready for the function."""


class ToolArgumentError(TypeError):
    """The arguments of a call do not match the tool. The message names the tool and the argument."""

    def __init__(self, message: str, tool: str, argument: str | None) -> None:
        super().__init__(message)
        self.tool = tool
        self.argument = argument
        """The invalid argument; ``None`` when the error is about the arguments as a whole."""


class ArgumentBinder:
    """Binds the arguments of calls to one tool.

    One msgspec structure checks all parameters, in C. Parameters that msgspec cannot check completely are then checked
    by the checkers that were compiled when the tool was loaded. If the structure rejects the arguments, they are
    checked one by one, to report which one is invalid and why, or to accept values that only the complete checks
    accept.
    """

    __slots__ = (
        "_convert_all",
        "_extra",
        "_later",
        "_names",
        "_parameters",
        "_structure",
        "_tool",
        "bind",
        "bind_encoded",
        "unchecked",
    )

    bind: Callable[[Mapping[str, Any]], Bound]
    """Binds arguments by name. ``**kwargs`` receives arguments without a parameter, ``*args`` a list under its name.

    Raises:
        ToolArgumentError: an argument is invalid, missing or unknown.
    """

    bind_encoded: Callable[[bytes], Bound | None] | None
    """Binds arguments from their MessagePack data in one step, which is faster; ``None`` if a parameter needs more.

    Returns ``None`` for arguments that it does not accept: :attr:`bind` then reports what is invalid.
    """

    unchecked: Mapping[str, str]
    """The reasons why values of a parameter are not checked, by parameter name. Checked parameters are omitted."""

    def __init__(self, tool: str, parameters: Sequence[SignatureParameter]) -> None:
        self._tool = tool
        compiler = Compiler()
        slots = [_Slot(each, compiler) for each in parameters]
        self.unchecked = {slot.name: slot.unchecked for slot in slots if slot.unchecked is not None}
        self._extra = next((slot for slot in slots if slot.kind is inspect.Parameter.VAR_KEYWORD), None)
        self._parameters = [slot for slot in slots if slot is not self._extra]
        self._names = {slot.name for slot in self._parameters}
        # The fields have generated names, since some names of parameters are not valid names of fields.
        structure = msgspec.defstruct(
            "Arguments",
            [(f"p{index}", slot.type, slot.field()) for index, slot in enumerate(self._parameters)],
            kw_only=True,
            forbid_unknown_fields=self._extra is None,
            gc=False,
        )
        self._structure = structure
        self._convert_all = conversion([slot.type for slot in self._parameters], compiler.hook)
        self._later = [(index, slot) for index, slot in enumerate(self._parameters) if not slot.is_native]
        plain = self._extra is None and all(slot.kind in _POSITIONAL for slot in self._parameters)
        self.bind_encoded = None
        if not plain:
            self.bind = self._bind_any
        elif self._later:
            self.bind = self._bind_checked
        else:
            self.bind = self._create_positional_bind()
            if all(is_decodable(slot.type) for slot in self._parameters):
                self.bind_encoded = _create_encoded_bind(structure)
            elif all(is_plain(slot.type) for slot in self._parameters):
                self.bind_encoded = _create_plain_bind(structure)

    def _create_positional_bind(self) -> Callable[[Mapping[str, Any]], Bound]:
        """Returns the function for most tools. It looks nothing up: this runs for each call."""
        convert, structure, bind_singly = self._convert_all, self._structure, self._bind_singly

        def bind(arguments: Mapping[str, Any]) -> Bound:
            try:
                return astuple(convert(arguments, structure)), _NO_KEYWORDS
            except REJECTIONS:
                # Raised outside the handler: tracebacks would show the value that msgspec rejected, which may be a
                # secret.
                pass
            return bind_singly(arguments), _NO_KEYWORDS

        return bind

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
                if not isinstance(name, str):
                    self._reject(f"argument names must be strings; got {short_repr(name, _MAX_VALUE_TEXT)}", None)
                if name not in self._names:
                    keywords[name] = self._convert(self._extra, _short_name(name), arguments[name])
        return positional, keywords

    def _values(self, arguments: Mapping[str, Any]) -> Sequence[Any]:
        try:
            values = astuple(self._convert_all(arguments, self._structure))
        except REJECTIONS:
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
        """Checks the arguments one by one, which is slower than the structure, to report which one is invalid."""
        if not isinstance(arguments, dict):
            self._reject(f"arguments must be a map by name; got {type(arguments).__name__}", None)
        self._check_names(arguments)
        return tuple(
            self._convert(slot, slot.name, arguments[slot.name]) if slot.name in arguments else slot.default
            for slot in self._parameters
        )

    def _check_names(self, arguments: dict[str, Any]) -> None:
        unknown = [] if self._extra is not None else [name for name in arguments if name not in self._names]
        if unknown:
            names = [slot.name for slot in self._parameters]
            nearest = nearest_name(_short_name(unknown[0]), [name for name in names if name not in arguments])
            hint = "" if nearest is None else f"did you mean '{nearest}'? "
            parameters = ", ".join(names) or "none"
            self._reject(f"has no argument {_quoted(unknown)}; {hint}parameters: {parameters}", _short_name(unknown[0]))
        missing = [slot.name for slot in self._parameters if slot.required and slot.name not in arguments]
        if missing:
            self._reject(
                f"requires argument{'s'[: len(missing) - 1]} {_quoted(missing)}{self._session_hint(missing)}",
                missing[0],
            )

    def _session_hint(self, missing: Sequence[str]) -> str:
        """Explains how to declare the session of the call, if a missing argument probably denotes it."""
        meant = next((slot for slot in self._parameters if slot.name in missing and slot.may_be_session), None)
        if meant is None:
            return ""
        return (
            f"; if '{meant.name}' should be the session of the call, annotate it with SessionContext "
            "(AsyncSessionContext in an async tool) from snakepit_bridge"
        )

    def _convert(self, slot: _Slot, name: str, value: Any) -> Any:
        try:
            return slot.check(value)
        except Mismatch as mismatch:
            shown = type(value).__name__ if slot.secret else _describe(value)
            message = f"argument '{name}' must be {slot.annotation_text}; got {shown}"
            if slot.secret:
                mismatch = mismatch.redacted()
            # The message names the expected type already, except when members of a union have other names.
            names_members = "|" in mismatch.reason and "|" not in slot.annotation_text
            if not mismatch.of_type or mismatch.has_path or names_members:
                message = f"{message}: {mismatch.describe(name)}"
            if not slot.secret and _is_large_integer(value) and _INT.search(slot.annotation_text):
                message = f"{message}; send integers beyond 2 ** 53 - 1 as bigint, for example BigInt(text)"
        # Raised outside the handler: the rejected value may be a secret, which the traceback of the handled error
        # shows.
        return self._reject(message, name)

    def _reject(self, message: str, argument: str | None) -> NoReturn:
        separator = ": " if message.startswith(("argument ", "arguments ")) else " "
        raise ToolArgumentError(f"{self._tool}(){separator}{message}", self._tool, argument)


def _create_encoded_bind(structure: type[msgspec.Struct]) -> Callable[[bytes], Bound | None]:
    decode = msgspec.msgpack.Decoder(structure).decode

    def bind_encoded(body: bytes) -> Bound | None:
        try:
            return astuple(decode(body)), _NO_KEYWORDS
        except msgspec.DecodeError:
            return None

    return bind_encoded


def _create_plain_bind(structure: type[msgspec.Struct]) -> Callable[[bytes], Bound | None]:
    """Returns a function for parameters of any type, which accepts arguments without an extension type."""
    decode = msgspec.msgpack.Decoder(structure, ext_hook=_reject_extension).decode
    may_succeed = True

    def bind_encoded(body: bytes) -> Bound | None:
        nonlocal may_succeed
        if not may_succeed or _may_have_timestamp(body):
            return None
        try:
            return astuple(decode(body)), _NO_KEYWORDS
        except _ExtensionFound:
            # Later calls of the tool probably have one, too, and each attempt costs time.
            may_succeed = False
        except (msgspec.DecodeError, RecursionError):
            pass
        return None

    return bind_encoded


_TIMESTAMP_TYPE = 0xFF
_FIXED_SIZES = frozenset({0xD6, 0xD7})
_SIZES = frozenset({4, 8, 12})
_MAX_LOOKS = 1_000


def _may_have_timestamp(body: bytes) -> bool:
    """Whether the data may contain a standard timestamp, which msgspec decodes without the hook.

    Snakepit does not use that type (https://github.com/msgpack/msgpack/blob/master/spec.md#timestamp-extension-type).
    Its number follows the size of the value. Other data may look the same.
    """
    at = 0
    for _ in range(_MAX_LOOKS):
        at = body.find(_TIMESTAMP_TYPE, at + 1)
        if at == -1:
            return False
        size = body[at - 1]
        if size in _FIXED_SIZES or (size in _SIZES and body[at - 2] in _BEFORE_SIZE):
            return True
    return True


_BEFORE_SIZE = frozenset({0xC7, 0})
"""The byte before a size of one byte (ext 8), or the second last one of a longer size (ext 16, ext 32)."""


class _ExtensionFound(Exception):  # noqa: N818 (not an error)
    """A value has an extension type of Snakepit, such as a date, which msgspec does not know."""


def _reject_extension(_tag: int, _data: memoryview) -> NoReturn:
    raise _ExtensionFound


class _Slot:
    """A parameter as a field of the structure."""

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
        # No annotation, or one that could not be resolved or accepts every value.
        self.may_be_session = self.unchecked is not None and (
            self.name in _SESSION_NAMES or "context" in self.annotation_text.lower()
        )
        if variadic:
            checker, _ = compiler.compile(list[annotation])  # type: ignore[valid-type]
        self.check = checker.check
        self.is_native = checker.is_native or checker.check is anything
        self.secret = checker.secret or names_secret(self.name) or names_secret(self.annotation_text)
        self.type: Any = checker.native if checker.is_native and checker.check is not anything else Any
        self.default: Any = () if variadic else parameter.default
        if variadic:
            # Messages describe what callers pass under the name: a list, not one of its items.
            self.annotation_text = f"list[{self.annotation_text}]" if self.annotation_text else "list"

    def field(self) -> Any:
        if self.default is NO_DEFAULT:
            return msgspec.field(name=self.name)
        if isinstance(self.default, _MUTABLE):
            # msgspec would reject or copy it; Python passes the same object to every call.
            return msgspec.field(name=self.name, default_factory=lambda: self.default)
        return msgspec.field(name=self.name, default=self.default)


def _quoted(names: Sequence[Any]) -> str:
    quoted = ", ".join(f"'{_short_name(name)}'" for name in names[:_MAX_NAMES])
    return quoted if len(names) <= _MAX_NAMES else f"{quoted} and {len(names) - _MAX_NAMES} more"


def _short_name(name: Any) -> str:
    """Returns the name of an argument for messages. A caller may send any value as a name, of any length."""
    # An exact string, which can be sent: a name may be an instance of a subclass.
    text = str(name) if isinstance(name, str) else short_repr(name, _MAX_VALUE_TEXT)
    return text if len(text) <= _MAX_VALUE_TEXT else text[: _MAX_VALUE_TEXT - 1] + "…"


def _is_large_integer(value: Any) -> bool:
    return isinstance(value, float) and value.is_integer() and abs(value) >= _FIRST_LARGE_INTEGER


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
