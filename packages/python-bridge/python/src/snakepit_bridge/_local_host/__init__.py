"""A host in the same process, for unit tests of tools: stores variables and programs, and calls Python functions."""

from __future__ import annotations

from .local_call import LocalCall, carry
from .local_host import LocalHost
from .local_recorder import EventRecord, LocalRecorder, SpanRecord

__all__ = ["EventRecord", "LocalCall", "LocalHost", "LocalRecorder", "SpanRecord", "carry"]
