"""Versions of this package."""

from __future__ import annotations

__version__ = "0.1.0"
"""Version of the package."""

PROTOCOL_VERSION = 1
"""Version of the frames. Host and worker must use the same one; the worker sends its own in Hello."""
