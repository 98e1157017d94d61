"""A call that the worker itself refuses."""

from __future__ import annotations


class CallRefused(Exception):  # noqa: N818 (named for what happened to the call)
    """The worker does not execute a call, or cannot send its answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """One of the error codes that host and workers share."""
