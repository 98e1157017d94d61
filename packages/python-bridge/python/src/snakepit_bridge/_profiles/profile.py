"""The port of profiles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Protocol

_NOTHING: Mapping[str, str] = MappingProxyType({})


class ProfileCall(Protocol):
    """A call that a profile executes. It is answered exactly once, by the method that executes it."""

    @property
    def tool(self) -> str:
        """The name of the tool."""
        ...

    @property
    def is_async(self) -> bool:
        """Whether the tool is ``async``, so that it needs an event loop."""
        ...

    @property
    def session_id(self) -> str | None:
        """The session of the call; ``None`` without one."""
        ...

    def run(self) -> None:
        """Executes a tool that is not ``async``, in the calling thread, and answers the call. Never raises.

        The call of an ``async`` tool fails: it needs :meth:`start_task`.

        The thread must be another one than the main thread, which receives calls. A cancelled call is interrupted by an
        exception in that thread.
        """
        ...

    def start_task(self) -> None:
        """Starts an ``async`` tool as a task of the event loop of the worker, which answers the call. Never raises.

        Only the main thread may call this.
        """
        ...


class ProfileWorker(Protocol):
    """The worker of a profile."""

    @property
    def pool(self) -> str:
        """The name of the pool."""
        ...

    @property
    def worker_id(self) -> str:
        """The ID of the worker."""
        ...

    @property
    def active_calls(self) -> int:
        """The number of calls that have arrived and are not answered. Any thread may read it."""
        ...


class Profile(ABC):
    """Executes the calls of a worker, several at the same time.

    The main thread of the worker creates the profile, starts it, passes calls to it and stops it. Between calls, it
    receives, and runs the event loop of the worker if an ``async`` tool was called.

    Example:
        >>> class OneThreadPerCall(Profile):
        ...     default_capacity = 8
        ...
        ...     def execute(self, call: ProfileCall) -> None:
        ...         if call.is_async:
        ...             call.start_task()
        ...         else:
        ...             threading.Thread(target=call.run, daemon=True).start()
    """

    default_capacity: ClassVar[int] = 1
    """The capacity, unless the pool configures it."""

    def __init__(self, capacity: int | None = None) -> None:
        """Creates the profile, in each worker.

        Args:
            capacity: the ``capacity`` of the pool; ``None`` for ``default_capacity``.
        """
        self._capacity = self.default_capacity if capacity is None else capacity

    @property
    def capacity(self) -> int:
        """The number of calls that the host may send at the same time. Constant."""
        return self._capacity

    def start(self, worker: ProfileWorker) -> None:
        """Prepares for calls, after the set-up of the adapter. An exception fails the start of the worker."""
        self._worker = worker

    @abstractmethod
    def execute(self, call: ProfileCall) -> None:
        """Executes a call, or arranges that another thread or task executes it. Must return at once.

        Called by the main thread, at most :attr:`capacity` times more than calls were answered.
        """

    def check(self) -> None:  # noqa: B027 (optional)
        """Raises an exception when the profile cannot execute calls; for health checks. By default does nothing."""

    def load(self) -> int:
        """Returns the number of calls that were passed to it and have not ended; by default those of the worker."""
        return self._worker.active_calls

    def metadata(self) -> Mapping[str, str]:
        """Returns facts about the profile for the host, which shows them in the information about the worker."""
        return _NOTHING

    def stop(self, timeout: float) -> None:  # noqa: B027 (optional)
        """Releases what the profile has. By default does nothing.

        No call follows, but calls that ignore their cancellation may still run.

        Args:
            timeout: the maximum number of seconds to wait for them.
        """
