"""The base class of adapters."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar


class Adapter:
    """Base class of tools that share state: a model, a connection, a cache. Each worker creates its own instance.

    The tools are the methods marked with :func:`~snakepit_bridge.tool`.

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
    the module, or a library that it imports, starts threads or opens connections at import: each worker is then
    spawned as a new interpreter."""

    thread_safe: ClassVar[bool] = False
    """Whether several threads may execute tools of one instance at the same time. Subclasses inherit it;
    :class:`~snakepit_bridge.ThreadSafeAdapter` sets it to ``True``."""

    guarded_libraries: ClassVar[tuple[str, ...]] = ()
    """Modules of libraries that are not thread-safe, and that the tools of this class never use in two threads at the
    same time, for example because they hold a lock. The checker accepts them."""

    def setup(self) -> Awaitable[None] | None:
        """Runs once in each worker, before its first call. May be ``async``.

        Use it to load models, open connections and seed random number generators.
        """

    def teardown(self) -> Awaitable[None] | None:
        """Runs once when the worker ends without a crash. May be ``async``."""

    def on_session_start(self, session_id: str) -> Awaitable[None] | None:
        """Runs in a worker before its first call of a session. May be ``async``.

        It runs as part of that call: an exception that it raises fails the call. An ``async`` method can use the
        session for every kind of tool (:func:`~snakepit_bridge.current_async_session`); a plain method only for tools
        that are not ``async`` (:func:`~snakepit_bridge.current_session`).

        Args:
            session_id: the ID of the session.
        """

    def on_session_end(self, session_id: str) -> Awaitable[None] | None:
        """Runs in a worker, between calls, after a session of which it executed calls has ended. May be ``async``.

        Use it to release the state kept for the session. Its variables and programs no longer exist.

        Args:
            session_id: the ID of the session.
        """
