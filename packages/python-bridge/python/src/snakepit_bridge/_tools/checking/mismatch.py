"""A value that does not match its annotation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_secret = re.compile(r"secret|passw(?:or)?d|passphrase|token(?!i)|api_?key|private_?key|credential", re.IGNORECASE)
_at_path = re.compile(r"^(?P<reason>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)


class Mismatch(ValueError):  # noqa: N818 (the result of a check, not an error)
    """The reason why a value does not match, and the path to the invalid part.

    It is raised at the invalid part. Each enclosing container adds its step of the path with :meth:`within`.
    """

    def __init__(
        self,
        reason: str,
        *,
        of_type: bool = False,
        is_public: bool = False,
        members: Sequence[tuple[str, Mismatch]] = (),
    ) -> None:
        """Creates the mismatch.

        Args:
            reason: the reason, for example ``Expected int, got str``.
            of_type: whether the reason contains only types.
            is_public: whether the reason shows nothing of a value that may be a secret, as with ``of_type``.
            members: for a union, each member that was tried, and why the value does not match it.
        """
        super().__init__(reason)
        self.reason = reason
        self.of_type = of_type
        self.is_public = of_type or is_public
        self.members = tuple(members)
        self.is_final = False
        """Whether no other check may accept the value, such as a validator that runs first."""
        self._steps: list[str] = []

    @classmethod
    def expected(cls, type_text: str, value: Any) -> Mismatch:
        """Returns the mismatch of a value of another type."""
        return cls(f"Expected {type_text}, got {type_name(value)}", of_type=True)

    @classmethod
    def from_text(cls, text: str) -> Mismatch:
        """Returns the mismatch that msgspec reports for a value."""
        match = _at_path.match(text)
        assert match is not None  # noqa: S101 (it matches every string)
        reason = match["reason"].replace("`", "")
        found = cls(reason, of_type=reason.startswith("Expected ") and ", got " in reason)
        if match["path"]:
            found.within(match["path"])
        return found

    def redacted(self) -> Mismatch:
        """Returns the mismatch without anything that may show a part of the value. Only types are named."""
        shown = self.reason if self.is_public and not self.members else "invalid value"
        redacted = Mismatch(shown, of_type=self.of_type, is_public=True)
        redacted._steps = self._steps
        return redacted

    @property
    def has_path(self) -> bool:
        """Whether the mismatch concerns a part of the value."""
        return bool(self._steps)

    def within(self, step: str) -> Mismatch:
        """Adds the step from the container to the checked value."""
        self._steps.append(step)
        return self

    def describe(self, root: str) -> str:
        """Returns the reason and the path.

        Args:
            root: the name of the whole value.
        """
        place = root + "".join(reversed(self._steps))
        reason = self.reason
        if self.members:
            tried = "; ".join(f"{name}: {each.describe(place)}" for name, each in self.members)
            reason = f"{reason} ({tried})"
        return f"{reason} at {place}" if self._steps else reason


def type_name(value: Any) -> str:
    """Returns the name of the type of a value for messages."""
    return "null" if value is None else type(value).__name__


def key_step(key: Any) -> str:
    """Returns the step from a mapping to the value of a key."""
    if isinstance(key, str):
        return f".{key}" if key.isidentifier() and key.isascii() else f"[{json.dumps(key)}]"
    return f"[{key!r}]" if isinstance(key, (int, float)) else "[…]"


def names_secret(name: str) -> bool:
    """Whether the name of a parameter, field or type indicates that its values are secrets."""
    return _secret.search(name) is not None
