"""What a process uses, and which signals it handles."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from snakepit_bridge._system import ProcessUsage, handles_signal


def test_the_usage_is_that_of_this_process() -> None:
    usage = ProcessUsage()
    before = usage.read()
    started, release = threading.Event(), threading.Event()

    def run() -> None:
        started.set()
        release.wait()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    after = usage.read()
    release.set()
    thread.join()
    assert before.rss_bytes > 1 << 20
    assert after.cpu_ms >= before.cpu_ms > 0
    assert after.threads == before.threads + 1


def test_the_usage_is_known_without_the_process_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise FileNotFoundError

    monkeypatch.setattr(os, "open", fail)
    usage = ProcessUsage().read()
    assert (usage.rss_bytes > 1 << 20, usage.threads) == (True, 0)


def test_a_signal_is_handled_if_the_process_has_a_handler() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        assert handles_signal(os.getpid(), signal.SIGUSR1)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        assert not handles_signal(os.getpid(), signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
