"""A lock that its owner may acquire again, and that counts how often and how long threads wait for it."""

from __future__ import annotations

import functools
import inspect
import threading
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, overload

if TYPE_CHECKING:
    from types import TracebackType

    class _NativeLock:
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool: ...
        def release(self) -> None: ...
        def __exit__(
            self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
        ) -> None: ...

else:
    # Implemented in C, so no exception of a cancellation can be raised inside release().
    _NativeLock = type(threading.RLock())

_ATTRIBUTE = "_snakepit_lock"
_ATTEMPT_S = 0.05
"""A thread that waits in C cannot be interrupted before this time has passed."""

_Function = TypeVar("_Function", bound=Callable[..., Any])

_locks: dict[int, weakref.ref[ReentrantLock]] = {}
"""All locks of the process by ID. Changed only by atomic operations: the garbage collector may remove one anywhere."""


class LockStatistics(TypedDict):
    """How often a lock was acquired, and how often and how long threads waited for it."""

    name: str
    acquired: int
    waits: int
    """How often a thread had to wait before it acquired the lock."""
    wait_seconds: float
    longest_wait_seconds: float


class ReentrantLock(_NativeLock):
    """A lock for ``with`` statements, which the thread that holds it may acquire again.

    In contrast to :class:`threading.RLock`, it measures contention, which the report shows, and a call that waits for
    it can be cancelled.

    Example:
        >>> lock = ReentrantLock("cache")
        >>> with lock:
        ...     cache[key] = value
    """

    def __new__(cls, name: str = "lock") -> ReentrantLock:
        return super().__new__(cls)

    def __init__(self, name: str = "lock") -> None:
        """Creates the lock; ``name`` appears in the report."""
        self.name = name
        # Changed only by the owner.
        self._acquired = 0
        self._waits = 0
        self._wait_seconds = 0.0
        self._longest_wait_seconds = 0.0
        key = id(self)
        _locks[key] = weakref.ref(self, lambda _: _locks.pop(key, None))

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquires the lock. Returns whether this thread holds it now.

        Args:
            blocking: whether to wait for another thread that holds it.
            timeout: the maximum number of seconds to wait; -1 for no maximum.
        """
        taken: list[bool] = []
        try:
            # One operation in C acquires the lock and records that, so that the exception of a cancellation is never
            # raised in between.
            taken.extend(map(_NativeLock.acquire, (self,), (False,)))
            if not taken[0]:
                if not blocking:
                    return False
                began = perf_counter()
                until = float("inf") if timeout < 0 else began + timeout
                while not taken[0]:
                    now = perf_counter()
                    if now >= until:
                        return False
                    taken.clear()
                    # Between two attempts, this thread can be interrupted.
                    taken.extend(map(_NativeLock.acquire, (self,), (True,), (min(_ATTEMPT_S, until - now),)))
                waited = perf_counter() - began
                self._waits += 1
                self._wait_seconds += waited
                self._longest_wait_seconds = max(self._longest_wait_seconds, waited)
            self._acquired += 1
        except BaseException:
            if True in taken:
                self.release()
            raise
        return True

    __enter__ = acquire

    def statistics(self) -> LockStatistics:
        """Returns the number of acquisitions and waits, and the seconds that threads waited."""
        return {
            "name": self.name,
            "acquired": self._acquired,
            "waits": self._waits,
            "wait_seconds": self._wait_seconds,
            "longest_wait_seconds": self._longest_wait_seconds,
        }


def lock_statistics() -> list[LockStatistics]:
    """Returns the statistics of all locks of this process that were acquired, those with the longest waits first."""
    locks = [lock for reference in _locks.copy().values() if (lock := reference()) is not None]
    found = [each for each in (lock.statistics() for lock in locks) if each["acquired"] > 0]
    return sorted(found, key=lambda each: (-each["wait_seconds"], each["name"]))


def lock_of(instance: object) -> ReentrantLock:
    """Returns the lock of an object, which is created on first use.

    Raises:
        TypeError: the object cannot have attributes.
    """
    try:
        attributes = instance.__dict__
    except AttributeError:
        raise TypeError(f"@locked requires an object with a __dict__; got {type(instance).__qualname__}") from None
    lock: ReentrantLock | None = attributes.get(_ATTRIBUTE)
    if lock is None:
        # Atomic: of two threads, one creates the lock of both.
        lock = attributes.setdefault(_ATTRIBUTE, ReentrantLock(type(instance).__qualname__))
    return lock


class InstanceLock:
    """An attribute of a class: the lock of each instance. A subclass may assign another attribute of that name."""

    @overload
    def __get__(self, instance: None, owner: type) -> InstanceLock: ...

    @overload
    def __get__(self, instance: object, owner: type) -> ReentrantLock: ...

    def __get__(self, instance: object | None, owner: type) -> InstanceLock | ReentrantLock:
        """Returns the lock of an instance."""
        return self if instance is None else lock_of(instance)


@overload
def locked(method: _Function, /) -> _Function: ...


@overload
def locked(lock: ReentrantLock, /) -> Callable[[_Function], _Function]: ...


def locked(target: _Function | ReentrantLock, /) -> _Function | Callable[[_Function], _Function]:
    """Executes a method or function in one thread at a time: it holds a lock while it runs.

    ``@locked`` is for methods: those of one instance exclude each other, and may call each other.
    ``@locked(lock)`` is for functions of a module, and for methods that need another lock.

    Raises:
        TypeError: the decorated object is not a method or function that runs as a whole: it is ``async`` or a
            generator, or it is a function and no lock is given.

    Example:
        >>> lock = ReentrantLock("cache")
        >>>
        >>> @tool
        ... @locked(lock)
        ... def store(key: str, value: str) -> None:
        ...     cache[key] = value
    """
    if isinstance(target, ReentrantLock):
        return functools.partial(_with_lock, lock=target)
    method = target
    _check(method)
    if "." not in getattr(method, "__qualname__", ".").rpartition("<locals>.")[2]:
        raise TypeError(f"@locked must have a lock to decorate a function: @locked(ReentrantLock({method.__name__!r}))")

    @functools.wraps(method)
    def run(self: object, /, *args: Any, **kwargs: Any) -> Any:
        with lock_of(self):
            return method(self, *args, **kwargs)

    return run


def _with_lock(function: _Function, /, *, lock: ReentrantLock) -> _Function:
    _check(function)

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return function(*args, **kwargs)

    return run  # type: ignore[return-value]


def _check(function: object) -> None:
    if not callable(function) or isinstance(function, (type, staticmethod, classmethod)):
        raise TypeError(f"@locked must decorate a method or function; got {function!r}")
    innermost = inspect.unwrap(function)
    if inspect.iscoroutinefunction(innermost) or inspect.isasyncgenfunction(innermost):
        raise TypeError(
            f"@locked cannot decorate the async function {innermost.__qualname__}, which would block the event loop; "
            "use asyncio.Lock"
        )
    if inspect.isgeneratorfunction(innermost):
        raise TypeError(
            f"@locked cannot decorate the generator {innermost.__qualname__}, which runs after its call; "
            "hold the lock inside of it: with lock"
        )
