"""A host in the same process, for unit tests of tools: stores variables and programs, and calls Python functions."""

from __future__ import annotations

from .local_call import LocalCall, carry
from .local_host import LocalHost

__all__ = ["LocalCall", "LocalHost", "carry"]
