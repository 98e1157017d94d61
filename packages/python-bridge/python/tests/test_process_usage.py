"""What a process uses, and which signals it handles."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from snakepit_bridge._system import ProcessUsage, handles_signal

# In a separate process: the threads of other tests, which the system may still end after they were joined, count too.
_THREADS = """
import threading
from snakepit_bridge._system import ProcessUsage

usage = ProcessUsage()
before = usage.read()
started, release = threading.Event(), threading.Event()

def run():
    started.set()
    release.wait()

thread = threading.Thread(target=run)
thread.start()
started.wait()
during = usage.read()
release.set()
print(during.threads - before.threads)
"""


def test_the_usage_is_that_of_this_process() -> None:
    usage = ProcessUsage()
    before = usage.read()
    after = usage.read()
    assert before.rss_bytes > 1 << 20
    assert after.cpu_ms >= before.cpu_ms > 0


def test_each_thread_of_the_process_counts() -> None:
    done = subprocess.run([sys.executable, "-c", _THREADS], check=True, capture_output=True, text=True)  # noqa: S603
    assert done.stdout == "1\n"


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
