"""What stands where a default may be given and was not."""

from __future__ import annotations

from typing import Any, Final

REQUIRED: Final[Any] = object()
"""Without it, what is not there is an error; ``None`` is a default like any other."""
