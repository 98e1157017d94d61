"""A callable tool."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .arguments import ArgumentBinder
from .docstring import parse_docstring
from .session_parameter import injected_parameters, injecting
from .tool_decorator import ToolMark
from .tool_descriptor import ToolDescriptor, ToolParameter
from .tool_signature import read_parameters

if TYPE_CHECKING:
    from .arguments import Bound


class Tool:
    """A function, with the binder of its arguments and its description for the host."""

    __slots__ = ("bind", "bind_encoded", "descriptor", "function", "is_async", "name", "streaming")

    def __init__(self, mark: ToolMark, function: Callable[..., Any], *, is_bound: bool) -> None:
        """Inspects the function.

        Args:
            mark: the arguments of ``@tool``.
            function: the function. For a method, the function of the class.
            is_bound: whether it is a method, whose first parameter is the instance.

        Raises:
            TargetError: it has a session context of the wrong kind.
        """
        self.name = mark.name
        self.function = function
        innermost = inspect.unwrap(function)
        is_async_generator = inspect.isasyncgenfunction(innermost)
        self.streaming = is_async_generator or inspect.isgeneratorfunction(innermost)
        self.is_async = is_async_generator or inspect.iscoroutinefunction(innermost)
        declared = read_parameters(function, is_bound=is_bound)
        injected = injected_parameters(mark.name, declared, is_async=self.is_async)
        parameters = [each for each in declared if each.name not in injected]
        binder = ArgumentBinder(mark.name, parameters)
        self.bind: Callable[[Mapping[str, Any]], Bound] = binder.bind
        self.bind_encoded = binder.bind_encoded
        if injected:
            self.bind_encoded = None
            self.bind = injecting(self.bind, mark.name, declared, injected)
        docstring = parse_docstring(function.__doc__)
        self.descriptor = ToolDescriptor(
            name=mark.name,
            description=docstring.summary if mark.description is None else mark.description,
            parameters=tuple(
                ToolParameter(
                    name=each.name,
                    type=each.annotation_text,
                    required=each.required,
                    default=each.default_text,
                    description=docstring.parameters.get(each.name),
                    unchecked=binder.unchecked.get(each.name),
                )
                for each in parameters
            ),
            streaming=self.streaming,
            timeout_s=mark.timeout_s,
            idempotent=mark.idempotent,
            max_concurrent=mark.max_concurrent,
        )

    def of(self, function: Callable[..., Any]) -> Tool:
        """Returns the same tool with another function: the method of one instance."""
        bound: Tool = object.__new__(Tool)
        for name in Tool.__slots__:
            setattr(bound, name, getattr(self, name))
        bound.function = function
        return bound
