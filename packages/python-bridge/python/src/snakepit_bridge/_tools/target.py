"""The target of a pool: what its workers run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from .._errors import ExceptionReport, report_exception


class TargetError(Exception):
    """The target of a pool cannot be loaded or set up. The message names the cause and the remedy."""

    def __init__(self, message: str, *, exception: BaseException | None = None, permanent: bool = True) -> None:
        """Creates the error.

        Args:
            message: the cause and the remedy.
            exception: the exception of the user's code that caused it.
            permanent: whether a retry fails too unless the code or the environment changes.
        """
        super().__init__(message)
        self.permanent = permanent
        self.report: ExceptionReport | None = None if exception is None else report_exception(exception)
        """The exception of the user's code, with its traceback."""

    def prefixed(self, problem: str) -> TargetError:
        """Returns the same error whose message begins with a problem that it causes."""
        error = TargetError(f"{problem}: {self}", permanent=self.permanent)
        error.report = self.report
        return error


class Target(msgspec.Struct, frozen=True):
    """A file or a module, or one class in it."""

    text: str
    """The target as configured."""
    file: Path | None
    """The absolute path; ``None`` when the target is a module."""
    module: str | None
    """The dotted name; ``None`` when the target is a file."""
    class_name: str | None


def parse_target(text: str) -> Target:
    """Parses ``path/to/file.py`` or ``package.module``, optionally followed by ``:Class``.

    Raises:
        TargetError: the string has another form.
    """
    location, colon, class_name = text.rpartition(":")
    if not colon:
        location, class_name = text, ""
    elif not class_name.isidentifier():
        raise TargetError(
            f"'{text}' must have the name of a class after the colon; write 'file.py:MyAdapter' or 'module:MyAdapter'"
        )
    if location.endswith(".py") or "/" in location or "\\" in location:
        return Target(text, Path(location).expanduser().absolute(), None, class_name or None)
    if not all(part.isidentifier() for part in location.split(".")):
        raise TargetError(
            f"'{text}' is neither a Python file nor a module; "
            "name a file ('./tools.py'), a module ('package.module') or a class of one ('package.module:MyAdapter')"
        )
    return Target(text, None, location, class_name or None)
