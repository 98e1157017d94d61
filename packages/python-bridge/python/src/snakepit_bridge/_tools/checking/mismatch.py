"""A value that does not fit its annotation."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

_secret = re.compile(r"secret|passw(?:or)?d|passphrase|token(?!i)|api_?key|private_?key|credential", re.IGNORECASE)
_at_path = re.compile(r"^(?P<reason>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)


class Mismatch(ValueError):  # noqa: N818 (a verdict on a value, not a fault)
    """Why a value does not fit, and where in it.

    Raised at the place itself; each container on the way out adds its step with :meth:`within`.
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
            reason: what is wrong, for example ``Expected int, got str``.
            of_type: whether it says no more than that the type is wrong.
            is_public: whether it says nothing of the value, be it a secret; as one that is ``of_type`` does.
            members: for a union, each member that was tried, and why it does not fit.
        """
        super().__init__(reason)
        self.reason = reason
        self.of_type = of_type
        self.is_public = of_type or is_public
        self.members = tuple(members)
        self.is_final = False
        """Whether nothing else may accept the value, such as a validator that sees it first."""
        self._steps: list[str] = []

    @classmethod
    def expected(cls, type_text: str, value: Any) -> Mismatch:
        """The type is wrong."""
        return cls(f"Expected {type_text}, got {type_name(value)}", of_type=True)

    @classmethod
    def from_text(cls, text: str) -> Mismatch:
        """Returns the mismatch that msgspec reports for a value."""
        match = _at_path.match(text)
        assert match is not None  # noqa: S101 (it matches any text)
        reason = match["reason"].replace("`", "")
        found = cls(reason, of_type=reason.startswith("Expected ") and ", got " in reason)
        if match["path"]:
            found.within(match["path"])
        return found

    def redacted(self) -> Mismatch:
        """The same, without what may show a part of the value: only types are named."""
        shown = self.reason if self.is_public and not self.members else "is not valid"
        redacted = Mismatch(shown, of_type=self.of_type, is_public=True)
        redacted._steps = self._steps
        return redacted

    @property
    def has_path(self) -> bool:
        """Whether it is about a part of the value."""
        return bool(self._steps)

    def within(self, step: str) -> Mismatch:
        """Adds the step from the container to the value that was checked."""
        self._steps.append(step)
        return self

    def describe(self, root: str) -> str:
        """The reason and the place.

        Args:
            root: what the value as a whole is called.
        """
        place = root + "".join(reversed(self._steps))
        reason = self.reason
        if self.members:
            tried = "; ".join(f"{name}: {each.describe(place)}" for name, each in self.members)
            reason = f"{reason} ({tried})"
        return f"{reason} at {place}" if self._steps else reason


def type_name(value: Any) -> str:
    """What the type of a value is called in a message."""
    return "null" if value is None else type(value).__name__


def key_step(key: Any) -> str:
    """The step from a mapping to the value of a key."""
    if isinstance(key, str):
        return f".{key}" if key.isidentifier() and key.isascii() else f"[{json.dumps(key)}]"
    return f"[{key!r}]" if isinstance(key, (int, float)) else "[…]"


def names_secret(name: str) -> bool:
    """Whether the name of a parameter, field or type indicates that its values are secrets."""
    return _secret.search(name) is not None
