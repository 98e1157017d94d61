"""How a worker executes calls: one at a time, or several at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..signals.interruption import Interruption
from .sequential_calls import SequentialCalls

if TYPE_CHECKING:
    from ..._tools import AdapterInstance
    from ..._wire import FrameTransport
    from ..signals.interruption import ToolInterruption
    from .outbox import AnswerSender
    from .worker_parts import CallExecutor, WorkerParts


class Execution(Protocol):
    """What the other parts of a worker need to know about the execution of calls. Created by the main thread."""

    @property
    def is_concurrent(self) -> bool:
        """Whether several calls are executed at the same time."""
        ...

    @property
    def interruption(self) -> ToolInterruption:
        """Interrupts the tools of cancelled calls."""
        ...

    @property
    def answers(self) -> AnswerSender:
        """Sends the answers."""
        ...

    def executor(self, parts: WorkerParts, instance: AdapterInstance) -> CallExecutor:
        """Creates the executor; called once."""
        ...


class SequentialExecution:
    """One call at a time, on the main thread: the profile ``process``."""

    is_concurrent = False

    def __init__(self, transport: FrameTransport) -> None:
        self.answers: AnswerSender = transport
        self._interruption = Interruption()

    @property
    def interruption(self) -> ToolInterruption:
        """See :class:`Execution`."""
        return self._interruption

    def executor(self, parts: WorkerParts, instance: AdapterInstance) -> CallExecutor:
        """See :class:`Execution`."""
        return SequentialCalls(parts, self._interruption, instance)
