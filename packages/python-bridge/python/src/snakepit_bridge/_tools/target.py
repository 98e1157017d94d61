"""The target of a pool: what its workers run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .._errors import ExceptionReport, report_exception


class TargetError(Exception):
    """The target of a pool cannot be loaded or set up. The message names the cause and the remedy."""

    def __init__(self, message: str, *, exception: BaseException | None = None, permanent: bool = True) -> None:
        """Creates the error.

        Args:
            message: what is wrong, and the remedy.
            exception: the exception of the user's code that caused it.
            permanent: whether a retry fails too as long as neither code nor environment change.
        """
        super().__init__(message)
        self.permanent = permanent
        self.report: ExceptionReport | None = None if exception is None else report_exception(exception)
        """The exception of the user's code, with its traceback."""


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
        TargetError: it has none of these forms.
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
