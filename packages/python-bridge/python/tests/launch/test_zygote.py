"""The loop of the zygote, with real processes, and its attribution of out-of-memory kills."""

from __future__ import annotations

import ast
import os
import resource
import signal
from pathlib import Path

import pytest

from snakepit_bridge._launch import programs, zygote
from snakepit_bridge._launch.oom_kills import OomKills

from .conftest import Launcher, is_alive, wait_until


def test_many_workers_start_from_one_command(launcher: Launcher) -> None:
    ids = [f"sleep-{number}" for number in range(30)]
    launcher.start(*ids)
    pids = {launcher.started(each) for each in ids}
    assert len(pids) == 30
    assert all(os.getpgid(pid) == pid for pid in pids)


def test_a_worker_inherits_nothing_of_the_zygote(launcher: Launcher) -> None:
    launcher.start("sleep-1", "sleep-2", "facts-1")
    facts = ast.literal_eval(launcher.output("facts-1", "}").strip())
    assert facts["fds"] == [0, 1, 2]
    assert facts["stdin"] == "/dev/null"
    assert facts["group"] is True
    assert facts["sigterm"] is True
    assert facts["blocked"] == []
    assert facts["worker_id"] == "facts-1"
    assert facts["token"] == "token of facts-1"  # noqa: S105


def test_the_grace_periods_after_the_death_of_a_host_are_less_than_two_seconds_in_total() -> None:
    """Tests with processes extend or only reach these limits: on a machine under load, no process ends on time."""
    assert zygote._HOST_GONE_SECONDS + programs._SHUTDOWN_WITHOUT_HOST_SECONDS < 2


@pytest.mark.parametrize("commands", [1, 3])
def test_the_memory_of_a_worker_contains_no_token_of_another_worker(launcher: Launcher, commands: int) -> None:
    """L7: neither of those before it nor of those after it, however they were asked for."""
    for number in range(commands):
        before = [f"sleep-{number}{each:02}" for each in range(12)]
        after = [f"sleep-{number}{each:02}" for each in range(12, 24)]
        launcher.start(*before, f"search-{number}", *after)
    for number in range(commands):
        assert launcher.output(f"search-{number}", "\n") == "found set()\n"


def test_a_command_may_be_larger_than_one_read(launcher: Launcher) -> None:
    """L7: the buffer grows, and what it was copied from is wiped."""
    ids = [f"exit-{number}" for number in range(40)]
    padding = [{"worker_id": each, "token": f"token of {each}", "address": "", "padding": "x" * 2_500} for each in ids]
    search = {"worker_id": "search-1", "token": "token of search-1", "address": ""}
    launcher.send({"command": "start", "workers": [*padding[:20], search, *padding[20:]]})
    assert launcher.output("search-1", "\n") == "found set()\n"


def test_exit_codes_and_signals_are_distinguished(launcher: Launcher) -> None:
    launcher.start("exit-1", "signal-1", "raise-1", "leave-1")
    assert launcher.exited("exit-1")["exit_code"] == 3
    segv = launcher.exited("signal-1")
    assert (segv["exit_code"], segv["signal"], segv["out_of_memory"]) == (None, "SIGSEGV", False)
    raised = launcher.exited("raise-1")
    assert raised["exit_code"] == 70
    assert raised["stderr_tail"].endswith("RuntimeError: the worker's own mistake")
    assert launcher.exited("leave-1")["exit_code"] == 70
    assert raised["rss_peak_bytes"] > 1_000_000


def test_output_arrives_before_the_exit_and_its_tail_with_it(launcher: Launcher) -> None:
    launcher.start("write-1")
    assert launcher.output("write-1", "to two\n") == "to one\nto two\n"
    assert launcher.exited("write-1")["stderr_tail"] == "to one\nto two"


def test_a_flood_of_output_neither_blocks_the_zygote_nor_fills_its_memory(launcher: Launcher) -> None:
    launcher.start("flood-1")
    tail = launcher.exited("flood-1")["stderr_tail"].splitlines()
    assert tail[-1] == "line 19999 of many that fill buffers up"
    assert len(tail) == 40


def test_a_host_that_does_not_read_does_not_block_the_zygote(launcher: Launcher) -> None:
    # Ten megabytes, none of which is read before the last worker is known to have ended.
    floods = [f"flood-{number}" for number in range(16)]
    launcher.start(*floods, "family-1")
    pids = [launcher.started(each) for each in floods]
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    assert launcher.exited(floods[-1])["exit_code"] == 0
    launcher.send({"command": "kill", "worker_id": "family-1", "signal": "SIGKILL"})
    assert launcher.exited("family-1")["signal"] == "SIGKILL"


def test_a_signal_reaches_the_whole_group(launcher: Launcher) -> None:
    launcher.start("family-1")
    child = int(launcher.output("family-1", "\n").split()[1])
    launcher.send({"command": "kill", "worker_id": "family-1", "signal": "SIGTERM"})
    assert launcher.exited("family-1")["signal"] == "SIGTERM"
    wait_until(lambda: not is_alive(child))


def test_the_children_of_a_worker_end_with_it(launcher: Launcher) -> None:
    launcher.start("family-1")
    pid = launcher.started("family-1")
    child = int(launcher.output("family-1", "\n").split()[1])
    os.kill(pid, signal.SIGKILL)
    assert launcher.exited("family-1")["signal"] == "SIGKILL"
    wait_until(lambda: not is_alive(child))


