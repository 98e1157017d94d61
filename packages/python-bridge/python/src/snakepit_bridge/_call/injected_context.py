"""The port between tools and the contexts that a worker injects into them."""

from __future__ import annotations

from typing import Any, ClassVar


class InjectedContext:
    """Base class of the types that a worker injects: the caller does not pass a parameter annotated with one.

    With it a tool is loaded without importing what the contexts need: a tool that has a context has imported it.
    """

    __slots__ = ()

    for_async_tools: ClassVar[bool]
    """Whether it is for ``async`` tools; the others use the :attr:`counterpart`."""
    counterpart: ClassVar[str]
    """The name of the type for the other kind of tools."""

    @classmethod
    def of_current_call(cls) -> Any:
        """Returns the context of the call that this thread or task executes.

        Raises:
            RuntimeError: no call is executing here.
        """
        raise NotImplementedError
