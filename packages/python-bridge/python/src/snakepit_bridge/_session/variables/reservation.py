"""Reservations, which an update makes after a conflict with other writers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypedDict

from ..._contract.operations import VARIABLES_RESERVE

if TYPE_CHECKING:
    from ..._contract.operation import StreamRequest
    from ..._contract.payloads import ReservedVariable

_current: Final[ContextVar[int | None]] = ContextVar("snakepit_reservation", default=None)


class ReservationField(TypedDict, total=False):
    """The field of a write that does not wait for the reservation within which it is made."""

    reservation: int


def reservation_field() -> ReservationField:
    """Returns the reservation of the update whose function is executing; empty outside of such functions."""
    reservation = _current.get()
    return {} if reservation is None else {"reservation": reservation}


def reservation_request(name: str, conflicts: int) -> StreamRequest[ReservedVariable]:
    """Returns the request for a reservation.

    Args:
        name: the name of the variable.
        conflicts: how often the update has conflicted with other writers.
    """
    return VARIABLES_RESERVE.request({"name": name, "conflicts": conflicts, **reservation_field()})


@contextmanager
def within(reservation: int) -> Iterator[None]:
    """Makes writes of this task or thread that do not wait for the reservation."""
    token = _current.set(reservation)
    try:
        yield
    finally:
        _current.reset(token)
