from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from snakepit_bridge._proto.frames_pb2 import CANCEL_REASON_CANCELLED, CANCEL_REASON_DEADLINE, Frame

from .conftest import Starter
from .host import CallFailedError, Host
from .test_lifecycle import HOST_LOST, shut_down

TOOLS = str(Path(__file__).parent / "profile_tools.py")
BOTH = pytest.mark.parametrize("profile", ["thread", "async"])


def start_tools(start: Starter, profile: str, kind: str = "Tools", **options: Any) -> Host:
    return start(f"{TOOLS}:{kind}", profile=profile, **options)


def code_of(host: Host, call_id: int) -> str:
    with pytest.raises(CallFailedError) as caught:
        host.answer(call_id)
    return caught.value.code


def begin(host: Host, tool: str, arguments: Any = None, **fields: Any) -> int:
    """Starts a call and waits until the tool prints."""
    seen = len(host.logs)
    call_id = host.start(tool, arguments, **fields)
    host.receive_until(lambda: len(host.logs) > seen)
    return call_id


@pytest.mark.parametrize(
    ("profile", "capacity", "expected", "metadata"),
    [
        ("process", None, 1, set()),
        ("thread", None, 16, {"threads", "gil"}),
        ("thread", 5, 5, {"threads", "gil"}),
        ("async", None, 512, {"threads"}),
        ("async", 7, 7, {"threads"}),
        (f"{TOOLS}:OneThreadPerCall", None, 3, set()),
    ],
)
def test_hello_has_the_profile_its_capacity_and_its_metadata(
    start: Starter, profile: str, capacity: int | None, expected: int, metadata: set[str]
) -> None:
    host = start_tools(start, profile, capacity=capacity)
    assert (host.hello.profile, host.hello.capacity) == (profile, expected)
    assert set(host.hello.profile_metadata) == metadata


@pytest.mark.parametrize("transport", ["socket", "grpc"])
@pytest.mark.parametrize("profile", ["thread", "async", f"{TOOLS}:OneThreadPerCall"])
class TestConcurrency:
    def test_tools_run_at_the_same_time(self, start: Starter, profile: str, transport: str) -> None:
        host = start_tools(start, profile, transport=transport)
        calls = [host.start("meet", {"name": "a", "count": 3}) for _ in range(3)]
        assert len({host.answer(each) for each in calls}) == 3

    def test_async_tools_run_at_the_same_time(self, start: Starter, profile: str, transport: str) -> None:
        host = start_tools(start, profile, transport=transport)
        calls = [host.start("meet_later", {"name": "a", "count": 3}) for _ in range(3)]
        assert {host.answer(each) for each in calls} == {"MainThread"}

    def test_both_kinds_of_tools_run_at_the_same_time(self, start: Starter, profile: str, transport: str) -> None:
        host = start_tools(start, profile, transport=transport)
        waiting = begin(host, "wait_forever")
        in_thread = begin(host, "wait_in_c")
        calls = [host.start("meet_later", {"name": "b", "count": 2}) for _ in range(2)]
        assert {host.answer(each) for each in calls} == {"MainThread"}
        assert host.execute("release") is None
        assert host.answer(in_thread) == "released"
        host.cancel(waiting)
        assert code_of(host, waiting) == "CANCELLED"

    def test_requests_of_several_calls_are_answered(self, start: Starter, profile: str, transport: str) -> None:
        host = start_tools(start, profile, transport=transport)
        calls = [host.start("ask", {"payload": each}) for each in range(3)]
        host.receive_until(lambda: len(host.asked) == 3)
        for asked in reversed(host.asked):
            host.reply(asked.id, asked.payload)
        assert [host.answer(each) for each in calls] == [0, 1, 2]

    def test_streams_of_several_calls_are_interleaved(self, start: Starter, profile: str, transport: str) -> None:
        host = start_tools(start, profile, transport=transport)
        tools = ("count", "count_later", "count")
        calls = [host.start(tool, {"upto": 10}, streaming=True, credit=4) for tool in tools]
        host.receive_until(lambda: all(len(host.chunks.get(each, [])) == 4 for each in calls))
        for each in calls:
            host.grant(each, 100)
        for each in calls:
            host.answer(each)
            assert host.chunks[each] == list(range(10))


