"""Tools with spans and events."""

from __future__ import annotations

import logging

from snakepit_bridge import SessionContext, emit, span, tool


@tool
def answer(ctx: SessionContext, question: str) -> str:
    """Answers a question with the help of a function of the host."""
    with span("prepare", question=question):
        words = question.split()
        emit("question.prepared", {"words": len(words)})
    with span("ask"):
        found: list[str] = [ctx.tools.look_up(word=word) for word in words]
    logging.getLogger("answers").info("found %d words", len(found))
    return " ".join(found)


@tool
def translate(word: str) -> str:
    """Translates a word."""
    with span("translate", {"word.length": len(word)}):
        return {"hello": "bonjour", "world": "monde"}.get(word, word)
