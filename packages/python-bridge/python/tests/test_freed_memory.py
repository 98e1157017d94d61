"""Freed memory is kept for reuse, so that large arguments cause no page faults."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

_PROGRAM = """
import resource, sys
from snakepit_bridge._system import keep_freed_memory

def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def allocate():
    copies = [bytes(200_000) for _ in range(3)]

before = page_faults()
if sys.argv[1] == "True":
    keep_freed_memory()
print(page_faults() - before)
for _ in range(3):
    allocate()
before = page_faults()
for _ in range(100):
    allocate()
print(page_faults() - before)
"""


def page_faults(*, kept: bool) -> tuple[int, int]:
    """Returns the page faults of the call and of the allocations after it."""
    command = [sys.executable, "-c", _PROGRAM, str(kept)]
    completed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (the interpreter itself)
    of_call, of_allocations = completed.stdout.split()
    return int(of_call), int(of_allocations)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other allocators have their own rules")
def test_the_memory_of_several_copies_is_reused() -> None:
    of_call, of_allocations = page_faults(kept=True)
    # How many pages one fault maps depends on the system.
    assert of_allocations < page_faults(kept=False)[1] / 10
    # The block itself is not touched.
    assert of_call < 20
