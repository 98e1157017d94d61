"""W3C trace context (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
from typing import Final

_TRACEPARENT: Final = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def valid_traceparent(traceparent: str) -> str | None:
    """Returns a trace context as it is; ``None`` if it is invalid, which begins no trace and is no error.

    The hosts of this project send only valid ones; another host, or damage on the way, must not end the worker.

    Source: https://www.w3.org/TR/trace-context/#traceparent-header

    Args:
        traceparent: for example ``00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01``.
    """
    return traceparent if _TRACEPARENT.fullmatch(traceparent) else None
