"""Times of the host."""

from __future__ import annotations

from datetime import datetime, timezone


def host_time(milliseconds: float) -> datetime:
    """The moment so many milliseconds after 1970, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
