"""Exceptions as they are reported to the host.

Describing an exception runs code of the user: ``__str__``, properties, ``__getattr__``. A failure of that code must not
prevent the report, so the failed part is replaced by a placeholder. The attributes of the interpreter are read from
:class:`BaseException` itself, because a class may define others with the same names.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

_MAX_CHAIN = 8
_MAX_MESSAGE = 16_384
_MAX_NAME = 1_024
_MAX_TRACEBACK = 65_536
_MAX_NOTES = 32

# Internals only: what users import from the package stays in the traceback.
_BRIDGE_FILES = str(Path(__file__).parent.parent / "_")
_IMPORT_FILES = ("<frozen importlib", str(importlib.__file__))


class ExceptionReport(msgspec.Struct, frozen=True):
    """The data of an exception, with a limited size."""

    type: str
    module: str
    message: str
    traceback: str
    """The output of Python, with the causes and without the frames of the bridge."""
    notes: tuple[str, ...]
    cause: ExceptionReport | None
    """The ``__cause__``, or the ``__context__`` unless it is suppressed."""


def report_exception(error: BaseException) -> ExceptionReport:
    """Returns the report of an exception and its chain of causes. Never raises."""
    cause: ExceptionReport | None = None
    for each in reversed(list(chain_of(error))):
        cause = ExceptionReport(
            type=name_of(type(each)),
            module=module_of(type(each)),
            message=message_of(each),
            traceback=_shorten(_traceback_of(each), _MAX_TRACEBACK),
            notes=_notes_of(each),
            cause=cause,
        )
    assert cause is not None  # noqa: S101 (the chain contains at least the exception itself)
    return cause


def print_exception(error: BaseException) -> None:
    """Prints an exception to ``sys.stderr``, as :func:`traceback.print_exception` does. Never raises."""
    text = report_exception(error).traceback
    _attempt(lambda: print(text, end="", file=sys.stderr, flush=True), None)


def headline_of(error: BaseException) -> str:
    """Returns the name and the message of an exception: ``ValueError: bad``."""
    name, message = name_of(type(error)), message_of(error)
    return f"{name}: {message}" if message else name


def name_of(kind: type) -> str:
    """Returns the qualified name of a class."""
    # A metaclass may define attributes with these names; the descriptors of "type" return those of the interpreter.
    name = _attempt(lambda: _text(kind.__qualname__), "") or type.__dict__["__name__"].__get__(kind)
    return _shorten(name, _MAX_NAME)


def module_of(kind: type) -> str:
    """Returns the name of the module of a class."""
    return _shorten(_attempt(lambda: _text(kind.__module__), "?"), _MAX_NAME)


def message_of(error: BaseException) -> str:
    """Returns the message of an exception, shortened; a placeholder when it cannot be converted to a string."""
    try:
        text = str(error)
    except BaseException as failure:  # code of the user, which may raise anything
        text = f"(its message is not available: {name_of(type(failure))})"
    return _shorten(text, _MAX_MESSAGE)


def attribute_of(error: BaseException, name: str) -> Any:
    """Returns an attribute of an exception; ``None`` if it is missing or cannot be read."""
    return _attempt(lambda: getattr(error, name, None), None)


def innermost_frame(error: BaseException) -> traceback.FrameSummary | None:
    """Returns the innermost frame of the user's code in the traceback; ``None`` without one."""
    frames = [each for each in _stack_of(error) if not _is_machinery(each)]
    return frames[-1] if frames else None


def _attempt(describe: Callable[[], Any], placeholder: Any) -> Any:
    try:
        return describe()
    except BaseException:  # code of the user, which may raise anything
        return placeholder


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _attribute(error: BaseException, name: str) -> Any:
    """Returns an attribute of the interpreter, even if the class defines another one with this name."""
    return BaseException.__dict__[name].__get__(error)


def chain_of(error: BaseException) -> Iterator[BaseException]:
    """Yields an exception and its causes: its ``__cause__``, or its ``__context__`` unless it is suppressed."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen and len(seen) < _MAX_CHAIN:
        seen.add(id(each))
        yield each
        cause: BaseException | None = _attribute(each, "__cause__")
        if cause is None and not _attribute(each, "__suppress_context__"):
            cause = _attribute(each, "__context__")
        each = cause


def _notes_of(error: BaseException) -> tuple[str, ...]:
    notes = _attempt(lambda: error.__notes__, ())  # type: ignore[attr-defined]
    return _attempt(lambda: tuple(_note(each) for each in _sequence(notes)[:_MAX_NOTES]), ())  # type: ignore[no-any-return]


def _sequence(notes: object) -> list[object]:
    if notes is None:
        return []
    # Like the traceback module: any value except a sequence is one note.
    return list(notes) if isinstance(notes, Sequence) and not isinstance(notes, (str, bytes)) else [notes]


def _note(note: object) -> str:
    return _shorten(_attempt(lambda: str(note), "(a note that cannot be shown)"), _MAX_MESSAGE)


def _traceback_of(error: BaseException) -> str:
    try:
        described = traceback.TracebackException.from_exception(error)
        _trim(described)
        return "".join(described.format())
    except BaseException:  # code of the user, which may raise anything
        frames = [each for each in _stack_of(error) if not _is_machinery(each)]
        lines = _attempt(lambda: traceback.format_list(frames), [])
        return "".join(["Traceback (most recent call last):\n", *lines, f"{headline_of(error)}\n"])


def _stack_of(error: BaseException) -> list[traceback.FrameSummary]:
    trace: TracebackType | None = _attribute(error, "__traceback__")
    return _attempt(lambda: list(traceback.extract_tb(trace)), [])  # type: ignore[no-any-return]


def _trim(described: traceback.TracebackException) -> None:
    seen: set[int] = set()
    left: list[traceback.TracebackException | None] = [described]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.stack[:] = [frame for frame in each.stack if not _is_machinery(frame)]
        left += [each.__cause__, each.__context__, *(getattr(each, "exceptions", None) or ())]


def _is_machinery(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_BRIDGE_FILES) or frame.filename.startswith(_IMPORT_FILES)


def _shorten(text: str, limit: int) -> str:
    """Keeps a quarter of the limit from the beginning and the rest from the end, which is usually more important."""
    # With the methods of str: a subclass may override them.
    length = str.__len__(text)
    if length <= limit:
        return _sendable(text)
    head = limit // 4
    tail = limit - head
    first, last = str.__getitem__(text, slice(head)), str.__getitem__(text, slice(length - tail, length))
    return f"{_sendable(first)}\n… {length - head - tail:,} characters omitted …\n{_sendable(last)}"


def _sendable(text: str) -> str:
    # Lone surrogates cannot be sent as UTF-8.
    return str.encode(text, "utf-8", "backslashreplace").decode()
