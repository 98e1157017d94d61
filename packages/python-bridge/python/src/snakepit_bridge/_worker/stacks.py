"""The stacks of a running worker: its threads and its asyncio tasks."""

from __future__ import annotations

import gc
import linecache
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._proto.frames_pb2 import Batch

if TYPE_CHECKING:
    import asyncio
    from types import CodeType, FrameType

    from .._proto.frames_pb2 import StackFrame, Stacks

_MAX_THREADS = 200
_MAX_TASKS = 1000
_MAX_FRAMES = 100
_MAX_CODE = 200

_OWN_FILES = str(Path(__file__).parents[1] / "_")
_OWN_THREADS = "snakepit-receiver"
_STANDARD_FILES = os.path.dirname(os.__file__) + os.sep  # noqa: PTH120 (as the interpreter spells it)
_SITE_PACKAGES = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

_AWAITABLE = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
"""The frame of coroutines, generators and async generators, and what they wait for."""

_Frame = tuple["CodeType", int]
"""The code of a frame, and the line that it executes."""


def read_stacks(request_id: int, loop: asyncio.AbstractEventLoop | None) -> Batch:
    """Reads the stacks of all threads, and of the tasks of an event loop.

    Any thread may call it. The others are not interrupted, and continue while their stacks are read.

    Args:
        request_id: the ID of the request.
        loop: the event loop of the worker, if it has one.

    Returns:
        A batch with one frame: at most 200 threads and 1,000 tasks, with the innermost 100 frames of each.
    """
    batch = Batch()
    stacks = batch.frames.add().stacks
    stacks.id = request_id
    frames = _current_frames()
    main = threading.main_thread()
    threads = {each.ident: each for each in threading.enumerate()}
    for ident in sorted(frames, key=lambda each: (each != main.ident, each))[:_MAX_THREADS]:
        thread = threads.get(ident)
        _add_thread(stacks, ident, thread, frames[ident], is_main=thread is main)
    del frames
    if loop is not None:
        _add_tasks(stacks, loop)
    return batch


def _current_frames() -> dict[int, FrameType]:
    if sys.version_info >= (3, 12) or not gc.isenabled():
        return sys._current_frames()
    # A collection in between could deadlock (https://github.com/python/cpython/issues/106883).
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        gc.enable()


def _add_thread(
    stacks: Stacks, ident: int, thread: threading.Thread | None, frame: FrameType, *, is_main: bool
) -> None:
    added = stacks.threads.add()
    # Threads of native code that run Python without the threading module have no name.
    added.name = f"thread {ident}" if thread is None else thread.name
    added.main = is_main
    added.internal = added.name == _OWN_THREADS
    for each in _without_callers(list(_frames_of(frame)))[-_MAX_FRAMES:]:
        _fill(added.frames.add(), each)


def _frames_of(innermost: FrameType | None) -> Iterator[_Frame]:
    """Returns the frames of a stack, outermost first."""
    found: list[_Frame] = []
    frame = innermost
    while frame is not None:
        found.append((frame.f_code, frame.f_lineno or 0))
        frame = frame.f_back
    return reversed(found)


def _add_tasks(stacks: Stacks, loop: asyncio.AbstractEventLoop) -> None:
    # Loaded already: there is a loop.
    import asyncio

    for task in list(asyncio.all_tasks(loop))[:_MAX_TASKS]:
        coroutine = task.get_coro()
        frames = _without_callers(list(_frames_of_coroutine(coroutine)))
        added = stacks.tasks.add()
        added.name = task.get_name()
        added.coroutine = getattr(coroutine, "__qualname__", type(coroutine).__name__)
        for each in frames[-_MAX_FRAMES:]:
            _fill(added.frames.add(), each)


def _frames_of_coroutine(awaited: Any) -> Iterator[_Frame]:
    """Returns the frames of a coroutine and of all that it awaits, outermost first."""
    for _ in range(_MAX_FRAMES * 2):
        kind = next((each for each in _AWAITABLE if hasattr(awaited, each[0])), None)
        if kind is None:
            return
        # Absent once it has ended.
        frame: FrameType | None = getattr(awaited, kind[0])
        if frame is not None:
            yield frame.f_code, frame.f_lineno or 0
        awaited = getattr(awaited, kind[1])


def _without_callers(frames: list[_Frame]) -> list[_Frame]:
    """Removes the frames of the bridge and the interpreter that have called the user's code; all stay without any."""
    for index, (code, _) in enumerate(frames):
        if not _is_machinery(code.co_filename):
            return frames[index:]
    return frames


def _is_machinery(file: str) -> bool:
    if file.startswith((_OWN_FILES, "<frozen ")):
        return True
    return file.startswith(_STANDARD_FILES) and not any(part in file for part in _SITE_PACKAGES)


def _fill(target: StackFrame, frame: _Frame) -> None:
    code, line = frame
    target.file = code.co_filename
    target.line = line
    target.function = getattr(code, "co_qualname", code.co_name)
    target.code = linecache.getline(code.co_filename, line).strip()[:_MAX_CODE]
