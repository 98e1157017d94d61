"""A loaded target, and the instance of it that each worker creates."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from .._errors import headline_of
from .adapter import Adapter
from .adapter_options import NO_ARGUMENTS, bind_options
from .discovery import tools_of_class, tools_of_module
from .hooks import Hook, hooks_of_module
from .import_target import import_target
from .target import TargetError, parse_target
from .tool import Tool
from .tool_descriptor import ToolDescriptor

SessionHook = Callable[[str], Awaitable[None] | None]

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


class AdapterInstance:
    """The tools of one worker."""

    __slots__ = ("session_end", "session_start", "setups", "teardowns", "tools")

    def __init__(
        self,
        tools: dict[str, Tool],
        setups: tuple[Hook, ...],
        teardowns: tuple[Hook, ...],
        session_start: SessionHook | None = None,
        session_end: SessionHook | None = None,
    ) -> None:
        self.tools = tools
        self.setups = setups
        """Run before the first call, in this order. The result of each is awaited if it is awaitable."""
        self.teardowns = teardowns
        """Run after the last call, in this order. The result of each is awaited if it is awaitable."""
        self.session_start = session_start
        """Runs with the ID of a session before its first call; ``None`` when the adapter has no such hook."""
        self.session_end = session_end
        """Runs with the ID of a session that has ended; ``None`` when the adapter has no such hook."""


class LoadedAdapter:
    """An imported target and its tools. A zygote shares it with its workers."""

    __slots__ = ("_arguments", "_kind", "_methods", "_setups", "_teardowns", "_tools", "target")

    def __init__(
        self, target: str, source: ModuleType | type[Adapter], options: Mapping[str, Any] = NO_OPTIONS
    ) -> None:
        """Collects the tools of a module or adapter class, and checks the options of the class.

        Args:
            target: the target as configured.
            source: the module or class.
            options: the keyword arguments of the constructor of the class; by default none.

        Raises:
            TargetError: there are no tools, two have the same name, or the options do not match the constructor.
        """
        self.target = target
        self._kind = None if isinstance(source, ModuleType) else source
        module = source if isinstance(source, ModuleType) else sys.modules.get(source.__module__)
        self._setups, self._teardowns = ((), ()) if module is None else hooks_of_module(module)
        self._methods: dict[str, str] = {}
        if isinstance(source, ModuleType):
            if options:
                raise _has_no_class(target, source)
            self._arguments = NO_ARGUMENTS
            self._tools = tools_of_module(source, target)
        else:
            found = tools_of_class(source, target)
            self._tools = {name: tool for name, (_, tool) in found.items()}
            self._methods = {name: method for name, (method, _) in found.items()}
            self._arguments = bind_options(source, target, options)

    @property
    def tools(self) -> tuple[ToolDescriptor, ...]:
        """The descriptions of the tools, for the host."""
        return tuple(tool.descriptor for tool in self._tools.values())

    @property
    def kind(self) -> type[Adapter] | None:
        """The adapter class; ``None`` for a module of functions."""
        return self._kind

    @property
    def unbound_tools(self) -> Mapping[str, Tool]:
        """The tools by name; those of an adapter class have the functions of the class."""
        return self._tools

    @property
    def has_async_tools(self) -> bool:
        """Whether its workers need an event loop."""
        return any(tool.is_async for tool in self._tools.values())

    @property
    def modules(self) -> tuple[ModuleType, ...]:
        """The modules that define the tools, including the target's module."""
        names = {each.function.__module__ for each in self._tools.values()}
        if self._kind is not None:
            names.add(self._kind.__module__)
        return tuple(sys.modules[name] for name in sorted(names) if name in sys.modules)

    @property
    def fork_safe(self) -> bool:
        """Whether workers may be forked from this process."""
        return True if self._kind is None else self._kind.fork_safe

    def instantiate(self) -> AdapterInstance:
        """Creates the instance of one worker. An adapter class is instantiated, but its ``setup`` does not run yet.

        Raises:
            TargetError: the constructor raised.
        """
        if self._kind is None:
            return AdapterInstance(self._tools, self._setups, self._teardowns)
        try:
            positional, keywords = self._arguments
            instance = self._kind(*positional, **keywords)
        except BaseException as error:
            raise TargetError(
                f"the constructor of the adapter {self._kind.__qualname__} raised {headline_of(error)}",
                exception=error,
                permanent=False,
            ) from error
        tools = {name: tool.of(getattr(instance, self._methods[name])) for name, tool in self._tools.items()}
        return AdapterInstance(
            tools,
            (*self._setups, instance.setup),
            (instance.teardown, *self._teardowns),
            instance.on_session_start if self._overrides("on_session_start") else None,
            instance.on_session_end if self._overrides("on_session_end") else None,
        )

    def _overrides(self, method: str) -> bool:
        return getattr(self._kind, method) is not getattr(Adapter, method)


def load_adapter(target: str, options: Mapping[str, Any] = NO_OPTIONS, *, as_script: bool = False) -> LoadedAdapter:
    """Imports a target, finds its tools and checks its options.

    Args:
        target: a Python file or a module, optionally followed by ``:Class``.
        options: the keyword arguments of the constructor of the class; by default none.
        as_script: whether the process runs only this target; see :func:`.import_target`.

    Raises:
        TargetError: the target cannot be imported, a worker cannot run it, or the options do not match.
    """
    parsed = parse_target(target)
    module = import_target(parsed, as_script=as_script)
    if parsed.class_name is None:
        return LoadedAdapter(target, module, options)
    kind = getattr(module, parsed.class_name, None)
    place = parsed.file.name if parsed.file is not None else parsed.module
    if kind is None:
        classes = _classes_of(module)
        remedy = f"it has no adapter classes; remove ':{parsed.class_name}' to use its functions"
        has = f"it has {', '.join(classes)}" if classes else remedy
        raise TargetError(f"{place} has no class '{parsed.class_name}' (target '{target}'); {has}")
    if not _is_adapter(kind):
        remedy = "derive it from snakepit_bridge.Adapter"
        if not isinstance(kind, type):
            # Most likely a tool: a target has all tools of its module.
            remedy = f"remove ':{parsed.class_name}' from the target to use the functions of the module"
        raise TargetError(f"'{parsed.class_name}' of {place} is not an adapter class (target '{target}'); {remedy}")
    return LoadedAdapter(target, kind, options)


def _has_no_class(target: str, module: ModuleType) -> TargetError:
    classes = _classes_of(module)
    remedy = f"write '{target}:{classes[0]}'" if classes else "move the tools to a class derived from Adapter"
    return TargetError(f"the target '{target}' must name an adapter class to have options; {remedy}")


def _classes_of(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if _is_adapter(value) and not _is_base_class(value)]


def _is_base_class(kind: type[Adapter]) -> bool:
    """Whether a class is one that this package exports to derive adapters from."""
    package = sys.modules[__name__.partition(".")[0]]
    return getattr(package, kind.__name__, None) is kind


def _is_adapter(candidate: object) -> bool:
    return issubclass(type(candidate), type) and issubclass(candidate, Adapter)  # type: ignore[arg-type]
