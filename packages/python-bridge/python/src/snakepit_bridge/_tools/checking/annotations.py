"""Resolves annotations: names, aliases and type variables."""

from __future__ import annotations

import dataclasses
import sys
import typing
from collections.abc import Iterable, Mapping
from typing import Any

_QUALIFIERS = frozenset({"Final", "ClassVar", "Required", "NotRequired", "ReadOnly"})


class Unresolved:
    """An annotation that cannot be resolved when the module is loaded."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def class_annotations(kind: type, variables: Mapping[Any, Any]) -> dict[str, Any]:
    """Returns the annotations of a class and its bases by name. Each is resolved separately.

    Args:
        kind: the class.
        variables: the values of its type variables.
    """
    found: dict[str, Any] = {}
    values = _bound_variables(kind, dict(variables))
    for base in reversed(kind.__mro__):
        for name, annotation in _own_annotations(base).items():
            found[name] = substitute(_resolve_in_class(annotation, base), values.get(base, variables))
    return found


def substitute(annotation: Any, variables: Mapping[Any, Any]) -> Any:
    """Replaces type variables by their values."""
    if not variables:
        return annotation
    if isinstance(annotation, typing.TypeVar):
        return variables.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if typing.get_origin(annotation) is None or not isinstance(parameters, tuple) or not parameters:
        return annotation
    try:
        return annotation[tuple(variables.get(each, each) for each in parameters)]
    except TypeError:
        return annotation


def annotated(annotation: Any, metadata: Iterable[Any]) -> Any:
    """Returns ``Annotated[annotation, *metadata]``."""
    parts = (annotation, *metadata)
    return typing.Annotated[parts]


def variables_of(origin: Any, arguments: tuple[Any, ...]) -> dict[Any, Any]:
    """Returns the values of the type variables of a parametrized generic class."""
    parameters = getattr(origin, "__parameters__", ()) or getattr(origin, "__type_params__", ())
    return dict(zip(parameters, arguments, strict=False))


def unqualified(annotation: Any) -> tuple[Any, frozenset[str]]:
    """Returns an annotation without qualifiers such as ``Final``, ``Required`` and ``InitVar``, and their names."""
    names = set()
    while True:
        if isinstance(annotation, dataclasses.InitVar):
            annotation = annotation.type
            names.add("InitVar")
            continue
        name = getattr(typing.get_origin(annotation), "_name", None)
        if name not in _QUALIFIERS:
            return annotation, frozenset(names)
        names.add(name)
        annotation = typing.get_args(annotation)[0]


def text_of(annotation: Any) -> str:  # noqa: PLR0911 - one answer for each form
    """Returns the name of an annotation for messages."""
    if isinstance(annotation, Unresolved):
        return annotation.text
    if annotation is None or annotation is type(None):
        return "None"
    if typing.get_origin(annotation) is typing.Annotated:
        return text_of(typing.get_args(annotation)[0])
    if isinstance(annotation, type) and typing.get_origin(annotation) is None:
        return annotation.__name__
    arguments = typing.get_args(annotation)
    origin = typing.get_origin(annotation)
    if isinstance(origin, type) and arguments and not any(isinstance(each, list) for each in arguments):
        if origin.__name__ in ("Union", "UnionType"):
            return " | ".join(map(text_of, arguments))
        return f"{origin.__name__}[{', '.join('...' if each is ... else text_of(each) for each in arguments)}]"
    if arguments and origin is typing.Union:
        return " | ".join(map(text_of, arguments))
    name = getattr(annotation, "__name__", None)
    return name if isinstance(name, str) and not arguments else repr(annotation).replace("typing.", "")


def _own_annotations(kind: type) -> dict[str, Any]:
    if sys.version_info >= (3, 14):
        import annotationlib

        return annotationlib.get_annotations(kind, format=annotationlib.Format.FORWARDREF)
    annotations = vars(kind).get("__annotations__", {})
    return annotations if isinstance(annotations, dict) else {}


def _resolve_in_class(annotation: Any, kind: type) -> Any:
    module = sys.modules.get(kind.__module__)
    outer = {} if module is None else vars(module)
    parameters = {each.__name__: each for each in getattr(kind, "__type_params__", ())}

    def holder() -> None: ...

    holder.__annotations__ = {"annotation": annotation}
    # Names of the module take precedence, as in typing.get_type_hints: a default must not hide a type of the same name.
    inner = {**vars(kind), kind.__name__: kind, **parameters}
    try:
        return typing.get_type_hints(holder, inner, outer, include_extras=True)["annotation"]
    except Exception:  # evaluating an annotation runs user code
        if isinstance(annotation, str):
            try:
                # Python 3.10 resolves qualifiers such as InitVar and ClassVar only in the class that contains them.
                return eval(annotation, {**inner, **outer})  # noqa: S307 (the annotation of the class itself)
            except Exception:
                return Unresolved(annotation)
        if isinstance(annotation, typing.ForwardRef):
            return Unresolved(annotation.__forward_arg__)
        return annotation


def _bound_variables(kind: type, variables: dict[Any, Any]) -> dict[type, dict[Any, Any]]:
    """Returns the values of the type variables of each base class."""
    found: dict[type, dict[Any, Any]] = {kind: variables}
    for base in vars(kind).get("__orig_bases__", ()):
        origin = typing.get_origin(base)
        if not isinstance(origin, type) or origin is typing.Generic:
            continue
        arguments = tuple(substitute(each, variables) for each in typing.get_args(base))
        for each, bound in _bound_variables(origin, variables_of(origin, arguments)).items():
            found.setdefault(each, bound)
    for plain in kind.__bases__:
        for each, bound in _bound_variables(plain, {}).items():
            found.setdefault(each, bound)
    return found
