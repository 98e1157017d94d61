"""Checkers, which check and convert the values of one annotation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from .mismatch import Mismatch

NOT_NATIVE: Any = object()
"""The ``native`` of a checker whose annotation msgspec cannot check, or checks only in part."""

Check = Callable[[Any], Any]
"""Returns the value as an object of the annotated type.

Raises:
    Mismatch: the value does not match the annotation.
"""


By = Literal["itself", "parts", "hook"]
"""How a check and the check by msgspec work together.

``itself``: they are independent. ``parts``: the check is that of a container or of a class with fields, and msgspec is
tried first. ``hook``: msgspec does not support the class and calls the check.
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
        """Creates the checker.

        Args:
            text: the name of the annotation in messages.
            check: the complete check, which is slower than msgspec.
            native: the annotation with which msgspec does the same in C. msgspec may reject values that ``check``
                accepts.
            by: how the check and the check by msgspec work together.
            hooked: whether msgspec may call back for the value itself.
            keys: for a class with fields, the keys that an object may have.
            tags: for a class with fields, the values that each field of literals may have.
            secret: whether the value, or a part of it, must not be shown.
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
        """Whether msgspec checks the values completely."""
        return self.native is not NOT_NATIVE


class Recursion(Checker):
    """A placeholder for a checker that is being compiled, for annotations that contain themselves."""

    __slots__ = ("used",)

    def __init__(self, text: str, native: Any) -> None:
        super().__init__(text, anything, native=native)
        self.check = self._not_yet
        self.used = False

    def fill_in(self, checker: Checker) -> None:
        """Takes over the compiled checker."""
        for name in Checker.__slots__:
            setattr(self, name, getattr(checker, name))

    def _not_yet(self, value: Any) -> Any:
        raise Mismatch.expected(self.text, value)


def anything(value: Any) -> Any:
    """Accepts every value and returns it unchanged."""
    return value


def guarded(checker: Checker) -> Checker:
    """Returns the same checker with messages that contain only the type of the value."""

    def check(value: Any) -> Any:
        try:
            return checker.check(value)
        except Mismatch as mismatch:
            raise mismatch.redacted() from None

    return Checker(checker.text, check, native=checker.native, keys=checker.keys, tags=checker.tags, secret=True)
