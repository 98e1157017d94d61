"""What forked workers share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakepit_bridge._tools import LoadedAdapter


def preload(adapter: LoadedAdapter) -> None:
    """Imports what workers of this adapter will need later than at their start.

    Done before they are forked, it costs time and memory once and not in each of them.
    """
    if adapter.has_async_tools:
        from . import event_loop_calls, loop_bell  # noqa: F401 (they bring asyncio along)
