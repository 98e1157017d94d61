"""Parameters that the caller does not pass: the session of the call, which the worker fills in."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .arguments import ToolArgumentError
from .checking import Unresolved
from .target_error import TargetError
from .tool_signature import names_session

if TYPE_CHECKING:
    from .arguments import Bound
    from .tool_signature import SignatureParameter

    Bind = Callable[[Mapping[str, Any]], Bound]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))


def session_parameters(tool: str, parameters: Sequence[SignatureParameter], *, is_async: bool) -> frozenset[str]:
    """The names of the parameters that are annotated with a session context.

    Args:
        tool: what the tool is called.
        parameters: all of them.
        is_async: whether the tool is ``async``.

    Raises:
        TargetError: a context is not for this kind of tool, or is annotated so that it cannot be filled in.
    """
    if "snakepit_bridge._session" not in sys.modules and not any(
        names_session(each.annotation_text) for each in parameters
    ):
        # Nobody has one, and what belongs to sessions need not be loaded.
        return frozenset()
    from snakepit_bridge._session import AsyncSessionContext, SessionContext

    wanted, other = (AsyncSessionContext, SessionContext) if is_async else (SessionContext, AsyncSessionContext)
    found = set()
    for each in parameters:
        kinds = _kinds_in(each.annotation)
        where = f"tool '{tool}': parameter '{each.name}'"
        if wanted not in kinds and other not in kinds:
            if isinstance(each.annotation, Unresolved) and names_session(each.annotation_text):
                raise TargetError(
                    f"{where} is annotated as {each.annotation_text}, which cannot be resolved when it is loaded"
                    f"; import {wanted.__name__} from snakepit_bridge at the top of the module"
                )
        elif other in kinds and wanted not in kinds:
            kind = "async" if is_async else "not async"
            raise TargetError(f"{where} is annotated as {other.__name__} and the tool is {kind}; use {wanted.__name__}")
        elif each.kind in _VARIADIC or not kinds <= {wanted, other, type(None)}:
            raise TargetError(
                f"{where} is annotated as {each.annotation_text}; a session is a parameter of its own, "
                f"annotated as {wanted.__name__} and nothing else"
            )
        else:
            found.add(each.name)
    return frozenset(found)


def filling_in(
    bind: Bind, tool: str, parameters: Sequence[SignatureParameter], names: frozenset[str], *, is_async: bool
) -> Bind:
    """Binds arguments as another function does, and fills in the session of the call that is executed.

    Args:
        bind: binds the arguments of all other parameters.
        tool: what the tool is called.
        parameters: all of them.
        names: those that are filled in.
        is_async: whether the tool is ``async``.
    """
    from snakepit_bridge._session.current_session import session_of_call

    positional = [each for each in parameters if each.kind in _POSITIONAL]
    places = [place for place, each in enumerate(positional) if each.name in names]
    keywords = [each.name for each in parameters if each.name in names and each.kind not in _POSITIONAL]

    def bind_and_fill_in(arguments: Mapping[str, Any]) -> Bound:
        for name in names:
            if isinstance(arguments, dict) and name in arguments:
                message = f"{tool}(): argument '{name}' is the session of the call, which is filled in; leave it out"
                raise ToolArgumentError(message, tool, name)
        values, named = bind(arguments)
        session = session_of_call(is_async=is_async)
        if places:
            values = list(values)
            for place in places:
                values.insert(place, session)
        if keywords:
            named = {**named, **dict.fromkeys(keywords, session)}
        return values, named

    return bind_and_fill_in


def _kinds_in(annotation: Any) -> set[Any]:
    """What a value may be; of a type with parameters, only what it is a type of."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _kinds_in(typing.get_args(annotation)[0])
    if origin in _UNIONS:
        return {kind for each in typing.get_args(annotation) for kind in _kinds_in(each)}
    try:
        return {annotation if origin is None else origin}
    except TypeError:  # it cannot be hashed
        return set()
