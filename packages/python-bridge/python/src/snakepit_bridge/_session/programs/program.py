"""Programs in the API of tools, and their errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..._errors import HostError

if TYPE_CHECKING:
    from typing import Literal

    Scope = Literal["session", "global"]
    """The scope of a program: the session of the call, or global."""


@dataclass(frozen=True)
class ProgramInfo:
    """A program without its document."""

    id: str
    version: int
    """Incremented with each change; a new program starts above all versions that its id has had before."""
    updated_at: datetime
    """The time of the last change, on the clock of the host, in UTC."""


class ProgramError(HostError):
    """An unknown program, or an invalid document or id.

    ``details`` contains ``program``, its id, and ``reason``.
    """


class UnknownProgramError(ProgramError, KeyError):
    """No program has that id."""

    # KeyError's own would put the message into quotation marks.
    __str__ = Exception.__str__


class ProgramConflictError(ProgramError):
    """A program does not have the expected version: another writer has changed it."""


def too_much_contention(program_id: str, attempts: int) -> ProgramConflictError:
    """Returns the error of an update that lost to other writers too often."""
    return ProgramConflictError(
        "INVALID_ARGUMENT",
        f'program "{program_id}" was changed concurrently in each of {attempts} attempts; '
        "retry later, or change it less often",
        {"program": program_id, "reason": "version", "attempts": attempts},
    )


def as_program_error(failure: HostError) -> HostError:
    """Returns the same failure as an error of a program, if it is about one."""
    if "program" not in failure.details:
        return failure
    reason = str(failure.details.get("reason"))
    kind = {"unknown": UnknownProgramError, "version": ProgramConflictError}.get(reason, ProgramError)
    return kind(failure.code, failure.message, failure.details)
