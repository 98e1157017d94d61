"""Executes several calls at the same time."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..signals.thread_interruption import ThreadInterruption
from .concurrent_calls import ConcurrentCalls
from .joined_sends import JoinedSends

if TYPE_CHECKING:
    from ..._profiles import Profile
    from ..._thread_safety import RequestTracker, ThreadSafetyChecker
    from ..._tools import AdapterInstance
    from ..._wire import FrameTransport
    from ..signals.interruption import ToolInterruption
    from .outbox import AnswerSender
    from .worker_parts import CallExecutor, WorkerParts


class ConcurrentExecution:
    """The execution that a profile decides; see :class:`.Execution`."""

    is_concurrent = True

    def __init__(
        self, transport: FrameTransport, profile: Profile, checker: ThreadSafetyChecker, tracker: RequestTracker | None
    ) -> None:
        self._profile = profile
        self._checker = checker
        self._tracker = tracker
        self._answers = JoinedSends(transport)
        self.answers: AnswerSender = self._answers
        interruption = ThreadInterruption()
        if sys.version_info < (3, 12):
            interruption.protect_thread_starts()
        self.interruption: ToolInterruption = interruption

    def executor(self, parts: WorkerParts, instance: AdapterInstance) -> CallExecutor:
        """See :class:`.Execution`."""
        return ConcurrentCalls(
            parts, self._answers, self._profile, instance, checker=self._checker, tracker=self._tracker
        )
