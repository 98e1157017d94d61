"""What checks and converts the values of one annotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from .mismatch import Mismatch

NOT_NATIVE: Any = object()
"""Stands where msgspec cannot check an annotation, or checks only a part of it."""

Check = Callable[[Any], Any]
"""Returns the value as an object of the annotated type.

Raises:
    Mismatch: it does not fit.
"""


By = Literal["itself", "parts", "hook"]
"""How a check and that of msgspec work together.

``itself``: they are independent. ``parts``: it is that of a container or class of parts, before which msgspec's is
tried. ``hook``: msgspec leaves the class to us, and calls the check.
"""


class Checker:
    """Checks the values of one annotation."""

    __slots__ = ("by", "check", "hooked", "keys", "native", "secret", "tags", "text")

    def __init__(
        self,
        text: str,
        check: Check,
        *,
        native: Any = NOT_NATIVE,
        by: By = "itself",
        hooked: bool = False,
        keys: frozenset[str] | None = None,
        tags: Mapping[str, frozenset[Any]] | None = None,
        secret: bool = False,
    ) -> None:
        """Takes the check and what others have to know of it.

        Args:
            text: what the annotation is called in messages.
            check: the check itself; complete, and slower than that of msgspec.
            native: the annotation by which msgspec does the same in C; it may refuse what ``check`` accepts.
            by: how the check and that of msgspec work together.
            hooked: whether msgspec may call back for the value itself.
            keys: for a class with fields, the keys that an object may have.
            tags: for a class with fields, the values that a field of literals may have.
            secret: whether a value, or a part of it, must not be shown.
        """
        self.text = text
        self.check = check
        self.native = native
        self.by = by
        self.hooked = hooked or by == "hook"
        self.keys = keys
        self.tags = {} if tags is None else tags
        self.secret = secret

    @property
    def is_native(self) -> bool:
        """Whether msgspec can check values soundly."""
        return self.native is not NOT_NATIVE


class Recursion(Checker):
    """Stands for a check that is being made, where its annotation contains itself."""

    __slots__ = ("used",)

    def __init__(self, text: str, native: Any) -> None:
        super().__init__(text, anything, native=native)
        self.check = self._not_yet
        self.used = False

    def fill_in(self, checker: Checker) -> None:
        """Becomes the check that was made."""
        for name in Checker.__slots__:
            setattr(self, name, getattr(checker, name))

    def _not_yet(self, value: Any) -> Any:
        raise Mismatch.expected(self.text, value)


def anything(value: Any) -> Any:
    """Accepts every value as it is."""
    return value


def guarded(checker: Checker) -> Checker:
    """The same checker, whose refusals say nothing of the value but its type."""

    def check(value: Any) -> Any:
        try:
            return checker.check(value)
        except Mismatch as mismatch:
            raise mismatch.redacted() from None

    return Checker(checker.text, check, native=checker.native, keys=checker.keys, tags=checker.tags, secret=True)
