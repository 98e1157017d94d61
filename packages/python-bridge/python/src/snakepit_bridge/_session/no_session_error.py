"""What needs a session and has none."""

from __future__ import annotations


class NoSessionError(RuntimeError):
    """A tool has asked for something of its session, and its call was made without one."""

    def __init__(self, what: str) -> None:
        """Makes the error.

        Args:
            what: what the tool wanted, in the plural.
        """
        super().__init__(
            f"{what} belong to a session, and this call was made without one; "
            "make it with one: session.execute(...), or pit.execute(..., { sessionId })"
        )
        self.what = what

    def __reduce__(self) -> tuple[type[NoSessionError], tuple[str]]:
        return (type(self), (self.what,))
