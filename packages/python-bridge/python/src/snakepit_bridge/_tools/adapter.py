"""The base class of adapters."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar


class Adapter:
    """Tools that share something: a model, a connection, a cache. Each worker makes an instance of its own.

    The methods marked with :func:`~snakepit_bridge.tool` are the tools.

    Example:
        >>> class Embedder(Adapter):
        ...     def setup(self) -> None:
        ...         self.model = load_model()
        ...
        ...     @tool
        ...     def embed(self, text: str) -> list[float]:
        ...         return self.model.encode(text)
    """

    fork_safe: ClassVar[bool] = True
    """Whether workers may be forked from a process that has imported this class's module. Set it to ``False`` when
    the module, or a library that it imports, starts threads or opens connections at import: then each worker is
    started as a fresh interpreter."""

    def setup(self) -> Awaitable[None] | None:
        """Runs once in each worker before its first call; may be ``async``.

        The place to load models, to open connections, and to seed random number generators.
        """

    def teardown(self) -> Awaitable[None] | None:
        """Runs once when the worker ends in good order; may be ``async``."""
