"""What can be wrong with a variable, beside its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .variable_error import VariableError

if TYPE_CHECKING:
    from snakepit_bridge._worker.host_error import HostError


class UnknownVariableError(VariableError, KeyError, AttributeError):
    """The session has no variable of that name."""

    # Otherwise that of KeyError, which puts the message into quotation marks.
    __str__ = Exception.__str__


class VariableConflictError(VariableError):
    """A variable has another version than the one that was expected: somebody else has written it."""


class VariableBatchError(VariableError):
    """Of a batch that was not atomic, some variables were not written; the others were.

    ``code`` and ``details`` are those of the first of :attr:`errors`.
    """

    def __init__(self, errors: Mapping[str, VariableError], versions: Mapping[str, int]) -> None:
        """Makes the error.

        Args:
            errors: by name, why a variable was not written.
            versions: by name, the new versions of those that were.
        """
        first = next(iter(errors.values()))
        reasons = "; ".join(error.message for error in errors.values())
        written = len(versions)
        total = written + len(errors)
        super().__init__(first.code, f"{len(errors)} of {total} variables were not written: {reasons}", first.details)
        self.errors = dict(errors)
        """By name, why a variable was not written."""
        self.versions = dict(versions)
        """By name, the new versions of those that were."""

    def __reduce__(self) -> Any:
        return (type(self), (self.errors, self.versions))


def too_much_contention(name: str, attempts: int) -> VariableConflictError:
    """Somebody else has been faster too often."""
    return VariableConflictError(
        "INVALID_ARGUMENT",
        f'variable "{name}" was changed by others each of the {attempts} times that this change was tried; '
        "try again later, change it less often, or in fewer places",
        {"variable": name, "reason": "version", "attempts": attempts},
    )


def variable_error(code: str, message: str, details: Mapping[str, Any]) -> VariableError:
    """The error of what the host says is wrong with a variable."""
    reason = details.get("reason")
    kind = {"unknown": UnknownVariableError, "version": VariableConflictError}.get(str(reason), VariableError)
    return kind(code, message, details)


def as_variable_error(failure: HostError) -> Exception:
    """The same failure as an error of a variable, if it is one."""
    if "variable" not in failure.details and failure.details.get("reason") != "name":
        return failure
    return variable_error(failure.code, failure.message, failure.details)
