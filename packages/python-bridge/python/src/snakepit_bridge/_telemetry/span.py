"""Spans: named parts of the work of a tool, with their times."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from types import TracebackType
from typing import Any, TypeVar, cast

from .._errors import message_of, module_of, name_of
from .attributes import MAX_ATTRIBUTES, check_mapping, cleaned
from .names import check_name
from .recording import CallRecorder, RecordedSpan, open_span, recording
from .sdk import SdkSpan, sdk_tracer

Function = TypeVar("Function", bound=Callable[..., Any])

_NONE: Mapping[str, Any] = {}


class Span:
    """A part of the work of a tool: a context manager, also for ``async with``, and a decorator.

    Created by :func:`span`. An exception that leaves it marks it as failed, and is raised again.
    """

    __slots__ = ("_attributes", "_name", "_outer", "_recorded", "_recorder", "_sdk")

    def __init__(self, name: str, attributes: Mapping[str, Any]) -> None:
        check_name("span", name)
        self._name = name
        self._attributes = attributes
        self._recorder: CallRecorder | None = None
        self._recorded: RecordedSpan | None = None
        self._outer: RecordedSpan | None = None
        self._sdk: SdkSpan | None = None
        """With an SDK, its open span."""

    @property
    def is_recorded(self) -> bool:
        """Whether anyone receives it. Attributes that take long to compute can be omitted otherwise."""
        return self._recorded is not None or (self._sdk is not None and self._sdk.is_recording)

    def set(self, attributes: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Adds attributes to the open span, or replaces them; ignored when it is not open.

        Args:
            attributes: attributes by name, for names that are no Python identifiers.
            more: further attributes.

        Raises:
            TypeError: the attributes are no mapping.
        """
        if attributes is not None:
            check_mapping("the attributes of a span", attributes)
            more = {**attributes, **more}
        given = cleaned(more)
        if self._sdk is not None:
            self._sdk.set(given)
        elif (recorded := self._recorded) is not None:
            # A new dictionary: another thread may be sending the span.
            attributes = {**recorded.attributes}
            for key, value in given.items():
                if key in attributes or len(attributes) < MAX_ATTRIBUTES:
                    attributes[key] = value
            recorded.attributes = attributes

    def __enter__(self) -> Span:
        recorder = recording.get()
        tracer = sdk_tracer()
        if tracer is not None:
            self._sdk = SdkSpan(tracer, self._name, cleaned(self._attributes))
        elif recorder is not None:
            self._recorder = recorder
            self._outer = open_span.get()
            self._recorded = recorder.begin_span(self._name, self._outer, self._attributes)
            if self._recorded is not None:
                open_span.set(self._recorded)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        recorded = self._recorded
        if recorded is not None:
            self._recorded = None
            if error is not None and not _is_end_of_generator(error):
                recorded.failure = (module_of(type(error)), name_of(type(error)), message_of(error))
            recorded.end()
            # Not with a token: an async generator may be closed in another context.
            open_span.set(self._outer)
            if self._recorder is not None:
                self._recorder.end_span(recorded)
        elif (sdk := self._sdk) is not None:
            self._sdk = None
            if _is_end_of_generator(error):
                kind = error = at = None
            sdk.close(kind, error, at)

    async def __aenter__(self) -> Span:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, at)

    def __call__(self, function: Function) -> Function:
        """Decorates a function: each call of it is a span. A generator is one span from its first value to its end."""
        return cast("Function", _decorated(function, self._copy))

    def _copy(self) -> Span:
        return Span(self._name, self._attributes)


def span(name: str, attributes: Mapping[str, Any] | None = None, /, **more: Any) -> Span:
    """Names a part of the work of a tool. In a traced call it becomes a span of the trace; otherwise it costs little.

    Use it with ``with`` or ``async with``, or as a decorator of a function, also of an ``async`` one or a generator.

    Args:
        name: at most 128 letters, digits and underscores, with parts separated by one of ``. : / -``. Put what varies
            into an attribute.
        attributes: strings, booleans, numbers, or lists of them by name, for names that are no Python identifiers. At
            most 64 are kept, strings of at most 1,024 characters. Other values become strings.
        more: further attributes.

    Raises:
        ValueError: the name violates the rule.
        TypeError: the name is not a string, or the attributes are no mapping.

    Example:
        >>> from snakepit_bridge import span
        >>> with span("load", model="small") as current:
        ...     current.set(rows=3)
        >>> @span("parse")
        ... def parse(text): ...
    """
    if attributes is None:
        return Span(name, more or _NONE)
    check_mapping("the attributes of a span", attributes)
    return Span(name, {**attributes, **more} if more else attributes)


def _is_end_of_generator(error: BaseException | None) -> bool:
    """Whether a generator was closed early, which is no failure."""
    return isinstance(error, GeneratorExit)


def _decorated(function: Callable[..., Any], new: Callable[[], Span]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def each_async(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, None]:
            with new():
                produced = function(*args, **kwargs)
                try:
                    # What ``yield from`` does for a generator: values and exceptions of the caller pass.
                    step = produced.asend(None)
                    while True:
                        try:
                            value = await step
                        except StopAsyncIteration:
                            return
                        try:
                            step = produced.asend((yield value))
                        except GeneratorExit:
                            raise
                        except BaseException as error:
                            step = produced.athrow(error)
                finally:
                    await produced.aclose()

        return each_async
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def each(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            with new():
                return (yield from function(*args, **kwargs))

        return each
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def awaited(*args: Any, **kwargs: Any) -> Any:
            with new():
                return await function(*args, **kwargs)

        return awaited

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        with new():
            return function(*args, **kwargs)

    return called
