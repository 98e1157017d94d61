"""Reads the parameters of a tool from its function."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgspec

from .._standard_library_first import StandardLibraryFirst
from .checking import Unresolved

_MAX_REPR = 200
_session_name = re.compile(r"(?<!\w)(?:Async)?SessionContext(?!\w)")
NO_DEFAULT: Any = inspect.Parameter.empty
"""The ``default`` of a parameter without one."""


class SignatureParameter(msgspec.Struct, frozen=True):
    """One parameter, with its annotation resolved."""

    name: str
    kind: inspect._ParameterKind
    annotation: Any
    """The resolved annotation; ``Any`` without one, ``Unresolved`` when it cannot be resolved."""
    annotation_text: str
    """The annotation as written; empty without one."""
    default: Any
    """:data:`NO_DEFAULT` without one."""

    @property
    def required(self) -> bool:
        """Whether a call without an argument for it fails."""
        variadic = self.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        return self.default is NO_DEFAULT and not variadic

    @property
    def default_text(self) -> str | None:
        """The default as ``repr()`` shows it, shortened; ``None`` without a default."""
        return None if self.default is NO_DEFAULT else short_repr(self.default, _MAX_REPR)


def read_parameters(function: Callable[..., Any], *, is_bound: bool) -> tuple[SignatureParameter, ...]:
    """Returns the parameters of a function.

    Args:
        function: the function, possibly decorated.
        is_bound: whether the first parameter (``self``) is bound already.
    """
    parameters = list(_signature(function).parameters.values())
    names = getattr(inspect.unwrap(function), "__globals__", {})
    return tuple(
        SignatureParameter(
            name=each.name,
            kind=each.kind,
            annotation=_resolve(each, names),
            annotation_text=_annotation_text(each.annotation),
            default=each.default,
        )
        for each in parameters[1 if is_bound else 0 :]
    )


def names_session(annotation_text: str) -> bool:
    """Whether an annotation contains the name of a session context."""
    return _session_name.search(annotation_text) is not None


def short_repr(value: object, limit: int) -> str:
    """Returns the ``repr()`` of a value, shortened to ``limit`` characters. Never raises."""
    try:
        text = repr(value)
    except Exception:  # user code, which may raise any exception
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _signature(function: Callable[..., Any]) -> inspect.Signature:
    if sys.version_info >= (3, 14):
        import annotationlib

        # Annotations may contain names that exist only for the type checker.
        return inspect.signature(function, annotation_format=annotationlib.Format.FORWARDREF)
    return inspect.signature(function)


def _resolve(parameter: inspect.Parameter, names: dict[str, Any]) -> Any:
    annotation = parameter.annotation
    if annotation is inspect.Parameter.empty:
        return Any
    try:
        annotation = _resolve_alone(annotation, names)
    except Exception:  # evaluating an annotation runs user code
        if not isinstance(annotation, (str, typing.ForwardRef)):
            return _optional(parameter, annotation)
        text = _annotation_text(annotation)
        if not names_session(text):
            return Unresolved(text)
        # Session contexts are often imported only for the type checker.
        try:
            annotation = _resolve_alone(text, {**_session_names(), **names})
        except Exception:
            return Unresolved(text)
    return _optional(parameter, annotation)


def _optional(parameter: inspect.Parameter, annotation: Any) -> Any:
    # Like get_type_hints before Python 3.11: a default of None makes the parameter optional.
    return typing.Optional[annotation] if parameter.default is None else annotation  # noqa: UP045 (at run time)


def _session_names() -> dict[str, Any]:
    # Lazy, because of the start-up time: most targets have no annotation that names a session context.
    with StandardLibraryFirst():
        from .._session import AsyncSessionContext, SessionContext

    contexts: dict[str, Any] = {"AsyncSessionContext": AsyncSessionContext, "SessionContext": SessionContext}
    package = SimpleNamespace(**contexts)
    return {**contexts, "snakepit_bridge": package, "Optional": typing.Optional, "Union": typing.Union}


def _resolve_alone(annotation: Any, names: dict[str, Any]) -> Any:
    """Resolves one annotation alone: another one that only the type checker can resolve must not prevent it."""

    def holder() -> None: ...

    holder.__annotations__ = {"annotation": annotation}
    return typing.get_type_hints(holder, names, include_extras=True)["annotation"]


def _annotation_text(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    return inspect.formatannotation(annotation)
