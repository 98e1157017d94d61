"""What tools print and log, on its way to the host."""

from __future__ import annotations

from .capture import Capture
from .standard_streams import install_standard_streams

__all__ = ["Capture", "install_standard_streams"]
