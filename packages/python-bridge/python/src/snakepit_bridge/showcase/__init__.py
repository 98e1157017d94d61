"""Adapters that show what tools can do, for first steps, examples and checks of an installation.

Targets of a pool: ``snakepit_bridge.showcase:ShowcaseAdapter`` and ``snakepit_bridge.showcase:ThreadedAdapter``.
"""

from __future__ import annotations

from .general import ShowcaseAdapter
from .threaded import ThreadedAdapter

__all__ = ["ShowcaseAdapter", "ThreadedAdapter"]
