"""Binds the options of an adapter to the parameters of its constructor, and checks and converts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .adapter import Adapter
from .arguments import ArgumentBinder, Bound, ToolArgumentError
from .target import TargetError
from .tool_signature import SignatureParameter, names_session, read_parameters

NO_ARGUMENTS: Bound = ((), {})


def bind_options(kind: type[Adapter], target: str, options: Mapping[str, Any]) -> Bound:
    """Returns the arguments of the constructor of an adapter class.

    Args:
        kind: the class.
        target: the target of the pool, for errors.
        options: the keyword arguments; may be empty.

    Raises:
        TargetError: an option is unknown, missing or invalid. The message does not contain the values of parameters
            whose names or types denote secrets.
    """
    parameters = _parameters(kind)
    if parameters is None:
        # A constructor without a signature, in C: it checks its arguments itself.
        return (), options
    name = kind.__qualname__
    _reject_sessions(name, target, parameters)
    missing = [each.name for each in parameters if each.required and each.name not in options]
    if not options and not missing:
        return NO_ARGUMENTS
    if not parameters:
        names = ", ".join(options)
        raise TargetError(
            f"{name} of '{target}' takes no options; got {_quoted(list(options))}; "
            f"define its constructor as __init__(self, {names}), or remove the options"
        )
    binder = ArgumentBinder(name, parameters)
    accepts_any = any(each.kind is each.kind.VAR_KEYWORD for each in parameters)
    names_of_parameters = {each.name for each in parameters}
    has_unknown = not accepts_any and any(each not in names_of_parameters for each in options)
    if missing and not has_unknown:
        # An unknown option is probably a missing one with a wrong name.
        raise TargetError(
            f"{name} of '{target}' requires the option{'s'[: len(missing) - 1]} {_quoted(missing)}; "
            f"add {'it' if len(missing) == 1 else 'them'}: options: {{ {', '.join(f'{each}: …' for each in missing)} }}"
        )
    try:
        return binder.bind(dict(options))
    except ToolArgumentError as error:
        remedy = "correct the name of the option, or add the parameter to the constructor"
        if not has_unknown:
            remedy = f"change the option '{error.argument}'"
        problem = f"the options of '{target}' do not match the constructor of its class: {error}; {remedy}"
    # Raised outside the handler: the rejected value may be a secret, which the traceback of the handled error shows.
    raise TargetError(problem)


def _parameters(kind: type[Adapter]) -> Sequence[SignatureParameter] | None:
    """Returns the parameters of a constructor; ``None`` when it has no signature."""
    constructor: Any = kind.__init__
    if constructor is object.__init__:
        constructor = kind.__new__
        if constructor is object.__new__:
            return ()
    try:
        return read_parameters(constructor, is_bound=True)
    except (TypeError, ValueError):
        return None


def _reject_sessions(name: str, target: str, parameters: Sequence[SignatureParameter]) -> None:
    session = next((each for each in parameters if each.required and names_session(each.annotation_text)), None)
    if session is not None:
        raise TargetError(
            f"the parameter '{session.name}' of the constructor of {name} ('{target}') must not be a session: a worker "
            "creates the adapter before it executes calls; declare the parameter in a tool"
        )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
