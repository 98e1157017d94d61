"""The cache of variables, and how long it keeps them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from snakepit_bridge import VariableError
from snakepit_bridge._session import session_cache
from snakepit_bridge._session.variables import variable_reads

from .conftest import Starter
from .recording_host import RecordingHost

Of = Callable[[RecordingHost], Any]
GET = ["variables.get"]


@pytest.fixture
def host(start: Starter) -> RecordingHost:
    return start(variables={"t": 0.5, "count": 3, "weights": np.zeros(3)})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the cache, which does not advance by itself."""
    now = [1000.0]
    monkeypatch.setattr(variable_reads, "monotonic", lambda: now[0])
    return now


def test_a_cached_value_is_not_requested_again(host: RecordingHost, variables_of: Of, clock: list[float]) -> None:
    variables = variables_of(host)
    assert [variables.get("t") for _ in range(3)] == [0.5, 0.5, 0.5]
    assert host.methods == GET
    # Also of other calls of the session.
    variables_of(host).get("t")
    assert host.methods == []
    clock[0] += 0.999
    variables.get("t")
    assert host.methods == []
    clock[0] += 0.002
    variables.get("t")
    assert host.methods == GET
    variables.get("t", fresh=True)
    assert host.methods == GET


def test_the_age_of_a_value_is_counted_from_its_request(
    host: RecordingHost, variables_of: Of, clock: list[float]
) -> None:
    def take_long(_method: str) -> None:
        clock[0] += 0.6

    host.on_the_way = take_long
    variables = variables_of(host)
    variables.get("t")
    clock[0] += 0.5
    variables.get("t")
    assert host.methods == GET * 2


def test_the_maximum_age_can_be_set(host: RecordingHost, clock: list[float]) -> None:
    variables = host.context().variables
    variables.cache_seconds = 0.0
    assert variables["t"] == variables["t"]
    assert host.methods == GET * 2
    variables.cache_seconds = 60.0
    clock[0] += 30
    assert variables["t"] == 0.5
    assert host.methods == []


