"""Records the files of the Python package whose functions run during a call."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import snakepit_bridge
from snakepit_bridge import tool

_PACKAGE = Path(snakepit_bridge.__file__).parent
_files: set[str] = set()


def _record(frame: FrameType, event: str, _argument: object) -> None:
    if event == "call":
        _files.add(frame.f_code.co_filename)


@tool
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@tool
def start_trace() -> None:
    """Starts to record, at the end of this call."""
    sys.setprofile(_record)


@tool
def end_trace() -> list[str]:
    """Stops recording and returns the files, relative to the repository."""
    sys.setprofile(None)
    files = [Path(file) for file in _files]
    inside = [file.relative_to(_PACKAGE) for file in files if file.is_relative_to(_PACKAGE)]
    return [f"packages/python-bridge/python/src/snakepit_bridge/{file.as_posix()}" for file in inside]