@BOTH
class TestCancellation:
    @pytest.mark.parametrize(
        ("reason", "code", "name"),
        [
            (CANCEL_REASON_CANCELLED, "CANCELLED", "cancelled"),
            (CANCEL_REASON_DEADLINE, "DEADLINE_EXCEEDED", "deadline"),
        ],
    )
    def test_a_tool_that_computes_is_interrupted_and_its_neighbors_are_not(
        self, start: Starter, profile: str, reason: Any, code: str, name: str
    ) -> None:
        host = start_tools(start, profile)
        neighbors = [begin(host, "wait_in_c"), begin(host, "wait_forever")]
        call = begin(host, "spin")
        host.cancel(call, reason)
        assert code_of(host, call) == code
        assert host.messages()[-1] == f"cancelled: {name}"
        assert not any(host.is_answered(each) for each in neighbors)
        host.execute("release")
        assert host.answer(neighbors[0]) == "released"

    def test_a_tool_that_starts_threads_is_interrupted_and_they_are_not(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        for _ in range(20):
            call = begin(host, "start_threads")
            host.cancel(call)
            assert code_of(host, call) == "CANCELLED"
        assert set(host.messages()) == {"starting"}

    def test_a_tool_that_swallows_the_exception_still_ends_its_call(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        call = begin(host, "spin", {"swallows": True})
        host.cancel(call)
        assert code_of(host, call) == "CANCELLED"

    def test_a_tool_that_blocks_is_answered_when_it_returns(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        call = begin(host, "wait_in_c")
        host.cancel(call)
        assert host.execute("meet", {"name": "c", "count": 1}).startswith("snakepit-call")
        assert not host.is_answered(call)
        host.execute("release")
        assert code_of(host, call) == "CANCELLED"

    def test_a_call_that_waits_for_the_host_is_cancelled(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        call = host.start("ask", {"payload": 1})
        host.request()
        host.cancel(call)
        assert code_of(host, call) == "CANCELLED"
        host.receive_until(lambda: host.given_up)

    def test_a_stream_that_waits_for_credit_is_cancelled_and_closed(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        call = host.start("endless", streaming=True, credit=2)
        host.receive_until(lambda: len(host.chunks.get(call, [])) == 2)
        host.cancel(call)
        assert code_of(host, call) == "CANCELLED"
        assert host.messages() == ["closed"]

    def test_calls_cancelled_at_random_moments_are_each_answered_once(self, start: Starter, profile: str) -> None:
        """Every answer is that of the call or CANCELLED, and no exception reaches another call or the worker."""
        seed = random.randrange(1 << 30)  # noqa: S311 (a test)
        print(f"seed {seed}")
        choose = random.Random(seed)  # noqa: S311 (a test)
        host = start_tools(start, profile, capacity=8)
        host.on_request = lambda asked: host.reply(asked.id, asked.payload)
        active: dict[int, int] = {}
        cancelled = answered = 0
        for number in range(600):
            active[host.start("mixed", {"seed": number})] = number
            if choose.random() < 0.4:
                host.cancel(choose.choice(list(active)))
            while len(active) == 8 or (number == 599 and active):
                host.receive()
                for call_id in [each for each in active if host.is_answered(each)]:
                    expected = active.pop(call_id)
                    try:
                        assert host.answer(call_id)[0] == expected
                        answered += 1
                    except CallFailedError as failed:
                        assert failed.code == "CANCELLED"
                        cancelled += 1
        assert answered + cancelled == 600
        assert cancelled > 0
        assert host.execute("meet", {"name": "d", "count": 1})
        shut_down(host)
        assert host.exit_status() == 0


@BOTH
class TestSeparation:
    def test_lines_of_several_calls_are_not_mixed(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        tool = "print_parts" if profile == "thread" else "print_parts_later"
        calls = [host.start(tool, {"name": name, "count": 2}) for name in ("a", "b")]
        for each in calls:
            host.answer(each)
        assert sorted(host.messages()) == ["a begins a ends", "b begins b ends"]
        assert {log.call_id for log in host.logs} == set(calls)

    def test_each_call_has_its_own_context(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        calls = [
            host.start("remember", {"name": name, "count": 2}, correlation_id=f"id of {name}") for name in ("a", "b")
        ]
        assert [host.answer(each) for each in calls] == [["", "a", "id of a"], ["", "b", "id of b"]]

    def test_a_tool_that_forks_and_returns_ends_only_the_child(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        neighbor = begin(host, "wait_in_c")
        assert host.execute("fork") == 0
        host.execute("release")
        assert host.answer(neighbor) == "released"


@BOTH
@pytest.mark.parametrize("kind", ["Sessions", "AsyncSessions"])
class TestSessions:
    def test_concurrent_calls_of_a_session_start_it_once(self, start: Starter, profile: str, kind: str) -> None:
        host = start_tools(start, profile, kind)
        calls = [host.start("meet", {"name": "s", "count": 3}, session_id="s1") for _ in range(3)]
        later = [host.start("meet_later", {"name": "s2", "count": 2}, session_id="s1") for _ in range(2)]
        for each in (*calls, *later):
            host.answer(each)
        assert host.execute("events_so_far") == ["start s1 of s1"]

    def test_a_session_ends_after_its_last_call(self, start: Starter, profile: str, kind: str) -> None:
        host = start_tools(start, profile, kind)
        call = begin(host, "wait_in_c", session_id="s1")
        host.send(Frame(session_ended={"session_id": "s1"}))
        assert host.execute("events_so_far") == ["start s1 of s1"]
        again = host.start("meet", {"name": "t", "count": 1}, session_id="s1")
        host.execute("release")
        assert host.answer(call) == "released"
        host.answer(again)
        assert host.execute("events_so_far") == ["start s1 of s1", "end s1", "start s1 of s1"]

    def test_a_call_that_is_cancelled_during_the_start_lets_the_next_one_start_the_session(
        self, start: Starter, profile: str, kind: str
    ) -> None:
        host = start_tools(start, profile, kind)
        host.execute("hold_sessions")
        call = begin(host, "meet", {"name": "u", "count": 1}, session_id="s1")
        other = host.start("meet_later", {"name": "v", "count": 1}, session_id="s1")
        host.cancel(call)
        host.execute("release")
        assert code_of(host, call) == "CANCELLED"
        assert host.answer(other) == "MainThread"
        assert host.execute("events_so_far") == ["start s1 of s1"] * 2

    def test_calls_of_sessions_that_are_cancelled_at_any_moment_are_answered_and_the_worker_ends(
        self, start: Starter, profile: str, kind: str
    ) -> None:
        host = start_tools(start, profile, kind)
        calls: list[int] = []
        for each in range(60):
            for tool in ("events_so_far", "meet_later"):
                arguments = {"name": f"z{each}", "count": 1} if tool == "meet_later" else None
                calls.append(host.start(tool, arguments, session_id=f"s{each}"))
                host.cancel(calls[-1])
            host.send(Frame(session_ended={"session_id": f"s{each}"}))
        host.receive_until(lambda: all(host.is_answered(each) for each in calls))
        host.send(Frame(drain={}))
        host.receive_until_closed()
        assert host.exit_status() == 0

    def test_remaining_sessions_end_with_the_worker(self, start: Starter, profile: str, kind: str) -> None:
        host = start_tools(start, profile, kind)
        host.execute("meet", {"name": "w", "count": 1}, session_id="s1")
        shut_down(host)
        host.receive_until_closed()
        assert host.messages() == ["end s1"]
        assert host.exit_status() == 0

    def test_the_worker_waits_for_the_hook_of_a_session_that_has_ended(
        self, start: Starter, profile: str, kind: str
    ) -> None:
        host = start_tools(start, profile, kind)
        host.execute("meet", {"name": "w2", "count": 1}, session_id="s1")
        host.execute("hold_sessions")
        host.send(Frame(session_ended={"session_id": "s1"}), Frame(drain={}))
        host.receive_until_closed()
        assert host.messages() == ["end s1", "ended s1"]
        assert host.exit_status() == 0

    def test_a_session_ends_when_no_thread_can_be_started(self, start: Starter, profile: str, kind: str) -> None:
        host = start_tools(start, profile, kind)
        host.execute("meet", {"name": "w3", "count": 1}, session_id="s1")
        host.execute("allow_no_threads")
        host.send(Frame(session_ended={"session_id": "s1"}))
        host.execute("meet", {"name": "w3", "count": 1}, session_id="s1")
        assert host.execute("events_so_far") == ["start s1 of s1", "end s1", "start s1 of s1"]


@BOTH
def test_an_async_tool_that_is_cancelled_does_not_start_its_session_twice_at_the_same_time(
    start: Starter, profile: str
) -> None:
    host = start_tools(start, profile, "Sessions")
    host.execute("hold_sessions")
    call = begin(host, "meet_later", {"name": "x1", "count": 1}, session_id="s1")
    host.cancel(call)
    other = host.start("meet_later", {"name": "x2", "count": 1}, session_id="s1")
    assert host.execute("events_so_far") == ["start s1 of s1"]
    assert not host.is_answered(call)
    host.execute("release")
    assert code_of(host, call) == "CANCELLED"
    assert host.answer(other) == "MainThread"
    assert host.execute("events_so_far") == ["start s1 of s1"] * 2


@BOTH
def test_a_session_starts_once_if_a_tool_cancels_the_task_that_waits_for_its_hook(start: Starter, profile: str) -> None:
    host = start_tools(start, profile, "Sessions")
    host.execute("hold_sessions")
    call = begin(host, "meet_later", {"name": "c1", "count": 1}, session_id="s1")
    host.execute("cancel_others")
    other = host.start("meet_later", {"name": "c2", "count": 1}, session_id="s1")
    host.execute("release")
    with pytest.raises(CallFailedError, match=r"meet_later\(\) raised CancelledError"):
        host.answer(call)
    assert host.answer(other) == "MainThread"
    assert host.execute("events_so_far") == ["start s1 of s1"]


@pytest.mark.parametrize("profile", ["process", "thread", "async"])
@pytest.mark.parametrize("tool", ["meet", "meet_later"])
def test_a_session_has_started_if_the_call_is_cancelled_after_its_hook(start: Starter, profile: str, tool: str) -> None:
    host = start_tools(start, profile, "CancelledAtTheEndOfTheStart")
    call = host.start(tool, {"name": "y", "count": 1}, session_id="s1")
    assert code_of(host, call) == "CANCELLED"
    host.answer(host.start(tool, {"name": "y", "count": 1}, session_id="s1"))
    assert host.execute("events_so_far") == ["start s1 of s1"]


@BOTH
class TestTasksThatToolsCancel:
    def test_every_neighbor_is_answered_whether_its_task_has_begun_or_not(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        begun = begin(host, "wait_forever")
        # In one batch, so that the first one runs before the tasks of the others begin.
        frames = [host.call_frame(tool) for tool in ("cancel_others", "wait_forever", "wait_forever")]
        host.send(*(frame for _, frame, _ in frames))
        cancelling, *neighbors = (call_id for call_id, _, _ in frames)
        if host.answer(cancelling) < 3:
            # The main thread has begun the first one while the receiver thread was still adding the others.
            host.execute("cancel_others")
        for each in (begun, *neighbors):
            with pytest.raises(CallFailedError, match=r"PYTHON_EXCEPTION: wait_forever\(\) raised CancelledError"):
                host.answer(each)
        assert host.execute("meet_later", {"name": "n", "count": 1}) == "MainThread"

    def test_a_session_ends_also_if_its_hook_is_cancelled_before_it_begins(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile, "AsyncSessions")
        host.execute("meet_later", {"name": "e", "count": 1}, session_id="s1")
        cancelling, frame, _ = host.call_frame("cancel_others")
        # In one batch, so that the tool runs between the creation of the task of the hook and its begin.
        host.send(Frame(session_ended={"session_id": "s1"}), frame)
        host.answer(cancelling)
        assert host.execute("meet_later", {"name": "e", "count": 1}, session_id="s1") == "MainThread"
        assert host.execute("events_so_far") == ["start s1 of s1", "end s1", "start s1 of s1"]


def test_a_worker_continues_if_a_task_that_a_tool_has_left_cancels_the_next_call(start: Starter) -> None:
    host = start_tools(start, "process")
    host.execute("leave_task_that_cancels")
    with pytest.raises(CallFailedError, match=r"PYTHON_EXCEPTION: wait_forever\(\) raised CancelledError"):
        host.execute("wait_forever")
    assert host.execute("meet_later", {"name": "n", "count": 1}) == "MainThread"


@BOTH
class TestEnding:
    def test_a_draining_worker_finishes_its_calls(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        calls = [begin(host, "wait_in_c"), host.start("ask", {"payload": 1})]
        host.request()
        host.send(Frame(drain={}))
        host.reply(host.request().id, 2)
        assert host.answer(calls[1]) == 2
        release = host.start("release")
        assert host.answer(release) is None
        assert host.answer(calls[0]) == "released"
        assert host.exit_status() == 0

    def test_a_shutdown_cancels_all_calls(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        calls = [begin(host, "spin"), begin(host, "wait_forever"), host.start("ask")]
        host.request()
        shut_down(host)
        assert [code_of(host, each) for each in calls] == ["SHUTTING_DOWN"] * 3
        assert host.exit_status() == 0

    def test_a_lost_connection_ends_the_worker_with_its_calls(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile)
        begin(host, "spin")
        begin(host, "wait_forever")
        host.peer.close()
        assert host.exit_status() == HOST_LOST

    def test_a_worker_whose_call_blocks_is_killed_in_time(self, start: Starter, profile: str) -> None:
        host = start_tools(start, profile, new_session=True)
        begin(host, "wait_in_c")
        shut_down(host, grace_ms=200)
        assert host.exit_status() != 0


class TestProfilesOfUsers:
    def test_a_profile_in_the_module_of_the_tools_shares_its_variables(self, start: Starter) -> None:
        host = start_tools(start, f"{TOOLS}:Recording")
        assert host.execute("recorded_calls") == ["recorded_calls"]

    def test_a_profile_whose_execution_fails_rejects_the_call(self, start: Starter) -> None:
        host = start_tools(start, f"{TOOLS}:Failing")
        with pytest.raises(CallFailedError, match="no thread"):
            host.execute("meet", {"name": "x", "count": 1})
        with pytest.raises(CallFailedError, match="unhealthy"):
            host.execute("$check")
        assert host.execute("release") is None

    def test_a_call_that_has_begun_is_answered_once_if_the_profile_fails(self, start: Starter) -> None:
        host = start_tools(start, f"{TOOLS}:Failing")
        call = host.start("count", {"upto": 3}, streaming=True, credit=100)
        try:
            host.answer(call)
            assert host.chunks[call] == [0, 1, 2]
        except CallFailedError as failed:
            # The failure came before the thread began.
            assert "too late" in str(failed)
            assert call not in host.chunks
        assert host.execute("release") is None

    def test_an_async_tool_fails_if_the_profile_starts_no_task(self, start: Starter) -> None:
        host = start_tools(start, f"{TOOLS}:WithoutTasks")
        with pytest.raises(CallFailedError, match=r"its profile must call start_task\(\), not run\(\)"):
            host.execute("print_parts_later")
        assert host.execute("recorded_calls") == []

    @pytest.mark.parametrize(
        ("profile", "problem"),
        [
            (f"{TOOLS}:CannotStart", "start() of the profile"),
            (f"{TOOLS}:WithoutCapacity", "must be an integer from 1 to 10000; got 0"),
            (f"{TOOLS}:Tools", "is not derived from snakepit_bridge.profiles.Profile; derive it from that class"),
            (f"{TOOLS}:Abstract", "does not define execute(); define it in Abstract"),
            (f"{TOOLS}:Faling", f"{TOOLS} has no class 'Faling'; did you mean 'Failing'?"),
            (f"{TOOLS}:Missing", "has no class 'Missing'; its profiles are "),
            ("./no_such_file.py:Mine", "the profile './no_such_file.py:Mine' cannot be loaded: file "),
            ("no_such_module_of_profiles:Mine", "cannot be loaded: module 'no_such_module_of_profiles'"),
            (f"{TOOLS}:HugeCapacity", "must be an integer from 1 to 10000; got 1099511627776"),
            (f"{TOOLS}:BrokenCapacity", "raised OSError: no capacity"),
            (f"{TOOLS}:BrokenMetadata", "raised OSError: no metadata"),
            (f"{TOOLS}:InvalidMetadata", "must return a mapping of strings; got 'threads': 3"),
            ("threads", "must be 'thread', 'async' or a class"),
        ],
    )
    def test_a_profile_that_cannot_start_fails_the_start_of_the_worker(
        self, start: Starter, profile: str, problem: str
    ) -> None:
        host = start_tools(start, profile, accept=False)
        assert problem in host.receive_hello().failure.message
