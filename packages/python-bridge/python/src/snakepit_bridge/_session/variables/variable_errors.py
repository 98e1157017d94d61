"""Errors of variables other than invalid values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..variable_types.variable_error import VariableError

if TYPE_CHECKING:
    from ..._errors import HostError


class UnknownVariableError(VariableError, KeyError, AttributeError):
    """The session has no variable of that name."""

    # KeyError's own would put the message into quotation marks.
    __str__ = Exception.__str__


class VariableConflictError(VariableError):
    """A variable does not have the expected version: another writer has changed it."""


class VariableBatchError(VariableError):
    """Some variables of a batch that was not atomic were not written; the others were.

    ``code`` and ``details`` are those of the first of :attr:`errors`.
    """

    def __init__(self, errors: Mapping[str, VariableError], versions: Mapping[str, int]) -> None:
        """Creates the error.

        Args:
            errors: the errors of the variables that were not written, by name.
            versions: the new versions of the others, by name.
        """
        first = next(iter(errors.values()))
        reasons = "; ".join(error.message for error in errors.values())
        written = len(versions)
        total = written + len(errors)
        super().__init__(first.code, f"{len(errors)} of {total} variables were not written: {reasons}", first.details)
        self.errors = dict(errors)
        """The errors of the variables that were not written, by name."""
        self.versions = dict(versions)
        """The new versions of the variables that were written, by name."""

    def __reduce__(self) -> Any:
        return (type(self), (self.errors, self.versions))


def too_much_contention(name: str, attempts: int) -> VariableConflictError:
    """Returns the error of an update that lost to other writers too often."""
    return VariableConflictError(
        "INVALID_ARGUMENT",
        f'variable "{name}" was changed concurrently in each of {attempts} attempts; '
        "retry later, or change it less often",
        {"variable": name, "reason": "version", "attempts": attempts},
    )


def variable_error(code: str, message: str, details: Mapping[str, Any]) -> VariableError:
    """Returns the error that the host reports about a variable."""
    reason = details.get("reason")
    kind = {"unknown": UnknownVariableError, "version": VariableConflictError}.get(str(reason), VariableError)
    return kind(code, message, details)


def as_variable_error(failure: HostError) -> Exception:
    """Returns the same failure as an error of a variable, if it is about one."""
    if "variable" not in failure.details and failure.details.get("reason") != "name":
        return failure
    return variable_error(failure.code, failure.message, failure.details)
