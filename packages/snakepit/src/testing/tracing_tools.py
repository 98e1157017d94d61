"""Tools that record spans and events."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

from snakepit_bridge import AsyncSessionContext, SessionContext, current_call, emit, span, tool


@tool
def ask_host(ctx: SessionContext, question: str) -> str:
    """Asks a host tool within a span."""
    with span("prepare", question=question):
        emit("question.prepared", {"length": len(question)}, {"language": "en"})
    with span("ask"):
        answer: str = ctx.tools.answer(question=question)
        logging.getLogger("tracing").warning("the answer has arrived")
    return answer


@tool
async def ask_host_async(ctx: AsyncSessionContext, question: str) -> str:
    """Asks a host tool within a span of a task."""
    async with span("ask"):
        answer: str = await ctx.tools.answer(question=question)
    return answer


@tool
def look_up(question: str) -> str:
    """Answers a question within a span."""
    with span("search") as search:
        search.set({"search.hits": 3})
        if question == "?":
            raise ValueError("no question")
        return question.upper()


@tool
@span("counting")
def count(to: int) -> Iterator[int]:
    """Yields numbers within a span."""
    for number in range(to):
        emit("counted", {"number": number})
        yield number


@tool
async def count_async(to: int) -> AsyncIterator[int]:
    """Yields numbers within a span."""
    with span("counting"):
        for number in range(to):
            emit("counted", {"number": number})
            yield number


@tool
def trace_context() -> list[str | None]:
    """Returns the IDs of the call."""
    call = current_call()
    return [call.correlation_id, call.trace_id]


@tool
def flood(spans: int, events: int) -> None:
    """Records many spans and events."""
    for _ in range(spans):
        with span("short"):
            pass
    for number in range(events):
        emit("noise", {"number": number})


@tool
def cycle() -> None:
    """Leaves garbage, and collects it."""
    import gc

    garbage: list[object] = []
    garbage.append(garbage)
    del garbage
    gc.collect()
