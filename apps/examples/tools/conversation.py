"""A conversation: its state is in the session; the worker keeps only what can be computed again."""

from __future__ import annotations

import os
from typing import Any

from snakepit_bridge import Adapter, SessionContext, current_session, tool


class Conversation(Adapter):
    """Caches a value that is expensive to look up, here a greeting, until the session ends."""

    def setup(self) -> None:
        """Runs once in each worker, before its first call."""
        self.greetings: dict[str, str] = {}

    def on_session_start(self, session_id: str) -> None:
        """Runs before the first call of a session in this worker."""
        self.greetings[session_id] = f"Hello, {current_session().metadata['name']}"

    def on_session_end(self, session_id: str) -> None:
        """Runs when the session has ended."""
        del self.greetings[session_id]

    @tool
    def say(self, text: str, ctx: SessionContext) -> dict[str, Any]:
        """Answers and counts the turns of the conversation."""
        turns = ctx.variables.update("turns", lambda turns: turns + 1)
        greeting = self.greetings[str(ctx.session_id)]
        return {"answer": f"{greeting}: “{text}” was turn {turns}.", "pid": os.getpid()}
