"""Reservations, which an update makes after a conflict with other writers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypedDict, TypeVar

from .._errors import HostError

if TYPE_CHECKING:
    from .._contract.operation import StreamRequest
    from .._contract.payloads import ReservedProgram, ReservedVariable
    from .caller import Caller

_current: Final[ContextVar[int | None]] = ContextVar("snakepit_reservation", default=None)


class ReservationField(TypedDict, total=False):
    """The field of a write that does not wait for the reservation within which it is made."""

    reservation: int


Reserved = TypeVar("Reserved", "ReservedVariable", "ReservedProgram")
"""What the host answers: the fields of what is reserved, and the id of the reservation."""


def reservation_field() -> ReservationField:
    """Returns the reservation of the update whose function is executing; empty outside of such functions."""
    reservation = _current.get()
    return {} if reservation is None else {"reservation": reservation}


@contextmanager
def reserved(
    caller: Caller, request: StreamRequest[Reserved], as_error: Callable[[HostError], Exception]
) -> Iterator[Reserved]:
    """Reserves a variable or a program until the block ends, and returns its fields.

    Writes of this thread in the block do not wait for the reservation.

    Args:
        caller: the call that makes the update.
        request: the request for the reservation, with the :func:`reservation_field`.
        as_error: returns the error to raise for one of the host.
    """
    stream = caller.ask_for_stream(request)
    try:
        try:
            fields = next(stream)
        except HostError as failure:
            raise as_error(failure) from None
        with _within(fields["reservation"]):
            yield fields
    finally:
        stream.close()


@asynccontextmanager
async def reserved_async(
    caller: Caller, request: StreamRequest[Reserved], as_error: Callable[[HostError], Exception]
) -> AsyncIterator[Reserved]:
    """As :func:`reserved`, for a task."""
    stream = caller.ask_for_stream_async(request)
    try:
        try:
            fields = await anext(stream)
        except HostError as failure:
            raise as_error(failure) from None
        with _within(fields["reservation"]):
            yield fields
    finally:
        await stream.aclose()


@contextmanager
def _within(reservation: int) -> Iterator[None]:
    token = _current.set(reservation)
    try:
        yield
    finally:
        _current.reset(token)
