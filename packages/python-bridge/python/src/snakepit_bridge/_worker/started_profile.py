"""The profile of a worker that executes several calls at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .._errors import headline_of
from .._profiles import load_profile
from .._thread_safety import RequestTracker, ThreadSafetyChecker, use_for_reports
from .._tools import TargetError
from .calls import ActiveCalls
from .execution.concurrent_execution import ConcurrentExecution

if TYPE_CHECKING:
    from .._profiles import Profile
    from .._tools import AdapterInstance, LoadedAdapter
    from .._wire import FrameTransport
    from .handshake import WorkerBoot


class StartedProfile:
    """Creates and starts the profile; it sees the worker as :class:`.ProfileWorker`."""

    def __init__(self, boot: WorkerBoot, adapter: LoadedAdapter, instance: AdapterInstance) -> None:
        """Starts the profile that the pool configures, and checks the thread safety of the adapter.

        Args:
            boot: the configuration of the worker.
            adapter: the loaded target.
            instance: its instance, which was set up. Its tools are replaced by those that the checker guards.

        Raises:
            TargetError: the profile cannot be loaded or started, or it requires a thread-safe adapter.
        """
        self.pool = boot.pool
        self.worker_id = boot.worker_id
        self.calls = ActiveCalls()
        """The calls of the worker."""
        self.profile = load_profile(boot.profile, boot.capacity)
        """The profile, which has started."""
        self._tracker = None if boot.thread_safety == "off" else RequestTracker(self.profile.capacity)
        self._checker = ThreadSafetyChecker(boot.thread_safety, adapter, self._tracker)
        self._checker.check_load()
        use_for_reports(self._checker)
        instance.tools = dict(self._checker.guard(instance.tools))
        try:
            self.profile.start(self)
        except BaseException as error:
            raise TargetError(
                f"start() of the profile '{boot.profile}' raised {headline_of(error)}", exception=error, permanent=False
            ) from error
        self.metadata = _metadata(self.profile, boot.profile)
        """The facts about the profile."""

    @property
    def active_calls(self) -> int:
        """See :class:`.ProfileWorker`."""
        return len(self.calls.by_id)

    def execution(self, transport: FrameTransport) -> ConcurrentExecution:
        """Returns what executes the calls that arrive on a connection."""
        return ConcurrentExecution(transport, self.profile, self._checker, self._tracker)


def _metadata(profile: Profile, name: str) -> Mapping[str, str]:
    try:
        metadata = profile.metadata()
    except BaseException as error:
        raise TargetError(
            f"metadata() of the profile '{name}' raised {headline_of(error)}", exception=error, permanent=False
        ) from error
    if not isinstance(metadata, Mapping):
        raise TargetError(f"metadata() of the profile '{name}' must return a mapping of strings; got {metadata!r}")
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TargetError(
                f"metadata() of the profile '{name}' must return a mapping of strings; got {key!r}: {value!r}"
            )
    return metadata
