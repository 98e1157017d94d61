"""What tools print and log, on its way to the host."""

from __future__ import annotations

from .capture import Capture

__all__ = ["Capture"]
