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

    def on_session_start(self, session_id: str) -> Awaitable[None] | None:
        """Runs in a worker before its first call of a session; may be ``async``.

        It belongs to that call, and what it raises fails the call. Written as ``async`` it has the session whatever
        kind of tool is called (:func:`~snakepit_bridge.current_async_session`); else with tools that are not ``async``
        (:func:`~snakepit_bridge.current_session`).

        Args:
            session_id: the session.
        """

    def on_session_end(self, session_id: str) -> Awaitable[None] | None:
        """Runs in a worker, between calls, when a session has ended that it has executed calls of; may be ``async``.

        The place to drop what was kept for the session. Its variables and programs are gone already.

        Args:
            session_id: the session.
        """
