"""The context of a session, and where it is available."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

import pytest

from snakepit_bridge import (
    AsyncSessionContext,
    HostError,
    NoSessionError,
    SessionContext,
    current_async_session,
    current_session,
)
from snakepit_bridge._call.call_context import executing
from snakepit_bridge._local_host import LocalCall
from snakepit_bridge._session.caller import Caller

from .conftest import Starter
from .recording_host import RecordingHost


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    return start(session_metadata={"user": "ada"}, variables={"t": 0.5})


@contextmanager
def call_of(host: RecordingHost) -> Iterator[None]:
    token = executing.set(host.call)
    try:
        yield
    finally:
        executing.reset(token)


def in_thread(function: Any) -> Any:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_a_context_reports_its_call(host: RecordingHost) -> None:
    for context in (host.context(), host.async_context()):
        assert (context.session_id, context.correlation_id, context.remaining_seconds) == ("s", "correlation", None)
    call = LocalCall("correlation", None, None, {}, time.monotonic() + 3600, host)  # type: ignore[arg-type]
    context = SessionContext(Caller(call))
    assert context.session_id is None
    assert 3000 < (context.remaining_seconds or 0) <= 3600
    assert repr(context) == "<SessionContext session_id=None correlation_id='correlation'>"


def test_session_metadata_is_requested_once(host: RecordingHost) -> None:
    context = host.context()
    assert (context.metadata["user"], dict(context.metadata)) == ("ada", {"user": "ada"})
    assert host.methods == ["session.get"]

    async def ask() -> None:
        context = host.async_context()
        assert (await context.metadata())["user"] == (await context.metadata())["user"] == "ada"

    host.run(ask())
    assert host.methods == ["session.get"]


def test_metadata_requires_a_session(start: Starter) -> None:
    host = start(None)
    with pytest.raises(NoSessionError) as caught:
        _ = host.context().metadata
    assert str(caught.value) == (
        "metadata belong to a session, and this call was made without one; make it with one: session.execute(...), or "
        "pit.execute(..., { sessionId })"
    )
    with pytest.raises(NoSessionError):
        host.run(host.async_context().metadata())
    assert host.methods == []


def test_use_of_an_expired_session_is_a_host_error(host: RecordingHost) -> None:
    host.failures["session.get"] = HostError("UNKNOWN_SESSION", "gone")
    with pytest.raises(HostError, match="gone"):
        _ = host.context().metadata


def test_requests_are_attributed_to_the_call(host: RecordingHost) -> None:
    host.context().variables.get("t")
    host.run(host.async_context().variables.get("t", fresh=True))
    assert [call is host.call for call in host.calls] == [True, True]


def test_the_session_is_available_anywhere_in_a_tool(host: RecordingHost) -> None:
    with call_of(host):
        assert isinstance(current_session(), SessionContext)
        assert current_session().variables["t"] == 0.5
        assert in_thread(lambda: copy_context().run(lambda: 1)) == 1
        context = copy_context()
        assert in_thread(lambda: context.run(lambda: current_session().variables["t"])) == 0.5

        async def look() -> Any:
            found = current_async_session()
            assert isinstance(found, AsyncSessionContext)
            concurrent = await asyncio.to_thread(lambda: current_session().variables["t"])
            return [await found.variables.get("t"), concurrent]

        assert host.run(look()) == [0.5, 0.5]


def test_the_session_is_not_available_outside_a_tool(host: RecordingHost) -> None:
    with pytest.raises(RuntimeError, match=r"current_session\(\) must be used in a running tool"):
        current_session()
    with pytest.raises(RuntimeError, match=r"current_async_session\(\) must be used in a running tool"):
        host.run(_async_session())
    with call_of(host):
        with pytest.raises(RuntimeError, match=r"current_async_session\(\) needs a running event loop"):
            current_async_session()
        with pytest.raises(RuntimeError, match=r"current_session\(\) would block the event loop"):
            host.run(_session())


async def _async_session() -> AsyncSessionContext:
    return current_async_session()


async def _session() -> SessionContext:
    return current_session()
