"""Taking file descriptor 0 out of the reach of user code."""

from __future__ import annotations

import os


def claim_stdin() -> int:
    """Moves standard input to another descriptor, which it returns, and leaves an empty one in its place.

    So a tool that reads standard input finds its end, and not what the host sends.
    """
    claimed = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return claimed
