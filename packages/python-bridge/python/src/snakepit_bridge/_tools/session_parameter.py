"""Parameters for which the worker injects the session context of the call."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._call import InjectedContext
from .arguments import ToolArgumentError
from .checking import Unresolved
from .target import TargetError
from .tool_signature import names_session

if TYPE_CHECKING:
    from .arguments import Bound
    from .tool_signature import SignatureParameter

    Bind = Callable[[Mapping[str, Any]], Bound]
    Injected = Mapping[str, type[InjectedContext]]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))


def injected_parameters(tool: str, parameters: Sequence[SignatureParameter], *, is_async: bool) -> Injected:
    """Returns the names of the parameters that are annotated with a session context, each with the type of the context.

    Args:
        tool: the name of the tool.
        parameters: all parameters of the tool.
        is_async: whether the tool is ``async``.

    Raises:
        TargetError: a context is of the wrong kind for the tool, or its annotation does not allow injection.
    """
    injected: dict[str, type[InjectedContext]] = {}
    for each in parameters:
        kinds = _kinds_in(each.annotation)
        contexts = {kind for kind in kinds if isinstance(kind, type) and issubclass(kind, InjectedContext)}
        where = f"tool '{tool}': parameter '{each.name}'"
        if not contexts:
            if isinstance(each.annotation, Unresolved) and names_session(each.annotation_text):
                context_name = "AsyncSessionContext" if is_async else "SessionContext"
                raise TargetError(
                    f"{where} is annotated as {each.annotation_text}, which cannot be resolved when the module is "
                    f"loaded; import {context_name} from snakepit_bridge at the top of the module"
                )
            continue
        fitting = next((kind for kind in contexts if kind.for_async_tools is is_async), None)
        if fitting is None:
            other = next(iter(contexts))
            kind = "async" if is_async else "not async"
            raise TargetError(
                f"{where} is annotated as {other.__name__}, but the tool is {kind}; use {other.counterpart}"
            )
        if each.kind in _VARIADIC or not kinds <= contexts | {type(None)}:
            raise TargetError(
                f"{where} is annotated as {each.annotation_text}; the session must be a separate parameter, "
                f"annotated only as {fitting.__name__}"
            )
        injected[each.name] = fitting
    return injected


def injecting(bind: Bind, tool: str, parameters: Sequence[SignatureParameter], injected: Injected) -> Bind:
    """Returns a function that binds arguments and injects the session contexts of the current call.

    Args:
        bind: binds the arguments of the other parameters.
        tool: the name of the tool.
        parameters: all parameters of the tool.
        injected: the result of :func:`injected_parameters`.
    """
    positional = [each for each in parameters if each.kind in _POSITIONAL]
    places = [(place, injected[each.name]) for place, each in enumerate(positional) if each.name in injected]
    keywords = {
        each.name: injected[each.name] for each in parameters if each.name in injected and each.kind not in _POSITIONAL
    }
    kinds = set(injected.values())

    def bind_and_inject(arguments: Mapping[str, Any]) -> Bound:
        for name in injected:
            if isinstance(arguments, dict) and name in arguments:
                message = f"{tool}(): argument '{name}' must be omitted; the session of the call is injected"
                raise ToolArgumentError(message, tool, name)
        values, named = bind(arguments)
        contexts = {kind: kind.of_current_call() for kind in kinds}
        if places:
            values = list(values)
            for place, kind in places:
                values.insert(place, contexts[kind])
        if keywords:
            named = {**named, **{name: contexts[kind] for name, kind in keywords.items()}}
        return values, named

    return bind_and_inject


def _kinds_in(annotation: Any) -> set[Any]:
    """Returns the types that an annotation allows, with generic types reduced to their origins."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds_in(typing.get_args(annotation)[0])
    if origin in _UNIONS:
        return {kind for each in typing.get_args(annotation) for kind in _kinds_in(each)}
    try:
        return {annotation if origin is None else origin}
    except TypeError:  # it is not hashable
        return set()