def test_a_batch_requests_only_uncached_values(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")
    variables.get_many(["t", "count"])
    assert host.asked[-1] == ("variables.get", {"names": ["count"]})
    assert variables.get_many(["count", "t"]) == {"count": 3, "t": 0.5}
    assert len(host.asked) == 2
    variables.get_many(["count", "t"], fresh=True)
    assert host.asked[-1] == ("variables.get", {"names": ["count", "t"]})


def test_notifications_of_the_host_remove_stale_values(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    elsewhere = host.elsewhere().variables
    variables.get_many(["t", "count"])
    elsewhere["t"] = 0.75
    host.invalidate("t", session_id="another")
    assert variables.get("t") == 0.5
    host.invalidate("t")
    assert (variables.get("t"), variables.get("count")) == (0.75, 3)
    assert host.methods == GET * 2
    host.invalidate()
    assert (variables.get("t"), variables.get("count")) == (0.75, 3)
    assert host.methods == GET * 2


@pytest.mark.parametrize("names", [("t",), ("other",), ()])
def test_a_value_that_became_stale_during_its_request_is_not_cached(
    host: RecordingHost, variables_of: Of, names: tuple[str, ...]
) -> None:
    variables = variables_of(host)

    def change(method: str) -> None:
        if method == "variables.get":
            host.on_the_way = lambda _method: None
            host.elsewhere().variables["t"] = 0.75
            host.invalidate(*names)

    host.on_the_way = change
    # Requested before the change: both answers are valid.
    assert variables.get("t") == 0.5
    assert variables.get("t") == 0.75


def test_nothing_is_cached_for_a_session_that_has_ended(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")
    host.end_session()
    variables.get("t")
    assert host.methods == GET * 2

    def end(_method: str) -> None:
        host.end_session()

    host.on_the_way = end
    variables.get("t", fresh=True)
    variables.get("t")
    assert host.methods == GET * 2


def test_a_written_value_is_cached(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")
    variables.set("t", 2)
    assert variables.get("t") == 2.0
    assert host.methods == ["variables.get", "variables.set"]
    # Without the type, the error of the host is unknown.
    variables.set("count", 4)
    assert variables.get("count") == 4
    assert host.methods == ["variables.set", "variables.get"]


def test_a_concurrent_write_of_another_client_is_not_hidden(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")

    def change(method: str) -> None:
        if method == "variables.set":
            host.on_the_way = lambda _method: None
            host.elsewhere().variables["t"] = 0.75
            host.invalidate("t")

    host.on_the_way = change
    variables.set("t", 0.25)
    assert variables.get("t") == 0.75


def test_a_value_requested_before_a_write_is_not_cached(host: RecordingHost) -> None:
    variables = host.context().variables
    other = host.context().variables
    variables.get("t")

    def write(_method: str) -> None:
        host.on_the_way = lambda _method: None
        other["t"] = 0.75

    host.on_the_way = write
    assert variables.get("t", fresh=True) == 0.5
    assert variables["t"] == other["t"] == 0.75


@pytest.mark.parametrize("change", ["set", "delete", "register"])
def test_a_value_is_requested_again_after_an_abandoned_write(
    host: RecordingHost, variables_of: Of, change: str
) -> None:
    variables = variables_of(host)
    variables.get("t")

    class GivenUpError(BaseException):
        pass

    def give_up(_method: str) -> None:
        host.on_the_way = lambda _method: None
        raise GivenUpError

    host.on_the_way = give_up
    host.asked.clear()
    with pytest.raises(GivenUpError):
        {
            "set": lambda: variables.set("t", 0.75),
            "delete": lambda: variables.delete("t"),
            "register": lambda: variables.register("new", "float", 1.0),
        }[change]()
    assert variables.get("t", None) == {"set": 0.75, "delete": None, "register": 0.5}[change]


def test_a_value_is_requested_again_after_a_rejected_write(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("t")
    host.elsewhere().variables["t"] = 0.75
    assert variables.compare_and_set("t", 0.25, 1) is None
    assert variables.get("t") == 0.75


def test_a_cached_definition_is_not_older_than_its_value(
    host: RecordingHost, variables_of: Of, clock: list[float]
) -> None:
    variables = variables_of(host)
    variables.get("t")
    elsewhere = host.elsewhere().variables
    elsewhere.delete("t")
    elsewhere.register("t", "string", "warm")
    with pytest.raises(VariableError, match="must be a float"):
        variables.set("t", "cold")
    clock[0] += 2
    variables.set("t", "cold")
    assert variables.get("t") == "cold"


def test_an_outdated_answer_does_not_replace_a_newer_value() -> None:
    cache = session_cache.SessionCache()
    since = cache.changes
    early, late, again = (session_cache.CachedVariable(1.0, "integer", 0, version, {}) for version in (4, 5, 9))
    cache.keep("n", late, since)
    cache.keep("n", early, since)
    assert cache.variables["n"] is late
    # A reregistered variable has a higher version than all before.
    cache.keep("n", again, since)
    assert cache.variables["n"] is again


def test_cached_arrays_are_returned_as_copies(host: RecordingHost, variables_of: Of) -> None:
    variables = variables_of(host)
    variables.get("weights")[:] = 7
    assert variables.get("weights").tolist() == [0, 0, 0]
    mine = np.ones(3)
    variables.set("weights", mine)
    mine[:] = 7
    assert variables.get("weights").tolist() == [1, 1, 1]


def test_large_values_are_not_cached(start: Starter) -> None:
    host = start(variables={"large": "x" * (1 << 20), "array": np.zeros(1 << 18), "small": "x"})
    variables = host.context().variables
    variables.get_many(["large", "array", "small"])
    variables.get_many(["large", "array", "small"])
    assert host.asked[-1] == ("variables.get", {"names": ["large", "array"]})


def test_the_cache_of_a_session_has_bounded_memory(start: Starter) -> None:
    host = start(
        variables={f"v{index}": "x" * 100_000 for index in range(30)} | {f"n{index}": 1 for index in range(1500)}
    )
    context = host.context()
    cache = context._caller.cache()
    for index in range(30):
        assert context.variables[f"v{index}"]
        assert sum(len(each.value) for each in cache.variables.values()) <= 1 << 20
    context.variables.get_many([f"n{index}" for index in range(1500)])
    assert len(cache.variables) <= 1000
    for name in list(cache.variables):
        cache.forget([name])
    # The counter has decreased again.
    assert cache._byte_length == 0


def test_the_caches_of_the_least_recently_used_sessions_are_dropped() -> None:
    caches = session_cache.SessionCaches()
    first, second = caches.of("0"), caches.of("1")
    for number in range(2, 128):
        caches.of(str(number))
    assert caches.of("0") is first
    caches.of("another")
    assert (first.has_ended, second.has_ended) == (False, True)
    variable = session_cache.CachedVariable(0.0, "integer", 1, 1, {})
    second.keep("t", variable, second.changes)
    second.keep_written({"t": variable}, second.changes)
    assert second.variables == {}
    assert caches.of("1") is not second


def test_a_context_stays_usable_after_its_cache_was_dropped(host: RecordingHost) -> None:
    variables = host.context().variables
    variables.get("t")
    for number in range(128):
        host.context()._caller._caches.of(str(number))
    host.asked.clear()
    variables.get("t")
    variables.get("t")
    assert host.methods == GET


def test_no_thread_reads_a_value_that_is_known_to_be_stale(host: RecordingHost) -> None:
    elsewhere = host.elsewhere().variables
    elsewhere["count"] = 0
    written = [0]
    stale: list[tuple[int, int]] = []
    is_done = threading.Event()

    def read() -> None:
        variables = host.context().variables
        while not is_done.is_set():
            least = written[0]
            value = variables["count"]
            if value < least:
                stale.append((value, least))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 500):
        elsewhere["count"] = number
        host.invalidate("count")
        written[0] = number
    is_done.set()
    for reader in readers:
        reader.join()
    assert stale == []
