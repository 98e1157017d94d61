"""Attribution of out-of-memory kills."""

from __future__ import annotations

from pathlib import Path

from snakepit_bridge._launch.oom_kills import OomKills


def test_each_kill_is_claimed_once(tmp_path: Path) -> None:
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
