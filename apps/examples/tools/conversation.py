"""A conversation: what matters of it is in the session, and only what can be made anew in the worker."""

from __future__ import annotations

import os
from typing import Any

from snakepit_bridge import Adapter, SessionContext, current_session, tool


class Conversation(Adapter):
    """Keeps what it would cost to look up again, here a greeting, while a session lasts."""

    def setup(self) -> None:
        """Runs once in each worker, before its first call."""
        self.greetings: dict[str, str] = {}

    def on_session_start(self, session_id: str) -> None:
        """Runs before the first call of a session in this worker."""
        self.greetings[session_id] = f"Hello, {current_session().metadata['name']}"

    def on_session_end(self, session_id: str) -> None:
        """Runs when the session is over."""
        del self.greetings[session_id]

    @tool
    def say(self, text: str, ctx: SessionContext) -> dict[str, Any]:
        """Answers, and counts the turns of the conversation."""
        turns = ctx.variables.update("turns", lambda turns: turns + 1)
        greeting = self.greetings[str(ctx.session_id)]
        return {"answer": f"{greeting}: “{text}” was turn {turns}.", "pid": os.getpid()}
