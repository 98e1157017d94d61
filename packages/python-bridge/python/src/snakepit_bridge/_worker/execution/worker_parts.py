"""The parts of a worker that execute calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..._call import HostChannel
    from ..._wire import FrameTransport
    from ..calls import ActiveCalls
    from ..capture.capture import Capture
    from ..ending import Ending
    from ..lifecycle import Lifecycle
    from ..receive_turn import ReceiverWakeup, ReceiveTurn
    from ..signals.signal_handlers import SignalHandlers
    from ..worker_telemetry import WorkerTelemetry
    from .call_contexts import CallContexts
    from .event_loop import EventLoop
    from .outbox import Outbox
    from .tool_box import ToolBox


class CallExecutor(Protocol):
    """Receives and executes the calls of a worker. Used by the main thread."""

    def serve(self) -> Ending:
        """Executes calls until the worker must end, and returns why it ends."""
        ...

    def end_sessions(self) -> None:
        """Runs the hooks of the remaining sessions; called when the worker ends."""
        ...

    def leave_to_parent(self) -> None:
        """In a process that a tool has forked: the calls belong to the parent."""
        ...


@dataclass(frozen=True)
class WorkerParts:
    """What both executors use."""

    transport: FrameTransport
    """The connection to the host."""
    tools: ToolBox
    """Finds the tool and the arguments of a call."""
    calls: ActiveCalls
    """The calls that are not answered."""
    lifecycle: Lifecycle
    """Whether the worker is connected, and whether it ends."""
    turn: ReceiveTurn
    """Decides which thread receives."""
    wakeup: ReceiverWakeup
    """Wakes the receiver thread."""
    outbox: Outbox
    """Sends answers."""
    capture: Capture
    """Sends what tools print."""
    host: HostChannel
    """Sends the requests of tools."""
    event_loop: EventLoop
    """The event loop, created on first use."""
    contexts: CallContexts
    """Creates the context of each call."""
    signals: SignalHandlers
    """Handles the exceptions of signal handlers of the user."""
    telemetry: WorkerTelemetry
    """Records spans and events."""
