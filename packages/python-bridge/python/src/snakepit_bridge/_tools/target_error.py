"""Why what the workers should run cannot be run."""

from __future__ import annotations

from .exception_report import ExceptionReport, report_exception


class TargetError(Exception):
    """The target of a pool cannot be loaded or set up. The message names the thing and the remedy."""

    def __init__(self, message: str, *, exception: BaseException | None = None, permanent: bool = True) -> None:
        """Makes the error.

        Args:
            message: what is wrong, with which thing, and what to do.
            exception: what the user's code raised, where that is the reason.
            permanent: whether trying again is pointless as long as neither code nor set-up change.
        """
        super().__init__(message)
        self.permanent = permanent
        self.report: ExceptionReport | None = None if exception is None else report_exception(exception)
        """The exception of the user's code with its traceback."""
