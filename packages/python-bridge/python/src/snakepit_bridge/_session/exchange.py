"""Conversations with the host, written once for tools that block and for those that await."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from .caller import Caller

Result = TypeVar("Result")

Exchange = Generator[tuple[str, Any], Any, Result]
"""Yields a method and its payload to ask the host, is sent the answer or thrown the failure, and returns in the end."""

UPDATE_ATTEMPTS: Final = 100
"""How often a change is tried when others make theirs at the same time; as often as by the host."""


def settle(exchange: Exchange[Result], caller: Caller) -> Result:
    """Has a conversation, blocking the thread."""
    try:
        question = next(exchange)
        while True:
            try:
                answer = caller.ask(*question)
            except Exception as failure:
                question = exchange.throw(failure)
            else:
                question = exchange.send(answer)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        # Without the answer, when the call is given up while the host is asked.
        exchange.close()


async def settle_async(exchange: Exchange[Result], caller: Caller) -> Result:
    """Has a conversation, in a task."""
    try:
        question = next(exchange)
        while True:
            try:
                answer = await caller.ask_async(*question)
            except Exception as failure:
                question = exchange.throw(failure)
            else:
                question = exchange.send(answer)
    except StopIteration as end:
        result: Result = end.value
        return result
    finally:
        # Without the answer, when the call is given up while the host is asked.
        exchange.close()