@pytest.mark.parametrize("kind", ["daemon", "forked"])
def test_a_daemon_started_by_a_tool_ends_with_its_worker_only(launcher: Launcher, kind: str) -> None:
    launcher.start("sleep-1", f"{kind}-1")
    daemon = int(launcher.output(f"{kind}-1", "\n").split()[1])
    launcher.exited(f"{kind}-1")
    wait_until(lambda: not is_alive(daemon))
    assert is_alive(launcher.started("sleep-1"))


def test_unknown_workers_and_repeated_kills_are_ignored(launcher: Launcher) -> None:
    launcher.start("exit-1")
    launcher.exited("exit-1")
    launcher.send({"command": "kill", "worker_id": "exit-1", "signal": "SIGKILL"})
    launcher.send({"command": "kill", "worker_id": "never was", "signal": "SIGKILL"})
    launcher.start("exit-2")
    assert launcher.exited("exit-2")["exit_code"] == 3


@pytest.mark.parametrize("end", ["hang up", "SIGTERM", "SIGHUP", "SIGKILL", "stop"])
def test_no_worker_outlives_the_zygote(launcher: Launcher, end: str) -> None:
    ids = [f"sleep-{number}" for number in range(5)]
    launcher.start(*ids, "family-1")
    pids = [launcher.started(each) for each in [*ids, "family-1"]]
    child = int(launcher.output("family-1", "\n").split()[1])
    match end:
        case "hang up":
            launcher.hang_up()
        case "stop":
            launcher.send({"command": "stop", "grace_ms": 50})
        case name:
            os.kill(launcher.pid, signal.Signals[name])
    assert launcher.wait() == (-signal.SIGKILL if end == "SIGKILL" else 0)
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    if end == "SIGKILL":
        # What a tool has started is left for the host, which still lives.
        os.kill(child, signal.SIGKILL)
    wait_until(lambda: not is_alive(child))


def test_stop_waits_for_workers_that_end_in_the_grace_period(launcher: Launcher) -> None:
    launcher.start("sleep-1")
    pid = launcher.started("sleep-1")
    launcher.send({"command": "stop", "grace_ms": 60_000})
    launcher.start("sleep-2")
    rejected = launcher.wait_for(lambda event: event["event"] == "start_failed")
    assert rejected["worker_id"] == "sleep-2"
    os.kill(pid, signal.SIGTERM)
    assert launcher.exited("sleep-1")["signal"] == "SIGTERM"
    assert launcher.wait() == 0


def test_the_zygote_leaks_no_descriptors(launcher: Launcher) -> None:
    def open_fds() -> set[str]:
        return {each.name for each in Path(f"/proc/{launcher.pid}/fd").iterdir()}

    launcher.start("exit-0")
    launcher.exited("exit-0")
    before = open_fds()
    for number in range(1, 31):
        launcher.start(f"exit-{number}", f"sleep-{number}")
        launcher.exited(f"exit-{number}")
        os.kill(launcher.started(f"sleep-{number}"), signal.SIGKILL)
        launcher.exited(f"sleep-{number}")
    # Meanwhile it may be looking for orphans, for which it opens directories.
    wait_until(lambda: open_fds() <= before)


def test_a_start_that_the_system_rejects_is_reported(launcher: Launcher) -> None:
    limits = resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE)
    in_use = len(list(Path(f"/proc/{launcher.pid}/fd").iterdir()))
    resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE, (in_use, limits[1]))
    launcher.start("exit-1")
    rejected = launcher.wait_for(lambda event: event["event"] == "start_failed")
    assert "Too many open files" in rejected["message"]
    assert rejected["errno"] == "EMFILE"
    resource.prlimit(launcher.pid, resource.RLIMIT_NOFILE, limits)
    launcher.start("exit-2")
    assert launcher.exited("exit-2")["exit_code"] == 3


def test_each_out_of_memory_kill_is_claimed_once(tmp_path: Path) -> None:
    counter = tmp_path / "memory.events"
    counter.write_text("low 0\noom 4\noom_kill 3\noom_group_kill 0\n")
    kills = OomKills(counter)
    assert not kills.claim()
    counter.write_text("low 0\noom 6\noom_kill 5\n")
    assert [kills.claim(), kills.claim(), kills.claim()] == [True, True, False]


def test_without_a_counter_nothing_is_claimed(tmp_path: Path) -> None:
    assert not OomKills(tmp_path / "missing").claim()


def test_no_kill_is_claimed_without_a_counter_on_this_system() -> None:
    assert not OomKills().claim()


def test_the_stacks_of_a_worker_are_reported_with_its_exit_even_if_it_is_stopped(launcher: Launcher) -> None:
    launcher.start("sleep-1", "sleep-2")
    pid = launcher.started("sleep-1")
    wait_until(lambda: is_sleeping(pid))
    os.kill(pid, signal.SIGSTOP)
    launcher.send({"command": "kill", "worker_id": "sleep-1", "signal": "SIGQUIT"})
    launcher.output("sleep-1", "in work")
    launcher.send({"command": "kill", "worker_id": "sleep-1", "signal": "SIGKILL"})
    assert "in work" in launcher.exited("sleep-1")["stacks"]
    # Without a request, it writes no stacks.
    launcher.send({"command": "kill", "worker_id": "sleep-2", "signal": "SIGKILL"})
    assert launcher.exited("sleep-2")["stacks"] == ""


def is_sleeping(pid: int) -> bool:
    """Whether a worker has reached its tool: a process that waits in ``clock_nanosleep``."""
    return "nanosleep" in Path(f"/proc/{pid}/wchan").read_text()
