from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snakepit_bridge._wire import UnsentRecords

from .unsent_file import AREA_BYTES, FILE_BYTES, Area, bytes_from, read_areas

EMPTY = Area(0, b"")


def created(directory: Path) -> tuple[UnsentRecords, Path]:
    unsent = UnsentRecords.create(str(directory / "host.sock"))
    assert unsent is not None
    return unsent, directory / unsent.name


def test_the_file_is_next_to_the_socket_and_belongs_to_its_user(tmp_path: Path) -> None:
    unsent, path = created(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    assert unsent.name.endswith(".unsent")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_areas(path) == (EMPTY, EMPTY)


def test_no_two_workers_use_the_same_file(tmp_path: Path) -> None:
    assert len({created(tmp_path)[1] for _ in range(20)}) == 20


def test_the_file_has_no_holes_so_that_adding_a_record_needs_no_space(tmp_path: Path) -> None:
    _, path = created(tmp_path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        assert os.lseek(file.fileno(), 0, os.SEEK_HOLE) == FILE_BYTES


def test_the_records_of_one_system_call_are_in_one_area_and_those_of_the_next_in_the_other(tmp_path: Path) -> None:
    unsent, path = created(tmp_path)
    assert unsent.add(b"one", 10)
    assert unsent.add(b"two", 10)
    assert read_areas(path) == (Area(10, b"onetwo"), EMPTY)
    assert unsent.take() == b"onetwo"
    # They stay there: the system call has not begun.
    assert read_areas(path) == (Area(10, b"onetwo"), EMPTY)
    assert unsent.add(b"three", 20)
    assert read_areas(path) == (Area(10, b"onetwo"), Area(20, b"three"))
    assert unsent.take() == b"three"
    assert unsent.add(b"4", 30)
    assert read_areas(path) == (Area(30, b"4"), Area(20, b"three"))


def test_nothing_is_taken_when_nothing_was_added(tmp_path: Path) -> None:
    unsent, path = created(tmp_path)
    assert unsent.take() == b""
    assert unsent.add(b"one", 5)
    assert unsent.take() == b"one"
    assert unsent.take() == b""
    assert unsent.add(b"two", 8)
    # An empty write does not switch the area.
    assert read_areas(path) == (Area(5, b"one"), Area(8, b"two"))


def test_a_position_has_64_bits(tmp_path: Path) -> None:
    unsent, path = created(tmp_path)
    assert unsent.add(b"one", 2**40 + 1)
    assert read_areas(path)[0] == Area(2**40 + 1, b"one")


@pytest.mark.parametrize("used", ["first", "second"])
def test_a_record_that_does_not_fit_is_not_added_and_changes_nothing(tmp_path: Path, used: str) -> None:
    unsent, path = created(tmp_path)
    assert unsent.add(b"before", 0)
    if used == "second":
        unsent.take()
    begun = 0 if used == "second" else len(b"before")
    assert unsent.add(b"x" * (AREA_BYTES - begun - 1), 100)
    before = path.read_bytes()
    assert not unsent.add(b"yy", 100)
    assert path.read_bytes() == before
    # The last byte of an area can be used.
    assert unsent.add(b"z", 100)
    assert not unsent.add(b"z", 100)
    areas = read_areas(path)
    assert len(areas[used == "second"].data) == AREA_BYTES
    assert areas[used == "first"] == (Area(0, b"before") if used == "second" else EMPTY)
    assert unsent.take().endswith(b"xz")
    assert unsent.add(b"next", AREA_BYTES)


def test_a_record_larger_than_an_area_is_not_added(tmp_path: Path) -> None:
    unsent, path = created(tmp_path)
    assert not unsent.add(b"x" * (AREA_BYTES + 1), 0)
    assert read_areas(path) == (EMPTY, EMPTY)
    assert unsent.add(b"x" * AREA_BYTES, 0)


def test_the_host_never_sees_wrong_bytes_while_a_record_is_added(tmp_path: Path) -> None:
    """Reads the file before each instruction of the interpreter."""
    unsent, path = created(tmp_path)
    stream = b""
    position = looks = 0

    def trace(frame: FrameType, event: str, _: object) -> object:
        nonlocal looks
        if frame.f_code is not UnsentRecords.add.__code__:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            looks += 1
            for area in read_areas(path):
                assert area.data == stream[area.position : area.position + len(area.data)]
        return trace

    previous = sys.gettrace()
    for number in range(12):
        # The first record of an area is sometimes shorter than its old content, and sometimes longer.
        added = bytes([ord("a") + number]) * (10 + 7 * (number % 5))
        position = len(stream) if number % 3 == 0 else position
        stream += added
        sys.settrace(trace)
        try:
            assert unsent.add(added, position)
        finally:
            sys.settrace(previous)
        if number % 3 == 2:
            unsent.take()
    assert looks > 200


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=12_000), st.none(), st.integers(1, 100_000)), max_size=30))
def test_the_file_always_has_the_bytes_that_follow_the_sent_ones(
    tmp_path_factory: pytest.TempPathFactory, steps: list[bytes | int | None]
) -> None:
    """Bytes are a record to hold; ``None`` sends what is held, and a number sends that many other bytes after it."""
    unsent, path = created(tmp_path_factory.mktemp("unsent"))
    sent, held = 0, b""
    for step in steps:
        if isinstance(step, bytes):
            fits = len(held) + len(step) <= AREA_BYTES
            assert unsent.add(step, sent) == fits
            held += step if fits else b""
        else:
            assert unsent.take() == held
            # The process can die in the system call.
            assert bytes_from(path, sent) == held
            sent, held = sent + len(held) + (step or 0), b""
        assert bytes_from(path, sent) == held


def test_discarding_removes_the_file_also_when_it_is_gone(tmp_path: Path) -> None:
    unsent, _ = created(tmp_path)
    unsent.discard()
    assert list(tmp_path.iterdir()) == []
    unsent.discard()


def test_without_a_directory_there_is_no_file(tmp_path: Path) -> None:
    assert UnsentRecords.create(str(tmp_path / "missing" / "host.sock")) is None


_CREATE = """
import resource, sys
from snakepit_bridge._wire import UnsentRecords
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
sys.exit(4 if UnsentRecords.create(sys.argv[1]) else 3)
"""


@pytest.mark.parametrize("limit", [0, 1, 4096, 4096 + AREA_BYTES, FILE_BYTES - 1, FILE_BYTES])
def test_a_worker_that_may_not_write_the_whole_file_has_none_and_continues(tmp_path: Path, limit: int) -> None:
    command = [sys.executable, "-c", _CREATE, str(tmp_path / "host.sock"), str(limit)]
    assert subprocess.run(command, check=False).returncode == (4 if limit == FILE_BYTES else 3)  # noqa: S603
    assert len(list(tmp_path.iterdir())) == (limit == FILE_BYTES)
