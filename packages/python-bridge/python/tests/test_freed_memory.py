"""Freed memory is kept for reuse, so that large arguments cause no page faults."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
from snakepit_bridge._system import keep_freed_memory

def allocate():
    copies = [bytes(200_000) for _ in range(3)]

if sys.argv[1] == "True":
    keep_freed_memory()
for _ in range(3):
    allocate()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    allocate()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(*, kept: bool) -> int:
    command = [sys.executable, "-c", _PROGRAM, str(kept)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (the interpreter itself)
    return int(done.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have their own rules")
def test_the_memory_of_several_copies_is_reused() -> None:
    # How many pages one fault maps depends on the system.
    assert page_faults(kept=True) < page_faults(kept=False) / 10
