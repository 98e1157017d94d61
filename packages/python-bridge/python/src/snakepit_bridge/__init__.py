"""Tools in Python for callers in TypeScript."""

from __future__ import annotations

from ._tools import Adapter, tool
from ._version import PROTOCOL_VERSION, __version__
from ._worker import CallContext, Cancelled, current_call

__all__ = ["PROTOCOL_VERSION", "Adapter", "CallContext", "Cancelled", "__version__", "current_call", "tool"]
