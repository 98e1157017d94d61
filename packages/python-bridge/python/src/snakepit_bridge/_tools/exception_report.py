"""Exceptions as they are told to the host."""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAX_CHAIN = 8
_MAX_MESSAGE = 16_384
_MAX_TRACEBACK = 65_536
_MAX_NOTES = 32

# Internals only: what users import from the package stays in the traceback.
_BRIDGE_FILES = str(Path(__file__).parent.parent / "_")
_IMPORT_FILES = ("<frozen importlib", str(importlib.__file__))


@dataclass(frozen=True)
class ExceptionReport:
    """What is told of an exception. Bounded in size, whatever the exception is."""

    type: str
    module: str
    message: str
    traceback: str
    """As Python prints it, with the exceptions behind it and without the frames of the bridge."""
    notes: tuple[str, ...]
    cause: ExceptionReport | None
    """What it was raised from, or the exception that was being handled, unless that is suppressed."""


def report_exception(error: BaseException) -> ExceptionReport:
    """Describes an exception and the chain behind it."""
    reports: list[tuple[BaseException, str]] = []
    for each in _chain(error):
        reports.append((each, _traceback_of(each)))
    cause: ExceptionReport | None = None
    for each, text in reversed(reports):
        kind = type(each)
        notes = getattr(each, "__notes__", ())
        cause = ExceptionReport(
            type=kind.__qualname__,
            module=kind.__module__,
            message=_shorten(_message_of(each), _MAX_MESSAGE),
            traceback=_shorten(text, _MAX_TRACEBACK),
            notes=tuple(_shorten(str(note), _MAX_MESSAGE) for note in list(notes)[:_MAX_NOTES]),
            cause=cause,
        )
    assert cause is not None  # noqa: S101 (the chain holds at least the exception itself)
    return cause


def innermost_frame(error: BaseException) -> traceback.FrameSummary | None:
    """The frame of the user's code in which the exception was raised; ``None`` when it was not raised there."""
    frames = [each for each in traceback.extract_tb(error.__traceback__) if not _is_machinery(each)]
    return frames[-1] if frames else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen and len(seen) < _MAX_CHAIN:
        seen.add(id(each))
        yield each
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)


def _traceback_of(error: BaseException) -> str:
    try:
        described = traceback.TracebackException.from_exception(error)
        _trim(described, set())
        return "".join(described.format())
    except Exception as failure:  # the exception's own methods run here, and may raise anything
        return f"{type(error).__qualname__} (its traceback cannot be formatted: {failure!r})\n"


def _trim(described: traceback.TracebackException, seen: set[int]) -> None:
    if id(described) in seen:
        return
    seen.add(id(described))
    described.stack[:] = [each for each in described.stack if not _is_machinery(each)]
    inner = getattr(described, "exceptions", None) or ()
    for each in (described.__cause__, described.__context__, *inner):
        if each is not None:
            _trim(each, seen)


def _is_machinery(frame: traceback.FrameSummary) -> bool:
    return frame.filename.startswith(_BRIDGE_FILES) or frame.filename.startswith(_IMPORT_FILES)


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as failure:  # see above
        return f"(its text cannot be told: {type(failure).__qualname__})"


def _shorten(text: str, limit: int) -> str:
    """Keeps the beginning and, three times as much, the end, where what matters usually stands."""
    # Lone surrogates cannot be sent as UTF-8.
    text = text.encode("utf-8", "backslashreplace").decode()
    if len(text) <= limit:
        return text
    head = limit // 4
    tail = limit - head
    return f"{text[:head]}\n… {len(text) - head - tail:,} characters left out …\n{text[-tail:]}"
