"""Finds the tools of a module or class."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable
from types import ModuleType

from .adapter import Adapter
from .target import TargetError
from .tool import Tool
from .tool_decorator import definitions_in, mark_of


def tools_of_module(module: ModuleType, target: str) -> dict[str, Tool]:
    """Returns the tools of a module by name: its own, those of its submodules, and imported ones listed in ``__all__``.

    So a tool that a module imports for its own use is not exposed by accident, and a package can expose the tools of
    its modules.

    Raises:
        TargetError: there are no tools, or two have the same name.
    """
    exported = getattr(module, "__all__", ())
    found = []
    for name, value in list(vars(module).items()):
        # isinstance() would evaluate a lazy object through its __class__.
        mark = None if issubclass(type(value), type) else mark_of(value)
        if mark is not None and (_is_within(value.__module__, module.__name__) or name in exported):
            found.append((value, Tool(mark, value, is_bound=False)))
    _check_shadowed(module.__name__, "", target)
    tools = _by_name({id(value): tool for value, tool in found}.values(), target)
    if not tools:
        raise TargetError(_no_tools_in(module, target))
    return tools


def tools_of_class(kind: type[Adapter], target: str) -> dict[str, tuple[str, Tool]]:
    """Returns the tools of an adapter class by name, each with the name of its method.

    Raises:
        TargetError: there are no tools, or two have the same name.
    """
    # In the order of their definitions, those of base classes first.
    attributes = {name: None for base in reversed(kind.__mro__) for name in vars(base)}
    methods: dict[str, str] = {}
    found = []
    for attribute in attributes:
        static = inspect.getattr_static(kind, attribute)
        if isinstance(static, property):
            continue
        value = getattr(kind, attribute)
        mark = mark_of(value)
        if mark is None:
            continue
        is_bound = not isinstance(static, (staticmethod, classmethod))
        found.append(Tool(mark, value, is_bound=is_bound))
        methods[mark.name] = attribute
    for base in kind.__mro__:
        _check_shadowed(base.__module__, base.__qualname__, target)
    tools = _by_name(found, target)
    if not tools:
        raise TargetError(f"the adapter {kind.__qualname__} of '{target}' has no tools; mark its methods with @tool")
    return {name: (methods[name], tool) for name, tool in tools.items()}


def _is_within(module: str | None, package: str) -> bool:
    return module is not None and (module == package or module.startswith(f"{package}."))


def _by_name(tools: Iterable[Tool], target: str) -> dict[str, Tool]:
    named: dict[str, Tool] = {}
    for tool in tools:
        other = named.setdefault(tool.name, tool)
        if other is not tool:
            raise TargetError(
                f"'{target}' has two tools named '{tool.name}': {_place(other)} and {_place(tool)}; "
                "give one of them another name with @tool(name=...)"
            )
    return named


def _check_shadowed(module: str, scope: str, target: str) -> None:
    """Rejects two definitions of one tool in the same scope, of which Python silently keeps the later one."""
    marks = [mark for mark in definitions_in(module) if mark.scope == scope]
    for name, count in Counter(mark.name for mark in marks).items():
        if count > 1:
            lines = " and ".join(str(mark.line) for mark in marks if mark.name == name)
            raise TargetError(
                f"'{target}' defines the tool '{name}' {count} times, in lines {lines} of {module}; "
                "rename or remove all but one"
            )


def _place(tool: Tool) -> str:
    function = inspect.unwrap(tool.function)
    code = getattr(function, "__code__", None)
    where = f" in line {code.co_firstlineno}" if code is not None else ""
    return f"{function.__module__}.{function.__qualname__}{where}"


def _no_tools_in(module: ModuleType, target: str) -> str:
    classes = [
        name
        for name, value in vars(module).items()
        if issubclass(type(value), type) and issubclass(value, Adapter) and value.__module__ == module.__name__
    ]
    if classes:
        return (
            f"'{target}' has no tools outside its adapter classes; to use one of those, write '{target}:{classes[0]}'"
        )
    for name, value in vars(module).items():
        methods = filter(inspect.isfunction, vars(value).values()) if inspect.isclass(value) else ()
        if any(mark_of(method) is not None for method in methods):
            return (
                f"'{target}' has no tools outside its classes; to use those of {name}, derive it from Adapter "
                f"(from snakepit_bridge import Adapter) and write '{target}:{name}'"
            )
    return f"'{target}' has no tools; mark its functions with @tool (from snakepit_bridge import tool)"
