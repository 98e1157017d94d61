"""Names what the workers of a pool run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .target_error import TargetError


@dataclass(frozen=True)
class Target:
    """A file or a module, whole or one class of it."""

    text: str
    """As it was given."""
    file: Path | None
    """Absolute; ``None`` when a module is named."""
    module: str | None
    """Dotted name; ``None`` when a file is named."""
    class_name: str | None


def parse_target(text: str) -> Target:
    """Reads ``path/to/file.py``, ``package.module``, or either with ``:Class`` behind it.

    Raises:
        TargetError: it is none of these.
    """
    location, colon, class_name = text.rpartition(":")
    if not colon:
        location, class_name = text, ""
    elif not class_name.isidentifier():
        raise TargetError(f"'{text}' names no class behind the colon; write 'file.py:MyAdapter' or 'module:MyAdapter'")
    if location.endswith(".py") or "/" in location or "\\" in location:
        return Target(text, Path(location).expanduser().absolute(), None, class_name or None)
    if not all(part.isidentifier() for part in location.split(".")):
        raise TargetError(
            f"'{text}' is neither a Python file nor a module; "
            "name a file ('./tools.py'), a module ('package.module') or a class of one ('package.module:MyAdapter')"
        )
    return Target(text, None, location, class_name or None)
