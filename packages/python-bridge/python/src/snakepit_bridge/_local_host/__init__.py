"""A host in the same process, for unit tests of tools: it keeps variables and programs, and has functions in Python."""

from __future__ import annotations

from .local_call import LocalCall, carry
from .local_host import LocalHost

__all__ = ["LocalCall", "LocalHost", "carry"]
