"""What is known of a program, and what can be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from snakepit_bridge._worker.host_error import HostError

if TYPE_CHECKING:
    from typing import Literal

    Scope = Literal["session", "global"]
    """Where a program is: in the session of the call, or among those that belong to none."""


@dataclass(frozen=True)
class ProgramInfo:
    """What is known of a program, without its document."""

    id: str
    version: int
    """Grows by 1 with each change; that of a new program is higher than any that one of its id had before."""
    updated_at: datetime
    """When it was last changed, on the clock of the host, in UTC."""


class ProgramError(HostError):
    """A program that is unknown, or a document or an id that is wrong.

    ``details`` has ``program``, its id, and ``reason``.
    """


class UnknownProgramError(ProgramError, KeyError):
    """There is no program of that id."""

    # Otherwise that of KeyError, which puts the message into quotation marks.
    __str__ = Exception.__str__


class ProgramConflictError(ProgramError):
    """A program has another version than the one that was expected: somebody else has changed it."""


def too_much_contention(program_id: str, attempts: int) -> ProgramConflictError:
    """Somebody else has been faster too often."""
    return ProgramConflictError(
        "INVALID_ARGUMENT",
        f'program "{program_id}" was changed by others each of the {attempts} times that this change was tried; '
        "try again later, change it less often, or in fewer places",
        {"program": program_id, "reason": "version", "attempts": attempts},
    )


def as_program_error(failure: HostError) -> HostError:
    """The same failure as an error of a program, if it is one."""
    if "program" not in failure.details:
        return failure
    reason = str(failure.details.get("reason"))
    kind = {"unknown": UnknownProgramError, "version": ProgramConflictError}.get(reason, ProgramError)
    return kind(failure.code, failure.message, failure.details)
